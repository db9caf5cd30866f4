"""Listeners that learn from clips: which words are said in them (CTC), or which of some labels is right for a clip.

    recogniser = Recogniser()
    recogniser.fit(clips, ["three seven two", …], sample_rate=8000, seconds=75)
    recogniser.transcribe(others, sample_rate=8000, beam=8)

Sources: Graves, Fernández, Gomez & Schmidhuber 2006, doi:10.1145/1143844.1143891 (CTC); Park et al. 2019, arXiv
1904.08779 (patches hidden in training); Jaitly & Hinton 2013, *ICML Workshop on Deep Learning for Audio, Speech and
Language Processing* (voices moved in training).
"""

from course_utils.models.speech.classifier import (
    CLASSIFIERS,
    ClipClassifier,
    SpeakerClassifier,
    trained_clip_classifier,
)
from course_utils.models.speech.listening import LONGEST_TRAINED, RATE
from course_utils.models.speech.recogniser import RECOGNISERS, Recogniser, trained_recogniser

__all__ = [
    "CLASSIFIERS",
    "LONGEST_TRAINED",
    "RATE",
    "RECOGNISERS",
    "ClipClassifier",
    "Recogniser",
    "SpeakerClassifier",
    "trained_clip_classifier",
    "trained_recogniser",
]
