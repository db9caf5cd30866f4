"""Claim C25: what is said, and who says it. The same clips, two labels, two networks, each on the other's question.

A network that has learnt one question keeps its weights; so does a third one, which has learnt none. From the mean of
its states a linear read-out learns a question, its own or the other's; the read-outs are alike, and all learn from the
clips that the networks have learnt from.

The voices are made ones, and all clips of a voice have the same "microphone": none. Real speakers, nine men, are in the
second experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.data.japanese_vowels import JapaneseVowels, japanese_vowels
from course_utils.data.spoken_digits import SpokenDigits, spoken_digits
from course_utils.display.settings import Settings, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.models.speech import ClipClassifier
from course_utils.models.speech.classifier import CLIP_BATCH, rate_of
from course_utils.models.speech.listening import WARMUP
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import Budget, WarmupStableDecay, fit

REAL_BATCH = 30
READ_STEPS = 60  # of L-BFGS, at most; a read-out that goes on can read more
QUESTIONS = ("digit", "speaker")
NOTHING = "nothing"  # the control: a network after a single step


def measure(seed: int, *, hidden_size: int, steps: int, clips: int, read_steps: int = READ_STEPS) -> list[Row]:
    """Train a network on each question and one on none, and a linear read-out from the mean of its states on both.

    Args:
        seed: of weights, order and the division of the clips.
        hidden_size: H, of all networks.
        steps: of the optimiser, the same for both questions.
        clips: drawn from all, at most; four of five are learnt from, the others are judged.
        read_steps: of each read-out's training, at most.

    Returns:
        Six rows: `learnt` (the network's question, or "nothing"), `asked` (the read-out's), `accuracy`, `chance` (one
        of the answers, by guessing), `parameters` of the network, `own` (by its own last layer; None for others').
    """
    learn, judge, rate = divided(spoken_digits("voices"), clips, seed)
    rows: list[Row] = []
    for learnt in (*QUESTIONS, NOTHING):
        labels, most = (answers(learn, "digit"), 1) if learnt == NOTHING else (answers(learn, learnt), steps)
        network = ClipClassifier(hidden_size=hidden_size, seed=seed)
        network.fit(learn.clips, labels, sample_rate=rate, steps=most, progress=False)
        states = [network.summary(part.clips, sample_rate=rate) for part in (learn, judge)]  # (N, D)
        predictions = network.predict(judge.clips, sample_rate=rate)
        own = None if learnt == NOTHING else share_same(predictions, answers(judge, learnt))
        for asked in QUESTIONS:
            read = read_off(states[0], answers(learn, asked), states[1], read_steps)
            rows.append(
                {
                    "learnt": learnt,
                    "asked": asked,
                    "accuracy": share_same(read, answers(judge, asked)),
                    "chance": 1 / len(set(answers(learn, asked))),
                    "parameters": network.parameters_count,
                    "own": own if asked == learnt else None,
                }
            )
    return rows


def divided(digits: SpokenDigits, most: int, seed: int) -> tuple[SpokenDigits, SpokenDigits, int]:
    """Clips to learn from, four of five, and clips to judge by, drawn by clip; and their samples a second."""
    order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(seed))[:most]
    learn = torch.zeros(len(digits), dtype=torch.bool)
    judge = learn.clone()
    learn[order[: len(order) * 4 // 5]] = True
    judge[order[len(order) * 4 // 5 :]] = True
    return digits.subset(learn.numpy()), digits.subset(judge.numpy()), digits.sample_rate


def answers(digits: SpokenDigits, question: str) -> list[str]:
    """The right answer for each clip."""
    return [str(digit) for digit in digits.digits] if question == "digit" else list(digits.speakers)


def share_same(predictions: Sequence[str], right: Sequence[str]) -> float:
    """The share of answers that are right."""
    return sum(prediction == answer for prediction, answer in zip(predictions, right, strict=True)) / len(right)


def read_off(states: Tensor, right: Sequence[str], asked: Tensor, steps: int = READ_STEPS) -> list[str]:
    """The answers of a linear read-out: multinomial logistic regression with a little L2 regularisation.

    Args:
        states: (N, D), to learn from; each of the D numbers is brought to mean 0 and spread 1.
        right: N answers.
        asked: (M, D).
        steps: of L-BFGS, at most.

    Returns:
        M answers.

    Raises:
        CourseError: not as many answers as states.
    """
    if len(states) != len(right) or not right:
        raise CourseError(f"There are {len(states)} states and {len(right)} answers. Give one answer for each state.")
    names = sorted(set(right))
    y = torch.tensor([names.index(name) for name in right])
    mean, spread = states.mean(0), states.std(0, correction=0).clamp(min=1e-6)
    x, x_asked = ((part - mean) / spread for part in (states, asked))
    weight = torch.zeros(len(names), x.shape[1], requires_grad=True)
    bias = torch.zeros(len(names), requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(x @ weight.T + bias, y) + 1e-3 * weight.square().sum() / len(names)
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        best = (x_asked @ weight.T + bias).argmax(dim=1)
    return [names[index] for index in best.tolist()]


# ---------------------------------------------------------------------------------------------------------------------
# Real speakers


class SpeakerNet(nn.Module):
    """An LSTM that reads a series and names its speaker from its state after the last frame.

    Args:
        hidden_size: H.
        speakers: K.
        seed: of the weights.
    """

    def __init__(self, hidden_size: int, speakers: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.model = SequenceModel("lstm", 12, hidden_size, speakers, generator=generator)

    def forward(self, series: tuple[Tensor, Tensor]) -> Tensor:
        """Padded series (B, T, 12) and their lengths (B,) → logits (B, K); padding is not read."""
        x, lengths = series
        logits: Tensor = self.model(x)[torch.arange(len(x)), lengths - 1]
        return logits


def measure_real(seed: int, *, hidden_size: int, epochs: int, lr: float) -> list[Row]:
    """Who of nine men says two vowels? Official split: 270 series to learn from, 370 to judge by.

    Args:
        seed: of weights and order.
        hidden_size: H.
        epochs: passes through the series, in batches of 30.
        lr: learning rate at the start; it falls to 0.

    Returns:
        Two rows, `network`, `accuracy`, `chance`: "LSTM", and "mean and spread", a linear read-out from the mean and
        the spread of each of the 12 numbers over the frames, without any order.
    """
    men = japanese_vowels()
    series, right = [torch.as_tensor(frames) for frames in men.series], [str(man) for man in men.speakers.tolist()]
    share = lstm_share(men, series, seed, hidden_size=hidden_size, epochs=epochs, lr=lr)
    summary = torch.stack([torch.cat([x.float().mean(0), x.float().std(0, correction=0)]) for x in series])  # (N, 24)
    test = torch.as_tensor(men.is_test)
    learnt, asked = ([right[n] for n in torch.nonzero(part).flatten().tolist()] for part in (~test, test))
    told = read_off(summary[~test], learnt, summary[test])
    found = {"LSTM": share, "mean and spread": share_same(told, asked)}
    return [{"network": name, "accuracy": share, "chance": 1 / len(set(right))} for name, share in found.items()]


def measure_shuffled(seed: int, *, hidden_size: int, epochs: int, lr: float) -> list[Row]:
    """The control of `measure_real`: the same LSTM, and the frames of every series in an order of their own, drawn.

    Args:
        seed: of weights, order, and the frames' orders.
        hidden_size: H.
        epochs: passes through the series.
        lr: learning rate at the start.

    Returns:
        One row, as in `measure_real`.
    """
    men, generator = japanese_vowels(), torch.Generator().manual_seed(seed)
    series = [torch.as_tensor(x)[torch.randperm(len(x), generator=generator)] for x in men.series]
    share = lstm_share(men, series, seed, hidden_size=hidden_size, epochs=epochs, lr=lr)
    return [{"network": "LSTM, frames shuffled", "accuracy": share, "chance": 1 / len(set(men.speakers.tolist()))}]


def lstm_share(
    men: JapaneseVowels, series: Sequence[Tensor], seed: int, *, hidden_size: int, epochs: int, lr: float
) -> float:
    """Train an LSTM on the series of the training set; the share of the test series whose speaker it names.

    Args:
        men: speakers and split.
        series: N of (T, 12).
        seed: of weights and order.
        hidden_size: H.
        epochs: passes through the series, in batches of 30.
        lr: learning rate at the start; it falls to 0.
    """
    names = sorted(set(men.speakers.tolist()))
    y = torch.tensor([names.index(speaker) for speaker in men.speakers.tolist()])
    test = torch.as_tensor(men.is_test)
    lengths = torch.tensor([len(frames) for frames in series])
    x = nn.utils.rnn.pad_sequence(list(series), batch_first=True)  # (N, T, 12)
    x = (x - torch.cat([x[n, : lengths[n]] for n in torch.nonzero(~test).flatten().tolist()]).mean(0)).float()
    model = SpeakerNet(hidden_size, len(names), seed)
    generator, indices = torch.Generator().manual_seed(seed), torch.nonzero(~test).flatten()
    batches = [
        ((x[some], lengths[some]), y[some])
        for _ in range(epochs)
        for some in indices[torch.randperm(len(indices), generator=generator)].split(REAL_BATCH)
    ]
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    fit(
        model,
        batches,
        lambda net, batch: nn.functional.cross_entropy(net(batch[0]), batch[1]),
        epochs=1,
        optimizer=optimizer,
        lr_schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(batches)),
        clip_norm=CLIP_NORM,
        progress=False,
    )
    with torch.no_grad():
        predictions = model((x[test], lengths[test])).argmax(dim=1)
    return float((predictions == y[test]).double().mean())


# ---------------------------------------------------------------------------------------------------------------------
# The experiments


def told(*, hidden_size: int, steps: int, clips: int, read_steps: int = READ_STEPS) -> Settings:
    """What a reader must know of the trainings."""
    classifier = ClipClassifier(hidden_size=hidden_size)
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {rate_of(augment=False):g}, {WarmupStableDecay(Budget(steps), WARMUP).words}; "
        f"read-outs by L-BFGS, at most {read_steps} steps",
        clipping=CLIPPED,
        steps=f"{steps:,} for both questions, 1 for “{NOTHING}”",
        batch=f"{CLIP_BATCH}",
        size=f"LSTM of {hidden_size} units each way, {parameters_count(classifier.untrained(10)):,} parameters with "
        "the ten digits",
        augmentation=classifier.augmentation(augment=False),
        note=f"at most {clips:,} clips of made voices, four of five to learn from",
    )


def told_real(*, hidden_size: int, epochs: int, lr: float) -> Settings:
    """What a reader must know of the training on nine men."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {lr:g}, falling to 0 as a cosine; “mean and spread” by L-BFGS",
        clipping=CLIPPED,
        steps=f"{9 * epochs:,}, {epochs} epochs of 270 series",
        batch=f"{REAL_BATCH}",
        size=size_text("lstm", 12, hidden_size, 9),
    )


def told_shuffled(**settings: Any) -> Settings:
    """The same, with the order of the frames."""
    return told_real(**settings).with_parts(note="the frames of each clip in an order of its own, drawn")


EXPERIMENTS = (
    Experiment(
        name="who_and_what",
        version=2,  # 1 had no control
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings={"hidden_size": 96, "steps": 300, "clips": 4_000},
        quick={"hidden_size": 6, "steps": 2, "clips": 60},
    ),
    Experiment(
        name="who_and_what_read_longer",  # read-outs that go on, and seeds that no other experiment has used
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(220, 225)),
        settings={"hidden_size": 96, "steps": 300, "clips": 4_000, "read_steps": 300},
        quick={"hidden_size": 6, "steps": 2, "clips": 60, "read_steps": 20},
    ),
    Experiment(
        name="real_speakers",
        version=1,
        measure=measure_real,
        told=told_real,
        seeds=tuple(range(10)),
        settings={"hidden_size": 64, "epochs": 40, "lr": 0.005},
        quick={"hidden_size": 8, "epochs": 1},
    ),
    Experiment(
        name="real_speakers_shuffled",
        version=1,
        measure=measure_shuffled,
        told=told_shuffled,
        seeds=tuple(range(10)),
        settings={"hidden_size": 64, "epochs": 40, "lr": 0.005},
        quick={"hidden_size": 8, "epochs": 1},
    ),
)
