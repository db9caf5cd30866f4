"""Pictures with labels: the course's digits in parts, folders of your own, and two sets that are downloaded.

Sources: "fashion_mnist": Xiao, Rasul & Vollgraf 2017 (arXiv 1708.07747), MIT licence, its files as the authors keep
them at github.com/zalandoresearch/fashion-mnist. "stanford_dogs": Khosla, Jayadevaprakash, Yao & Li 2011,
vision.stanford.edu/aditya86/ImageNetDogs.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.digits import mnist_digits
from course_utils.data.downloads import fetch
from course_utils.data.texts import composed
from course_utils.errors import CourseError, printable, unknown
from course_utils.paths import expanded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp")
# What a file is, whatever its name. Pillow reads more, such as EPS, for which it starts Ghostscript, PSD and FITS.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
SORT_THEM = "Put the pictures of each class into a folder of its own: pictures/cat/1.png, pictures/dog/1.png …"
PARTS = {"train": 350, "valid": 50, "test": 100}  # of the 500 of each digit

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FASHION_FILES = {"train": "train", "test": "t10k"}
DOG = re.compile(r"n\d+-([^/]+)")  # the folder of a breed
LARGEST_FILE = 50_000_000


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one size, with their labels.

    Attributes:
        images: float32 (N, C, height, width), 0 black … 1 white; C is 1 or 3 (red, green, blue).
        labels: N names of classes.
        files: N places they were read from; empty where they come from one file together.
        classes: each name once, sorted (of a published set: in its own order).
        passed_over: names of files that are no pictures and were left out; hidden ones are not named.
    """

    images: NDArray[np.float32]
    labels: list[str]
    files: list[Path]
    classes: list[str]
    passed_over: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.labels)


def digit_pictures(seed: int = 0) -> dict[str, tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """The 5,000 digits of MNIST in three parts, each with as many of every digit, and in no order.

    Args:
        seed: of the division. 0 is that of the lessons, on which the course's own network was trained.

    Returns:
        "train" (3,500), "valid" (500) and "test" (1,000): images (N, 1, 28, 28), 0 the paper … 1 the ink; labels (N,).
    """
    import numpy as np

    images, labels = _digits()
    rng = np.random.default_rng(seed)
    cuts = np.cumsum(list(PARTS.values()))[:-1]
    by_digit = [np.split(rng.permutation(np.flatnonzero(labels == digit)), cuts) for digit in range(10)]
    places = (rng.permutation(np.concatenate(parts)) for parts in zip(*by_digit, strict=True))
    return {part: (images[place, None], labels[place]) for part, place in zip(PARTS, places, strict=True)}


_digits = cache(mnist_digits)  # reading the table takes seconds


# ---------------------------------------------------------------------------------------------------------------------
# Folders


def picture_folder(path: str | Path, size: int | None = None, colour: bool | None = False) -> Pictures:
    """Read a folder that has one sub-folder for each class: the sub-folder's name is the label.

    PNG, JPEG, BMP, WebP, and of GIF and TIFF the first picture are read; a printed line counts files that are none. A
    photo is turned as its camera says, what is transparent becomes white, and other kinds of colour become red, green
    and blue, or grey.

    Args:
        path: of the folder.
        size: height and width to which each picture is stretched, in pixels; None: they have one size already.
        colour: True: three channels; False: one, grey; None: three where any picture has colour.

    Raises:
        CourseError: no such folder, no sub-folders, a class without a picture, a picture that cannot be read, or
            pictures of several sizes where `size` is None.
    """
    import numpy as np

    if size is not None:
        check_whole("size", size, 1, unit="pixels")
    folders, passed_over = _class_folders(_existing_folder(path))
    labels: list[str] = []
    files: list[Path] = []
    for folder in folders:
        found, others = _pictures_in(folder)
        files += found
        labels += [printable(composed(folder.name))] * len(found)
        passed_over += [printable(f"{folder.name}/{name}") for name in others]
    if passed_over:
        print(f"{Path(path).name}: {_left_out(passed_over)}")
    arrays = [read_picture(file, size, colour=colour is not False) for file in files]
    _check_one_size(arrays, files)
    images = np.stack(arrays)
    if colour is None and (images[:, :1] == images).all():
        images = images[:, :1]
    return Pictures(images, labels, files, sorted(set(labels)), passed_over)


def read_picture(file: str | Path, size: int | None = None, colour: bool = False) -> NDArray[np.float32]:
    """One picture.

    Args:
        file: its path.
        size: height and width to which it is stretched, in pixels; None: as it is.
        colour: three channels, or one?

    Returns:
        (C, height, width), 0 black … 1 white.

    Raises:
        CourseError: it is missing, damaged, or so large that it may be meant to fill the memory.
    """
    path = Path(file)
    try:
        with path.open("rb") as stream:
            return _decoded(stream, path, size, colour)
    except FileNotFoundError:
        raise CourseError(f"There is no picture {path}. Check the name.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror or error}).") from None


def _decoded(stream: IO[bytes], name: object, size: int | None, colour: bool) -> NDArray[np.float32]:
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)  # about metadata; the pixels are what counts
            with Image.open(stream, formats=FORMATS) as opened:
                picture = ImageOps.exif_transpose(opened)
                picture = _on_white(picture).convert("RGB" if colour else "L")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise CourseError(
            f"{name} has more pixels than a photo should ({Image.MAX_IMAGE_PIXELS:,} are allowed). Make it smaller, or "
            "take it out."
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, zlib.error) as error:
        raise CourseError(f"{name} is no picture that can be read ({error}). Take it out, or save it again.") from None
    if size is not None:
        picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    pixels: NDArray[np.float32] = np.asarray(picture).astype(np.float32) / np.float32(255)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel, and white where it is transparent."""
    import numpy as np
    from PIL import Image

    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):  # grey in 16 bits
        values = np.asarray(picture, dtype=np.float64) * 255 / 65535
        return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture


def _existing_folder(path: str | Path) -> Path:
    folder = expanded(path)
    if folder.is_file():
        raise CourseError(f"{folder} is a file. Give the folder that holds a sub-folder for each class.")
    if not folder.is_dir():
        raise CourseError(
            f"There is no folder {folder}. Check the name; it is looked for from {Path.cwd().name or '/'}."
        )
    return folder


def _class_folders(folder: Path) -> tuple[list[Path], list[str]]:
    """The sub-folders of the classes, and the names of other files, which are passed over."""
    inside = _visible(folder)
    folders = [path for path in inside if path.is_dir()]
    files = [path for path in inside if not path.is_dir()]
    if not folders:
        flat = sum(path.suffix.lower() in SUFFIXES for path in files)
        what = f"{flat} picture{'s' * (flat != 1)} but no sub-folders" if flat else "no sub-folders with pictures"
        raise CourseError(f"{folder} holds {what}. {SORT_THEM}")
    return folders, [printable(path.name) for path in files]


def _pictures_in(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures of a class, and the names of what is none."""
    inside = _visible(folder)
    pictures = [path for path in inside if path.suffix.lower() in SUFFIXES and path.is_file()]
    if not pictures:
        deeper = [path.name for path in inside if path.is_dir()]
        if deeper:
            raise CourseError(
                f"{folder} holds no pictures, but folders ({', '.join(deeper[:3])}). If these are the classes, give "
                f"{folder.name} itself."
            )
        raise CourseError(
            f"The class {folder.name!r} has no picture: {folder} holds none that ends with {', '.join(SUFFIXES)}. Add "
            "some, or remove the folder."
        )
    return pictures, [path.name for path in inside if path not in pictures]


def _left_out(names: list[str]) -> str:
    """What was not read, in a line."""
    kinds = Counter(Path(name).suffix.lower() or "no ending" for name in names).most_common(4)
    told = ", ".join(f"{count} × {printable(kind)}" for kind, count in kinds)
    return f"{len(names):,} of its files were left out: no pictures that can be read here ({told})."


def _visible(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise CourseError(f"The folder {folder} cannot be read ({error.strerror or error}).") from None
    return [path for path in inside if not path.name.startswith((".", "__MACOSX"))]


def _check_one_size(arrays: Sequence[NDArray[np.float32]], files: Sequence[Path]) -> None:
    for array, file in zip(arrays, files, strict=True):
        if array.shape != arrays[0].shape:
            one, other = (" × ".join(map(str, shape[1:])) for shape in (arrays[0].shape, array.shape))
            raise CourseError(
                f"The pictures differ in size: {files[0].name} is {one} pixels high and wide, {file.name} is {other}. "
                "Say to which size they are to be stretched: size=28."
            )


# ---------------------------------------------------------------------------------------------------------------------
# Downloads


def fashion_mnist(part: str = "train") -> Pictures:
    """Fashion-MNIST: clothes in grey, 28 × 28, ten classes; 60,000 for training and 10,000 for the test.

    A download (`course data fetch fashion_mnist`).

    Args:
        part: "train" or "test".

    Returns:
        The pictures, 0 the background … 1, with the names of their classes.

    Raises:
        CourseError: no such part, the download failed, or a file is damaged.
    """
    import numpy as np

    check_name("part of Fashion-MNIST", part, FASHION_FILES)
    files = {path.name: path for path in fetch("fashion_mnist")}
    pixels = read_idx(files[f"{FASHION_FILES[part]}-images-idx3-ubyte.gz"], axes=3)  # (N, 28, 28)
    numbers = read_idx(files[f"{FASHION_FILES[part]}-labels-idx1-ubyte.gz"], axes=1)  # (N,)
    if len(pixels) != len(numbers) or (len(numbers) and numbers.max() >= len(FASHION_CLASSES)):
        raise CourseError(
            f"Fashion-MNIST has {len(pixels)} pictures and {len(numbers)} labels, which do not go together. "
            + _again("fashion_mnist")
        )
    images = (pixels[:, None] / 255).astype(np.float32)
    return Pictures(images, [FASHION_CLASSES[number] for number in numbers], [], list(FASHION_CLASSES))


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """Read a packed IDX file of bytes, the format in which MNIST was published.

    Args:
        path: of the file: gzip of 0, 0, 8 (bytes), the number of axes, the length of each in 4 bytes, the values.
        axes: how many axes it should have.

    Raises:
        CourseError: it is damaged, or of another kind.
    """
    import numpy as np

    try:
        with gzip.open(path) as file:
            head = file.read(4 + 4 * axes)
            shape = [int.from_bytes(head[at : at + 4], "big") for at in range(4, 4 + 4 * axes, 4)]
            expected = int(np.prod(shape, dtype=object))
            if head[:4] != bytes([0, 0, 8, axes]) or len(head) != 4 + 4 * axes or expected > 100 * LARGEST_FILE:
                raise CourseError(f"{path.name} is no list of bytes with {axes} axes. {_again(path.parent.name)}")
            content = file.read(expected + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CourseError(f"{path.name} is damaged ({error}). {_again(path.parent.name)}") from None
    if len(content) != expected:
        raise CourseError(f"{path.name} does not hold the {expected:,} values it announces. {_again(path.parent.name)}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def stanford_dogs(size: int = 64, breeds: Sequence[str] | None = None) -> Pictures:
    """Stanford Dogs: photos of dogs in colour, 120 breeds with some 170 each, stretched to squares.

    A download of some 760 MB (`course data fetch stanford_dogs`). All breeds at 64 × 64 take 1 GB of memory. The set's
    own division into training and test is in another file, and not read.

    Args:
        size: height and width in pixels.
        breeds: names such as "Chihuahua", as the archive writes them; None: all.

    Returns:
        The photos, sorted by breed.

    Raises:
        CourseError: an unknown breed, the download failed, or the archive is damaged.
    """
    import numpy as np

    if size is not None:
        check_whole("size", size, 1, unit="pixels")
    (archive,) = fetch("stanford_dogs")
    wanted = set(breeds) if breeds is not None else None
    known: set[str] = set()
    found: list[tuple[str, str, NDArray[np.float32]]] = []
    for name, breed, content in _dogs(archive, wanted, known):
        found.append((breed, name, _decoded(io.BytesIO(content), f"{archive.name}: {name}", size, colour=True)))
    for breed in sorted(wanted - known if wanted else []):
        raise unknown("breed", breed, sorted(known))
    if not found:
        raise CourseError(f"{archive.name} holds no photo of a dog. {_again('stanford_dogs')}")
    found.sort(key=lambda row: row[:2])
    labels = [breed for breed, _, _ in found]
    files = [Path(name) for _, name, _ in found]
    return Pictures(np.stack([pixels for _, _, pixels in found]), labels, files, sorted(set(labels)))


def _dogs(archive: Path, wanted: set[str] | None, known: set[str]) -> Iterator[tuple[str, str, bytes]]:
    """Name, breed and bytes of each photo; nothing is unpacked. `known` collects all breeds that are there."""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                place = PurePosixPath(member.name)
                match = DOG.fullmatch(place.parent.name)
                if match is None or not member.isfile() or place.suffix.lower() not in SUFFIXES:
                    continue
                known.add(match[1])
                if wanted is not None and match[1] not in wanted:
                    continue
                stream = tar.extractfile(member)
                if stream is None or member.size > LARGEST_FILE:
                    raise CourseError(f"{archive.name}: {member.name} is no photo. {_again('stanford_dogs')}")
                yield f"{place.parent.name}/{place.name}", match[1], stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CourseError(f"{archive.name} is damaged ({error}). {_again('stanford_dogs')}") from None


def _again(name: str) -> str:
    return f"Run `course data clear {name}`, then `course data fetch {name}`."
