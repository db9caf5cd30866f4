"""Mutants that no check can refuse: they give what the reference gives wherever the task asks for something.

For each exercise the beginning of a mutant's name, and the reason.
"""

from __future__ import annotations

SUM = "a sum is the same in any order"
SYMMETRIC = "a difference has the same size from either end"
SHIFT = "a number added to all scores changes neither softmax nor argmax"
SQUARE = "the square of h is the same for −h"
NAMES = "labels are names: only how often each occurs counts"
ASARRAY = "the inputs are arrays of real numbers, and of truth values, already"
GUARD = "what follows gives the same: the line only saves work, or puts a case in words"
DEAD = "the number is used by a check of the arguments alone"
MASKED = "where nothing may jump, it is masked afterwards"
SWITCHES = "a switch is 0 or 1, and so is its square"
NEVER_EQUAL = "a random number is never equal to a probability"
ROUNDED = "the room of 1e-6 is for rounding alone"
SYMMETRIC_IOU = "the IoU is the same from either end"
TIES = "no two scores are the same"
ONE_AXIS = "the first axis is the last: there is one"
SAME_UNITS = "both units have the same weights, and other biases"
UNASKED = "the task says nothing of this case"

EQUIVALENT: dict[str, dict[str, str]] = {
    "00.persistence_error": {
        "persistence_error: truth - forecast -> forecast - truth": SYMMETRIC,
        "values: backwards": SYMMETRIC,
    },
    "01.chance_accuracy": {
        "chance_accuracy: labels.unique() -> labels": "a label counted twice has the same share",
        "labels: negative": NAMES,
        "labels: one more": NAMES,
        "labels: flipped along 0": NAMES,
    },
    "01.standardised": {"train: flipped along 0": "mean and standard deviation do not know an order"},
    "01.cross_entropy": {"logits: one more": SHIFT},
    "01.cross_entropy_gradient": {"logits: one more": SHIFT},
    "01.through_relu": {
        "through_relu: before > 0 -> before >= 0": "at exactly 0 either slope is a convention, and no input is 0"
    },
    "02.conv_parameter_count": {"kernel: negative": "kernel enters squared"},
    "02.max_pool": {
        "max_pool: :rows * size -> :": "the task has pictures whose sides are multiples of size",
        "max_pool: :columns * size -> :": "the task has pictures whose sides are multiples of size",
    },
    "02.shuffle_pixels": {
        "shuffle_pixels: images.shape[-2] * images.shape[-1] -> ": DEAD,
        "shuffle_pixels: 2 -> ": DEAD,
        "shuffle_pixels: 1 -> ": DEAD,
        "shuffle_pixels: without pixels = ": DEAD,
    },
    "03.box_iou": {"box_areas: 0 -> -1 in (_checked": "right is never left of left: no side is negative"},
    "03.peaks": {"heat: one more": "a number added to all cells changes no maximum's place"},
    "03.non_maximum_suppression": {
        "non_maximum_suppression: torch.zeros(len(boxes), dtype=torch.long)": "the task has classes, always",
        "non_maximum_suppression: torch.tensor(kept, dtype=torch.long) -> torch.tensor(kept)": (
            "whole numbers are int64 in torch by themselves; some box is always kept"
        ),
        "non_maximum_suppression: box_iou(boxes, boxes) -> box_iou(boxes, boxes)": SYMMETRIC_IOU,
        "non_maximum_suppression: scores.argsort(descending=True, stable=True) -> ": TIES,
        "non_maximum_suppression: True -> False in keyword": TIES,
        "boxes: one more": "boxes moved together agree as before",
        "scores: one more": "only the order of the scores counts",
        "classes: negative": "classes are names: only which are equal counts",
        "classes: one more": "classes are names: only which are equal counts",
    },
    "03.matched": {
        "matched: scores.argsort(descending=True, stable=True) -> scores.argsort(descending=True)": TIES,
        "matched: 1 -> 0 in -1": "what is taken must only stay below the threshold, which is above 0",
        "matched: 1 -> 2 in -1": "what is taken must only stay below the threshold, which is above 0",
        "matched: True -> False in keyword": TIES,
        "scores: one more": "only the order of the scores counts",
    },
    "03.average_of_hits": {
        "average_of_hits: 0 -> -1 in hits.cumsum(0)": ONE_AXIS,
        "best_from_here: precision.flip(0).cummax(0).values.flip(0) if": "the task has one detection at least",
        "best_from_here: 0 -> -1 in": ONE_AXIS,
    },
    "04.gibbs_step": {
        "one_step: u_hidden < torch.sigmoid(v @ W.T + b) -> u_hidden <=": NEVER_EQUAL,
        "one_step: u_visible < torch.sigmoid(h @ W + a) -> u_visible <=": NEVER_EQUAL,
        "result: squared": "zeros and ones are their own squares",
    },
    "04.log_z": {"log_of_z: 0 -> -1 in (h @ b": "one row of numbers has one axis"},
    "04.positive_and_negative": {
        "v: flipped along 0": SUM,
        "chains: flipped along 0": SUM,
    },
    "04.judged_at": {
        "highest_that_finds: found >= sensitivity - 1e-06 -> found > sensitivity - 1e-06": ROUNDED,
        "highest_that_finds: sensitivity - 1e-06 -> sensitivity": ROUNDED,
    },
    "05.rnn_step": {"b_ih and b_hh exchanged": SUM},
    "05.rnn_states": {"weights: each once": "four different tensors are four keys"},
    "05.delayed": {
        "delayed: torch.full((B, lag), NO_ANSWER, dtype=symbols.dtype) -> torch.full((B, lag), NO_ANSWER)": (
            "whole numbers are int64 in torch by themselves, as the symbols are"
        )
    },
    "05.derivative_along": {
        "h_0: abs": "tanh is odd: its slope along −h_0 is that along h_0",
        "h_0: negative": "tanh is odd: its slope along −h_0 is that along h_0",
    },
    "05.seasonal_naive_error": {
        "seasonal_naive_error: truth - forecast -> forecast - truth": SYMMETRIC,
        "values: backwards": SYMMETRIC,
    },
    "06.worst_growth": {
        "W: negative": "−W stretches as W does",
        "W: last axes exchanged": "a matrix and its transpose have the same singular values",
    },
    "06.jacobian_product": {
        "jacobian_product: 0 -> -1 in W_hh.shape[0]": "W_hh is square",
        "jacobian_product: 0 -> 1 in W_hh.shape[0]": "W_hh is square",
        "states: abs": SQUARE,
        "states: negative": SQUARE,
    },
    "06.step_jacobian": {"h: abs": SQUARE, "h: negative": SQUARE},
    "06.clip_by_norm": {"clip_by_norm: norm > limit -> norm >= limit": "scaled by limit / norm = 1 it stays as it is"},
    "07.cell_update": {"c and f exchanged": "f · c is c · f", "i and g exchanged": "i · g is g · i"},
    "07.lstm_step": {"b_ih and b_hh exchanged": SUM},
    "07.adding_unit": {"result 3: ": "the factor of the read-out is a whole number"},
    "07.direct_path": {"f: flipped along 0": "a product is the same in any order"},
    "08.gru_step_before": {"b_ih and b_hh exchanged": "all three parts add the two"},
    "08.lstm_step_without": {"b_ih and b_hh exchanged": SUM},
    "09.counted": {
        "counting_answer: x[..., :S].sum(dim=1) -> x[..., :S].": "of each sequence one cue is shown, once",
        "x: one more": SHIFT,
        "x: flipped along 1": "what is counted does not know an order",
    },
    "10.nearest_width": {
        "nearest_width: 1 -> 2 in enough = 1": "the search only begins elsewhere",
        "nearest_width: size(enough) < target -> size(enough) <= target": "the search only ends later",
        "nearest_width: enough *= 2 -> enough += 2": "the search only goes in other steps",
        "nearest_width: 2 -> 3 in enough *= 2": "the search only goes in other steps",
        "nearest_width: range(1, enough) -> range(1, enough + 1)": "the search only goes over one width more",
        "nearest_width: size(width) - target -> target - size(width)": SYMMETRIC,
        "target: as an int": "among whole sizes, half a parameter decides nothing here",
    },
    "10.restricted_mean": {
        "restricted_mean: np.asarray(steps": ASARRAY,
        "restricted_mean: np.asarray(solved": ASARRAY,
        "restricted_mean: without steps, solved = ": ASARRAY,
    },
    "10.paired_interval": {
        "paired_interval: np.asarray(": ASARRAY,
        "paired_interval: without a, b = ": ASARRAY,
        "mean_interval: np.asarray(values": ASARRAY,
        "mean_interval: without values = ": ASARRAY,
        "mean_interval: values - mean -> mean - values": SYMMETRIC,
        "mean_interval: 1 -> 0 in N == 1": UNASKED,
        "mean_interval: Mean(float(values[0]), ": UNASKED,
        "mean_interval: 0.0 -> ": UNASKED,
        "mean_interval: 0 -> -1 in values[0]": UNASKED,
        "mean_interval: 0 -> 1 in values[0]": UNASKED,
        "mean_interval: without if ": UNASKED,
    },
    "10.share_interval": {
        "wilson_interval: 0 -> -1 in max(min(low, p), 0)": "Wilson's interval never leaves 0 … 1 but for rounding",
        "wilson_interval: 1 -> 2 in min(max(high, p), 1)": "Wilson's interval never leaves 0 … 1 but for rounding",
    },
    "10.combine": {
        "first: each once": "two different tensors are two keys",
        "then: each once": "two different tensors are two keys",
    },
    "11.interval_over_origins": {
        "errors: backwards": "a mean does not know an order",
        "mean_interval: np.asarray(values": ASARRAY,
        "mean_interval: without values = ": ASARRAY,
        "mean_interval: values - mean -> mean - values": SYMMETRIC,
        "mean_interval: 1 -> 0 in N == 1": UNASKED,
        "mean_interval: 1 -> 2 in N == 1": UNASKED,
        "mean_interval: Mean(float(values[0]), ": UNASKED,
        "mean_interval: 0.0 -> ": UNASKED,
        "mean_interval: 0 -> -1 in values[0]": UNASKED,
        "mean_interval: 0 -> 1 in values[0]": UNASKED,
        "mean_interval: without if ": UNASKED,
    },
    "11.constant_hazard": {
        "times: flipped along 0": "a sum does not know an order",
        "events: flipped along 0": "a sum does not know an order",
    },
    "11.hazard_nats": {
        "hazard_nats: torch.arange(1, T + 1, device=logits.device) -> torch.arange(1, T + 1)": "there is one device"
    },
    "11.concordance": {
        "concordance: zip(t[came], r[came], strict=True) -> zip(t[came], r[came])": GUARD,
        "concordance: True -> False in keyword": GUARD,
        "concordance: np.asarray(times, dtype=float) -> np.asarray(times)": ASARRAY,
        "concordance: np.asarray(events, dtype=bool) -> np.asarray(events)": ASARRAY,
        "concordance: np.asarray(risks, dtype=float) -> np.asarray(risks)": ASARRAY,
    },
    "12.read_spans": {"spans_in: 0 -> ": "the start is set before it is used"},
    "12.span_f1": {
        "f1_of_spans: zip(found, there, strict=True) -> zip(there, found, strict=True)": "F1 is the same both ways",
        "f1_of_spans: zip(found, there, strict=True) -> zip(found, there)": "the two lists are equally long",
        "f1_of_spans: True -> False in keyword": "the two lists are equally long",
        "found and there exchanged": "F1 is the same both ways",
    },
    "12.token_accuracy": {"predictions and targets exchanged": "equal is equal both ways"},
    "12.log_partition": {"log_of_all_rows: 0 -> -1 in alpha.logsumexp(0)": "the axis is the only one"},
    "12.reversed_within": {
        "turned_within: zip(sequences, index, strict=True) -> zip(sequences, index)": "there is an order for each row",
        "turned_within: True -> False in keyword": "there is an order for each row",
    },
    "12.best_tags": {"emissions: one more": SHIFT, "transitions: one more": SHIFT},
    "13.perplexity": {
        "perplexity: zip(losses, counts, strict=True) -> ": "a product, of lists that are equally long",
        "perplexity: True -> False in keyword": "the two lists are equally long",
    },
    "13.bits_per_character": {"nats: backwards": SUM, "text: backwards": "only its length counts"},
    "13.charged_nats": {
        "nats: backwards": SUM,
        "words: backwards": SUM,
        "vocabulary: backwards": "what is known does not know an order",
        "vocabulary: each once": "a word known twice is known",
    },
    "13.discounted": {
        "discounted: total.clamp(min=1) -> total": "where the total is 0, the shorter context answers",
        "discounted: 1 -> 0 in keyword": "where the total is 0, the shorter context answers",
        "discounted: without counts = ": "the counts are real numbers already",
    },
    "13.parallel_rows": {
        "parallel_rows: 1 -> 0 in check_whole": GUARD,
        "parallel_rows: without rows = check_whole": GUARD,
    },
    "13.truncated_gradient": {
        "truncated_gradient: w * h + x_t -> w * h - x_t": "tanh is odd: all h change their sign, and h² does not",
        "truncated_gradient: 0 -> -1 in torch.autograd.grad(loss, w)[0]": "there is one gradient",
        "truncated_gradient: 0 -> -1 in (:, 0)": "only the shape counts",
        "truncated_gradient: 0 -> 1 in (:, 0)": "only the shape counts",
        "x: negative": "tanh is odd: all h change their sign, and h² does not",
        "x: flipped along 0": SUM,
    },
    "13.next_probabilities": {"logits: one more": SHIFT},
    "13.nucleus": {
        "nucleus: probabilities.sort(dim=-1, descending=True, stable=True) -> ": "the last axis is sorted by default",
        "nucleus: True -> False in keyword": UNASKED,
    },
    "13.drawn": {
        "drawn: u[:, None] * sums[:, -1:] -> u[:, None]": "beyond the sum of a rounded row, clamp does as well",
        "drawn: torch.searchsorted(sums, u, right=True).squeeze(-1).clamp(": "u times the sum is below the sum",
    },
    "14.padding_mask": {"padding_mask: torch.arange(longest, device=lengths.device) -> ": "all is on one device"},
    "14.masked_cross_entropy": {
        "masked_cross_entropy: 0 -> -1 in (..., 0)": "the axis has length 1",
        "logits: one more": SHIFT,
    },
    "14.multiplicative_scores": {
        "multiplicative_scores: keys if W is None else keys @ W.T -> keys @ W.T": "the task always gives W"
    },
    "14.attend": {"scores: one more": SHIFT},
    "14.beam_search": {
        "beam_search: sorted(grown, key=": "no two sums are equal",
        "beam_search: 1 -> 0 in max(len(one[1]) - 1, 1)": "each has said a token",
        "beam_search: without if not alive:": GUARD,
    },
    "14.clipped_precision": {
        "clipped_precision: (hypothesis_ngrams & reference_ngrams).total() / hypothesis_ngrams.total() if ": UNASKED,
        "clipped_precision: 0.0 -> ": UNASKED,
    },
    "14.brevity_penalty": {
        "brevity_penalty: min(1.0, math.exp(1 - reference_length / hypothesis_length)) if hypothesis_length": UNASKED,
        "brevity_penalty: 0.0 -> ": UNASKED,
    },
    "15.right_words": {
        "right_words: zip(predictions, references, strict=True) -> ": "the two lists are equally long",
        "right_words: True -> False in keyword": "the two lists are equally long",
        "right_words: hits / total if total": UNASKED,
        "right_words: without predictions, references = checked_pairs": GUARD,
        "right_words: without kind = {composed(word)": "words of these inputs have one way to write their accents",
    },
    "15.never_seen": {
        "learnt_from: backwards": "what is known does not know an order",
        "learnt_from: each once": "a text known twice is known",
        "asked: backwards": "a share does not know an order",
    },
    "17.triangle": {"left and right exchanged": "the smaller of the two sides is the same, named otherwise"},
    "17.shortest": {"text: backwards": "equal neighbours are equal from either end"},
    "17.ctc_forward": {
        "forward_loss: (classes[2:] != blank) & (classes[2:] != classes[:-2]) -> classes[2:] != ": (
            "two states before a blank stands a blank, which is equal to it"
        ),
        "forward_loss: torch.full((len(classes),), -torch.inf, dtype=log_probs.dtype) -> ": (
            "only the first frame is rounded to float32"
        ),
        "forward_loss: 0 -> -1 in keyword": "the last two states are one axis, the first and the last",
        "forward_loss: torch.nn.functional.pad(alpha, (2, 0), value=": MASKED,
        "forward_loss: -torch.inf -> torch.inf": MASKED,
        "forward_loss: torch.inf -> ": MASKED,
    },
    "17.greedy": {"log_probs: one more": SHIFT},
    "16.ink_of": {
        "ink: image - image.median() -> image.median() - image": SYMMETRIC,
        "image: one more": "the distance from the paper stays",
        "image: negative": "dark on light and light on dark have the same ink",
    },
    "16.fewest_columns": {"text: backwards": "equal neighbours are neighbours from either end"},
    "16.error_rate_of": {
        "error_rate: ctc.edits(one, other) -> ctc.edits(other, one)": "the fewest changes are the same both ways",
        "error_rate: zip(said, right, strict=True) -> zip(right, said, strict=True)": "the same",
        "error_rate: zip(said, right, strict=True) -> zip(said, right)": UNASKED,
        "error_rate: True -> False in keyword": UNASKED,
    },
    "16.lexicon_entry": {
        "log_probs: one more": "each path has a factor more in each frame, so all entries become as much more probable",
    },
    "16.calibration_of": {
        "calibration_error: confidence[here].mean() - right[here].float().mean() -> right": SYMMETRIC,
        "calibration_error: range(bins) -> range(bins + 1)": "no answer is in a bin behind the last",
    },
    "17.word_errors": {"said and right exchanged": "the fewest changes are the same in either direction"},
    "18.switches_of": {"result: squared": SWITCHES},
    "18.read_and_said": {"result 1: squared": SWITCHES, "result 2: squared": SWITCHES},
    "18.frame_cost": {"frames: detached": "frames are data, and no gradient with respect to them is asked"},
    "18.nats_of_all": {"costs: backwards": SUM, "costs: each once": "each tune has costs of its own"},
    "18.in_another_key": {"result: squared": SWITCHES},
    "18.drawn_keys": {
        "keys_drawn: u < torch.sigmoid(logits / temperature) -> u <= ": "no random number is the probability itself",
        "result: squared": SWITCHES,
    },
    "19.best_constant_share": {"answers: one more": NAMES},
    "19.composed": {"first: each once": UNASKED, "then: each once": UNASKED},
    "19.parity_units": {
        **dict.fromkeys(("result 1: flipped along 0", "result 1: rolled along 0"), SAME_UNITS),
        **dict.fromkeys(("result 2: flipped along 0", "result 2: rolled along 0"), SAME_UNITS),
    },
    "19.first_difference": {
        "first_difference: 0 -> -1 in (0, 0)": "that pair is followed twice, and leads to nothing new",
        "first_difference: 0 -> -1 in table[0]": "every row has as many symbols",
    },
    "19.difference_left": {"eigenvalues: flipped along 1": "a product is the same in any order"},
}
