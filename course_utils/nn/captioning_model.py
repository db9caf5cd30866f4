"""The network of the captioner: a convolutional encoder, and a decoder that sees its places.

Under teacher forcing nothing is computed step by step: the decoder is one call over the whole caption, and attention is
computed for all its words at once. B pictures, U words, N places, H units, V words known.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor, nn

from course_utils.nn.layers import LAYERS
from course_utils.nn.looking import look, places_of, seen_at_every_step, word_dropout
from course_utils.nn.sequences import END, PAD, START, UNKNOWN

ATTENTIONS = ("multiplicative", "additive", None)
SIDE = 48  # pixels
GRID = 6  # places in a row, and rows
CHANNELS = (32, 64, 96)
EMBEDDED = 64
State: TypeAlias = Tensor | tuple[Tensor, Tensor]


class Encoder(nn.Module):
    """Three convolutions that halve the grid: the network of lesson 02, grown for colour.

    Args:
        features: channels at each place of the grid that comes out.
        dropped: the share of the last maps that are set to 0 in training (Tompson et al. 2015, arXiv 1411.4280).
    """

    def __init__(self, features: int, dropped: float = 0.0) -> None:
        super().__init__()
        first, second, third = CHANNELS
        self.layers = nn.Sequential(
            nn.Conv2d(3, first, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(second),
            nn.ReLU(),
            nn.Conv2d(second, third, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(third),
            nn.ReLU(),
            nn.Dropout2d(dropped),
            nn.Conv2d(third, features, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, 48, 48) in [0, 1] → (B, H, 6, 6)."""
        features: Tensor = self.layers((images - 0.5) / 0.25)
        return features


class Backbone(nn.Module):
    """A network that was trained before, frozen, and a layer that fits its features to the decoder.

    Args:
        network: (B, 3, h, w) → (B, C, h', w').
        features: channels at each place that comes out.
    """

    def __init__(self, network: nn.Module, features: int) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()
        self.fitted = nn.LazyConv2d(features, 1)
        self.pool = nn.AdaptiveAvgPool2d(GRID)

    def train(self, mode: bool = True) -> Backbone:
        """The layer alone changes its mode."""
        super().train(mode)
        self.network.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, h, w) in [0, 1] → (B, H, 6, 6), normalised as ImageNet's pictures are."""
        mean, spread = (images.new_tensor(v)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        with torch.no_grad():
            features = self.network((images - mean) / spread)
        fitted: Tensor = self.pool(self.fitted(features))
        return fitted


class Places(nn.Module):
    """Attention over the places of a picture."""

    def __init__(self, kind: str, hidden_size: int) -> None:
        super().__init__()
        self.kind = kind
        self.query = nn.Linear(hidden_size, hidden_size, bias=False)
        if kind == "additive":
            self.key = nn.Linear(hidden_size, hidden_size)
            self.score = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, states: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """States (B, U, H), places (B, N, H) → contexts (B, U, H), weights (B, U, N)."""
        if self.kind == "multiplicative":
            return look(self.query(states) / states.shape[-1] ** 0.5, places)
        mixed = self.query(states)[:, :, None] + self.key(places)[:, None]  # (B, U, N, H)
        weights = self.score(mixed.tanh())[..., 0].softmax(dim=-1)
        return weights @ places, weights


class CaptionModel(nn.Module):
    """Encoder, decoder and a layer that names the next word.

    Args:
        cell: "lstm", "gru" or "rnn".
        words: V, the special tokens included.
        hidden_size: H.
        attention: "multiplicative", "additive" or None.
        once: without attention: the picture is the decoder's first state only.
        dropped: the share of words that are read as unknown in training.
        maps_dropped: the share of the small encoder's feature maps that are set to 0 in training.
        encoder: in place of the small one.
    """

    def __init__(
        self,
        cell: str,
        words: int,
        hidden_size: int,
        attention: str | None,
        once: bool = False,
        dropped: float = 0.0,
        maps_dropped: float = 0.0,
        encoder: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.dropped, self.once, self.lstm = dropped, once, cell == "lstm"
        self.encoder = Encoder(hidden_size, maps_dropped) if encoder is None else encoder
        self.positions = nn.Parameter(0.1 * torch.randn(GRID * GRID, hidden_size))
        self.embed = nn.Embedding(words, EMBEDDED, padding_idx=PAD)
        self.attention = None if attention is None else Places(attention, hidden_size)
        summary = GRID * GRID * hidden_size
        # Normalised: with so many inputs a step of Adam moves the sum by much, and tanh would never come back from ±1.
        self.summarise = nn.Sequential(
            nn.Linear(hidden_size if self.attention else summary, hidden_size), nn.LayerNorm(hidden_size)
        )
        beside = hidden_size if attention is None and not once else 0
        self.decoder = LAYERS[cell](EMBEDDED + beside, hidden_size, batch_first=True)
        self.mix = nn.Linear(2 * hidden_size, hidden_size) if self.attention else None
        self.name = nn.Linear(hidden_size, words)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, h, w) → places (B, N, H), summary (B, H)."""
        places = places_of(self.encoder(images)) + self.positions
        seen = places.mean(dim=1) if self.attention else torch.relu(places).flatten(1)
        return places, torch.tanh(self.summarise(seen))

    def first_state(self, summary: Tensor) -> State:
        """The decoder's first state: what it sees of the picture as a whole."""
        first = summary[None]
        return (first, torch.zeros_like(first)) if self.lstm else first

    def decode(
        self, inputs: Tensor, places: Tensor, summary: Tensor, state: State
    ) -> tuple[Tensor, Tensor | None, State]:
        """Words (B, U) read → logits (B, U, V), weights (B, U, N) or None, the state after."""
        read = self.embed(inputs)
        if self.attention is None and not self.once:
            read = seen_at_every_step(read, summary)
        states, after = self.decoder(read, state)
        weights = None
        if self.attention is not None and self.mix is not None:
            contexts, weights = self.attention(states, places)
            states = torch.tanh(self.mix(torch.cat([states, contexts], dim=-1)))
        return self.name(states), weights, after

    def forward(self, images: Tensor, targets: Tensor) -> Tensor:
        """Teacher forcing: pictures (B, 3, h, w) and captions (B, U) → logits (B, U, V)."""
        inputs = torch.cat([torch.full_like(targets[:, :1], START), targets[:, :-1]], dim=1)
        if self.training and self.dropped:
            drop = torch.rand(inputs.shape, device=inputs.device) < self.dropped
            inputs = word_dropout(inputs, drop & (inputs != PAD), UNKNOWN, START)
        places, summary = self.encode(images)
        return self.decode(inputs, places, summary, self.first_state(summary))[0]


@torch.no_grad()
def captions_of(model: CaptionModel, images: Tensor, beam: int, longest: int) -> list[list[int]]:
    """The words of each picture's caption, by a search that always ends.

    Every beginning that is kept is a row of the batch. What has said `END` keeps its place; finished and unfinished
    ones compare by their mean log probability a word.

    Args:
        model: in eval mode.
        images: (B, 3, h, w).
        beam: K, beginnings kept; 1 is greedy.
        longest: the most words.

    Returns:
        B lists of tokens, without the special ones.
    """
    B, device = len(images), images.device
    places, summary = model.encode(images)
    state = model.first_state(summary)
    rows = torch.arange(B, device=device)
    places, summary = places.repeat_interleave(beam, 0), summary.repeat_interleave(beam, 0)
    state = _rows(state, rows.repeat_interleave(beam))
    read = torch.full((B * beam, 1), START, device=device)
    scores = torch.full((B, beam), -torch.inf, device=device)
    scores[:, 0] = 0.0
    tokens = torch.empty(B, beam, 0, dtype=torch.long, device=device)
    lengths = torch.zeros(B, beam, device=device)
    done = torch.zeros(B, beam, dtype=torch.bool, device=device)
    for _ in range(longest):
        logits, _, state = model.decode(read, places, summary, state)
        logits[..., [PAD, START, UNKNOWN]] = -torch.inf
        more = logits[:, -1].log_softmax(dim=-1).view(B, beam, -1)
        more[done] = -torch.inf
        more[..., PAD] = more[..., PAD].masked_fill(done, 0.0)  # a finished caption goes on at no cost
        total = scores[..., None] + more
        mean = total / (lengths + (~done))[..., None].clamp(min=1)
        best = mean.flatten(1).topk(beam, dim=1).indices
        parent, token = best // more.shape[-1], best % more.shape[-1]
        scores = total.flatten(1).gather(1, best)
        lengths = (lengths + (~done)).gather(1, parent)
        tokens = torch.cat([tokens.gather(1, parent[..., None].expand_as(tokens)), token[..., None]], dim=-1)
        done = done.gather(1, parent) | (token == END)
        if bool(done.all()):
            break
        state = _rows(state, (rows[:, None] * beam + parent).flatten())
        read = token.view(-1, 1)
    winners = tokens[rows, (scores / lengths.clamp(min=1)).argmax(dim=1)]
    return [[t for t in row if t > UNKNOWN] for row in winners.tolist()]


def _rows(state: State, rows: Tensor) -> State:
    if isinstance(state, tuple):
        return state[0][:, rows], state[1][:, rows]
    return state[:, rows]
