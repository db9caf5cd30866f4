"""A message is shown once."""

from __future__ import annotations

import pytest

from course_utils.display.message import Message


class Shell:
    """As much of IPython as a message asks for."""

    execution_count = 1


class Said(Message):
    def __init__(self) -> None:
        self.times = 0

    def _display(self) -> None:
        self.times += 1


def test_a_message_is_shown_once_in_its_cell_and_again_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    shell, message = Shell(), Said()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert message.say() is message
    message._ipython_display_()  # the last line of the same cell
    assert message.times == 1
    message._ipython_display_()  # asked for by name, a second time
    assert message.times == 2
    message.say()
    shell.execution_count = 2
    message._ipython_display_()  # the last line of the next cell
    assert message.times == 4
