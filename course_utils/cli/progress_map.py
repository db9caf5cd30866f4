"""The map of the twenty lessons, with what this learner has solved."""

from __future__ import annotations

from collections.abc import Sequence

from course_utils import syllabus
from course_utils.cli.advice import advice
from course_utils.display.html import LEFT, Html, element, joined
from course_utils.display.message import Message
from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine import progress

HEADING = "Your map of the lessons"
PRINTED = (
    "body { font: 11pt sans-serif; max-width: 50em; margin: 1em auto; } td, th { padding: .2em .5em; } "
    "h2 { font-size: 1.1em; break-after: avoid; } li { break-inside: avoid; } a { color: inherit; }"
)


def exercise_names() -> dict[str, list[str]]:
    """The names of all exercises, predictions aside, by lesson number, such as {"05": ["rnn_step", …]}."""
    return {
        number: [name for name, exercise in exercises.items() if not getattr(exercise, "prediction", False)]
        for number, exercises in exercises_by_lesson().items()
    }


class ProgressMap(Message):
    """A table of the lessons: what each teaches, and how many of its exercises are solved.

    Args:
        written: the names of the exercises, by lesson number.
        solved: those that are solved.
        note: what is to be known of the progress file, where something is.
        advice: sentences on what comes next.
    """

    def __init__(
        self,
        written: dict[str, list[str]],
        solved: dict[str, set[str]],
        note: str = "",
        advice: Sequence[str] = (),
    ) -> None:
        self.written, self.solved, self.note, self.advice = written, solved, note, list(advice)

    def state(self, lesson: syllabus.Lesson) -> str:
        """How far this learner is in a lesson, in words."""
        names = self.written.get(lesson.number)
        if names is None:
            return "to come"
        done = len(self.solved.get(lesson.number, set()) & set(names))
        if not done:
            return "not begun"
        return f"{'✔ all' if done == len(names) else done} of {len(names)} solved"

    def __str__(self) -> str:
        rows = [
            f"{lesson.number}  {lesson.title:<24} {lesson.time:<9} {'✓' if lesson.core else ' '}  {self.state(lesson)}"
            for lesson in syllabus.LESSONS.values()
        ]
        return "\n".join([HEADING, *rows, self.times, *self.advice, *filter(None, [self.note])])

    @property
    def times(self) -> str:
        """What the minutes mean, and how long the two-day path takes."""
        hours = syllabus.duration(syllabus.workshop_minutes())
        return (
            "Minutes are those of a lesson's core with its exercises, and of its parts Going deeper. "
            f"The two-day path (✓) takes the cores: {hours}, without lessons to come."
        )

    @property
    def html(self) -> Html:
        """A table; lessons that are there are links."""
        rows = []
        for lesson in syllabus.LESSONS.values():
            is_written = lesson.number in self.written
            title = element("a", lesson.title, href=f"{lesson.name}.ipynb") if is_written else lesson.title
            cells = (lesson.able_to, lesson.time, "✓" if lesson.core else "", self.state(lesson))
            head = element("th", f"{lesson.number} ", title, scope="row", style=LEFT)
            rows.append(element("tr", head, *(element("td", cell, style=LEFT) for cell in cells)))
        heads = ("lesson", "you will be able to", "minutes", "two-day path", "your exercises")
        header = element("tr", *(element("th", text, scope="col", style=LEFT) for text in heads))
        caption = element("caption", element("strong", HEADING), element("br"), self.times, style=LEFT)
        lines = joined(
            [caption, element("thead", header), *rows], Html("\n")
        )  # a line a lesson, so that a change is seen
        below = [*self.advice, *filter(None, [self.note])]
        return element("table", lines) + joined(element("p", sentence) for sentence in below)


def progress_map() -> ProgressMap:
    """The map as it is now; a progress file that cannot be read, wholly or in part, is told below it."""
    try:
        content = progress.read_own()
        note = broken_lines(content.broken)
    except CourseError as error:
        content, note = progress.Content([], 0), str(error)
    written = exercise_names()
    return ProgressMap(written, progress.solved(content), note, advice(written, content.entries))


def summary() -> Html:
    """A page to print: the map, and each exercise that is solved, with the day of its first right answer.

    Raises:
        CourseError: the progress file cannot be read.
    """
    first: dict[tuple[str, str], str] = {}
    for entry in progress.load():
        if entry.outcome == "SOLVED":
            first.setdefault((entry.lesson, entry.exercise), entry.at[:10])
    listed = []
    for lesson in syllabus.LESSONS.values():
        days = [
            (name, first[lesson.number, name])
            for name in exercise_names().get(lesson.number, ())
            if (lesson.number, name) in first
        ]
        if days:
            items = (element("li", element("code", name), f", {day}") for name, day in days)
            listed.append(element("h2", f"{lesson.number} {lesson.title}") + element("ul", *items))
    head = element("meta", charset="utf-8") + element("title", HEADING) + element("style", PRINTED)
    body = element("h1", "RNN vs LSTM, measured") + progress_map().html + joined(listed)
    return Html("<!DOCTYPE html>\n") + element("html", element("head", head), element("body", body), lang="en")


def broken_lines(count: int) -> str:
    """A sentence on lines of the progress file that cannot be read; empty where there are none."""
    if not count:
        return ""
    lines = "1 line" if count == 1 else f"{count} lines"
    return (
        f"{lines} of {progress.progress_file()} cannot be read, as a full disk or a power cut leaves them. "
        "Everything else counts; check an exercise again if it is missing."
    )
