"""The network of the translator: an encoder that reads both ways, attention, and a decoder.

Under teacher forcing nothing is computed step by step: the decoder is one call over the whole target, and attention is
computed for all its steps at once. B sentences, T steps of the source, U of the target, H units, V words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.nn.attention import attend, multiplicative_scores, padding_mask, teacher_inputs
from course_utils.nn.layers import LAYERS
from course_utils.nn.sequences import END, PAD, START, UNKNOWN

ATTENTIONS = ("additive", "multiplicative", None)
State: TypeAlias = tuple[Tensor, ...]  # (1, B, H) each: h, and of an LSTM c


class Encoded(NamedTuple):
    """What the encoder leaves of B sentences.

    Attributes:
        values: (B, T, 2H) the states of both directions.
        keys: (B, T, A) what the reader's queries are compared with.
        more_keys: (B, T, A) what the writer's are compared with.
        mask: (B, T) True where real.
        summary: (B, 2H) the last state of each direction.
    """

    values: Tensor
    keys: Tensor
    more_keys: Tensor
    mask: Tensor
    summary: Tensor


class Batch(NamedTuple):
    """Padded sentence pairs.

    Attributes:
        sources: (B, T) numbers, `PAD` at the end.
        lengths: (B,) real steps of each source.
        targets: (B, U) numbers, `END` after the last, then `PAD`.
    """

    sources: Tensor
    lengths: Tensor
    targets: Tensor


class Attention(nn.Module):
    """Scores of one kind, with weights of their own.

    Args:
        kind: "additive", "multiplicative" or None.
        hidden_size: H.
    """

    def __init__(self, kind: str | None, hidden_size: int) -> None:
        super().__init__()
        H, self.kind = hidden_size, kind
        A = max(H // 4, 8) if kind == "additive" else H  # a small network is enough, and it is what costs time
        if kind is not None:
            self.keys = nn.Linear(2 * H, A, bias=False)
        if kind == "additive":
            self.queries = nn.Linear(H, A, bias=False)
            self.v = nn.Parameter(torch.randn(A) / math.sqrt(A))

    def project(self, values: Tensor) -> Tensor:
        """(B, T, 2H) → (B, T, A): the part of the scores that is the same at every step of the decoder."""
        return values if self.kind is None else self.keys(values)

    def forward(self, queries: Tensor, keys: Tensor, encoded: Encoded) -> tuple[Tensor, Tensor | None]:
        """(B, U, H) queries, (B, T, A) keys → (B, U, 2H) contexts, and (B, U, T) weights or None."""
        if self.kind is None:
            return encoded.summary[:, None].expand(-1, queries.shape[1], -1), None
        if self.kind == "additive":  # attention.additive_scores, with keys that are projected already
            scores = torch.tanh(self.queries(queries)[:, :, None] + keys[:, None]) @ self.v
        else:
            scores = multiplicative_scores(queries, keys)
        return attend(scores, encoded.values, encoded.mask)


class TranslationModel(nn.Module):
    """Encoder, attention, decoder.

    The decoder has two layers. The *reader* reads what was said so far, and asks attention; the *writer* reads what
    came of that, so that it knows where attention has been, and asks again; from its answer the next token is said.
    With one layer, attention could not know what it has looked at already, and translations went round in circles.

    Without attention both layers see the same summary of the source at every step, its last states (Cho et al. 2014).

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        source_size: V of the source.
        target_size: V of the target.
        hidden_size: H.
        attention: "additive", "multiplicative" or None.
        shared: source and target have one vocabulary, and one table of embeddings.
        dropout: of embeddings and between layers.
        word_dropout: the share of tokens that encoder and decoder read as "unknown" in training, so that neither leans
            on one word too much (Bowman et al. 2016).

    Raises:
        CourseError: an unknown cell or attention.
    """

    def __init__(
        self,
        cell: str,
        source_size: int,
        target_size: int,
        hidden_size: int,
        attention: str | None,
        *,
        shared: bool = False,
        dropout: float = 0.0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_name("cell", cell, LAYERS)
        check_name("attention", attention, ATTENTIONS)
        H, self.attention = hidden_size, attention
        self.scale = math.sqrt(H)  # small as output weights, of size 1 as inputs (Vaswani et al. 2017)
        self.target_embedding = nn.Embedding(target_size, H, padding_idx=PAD)
        self.source_embedding = self.target_embedding if shared else nn.Embedding(source_size, H, padding_idx=PAD)
        layer: Any = LAYERS[cell]
        self.forwards, self.backwards = layer(H, H, batch_first=True), layer(H, H, batch_first=True)
        self.first, self.second = Attention(attention, H), Attention(attention, H)
        self.bridges = nn.ModuleList(nn.Linear(2 * H, H) for _ in range(2 if cell == "lstm" else 1))
        self.reader = layer(H, H, batch_first=True)
        self.writer = layer(3 * H, H, batch_first=True)
        self.mixed = nn.Linear(3 * H, H)
        self.bias = nn.Parameter(torch.zeros(target_size))
        self.dropout, self.word_dropout = nn.Dropout(dropout), word_dropout
        self._begin()

    def _begin(self) -> None:
        """First weights: orthogonal from state to state, a forget bias of 1, small embeddings."""
        for table in dict.fromkeys((self.source_embedding, self.target_embedding)):
            nn.init.normal_(table.weight, std=0.1)
            with torch.no_grad():
                table.weight[PAD] = 0
        for layer in (self.forwards, self.backwards, self.reader, self.writer):
            H = layer.hidden_size
            for name, parameter in layer.named_parameters():
                if name.startswith("weight_hh"):
                    for block in parameter.data.split(H):
                        nn.init.orthogonal_(block)
                elif name.startswith("weight_ih"):
                    for block in parameter.data.split(H):
                        nn.init.xavier_uniform_(block)
                else:
                    nn.init.zeros_(parameter)
            if isinstance(layer, nn.LSTM):
                dict(layer.named_parameters())["bias_ih_l0"].data[H : 2 * H] = 1.0

    def encode(self, sources: Tensor, lengths: Tensor) -> Encoded:
        """Read (B, T) numbers both ways; padding is behind each sentence in both, so that no state has read it."""
        mask = padding_mask(lengths, sources.shape[1])
        x = self.dropout(self.scale * self.source_embedding(sources))  # (B, T, H)
        back = flip_places(lengths, sources.shape[1])[..., None].expand(-1, -1, x.shape[-1])
        forwards = self.forwards(x)[0]
        backwards = self.backwards(x.gather(1, back))[0].gather(1, back)
        values = torch.cat([forwards, backwards], dim=-1) * mask[..., None]
        last = forwards[torch.arange(len(x)), lengths - 1]
        summary = torch.cat([last, backwards[:, 0]], dim=-1)
        return Encoded(values, self.first.project(values), self.second.project(values), mask, summary)

    def first_state(self, encoded: Encoded) -> tuple[State, State]:
        """The states of the decoder's two layers before the first token: of the reader from the summary, then zeros."""
        reader = tuple(torch.tanh(bridge(encoded.summary))[None] for bridge in self.bridges)
        return reader, tuple(torch.zeros_like(part) for part in reader)

    def decode(
        self, inputs: Tensor, encoded: Encoded, states: tuple[State, State]
    ) -> tuple[Tensor, Tensor | None, tuple[State, State]]:
        """One or all steps of the decoder.

        Args:
            inputs: (B, U) the tokens that it reads.
            encoded: the sources.
            states: of both layers before the first of these steps.

        Returns:
            (B, U, H) what the logits are made of, (B, U, T) the weights of the writer's attention or None, and the
            states after.
        """
        x = self.dropout(self.scale * self.target_embedding(inputs))
        read, reader = self.reader(x, _given(states[0]))
        contexts, _ = self.first(read, encoded.keys, encoded)
        wrote, writer = self.writer(self.dropout(torch.cat([read, contexts], dim=-1)), _given(states[1]))
        contexts, weights = self.second(wrote, encoded.more_keys, encoded)
        mixed = self.dropout(torch.tanh(self.mixed(torch.cat([wrote, contexts], dim=-1))))
        return mixed, weights, (_kept(reader), _kept(writer))

    def logits(self, mixed: Tensor) -> Tensor:
        """(…, H) → (…, V), with the embeddings of the target as weights (Press & Wolf 2017)."""
        return nn.functional.linear(mixed, self.target_embedding.weight, self.bias)

    def forward(self, batch: Batch) -> Tensor:
        """The logits of the real target tokens under teacher forcing: (N, V), sentence by sentence."""
        encoded = self.encode(self._some_unknown(batch.sources), batch.lengths)
        inputs = self._some_unknown(teacher_inputs(batch.targets, START))
        mixed, _, _ = self.decode(inputs, encoded, self.first_state(encoded))
        return self.logits(mixed[batch.targets != PAD])

    def _some_unknown(self, tokens: Tensor) -> Tensor:
        if not (self.training and self.word_dropout):
            return tokens
        return tokens.masked_fill((torch.rand(tokens.shape) < self.word_dropout) & (tokens > UNKNOWN), UNKNOWN)


def _given(state: State) -> Any:
    return state if len(state) == 2 else state[0]


def _kept(state: Any) -> State:
    return state if isinstance(state, tuple) else (state,)


def flip_places(lengths: Tensor, longest: int) -> Tensor:
    """Where each step comes from when the real steps are turned round and the padding stays: (B,) → (B, T)."""
    steps = torch.arange(longest)[None]
    return torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)


def padded(rows: list[list[int]]) -> Tensor:
    """Rows of different lengths as (B, T), filled with `PAD`."""
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def batch_of(pairs: list[tuple[list[int], list[int]]]) -> Batch:
    """Pairs of numbers, without end, as a batch."""
    sources, targets = [source for source, _ in pairs], [[*target, END] for _, target in pairs]
    return Batch(padded(sources), torch.tensor([len(source) for source in sources]), padded(targets))


# ---------------------------------------------------------------------------------------------------------------------
# Saying a translation


@dataclass
class SearchResult:
    """Translations of B sentences, of U steps at most.

    Attributes:
        tokens: (B, U) the winners, `PAD` from the end on.
        sources: (B, U) the source step with the highest weight at each; zeros without attention.
    """

    tokens: Tensor
    sources: Tensor


@torch.no_grad()
def search(model: TranslationModel, sources: Tensor, lengths: Tensor, longest: Tensor, beam: int) -> SearchResult:
    """Beam search for many sentences together, by the rules of `attention.beam_search`; a beam of 1 is greedy.

    Args:
        model: in eval mode.
        sources: (B, T).
        lengths: (B,).
        longest: (B,) the most tokens of each translation, `END` included.
        beam: K.
    """
    B, K, U = len(sources), beam, int(longest.max())
    encoded = Encoded(*(part.repeat_interleave(K, 0) for part in model.encode(sources, lengths)))
    states = model.first_state(encoded)
    tokens, looked_at = torch.full((B, K, U), PAD), torch.zeros(B, K, U, dtype=torch.long)
    alive = torch.full((B, K), -math.inf, dtype=model.bias.dtype)  # log probabilities; −inf: nobody is there
    alive[:, 0] = 0.0
    best = SearchResult(torch.full((B, U), PAD), torch.zeros(B, U, dtype=torch.long))
    best_score, free, last = alive[:, 0] - math.inf, torch.full((B,), K), torch.full((B, K), START)
    for u in range(U):
        mixed, weights, states = model.decode(last.view(B * K, 1), encoded, states)
        log_p = model.logits(mixed[:, 0]).log_softmax(dim=-1).view(B, K, -1)  # (B, K, V)
        log_p[..., [PAD, START]] = -math.inf
        V = log_p.shape[-1]
        score, index = (alive[..., None] + log_p).view(B, K * V).topk(K, dim=1)
        score = score.masked_fill(torch.arange(K)[None] >= free[:, None], -math.inf)
        parent, last = index // V, index % V
        rows = (torch.arange(B)[:, None] * K + parent).view(-1)
        states = tuple(tuple(part.index_select(1, rows) for part in state) for state in states)  # type: ignore[assignment]
        tokens, looked_at = _follow(tokens, parent), _follow(looked_at, parent)
        tokens[:, :, u] = last
        if weights is not None:
            looked_at[:, :, u] = weights[rows, 0].argmax(dim=-1).view(B, K)
        over = ((last == END) | (u + 1 >= longest)[:, None]) & score.isfinite()
        _keep_better(best, best_score, torch.where(over, score / (u + 1), -math.inf), tokens, looked_at)
        free = free - (over & (last == END)).sum(dim=1)
        alive = score.masked_fill(over, -math.inf)
        if not alive.isfinite().any():
            break
    ended = best.tokens == END
    return SearchResult(best.tokens.masked_fill(ended, PAD), best.sources)


def _follow(kept: Tensor, parent: Tensor) -> Tensor:
    """(B, K, U) as seen from the new beam, whose places come from `parent`, (B, K)."""
    return kept.gather(1, parent[..., None].expand_as(kept))


def _keep_better(best: SearchResult, best_score: Tensor, scores: Tensor, tokens: Tensor, looked_at: Tensor) -> None:
    """Where one of the beam, (B, K), is over with a higher mean score than all before, remember it."""
    highest, which = scores.max(dim=1)
    better = highest > best_score
    rows = torch.arange(len(which))
    best_score[better] = highest[better]
    best.tokens[better] = tokens[rows, which][better]
    best.sources[better] = looked_at[rows, which][better]
