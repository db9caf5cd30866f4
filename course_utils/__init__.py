"""RNN vs LSTM, measured: the package that carries the lessons.

Importing it is light: no torch, no network. A lesson begins with `course_utils.start("05_recurrent_networks")`
and ends with `course_utils.finish()`.
"""

from course_utils.errors import CourseError
from course_utils.runtime import device, finish, start

__all__ = ["CourseError", "device", "finish", "start"]
