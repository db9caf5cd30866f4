"""Sentences that need evidence are found, and those that evidence names are not listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import build, evidence, prose

HEAD = '# %% [markdown]\n# # 42 · A trivial lesson\n\n# %% tags=["setup"]\nimport os\n\n'


def lesson(folder: Path, text: str) -> Path:
    (folder / "lessons").mkdir(exist_ok=True)
    (folder / "lessons" / "42_trivial.py").write_text(HEAD + text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The error is 0.04.", "number"),
        ("It was right in nine of ten runs.", "number"),
        ("Half of them fail.", "number"),
        ("The LSTM learns faster.", "comparison"),
        ("It is as good as the others.", "comparison"),
        ("The RNN is ahead.", "comparison"),
        ("It fails because the gradient vanishes.", "cause"),
        ("Therefore it fails.", "cause"),
        ("The gate never opens.", "all or nothing"),
        ("**All** of them learn.", "all or nothing"),
        ("Hardly any gradient is left.", "all or nothing"),
    ],
)
def test_each_kind_is_found(sentence: str, kind: str, tmp_path: Path) -> None:
    found = prose.faults("42_trivial", lesson(tmp_path, f"# %% [markdown]\n# {sentence}\n"))
    assert len(found) == 1
    assert kind in found[0]
    assert sentence in found[0]
    assert "line 8" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "Which of the two is larger?",
        "Lesson 06 showed it, and lessons 07 and 08 go on.",
        "Call `fit(steps=300)`.",
        "$h_0 = 0$ is given.",
        "## Four fates of the largest",
        "> The LSTM is better than the RNN.",
        "- S. Hochreiter, Neural Computation 9, [doi:10.1](https://doi.org/10.1)",
        "**References.**\n#\n# - H. Jaeger, report 148.",
        "```\n# the largest\n# ```",
        "A gate lets a signal through.",
    ],
)
def test_questions_numbers_of_lessons_code_quotations_and_references_are_not_listed(text: str, tmp_path: Path) -> None:
    assert prose.faults("42_trivial", lesson(tmp_path, f"# %% [markdown]\n# {text}\n")) == []


def test_a_quotation_carries_its_sentence_whatever_the_emphasis(tmp_path: Path) -> None:
    text = '# %% [markdown]\n# The *LSTM* is **faster than** the `RNN`.\n\n# %% tags=["evidence"]\nassert 1\n'
    assert prose.faults("42_trivial", lesson(tmp_path, f'{text}# shown: "faster than the RNN"\n')) == []
    other = prose.faults("42_trivial", lesson(tmp_path, f'{text}# shown: "slower than the RNN"\n'))
    assert len(other) == 2  # the sentence, and the quotation that names none
    assert "not there" in other[1]


def test_titles_and_alt_texts_in_code_are_read_also_where_they_are_computed(tmp_path: Path) -> None:
    code = '# %%\nn = 3\nprint(n, title=f"{n} of the best", alt="A line that never ends", other="the largest")\n'
    found = prose.faults("42_trivial", lesson(tmp_path, code))
    assert [line.split(": ", 1)[1] for line in found] == ["{…} of the best", "A line that never ends"]


def test_the_feedback_of_questions_is_read() -> None:
    told = [sentence.text for sentence in prose.question_sentences("06")]
    assert len(told) > 20


def test_the_command_says_what_is_missing_and_how_long_a_lesson_is(capsys: pytest.CaptureFixture[str]) -> None:
    prose.main(["06"])
    assert "06_vanishing_gradients: core " in capsys.readouterr().out
    assert prose.main(["no_lesson"]) == 1
    assert "no_lesson" in capsys.readouterr().err


def test_no_sentence_of_a_lesson_is_without_evidence() -> None:
    for name in build.lesson_names():
        if any(evidence.is_evidence(cell) for cell in build.lesson_cells(name)):
            assert prose.faults(name) == []
