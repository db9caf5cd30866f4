"""Lesson 11: hazards, a likelihood with censored records, and concordance."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.metrics import survival


def times_and_events(generator: torch.Generator, count: int, longest: int) -> tuple[Tensor, Tensor]:
    """(N,) times, and whether the event came; the first has one, the second has none."""
    times = torch.randint(1, longest + 1, (count,), generator=generator)
    events = torch.rand(count, generator=generator) < 0.5
    events[:2] = torch.tensor([True, False])
    return times, events


def records(generator: torch.Generator) -> list[Arguments]:
    """Records, some of them censored."""
    return [times_and_events(generator, count, longest) for count, longest in ((3, 4), (8, 10), (20, 30))]


constant_hazard = FunctionExercise(
    lesson="11",
    reference=survival.constant_hazard,
    cases=records,
    result="one number, the probability of the event at a step",
    variants=(lambda times, events: events.double().mean() / times.double().mean(),),
    mistakes=(
        Mistake(
            lambda times, events: len(times) / float(times.sum()),
            "Each record counts as an event. A censored one has waited all its steps, and no event came.",
        ),
        Mistake(
            lambda times, events: float(events.sum()) / float(times[events].sum()),
            "You left the censored records out. They have waited too: their steps belong below the line.",
        ),
        Mistake(
            lambda times, events: float(events.double().mean()),
            "That is the share of records with an event. Divide by the *steps* that were waited.",
        ),
        Mistake(
            lambda times, events: float(times.sum()) / float(events.sum()),
            "That is the mean waiting time for an event. The hazard is 1 divided by it.",
        ),
        Mistake(
            lambda times, events: float(events.sum()) / float(times.sum() - events.sum()),
            "Those are the odds: events divided by the steps that were survived. The event's own step counts too.",
        ),
        Mistake(
            lambda times, events: float((events / times).mean()),
            "You took the mean of the records' own hazards. Sum events and steps over all records first, then divide.",
        ),
    ),
    hints=(
        "How often could the event have come? At each step of each record, censored ones included.",
        "The events above the line, the steps of all records below it.",
        "`return float(events.sum()) / float(times.sum())`",
    ),
)


def logits_and_records(generator: torch.Generator) -> list[Arguments]:
    """(N, T) logits; some records last to the end, some are censored."""
    found = []
    for count, longest in ((2, 3), (5, 6), (8, 4)):
        times, events = times_and_events(generator, count, longest)
        times[-1] = longest
        found.append((torch.randn(count, longest, generator=generator) * 2, times, events))
    return [*found, (found[1][0] * 20, *found[1][1:])]


def nats(logits: Tensor, times: Tensor, events: Tensor, *, waited: int = 0, came: bool = True) -> Tensor:
    """Record by record: survived up to `waited` steps more than were lived, and the event where it `came`."""
    costs = []
    for row, time, event in zip(logits, times.tolist(), events.tolist(), strict=True):
        last = min(time + waited, len(row))
        cost = -torch.nn.functional.logsigmoid(-row[:last]).sum()
        costs.append(cost - row[time - 1] if event and came else cost)
    return torch.stack(costs)


def all_are_events(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """A censored record counts as one whose event came."""
    return survival.hazard_nats(logits, times, torch.ones_like(events))


def censored_left_out(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """A censored record costs nothing."""
    return survival.hazard_nats(logits, times, events) * events


def survived_the_event(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """−log h − Σ_{s≤t} log(1 − h): the last step is survived as well."""
    last = logits.gather(1, times[:, None] - 1)[:, 0]
    return survival.hazard_nats(logits, times, events) + events * torch.nn.functional.softplus(last)


def through_the_hazards(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """Logarithms of h and of 1 − h."""
    h, steps = torch.sigmoid(logits), torch.arange(1, logits.shape[1] + 1)
    came = (steps == times[:, None]) & events[:, None]
    logs = torch.where(came, torch.log(h), torch.log(1 - h))
    return -torch.where(steps <= times[:, None], logs, torch.zeros_like(logs)).sum(1)


def all_steps(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """Binary cross-entropy over all columns."""
    target = torch.nn.functional.one_hot(times - 1, logits.shape[1]).to(logits.dtype) * events[:, None]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(1)


def only_the_event(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """−log h_t alone."""
    last = logits.gather(1, times[:, None] - 1)[:, 0]
    return -torch.nn.functional.logsigmoid(last) * events


hazard_nats = FunctionExercise(
    lesson="11",
    reference=survival.hazard_nats,
    cases=logits_and_records,
    result="minus the log likelihood of each record, shape (N,)",
    tolerance=1e-4,
    gradients=True,
    variants=(nats,),
    mistakes=(
        Mistake(
            all_are_events,
            "Censored records are treated as if their event had come at their last step. It had not: they survived "
            "that step too.",
        ),
        Mistake(
            censored_left_out,
            "Censored records cost nothing. But they say something: the event had not come in all their steps.",
        ),
        Mistake(
            survived_the_event,
            "Where the event came, its step is counted twice, as survived and as the event. Σ log(1 − h) ends one step "
            "before it.",
        ),
        Mistake(only_the_event, "That is the step of the event alone. The steps before it were survived: log(1 − h)."),
        Mistake(
            lambda logits, times, events: nats(logits, times, events, came=False),
            "You count every record as censored. Where the event came, the last step costs −log h.",
        ),
        Mistake(
            through_the_hazards,
            "Right on paper, but not for a computer: for a large logit 1 − h is 0 in float32, and its logarithm −∞. "
            "Stay with the logits: −log(1 − h) is `softplus(logits)`, −log h is `softplus(-logits)`.",
        ),
        Mistake(
            all_steps,
            "The steps behind a record's end count too. Nobody watched it there: sum over its first `times` steps.",
        ),
        Mistake(
            lambda logits, times, events: survival.hazard_nats(logits, times, events) / times,
            "You divide by the steps. The cost of a record is the *sum* over its steps.",
        ),
        Mistake(
            lambda logits, times, events: survival.hazard_nats(logits, times, events).mean(),
            "That is the mean. Return the cost of each record, (N,).",
        ),
        Mistake(
            lambda logits, times, events: -survival.hazard_nats(logits, times, events),
            "The sign: a cost is *minus* the log likelihood.",
        ),
    ),
    hints=(
        "h = sigmoid(logit). A record that survived three steps costs −log(1 − h₁) − log(1 − h₂) − log(1 − h₃).",
        "−log(1 − h) is `softplus(logits)`, and −log h is `softplus(logits) - logits`. Which steps take part: "
        "`torch.arange(1, T + 1) <= times[:, None]`.",
        "Sum the softplus of those steps; where the event came, subtract the last one's logit.",
    ),
)


def ranked(generator: torch.Generator) -> list[Arguments]:
    """Times, events and risks, with ties of all kinds."""
    found: list[Arguments] = []
    for count, longest, levels in ((4, 4, 3), (8, 5, 4), (12, 30, 100), (15, 6, 3)):
        times, events = times_and_events(generator, count, longest)
        times[0] = 1
        risks = torch.randint(0, levels, (count,), generator=generator).double()
        found.append((times.double().numpy(), events.numpy(), risks.numpy()))
    return found


def share_right(
    times: Any,
    events: Any,
    risks: Any,
    *,
    ties: float = 0.5,
    tied_pairs: bool = True,
    censored: bool = True,
    same_time: bool = True,
) -> float:
    """Pair by pair, with what can be done wrong."""
    right = pairs = 0.0
    for i in range(len(times)):
        for j in range(len(times)):
            later = times[j] > times[i] or (same_time and times[j] == times[i] and not events[j])
            if i == j or not later or (censored and not events[i]):
                continue
            if risks[i] == risks[j] and not tied_pairs:
                continue
            pairs += 1
            right += 1.0 if risks[i] > risks[j] else ties if risks[i] == risks[j] else 0.0
    return right / pairs


def events_alone(times: Any, events: Any, risks: Any) -> float:
    """Pairs of events, as if there were no other records."""
    return survival.concordance(times[events], events[events], risks[events])


def two_events_at_once(times: Any, events: Any, risks: Any) -> float:
    """Every record with an event against all that lasted as long or longer, itself included."""
    pairs = (times[:, None] <= times) & events[:, None]
    right = (risks[:, None] > risks) + 0.5 * (risks[:, None] == risks)
    return float((right * pairs).sum() / pairs.sum())


concordance = FunctionExercise(
    lesson="11",
    reference=survival.concordance,
    cases=ranked,
    result="one number from 0 to 1, the share of pairs in the right order",
    variants=(share_right,),
    mistakes=(
        Mistake(
            lambda times, events, risks: share_right(times, events, risks, ties=0.0),
            "Equal risks count as wrong. They say nothing about the order, so each counts one half.",
        ),
        Mistake(
            lambda times, events, risks: share_right(times, events, risks, ties=1.0),
            "Equal risks count as right: a model that says the same of all would have 1. Each counts one half.",
        ),
        Mistake(
            lambda times, events, risks: share_right(times, events, risks, tied_pairs=False),
            "You left out pairs with equal risks. They count, one half each.",
        ),
        Mistake(
            lambda times, events, risks: share_right(times, events, risks, censored=False),
            "The earlier record of some pairs is censored: nobody knows whose event came first. The earlier time must "
            "be that of an event.",
        ),
        Mistake(
            lambda times, events, risks: share_right(times, events, risks, same_time=False),
            "A record that is censored at the step of another's event outlasted it: that pair counts.",
        ),
        Mistake(
            events_alone,
            "You left the censored records out. One that lasted longer than another's event is the later of a pair.",
        ),
        Mistake(
            two_events_at_once,
            "Pairs with both events at the same step count, although neither came first. Leave them out.",
        ),
        Mistake(
            lambda times, events, risks: survival.concordance(times, np.ones_like(events), risks),
            "Censored records are treated as events. They can only be the later one of a pair.",
        ),
        Mistake(
            lambda times, events, risks: survival.concordance(times, events, -risks),
            "The other way round: a *higher* risk should go with the *earlier* event.",
        ),
    ),
    hints=(
        "Of which pairs is it known whose event came first? The earlier time must be that of an event.",
        "For each record with an event: `later = (times > time) | ((times == time) & ~events)`.",
        "Count 1 where `risk > risks[later]`, 1/2 where they are equal, and divide by the number of pairs.",
    ),
)

still_waiting = NumberQuestion(
    lesson="11",
    name="still_waiting",
    answer=0.9**10,
    tolerance=0.01,
    mistakes={
        0.65: "That is the share whose event *has* come.",
        1.0: "Each step is survived with probability 0.9, so ten of them with less.",
        0.9: "That is one step. There are ten.",
        1 - 0.9**10: "That is the share whose event *has* come.",
        0.0: "After ten steps of one in ten the event is expected, but not sure: each step is survived with 0.9.",
        0.1**10: "0.1 is the event's probability. A step is survived with 0.9.",
    },
    why="Each of the ten steps is survived with probability 0.9: 0.9¹⁰ is 0.35.",
)
