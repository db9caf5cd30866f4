"""Does a translator need the place that its attention looks at? That place is hidden, or another, and it says again."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.models.translation import Translator
from course_utils.nn.sequences import START
from course_utils.nn.translation_model import Encoded, batch_of

FEWEST_PLACES = 2  # of a source: one to hide, and another


@torch.no_grad()
def changed_when_hidden(translator: Translator, sources: Sequence[str], seed: int = 0) -> dict[str, float]:
    """The share of tokens that change when one place of the source is hidden from attention while it is said.

    The translator's own translation is given to its decoder; at each step one place is masked, in both attentions.

    Args:
        translator: a trained one, with attention.
        sources: sentences of two tokens or more.
        seed: of the other place, any but the one with the largest weight, each equally likely.

    Returns:
        `looked at`: the place with the largest weight is hidden; `another`: one of the others.

    Raises:
        CourseError: a translator without attention, or no sentence that is long enough.
    """
    generator = torch.Generator().manual_seed(seed)
    changed: dict[str, list[Tensor]] = {"looked at": [], "another": []}
    for source in sources:
        row, tokens, weights = translator.attended(source)
        model = translator.model
        if len(row) < FEWEST_PLACES or not tokens or model is None:
            continue
        batch = batch_of([(row, [])])
        encoded = model.encode(batch.sources, batch.lengths)
        most = weights.argmax(dim=-1)  # (U,)
        steps = torch.randint(1, len(row), most.shape, generator=generator)
        for name, hidden in (("looked at", most), ("another", (most + steps) % len(row))):
            inputs = torch.tensor([[START, *tokens]]).expand(len(tokens), -1)
            given = _hidden(encoded, hidden)
            mixed = model.decode(inputs, given, model.first_state(given))[0]  # (U, U + 1, H)
            says = model.logits(mixed[range(len(tokens)), range(len(tokens))]).argmax(dim=-1)
            changed[name].append(says != torch.tensor(tokens))
    if not changed["another"]:
        raise CourseError(f"No sentence has {FEWEST_PLACES} tokens or more. Give longer ones.")
    return {name: float(torch.cat(parts).double().mean()) for name, parts in changed.items()}


def _hidden(encoded: Encoded, places: Tensor) -> Encoded:
    """One source U times, in each copy another place masked."""
    copies = Encoded(*(part.expand(len(places), *part.shape[1:]) for part in encoded))
    mask = copies.mask.clone()
    mask[torch.arange(len(places)), places] = False
    return copies._replace(mask=mask)
