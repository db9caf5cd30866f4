"""The network of the tagger: what a word is and how it is spelled, read in one direction or both, a tag for each word.

B sentences of T words, U different words of L characters, K tags, H units of each direction.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.nn.crf import ChainField
from course_utils.nn.layers import LAYERS
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequences import PAD, UNKNOWN

WORD_SIZE, CHARACTER_SIZE, SPELLING_SIZE = 64, 24, 64
WIDTH = 3  # characters that a convolution sees


class Sentences(NamedTuple):
    """Padded sentences.

    Attributes:
        words: (B, T) numbers of the words, `PAD` at the end.
        lengths: (B,) real words of each sentence.
        spelled: (U, L) the characters of the different words, `PAD` at the end; one without characters is all `PAD`.
        places: (B, T) which of these stands there.
        rare: (B, T) True where a word is so rare in training that it may be read as unknown.
        tags: (B, T) what is to be said; 0 behind a sentence's end.
    """

    words: Tensor
    lengths: Tensor
    spelled: Tensor
    places: Tensor
    rare: Tensor
    tags: Tensor


class Spelling(nn.Module):
    """What the characters of a word say: a convolution over three neighbours, and its largest value in the word.

    Source: Ma & Hovy 2016, arXiv 1603.01354.

    Args:
        characters: how many different ones, with those that are none (`course_utils.nn.sequences`).
    """

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, CHARACTER_SIZE, padding_idx=PAD)
        self.convolution = nn.Conv1d(CHARACTER_SIZE, SPELLING_SIZE, WIDTH, padding=WIDTH - 1)

    def forward(self, spelled: Tensor) -> Tensor:
        """(U, L) characters → (U, 64)."""
        found: Tensor = self.convolution(self.embedding(spelled).transpose(1, 2)).relu()  # (U, 64, L + 2)
        real = (spelled != PAD).sum(1, keepdim=True) + WIDTH - 1  # places that see a character of the word
        seen = torch.arange(found.shape[2]) < real
        return found.where(seen[:, None], 0.0).amax(2)


class TaggingModel(nn.Module):
    """Gives each word a score for each tag; with a field on top it scores whole rows of tags.

    Attributes:
        embedding: (V, 64) of the words.
        spelling: of their characters; None without.
        core: the recurrent layer, in one direction or both.
        readout: states → K scores.
        field: the `ChainField`; None without.

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        words: V, with those that are none.
        characters: how many different ones; 0: the spelling is not read.
        tags: K.
        hidden_size: H, units of each direction.
        bidirectional: both directions?
        forbidden: (K + 1, K), for a field; None: no field.
        dropout: of what goes into the recurrent layer and comes out of it, in training.
    """

    def __init__(
        self,
        cell: str,
        words: int,
        characters: int,
        tags: int,
        hidden_size: int,
        bidirectional: bool,
        forbidden: Tensor | None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, WORD_SIZE, padding_idx=PAD)
        self.spelling = Spelling(characters) if characters else None
        size = WORD_SIZE + (SPELLING_SIZE if characters else 0)
        self.core = LAYERS[cell](size, hidden_size, batch_first=True, bidirectional=bidirectional)
        self.readout = nn.Linear(hidden_size * (2 if bidirectional else 1), tags)
        self.field = None if forbidden is None else ChainField(tags, forbidden)
        self.dropout = dropout
        with torch.no_grad():
            self.embedding.weight.mul_(0.3)  # torch draws them with a spread of 1, far above what a cell likes to read
            if cell == "relu_rnn":
                self._begin_as_identity()

    def _begin_as_identity(self) -> None:
        """Recurrent weights of a ReLU RNN: the identity. Source: Le, Jaitly & Hinton 2015, arXiv 1504.00941."""
        for name, weights in self.core.named_parameters():
            if name.startswith("weight_hh"):
                weights.copy_(torch.eye(len(weights)))
            elif name.startswith("bias"):
                weights.zero_()

    def forward(self, batch: Sentences) -> Tensor:
        """Scores of each tag at each word: (B, T, K); what stands behind a sentence's end means nothing."""
        words = batch.words
        if self.training:
            unknown = batch.rare & (torch.rand(words.shape) < 0.5)
            words = words.masked_fill(unknown, UNKNOWN)
        read = [self.embedding(words)]
        if self.spelling is not None:
            read.append(self.spelling(batch.spelled)[batch.places])
        inputs = nn.functional.dropout(torch.cat(read, dim=2), self.dropout, self.training)
        packed = nn.utils.rnn.pack_padded_sequence(inputs, batch.lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.core(packed)[0], batch_first=True)
        scores: Tensor = self.readout(nn.functional.dropout(states, self.dropout, self.training))
        return scores

    def loss(self, batch: Sentences) -> Tensor:
        """Minus the log probability of the right tags, a word: with a field that of whole rows of them."""
        scores = self(batch)
        count = batch.lengths.sum()
        if self.field is not None:
            return -self.field.log_likelihood(scores, batch.tags, batch.lengths).sum() / count
        real = torch.arange(scores.shape[1]) < batch.lengths[:, None]
        return nn.functional.cross_entropy(scores[real], batch.tags[real])

    def best(self, batch: Sentences) -> list[list[int]]:
        """The tags of each sentence: with a field the most probable row, without the most probable at each word."""
        scores = self(batch)
        if self.field is not None:
            return self.field.best(scores, batch.lengths)
        rows: list[list[int]] = scores.argmax(2).tolist()
        return [row[:length] for row, length in zip(rows, batch.lengths.tolist(), strict=True)]

    def probabilities(self, batch: Sentences) -> Tensor:
        """How probable each tag is at each word: (B, T, K)."""
        scores = self(batch)
        return scores.softmax(2) if self.field is None else self.field.marginals(scores, batch.lengths)

    @property
    def read_and_written(self) -> int:
        """Numbers that it learns without the table of words, by which networks of several cells are made equal."""
        return parameters_count(self) - self.embedding.weight.numel()
