"""The twenty lessons: names, titles, what each teaches, and how much time on the processor it may take."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.errors import unknown


@dataclass(frozen=True)
class Lesson:
    """One row of the syllabus.

    Attributes:
        name: the name of its files, such as "05_recurrent_networks".
        title: what it is called.
        able_to: completes "you will be able to …".
        budget: CPU seconds that its live part may take on 2 cores.
        core: does it belong to the two-day workshop?
        minutes: what its core takes a learner, exercises included, by `tools.reading`; 0 before it is written.
        deeper_minutes: what its parts "Going deeper" take besides.
    """

    name: str
    title: str
    able_to: str
    budget: int
    core: bool = False
    minutes: int = 0
    deeper_minutes: int = 0

    @property
    def time(self) -> str:
        """Minutes of its core, and of what goes deeper, such as "50 + 25"; empty before it is written."""
        return " + ".join(str(minutes) for minutes in (self.minutes, self.deeper_minutes) if minutes)

    @property
    def number(self) -> str:
        """The two digits its name begins with."""
        return self.name[:2]


LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        Lesson("00_start_here", "Start here", "check your machine, find your way, and use an exercise", 10, True, 20),
        Lesson(
            "01_feedforward_networks",
            "Feedforward networks",
            "build, train and judge a first network",
            40,
            True,
            60,
            60,
        ),
        Lesson(
            "02_cnn_features",
            "CNN features",
            "read the filters and feature maps of a picture network",
            90,
            True,
            60,
            35,
        ),
        Lesson(
            "03_object_detection",
            "Object detection",
            "find and frame objects, and score the frames",
            90,
            False,
            60,
            25,
        ),
        Lesson(
            "04_deep_belief_networks",
            "Deep belief networks",
            "train energy models, and test pre-training",
            60,
            False,
            60,
            30,
        ),
        Lesson(
            "05_recurrent_networks", "Recurrent networks", "write an RNN cell and unroll it over time", 45, True, 60, 55
        ),
        Lesson(
            "06_vanishing_gradients", "Vanishing gradients", "say when gradients vanish or explode", 60, True, 60, 40
        ),
        Lesson(
            "07_lstm_gates", "LSTM gates", "write an LSTM step, read its gates, program one by hand", 60, True, 60, 30
        ),
        Lesson(
            "08_gru_and_ablations",
            "GRU and ablations",
            "write a GRU step, and say which gate matters",
            60,
            False,
            55,
            30,
        ),
        Lesson("09_long_memory", "Long memory", "tell holding from learning over thousands of steps", 90, True, 60, 25),
        Lesson("10_rnn_vs_lstm", "RNN vs LSTM", "design and read a fair comparison", 90, True, 60, 40),
        Lesson("11_time_series", "Time series", "forecast honestly: splits, baselines, leakage", 90, False, 60, 40),
        Lesson("12_entity_extraction", "Entity extraction", "tag sequences, in both directions", 90, False, 60, 35),
        Lesson("13_language_models", "Language models", "model text, and measure how well", 150, False, 60, 60),
        Lesson("14_translation", "Translation", "build an encoder-decoder with attention", 150, True, 60, 65),
        Lesson("15_image_captioning", "Image captioning", "describe pictures one word at a time", 150, True, 60, 30),
        Lesson("16_handwriting", "Handwriting", "read lines of digits with CTC", 120, False, 60, 35),
        Lesson("17_speech_and_voice", "Speech and voice", "recognise spoken digits, and who spoke", 150, True, 60, 65),
        Lesson("18_music", "Music", "model Bach chorales, and hear the result", 120, False, 60, 35),
        Lesson(
            "19_what_they_can_compute",
            "What they can compute",
            "tell memory from computation, and prove it",
            90,
            False,
            60,
            55,
        ),
        Lesson("21_verdicts", "Verdicts", "say, with figures, what is true of RNN and LSTM", 20, True),
    )
}

# What a lesson takes for granted, besides what those lessons take for granted themselves
BUILDS_ON: dict[str, tuple[str, ...]] = {
    "01_feedforward_networks": ("00_start_here",),
    "02_cnn_features": ("01_feedforward_networks",),
    "03_object_detection": ("02_cnn_features",),
    "04_deep_belief_networks": ("01_feedforward_networks",),
    "05_recurrent_networks": ("01_feedforward_networks",),
    "06_vanishing_gradients": ("05_recurrent_networks",),
    "07_lstm_gates": ("06_vanishing_gradients",),
    "08_gru_and_ablations": ("07_lstm_gates",),
    "09_long_memory": ("07_lstm_gates",),
    "10_rnn_vs_lstm": ("09_long_memory",),
    "11_time_series": ("07_lstm_gates",),
    "12_entity_extraction": ("07_lstm_gates",),
    "13_language_models": ("07_lstm_gates",),
    "14_translation": ("13_language_models",),
    "15_image_captioning": ("02_cnn_features", "13_language_models"),
    "16_handwriting": ("02_cnn_features", "07_lstm_gates"),
    "17_speech_and_voice": ("07_lstm_gates",),
    "18_music": ("13_language_models",),
    "19_what_they_can_compute": ("07_lstm_gates",),
    "20_after_the_lstm": ("10_rnn_vs_lstm",),
    "21_verdicts": ("10_rnn_vs_lstm",),
}


def workshop_minutes() -> int:
    """Minutes of the two-day path: the cores of its lessons, those to come left out."""
    return sum(lesson.minutes for lesson in LESSONS.values() if lesson.core)


def duration(minutes: int) -> str:
    """Minutes in words, such as "10 hours 5 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour")] * bool(hours) + [(rest, "minute")] * bool(rest or not hours)
    return " ".join(f"{number} {unit}" + ("" if number == 1 else "s") for number, unit in parts)


def lesson(name: str) -> Lesson:
    """The lesson of that name.

    Raises:
        CourseError: there is none; the message lists the names.
    """
    try:
        return LESSONS[name]
    except (KeyError, TypeError):
        raise unknown("lesson", name, LESSONS) from None
