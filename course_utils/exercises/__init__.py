"""Exercises: one package a lesson, such as `from course_utils.exercises import lesson_05 as ex`.

Each exercise has `.check(answer)`, `.hint()`, `.hint(2)` and `.solution()`.
"""
