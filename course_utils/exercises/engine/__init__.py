"""The engine of the exercises: check, hint, solution, questions, feedback, and the learner's progress."""
