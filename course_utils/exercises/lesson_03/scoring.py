"""Lesson 03: which detection meets which true box, and the average precision."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.exercises.lesson_03.agreement import some_boxes
from course_utils.metrics import detection
from course_utils.metrics.boxes import box_iou


def detections_and_truth(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor, float]]:
    """boxes (n, 4), scores (n,), truth (m, 4), iou."""
    true = torch.tensor([[0.0, 0, 10, 10], [0.0, 0, 10, 8], [20.0, 20, 30, 30]])
    said = torch.tensor([[0.0, 0, 10, 8.2], [0.0, 0, 10, 10], [0.0, 0, 10, 9.8], [20.5, 20, 30, 30]])
    least_first = torch.tensor([0.5, 0.9, 0.7, 0.8])
    in_order = torch.tensor([0.9, 0.5, 0.4, 0.3])
    cases = [(said, least_first, true, 0.5), (said, in_order, true, 0.5), (said, in_order, true, 0.93)]
    half = (torch.tensor([[0.0, 0, 10, 5]]), torch.tensor([0.4]), true[:1], 0.5)  # an IoU of exactly 0.5
    cases += [half, (said - 12, in_order, true - 12, 0.5)]  # and boxes that reach beyond the picture
    for count, iou in ((4, 0.5), (3, 0.3)):
        real = some_boxes(count, generator, 8.0)
        near = torch.cat([real, real]) + torch.randn(2 * count, 4, generator=generator)
        cases.append((near, torch.rand(2 * count, generator=generator), real, iou))
    return cases


def met_again_and_again(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """A true box may be met by several."""
    best = box_iou(boxes, truth).max(dim=1)
    return torch.where(best.values >= iou, best.indices, -1)


def as_they_come(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The scores ignored."""
    return detection.matched(boxes, torch.zeros(len(boxes)), truth, iou)


def least_sure_first(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """Ordered the wrong way."""
    return detection.matched(boxes, -scores, truth, iou)


def in_the_order_of_scores(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The right numbers, put where the sorted boxes stand."""
    return detection.matched(boxes, scores, truth, iou)[scores.argsort(descending=True)]


def first_that_does(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The first free true box above the threshold, not the best."""
    agreement = box_iou(boxes, truth)
    met, taken = torch.full((len(boxes),), -1), set()
    for index in scores.argsort(descending=True).tolist():
        for real in range(len(truth)):
            if real not in taken and agreement[index, real] >= iou:
                met[index] = real
                taken.add(real)
                break
    return met


def best_or_nothing(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """Where the best true box is taken, no other is tried."""
    agreement = box_iou(boxes, truth)
    met, taken = torch.full((len(boxes),), -1), set()
    for index in scores.argsort(descending=True).tolist():
        real = int(agreement[index].argmax())
        if agreement[index, real] >= iou and real not in taken:
            met[index] = real
            taken.add(real)
    return met


def each_true_takes_its_best(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The true boxes choose, each the detection that agrees best."""
    agreement, met = box_iou(boxes, truth), torch.full((len(boxes),), -1)
    for real in range(len(truth)):
        best = int(agreement[:, real].argmax())
        if agreement[best, real] >= iou:
            met[best] = real
    return met


def as_many_as_can_be(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The pairs with the largest sum of IoUs, whatever the scores are."""
    from scipy.optimize import linear_sum_assignment

    agreement, met = box_iou(boxes, truth), torch.full((len(boxes),), -1)
    for row, real in zip(*linear_sum_assignment(-agreement.numpy()), strict=True):
        if agreement[row, real] >= iou:
            met[row] = int(real)
    return met


def half_whatever_was_given(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """A threshold of 0.5 written into the function."""
    return detection.matched(boxes, scores, truth, 0.5)


def above_the_threshold(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """An IoU that equals the threshold does not count."""
    return detection.matched(boxes, scores, truth, iou + 1e-6)


def nothing_is_the_first(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """0 in place of −1."""
    return detection.matched(boxes, scores, truth, iou).clamp_min(0)


def truth_values(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """Whether, and not which."""
    return detection.matched(boxes, scores, truth, iou) >= 0


def without_threshold(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """The IoU need not be high."""
    return detection.matched(boxes, scores, truth, 1e-9)


def crossed_out(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float) -> Tensor:
    """A right answer that crosses out columns."""
    agreement = box_iou(boxes, truth)
    met = [-1] * len(boxes)
    for index in sorted(range(len(boxes)), key=lambda i: -float(scores[i])):
        if len(truth) and float(agreement[index].max()) >= iou:
            met[index] = int(agreement[index].argmax())
            agreement[:, met[index]] = -1
    return torch.tensor(met)


matched = FunctionExercise(
    lesson="03",
    reference=detection.matched,
    cases=detections_and_truth,
    result="for each detection the index of the true box that it meets, or −1, shape (n,)",
    variants=(crossed_out,),
    mistakes=(
        Mistake(
            met_again_and_again,
            "A true box is met twice. The second detection of one object is a false alarm: each true box counts once.",
        ),
        Mistake(as_they_come, "You take the detections as they come. The surest chooses first."),
        Mistake(least_sure_first, "The least sure detection chooses first in your answer. Turn the order round."),
        Mistake(
            in_the_order_of_scores,
            "The numbers are right, and stand in the order of the scores. Entry i belongs to detection i.",
        ),
        Mistake(
            first_that_does,
            "The first true box that agrees well enough is taken, or true boxes choose one after another. Let the "
            "detections choose, the surest first, each the free true box that agrees best.",
        ),
        Mistake(
            best_or_nothing,
            "Where the best true box is taken, you try no other, which is how PASCAL VOC counts. Here, as in COCO, "
            "another one may still agree well enough: look among the free ones.",
        ),
        Mistake(
            each_true_takes_its_best,
            "Your true boxes choose, each the detection that agrees best. The detections choose, from the surest on.",
        ),
        Mistake(
            as_many_as_can_be,
            "You pair all at once, so that the sum of the IoUs is largest. Scores decide here: the surest chooses "
            "first, whatever that costs the others.",
        ),
        Mistake(half_whatever_was_given, "A threshold of 0.5 stands in your function. It is given: `iou`."),
        Mistake(above_the_threshold, "An IoU that equals `iou` counts as well: at least means ≥."),
        Mistake(nothing_is_the_first, "0 is the first true box. A detection that meets none has −1."),
        Mistake(truth_values, "You say whether a detection is right. Say which true box it meets, and −1 for none."),
        Mistake(without_threshold, "Any overlap counts in your answer. The IoU must be at least `iou`."),
    ),
    hints=(
        "Go through the detections from the surest on, and remember which true boxes are still free.",
        "Of the free true boxes take the one with the highest IoU; it counts if that is at least `iou`.",
        "candidates = torch.where(free, box_iou(boxes, truth)[index], −1); if candidates.max() >= iou: met[index] = "
        "candidates.argmax(), and that box is free no longer.",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------


def hits_and_count(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """hits: (n,) of 1.0 and 0.0, count: true boxes, more than there are hits."""
    known = [[1.0, 0, 1, 1, 0], [0.0, 1, 1, 0, 1, 1], [0.0, 0, 0, 1]]
    drawn = (torch.rand(12, generator=generator) < 0.5).float()
    return [(torch.tensor(hits), count) for hits, count in zip(known, (4, 5, 2), strict=True)] + [(drawn, 14)]


def precision_of(hits: Tensor) -> Tensor:
    """Share of right ones so far."""
    return hits.cumsum(0) / torch.arange(1, len(hits) + 1)


def not_the_best_from_here(hits: Tensor, count: int) -> float:
    """Precision as it stands at each hit."""
    return float((precision_of(hits) * hits).sum() / count)


def best_up_to_here(hits: Tensor, count: int) -> float:
    """The running maximum in the wrong direction."""
    return float((precision_of(hits).cummax(0).values * hits).sum() / count)


def over_the_hits(hits: Tensor, count: int) -> float:
    """Those never met do not count."""
    return float((detection.best_from_here(precision_of(hits)) * hits).sum() / hits.sum())


def over_all_detections(hits: Tensor, count: int) -> float:
    """The mean over all detections."""
    return float(detection.best_from_here(precision_of(hits)).mean())


def last_precision(hits: Tensor, count: int) -> float:
    """The precision of all."""
    return float(hits.mean())


def last_recall(hits: Tensor, count: int) -> float:
    """The recall of all."""
    return float(hits.sum() / count)


def eleven_points(hits: Tensor, count: int) -> float:
    """VOC before 2010: the mean over eleven recalls."""
    precision, recall = precision_of(hits), hits.cumsum(0) / count
    best = [precision[recall >= tenth / 10].max() if (recall >= tenth / 10).any() else 0.0 for tenth in range(11)]
    return float(sum(map(float, best)) / 11)


def coco_points(hits: Tensor, count: int) -> float:
    """COCO: the mean over 101 recalls."""
    recall = (hits.double().cumsum(0) / count).contiguous()
    precision = torch.cat([detection.best_from_here(precision_of(hits)), torch.zeros(1)])
    places = torch.searchsorted(recall, torch.linspace(0, 1, detection.RECALLS, dtype=torch.float64))
    return float(precision[places].mean())


def straight_lines(hits: Tensor, count: int) -> float:
    """Straight lines between the points of precision as it stands."""
    return float(torch.trapezoid(precision_of(hits), hits.cumsum(0) / count))


def of_the_retrieved(hits: Tensor, count: int) -> float:
    """Average precision of a search engine: over the hits, precision as it stands."""
    return float((precision_of(hits) * hits).sum() / hits.sum())


def over_the_number_of_detections(hits: Tensor, count: int) -> float:
    """Divided by the detections."""
    return detection.average_of_hits(hits, len(hits))


def one_recall_after_another(hits: Tensor, count: int) -> float:
    """A right answer: for each hit the best precision of this and all later places."""
    precision = precision_of(hits)
    return sum(float(precision[row:].max()) for row in range(len(hits)) if hits[row]) / count


average_of_hits = FunctionExercise(
    lesson="03",
    reference=detection.average_of_hits,
    helpers=(detection.best_from_here,),
    cases=hits_and_count,
    result="a number from 0 to 1",
    variants=(one_recall_after_another,),
    mistakes=(
        Mistake(
            not_the_best_from_here,
            "At each hit stands the precision up to it. The rule takes the best precision at this recall *or a higher "
            "one*: look at all later places too.",
        ),
        Mistake(best_up_to_here, "You took the best precision so far. Take the best from here on."),
        Mistake(
            over_the_hits,
            "You divided by the hits. True boxes that were never met count too, with 0: divide by `count`.",
        ),
        Mistake(
            over_the_number_of_detections, "You divided by the number of detections. Divide by `count`, the true boxes."
        ),
        Mistake(
            of_the_retrieved,
            "That is the mean precision at the hits, as scikit-learn's `average_precision_score` has it: it knows "
            "nothing of true boxes that were never met. Divide by `count`; take the best precision from each hit on.",
        ),
        Mistake(
            straight_lines,
            "You joined the points by straight lines. Each hit adds a column of width 1 / count, as high as the best "
            "precision from its place on.",
        ),
        Mistake(
            coco_points,
            "That is the mean over 101 recalls, as COCO has it. The area itself is wanted.",
        ),
        Mistake(over_all_detections, "Recall moves at hits alone: a false alarm adds nothing of its own."),
        Mistake(last_precision, "That is the precision of all detections. The area under the whole curve is wanted."),
        Mistake(last_recall, "That is the recall of all detections. The area under the whole curve is wanted."),
        Mistake(eleven_points, "That is the mean over eleven recalls, as VOC had it before 2010. Take the whole area."),
    ),
    hints=(
        "Precision after n detections: hits so far divided by n: `hits.cumsum(0) / torch.arange(1, len(hits) + 1)`.",
        "Each hit raises the recall by 1 / count. It counts with the best precision from its place on.",
        "The best from here on: `precision.flip(0).cummax(0).values.flip(0)`. Sum it over the hits, divide by count.",
    ),
)

frequent_error = ChoiceQuestion(
    lesson="03",
    name="frequent_error",
    question="Of the boxes with a score of 0.3 or more that are wrong, most …",
    choices=(
        "say a wrong class in the right place",
        "say the right class in a poor place",
        "are a second box of one class for one digit",
        "frame paper without a digit",
    ),
    answer="say a wrong class in the right place",
    says={
        "say the right class in a poor place": "An IoU of 0.5 forgives a small shift, and size and place are learned "
        'well enough for it. Look at the bar "place".',
        "are a second box of one class for one digit": "That is what peaks and suppression leave out. Look at the bar "
        '"double".',
        "frame paper without a digit": "Ink on dark paper is hard to overlook, and paper is hard to take for ink. Look "
        'at the bar "ground".',
    },
    why="Where something is, is easier here than what it is: ten classes compete for each place.",
)
