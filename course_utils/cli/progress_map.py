"""The map of the twenty lessons, with what this learner has solved."""

from __future__ import annotations

from course_utils import syllabus
from course_utils.display.html import LEFT, Html, element, joined
from course_utils.display.message import Message
from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine import progress

HEADING = "Your map of the lessons"


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
    """

    def __init__(self, written: dict[str, list[str]], solved: dict[str, set[str]], note: str = "") -> None:
        self.written, self.solved, self.note = written, solved, note

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
        return "\n".join([HEADING, *rows, self.times, *filter(None, [self.note])])

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
        return element("table", lines) + (element("p", self.note) if self.note else "")


def progress_map() -> ProgressMap:
    """The map as it is now; a progress file that cannot be read, wholly or in part, is told below it."""
    try:
        content = progress.read_own()
        note = broken_lines(content.broken)
    except CourseError as error:
        content, note = progress.Content([], 0), str(error)
    return ProgressMap(exercise_names(), progress.solved(content), note)


def broken_lines(count: int) -> str:
    """A sentence on lines of the progress file that cannot be read; empty where there are none."""
    if not count:
        return ""
    lines = "1 line" if count == 1 else f"{count} lines"
    return (
        f"{lines} of {progress.progress_file()} cannot be read, as a full disk or a power cut leaves them. "
        "Everything else counts; check an exercise again if it is missing."
    )
