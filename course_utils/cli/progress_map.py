"""The map of the twenty lessons, with what this learner has solved."""

from __future__ import annotations

from course_utils import syllabus
from course_utils.display.html import LEFT, Html, element
from course_utils.display.message import Message
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine import progress


def exercise_names() -> dict[str, list[str]]:
    """The names of all exercises, predictions aside, by lesson number, such as {"05": ["rnn_step", …]}."""
    return {
        number: [name for name, exercise in exercises.items() if not getattr(exercise, "prediction", False)]
        for number, exercises in exercises_by_lesson().items()
    }


class ProgressMap(Message):
    """A table of the lessons: what each teaches, and how many of its exercises are solved."""

    def __init__(self, written: dict[str, list[str]], solved: dict[str, set[str]]) -> None:
        self.written, self.solved = written, solved

    def state(self, lesson: syllabus.Lesson) -> str:
        """How far this learner is in a lesson, in words."""
        names = self.written.get(lesson.number)
        if names is None:
            return "to come"
        done = len(self.solved.get(lesson.number, set()) & set(names))
        return f"{'✔ all' if done == len(names) else done} of {len(names)} solved"

    def __str__(self) -> str:
        rows = [f"{lesson.number}  {lesson.title:<24} {self.state(lesson)}" for lesson in syllabus.LESSONS.values()]
        return "\n".join(["Your map of the lessons", *rows])

    @property
    def html(self) -> Html:
        """A table; lessons that are there are links."""
        rows = []
        for lesson in syllabus.LESSONS.values():
            is_written = lesson.number in self.written
            title = element("a", lesson.title, href=f"{lesson.name}.ipynb") if is_written else lesson.title
            cells = (lesson.able_to, "core" if lesson.core else "", self.state(lesson))
            head = element("th", f"{lesson.number} ", title, scope="row", style=LEFT)
            rows.append(element("tr", head, *(element("td", cell, style=LEFT) for cell in cells)))
        heads = ("lesson", "you will be able to", "two-day path", "your exercises")
        header = element("tr", *(element("th", text, scope="col", style=LEFT) for text in heads))
        caption = element("caption", element("strong", "Your map of the lessons"), style=LEFT)
        return element("table", caption, element("thead", header), element("tbody", *rows))


def progress_map() -> ProgressMap:
    """The map as it is now.

    Raises:
        CourseError: the progress file cannot be read.
    """
    return ProgressMap(exercise_names(), progress.solved())
