"""A row of the catalogue of data sets: what it is, who made it, under which terms, and where it is read from."""

from __future__ import annotations

from dataclasses import dataclass

WITHOUT = "Every lesson also works without this data, on the sets that come with its packages."


@dataclass(frozen=True)
class RemoteFile:
    """One file of a download.

    Attributes:
        name: what it is called in the cache and on a mirror; no folders.
        url: where the publisher keeps it.
        sha256: its hash in 64 hexadecimal digits; where nobody states one, later downloads must be like the first.
        size: in bytes, where known.
        md5: its MD5 where the publisher states that instead.
    """

    name: str
    url: str
    sha256: str | None = None
    size: int | None = None
    md5: str | None = None


@dataclass(frozen=True)
class DataSet:
    """One row of the catalogue.

    Attributes:
        name: what `course data` and the cache call it.
        title: what a person calls it.
        read_by: the function that reads it, such as "course_utils.data.sunspots.yearly_sunspots".
        licence: the terms as its publisher, or the package that brings it, states them.
        origin: who made it, with the citation.
        url: its home page.
        package: the package that brings it, as pip calls it; empty for a download.
        files: what is downloaded; empty for a set that comes with a package.
        package_size: in bytes, of the file in the package.
        without: what a learner does who cannot get it.
    """

    name: str
    title: str
    read_by: str
    licence: str
    origin: str
    url: str
    package: str = ""
    files: tuple[RemoteFile, ...] = ()
    package_size: int | None = None
    without: str = WITHOUT

    @property
    def is_download(self) -> bool:
        """Does it come over the network?"""
        return bool(self.files)

    @property
    def size(self) -> int | None:
        """Its size in bytes as packed or downloaded; None where it is not known before the download."""
        if not self.is_download:
            return self.package_size
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)
