"""Messages that show themselves immediately in a notebook, wherever in a cell they arise, and never twice."""

from __future__ import annotations

from typing import Any, Self

from course_utils.display.html import Html


class Message:
    """Something said to the learner: HTML in a notebook, plain text elsewhere.

    Subclasses give `__str__` and `html`.
    """

    _said_in: int | None = None  # the number of the cell in which `say` has shown it

    @property
    def html(self) -> Html:
        """The message for a notebook."""
        raise NotImplementedError

    def say(self) -> Self:
        """In a notebook, show the message now, also where it is not the last line of its cell. Elsewhere do nothing."""
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None:
            self._display()
            self._said_in = shell.execution_count
        return self

    def _display(self) -> None:
        from IPython.display import display

        display({"text/plain": str(self), "text/html": self.html}, raw=True)

    def _ipython_display_(self, **_: Any) -> None:
        """Jupyter calls this for the last line of a cell; what this cell has shown already is not shown again."""
        from IPython import get_ipython

        shell = get_ipython()
        if shell is None or self._said_in != shell.execution_count:
            self._display()
        self._said_in = None
