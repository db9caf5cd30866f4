"""Language models: what follows, and how probable is it? A recurrent network, and an n-gram to compare it with.

    model = LanguageModel("char", "lstm")
    model.fit(text, valid=held_out, seconds=120)
    model.bits_per_character(other_text)
    model.sample("In the beginning", temperature=0.8)

Sources: Mikolov and others 2010, Recurrent neural network based language model; Sutskever, Martens & Hinton 2011,
Generating text with recurrent neural networks; Graves 2013 (arXiv 1308.0850).
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.data.resources import resource
from course_utils.models.arguments import checked
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.language_training import CarriedText, computes_in_bf16, costs
from course_utils.models.ngram import NGram
from course_utils.models.text_codecs import TextCodec, text_codec
from course_utils.models.text_model import TextModel, checked_text
from course_utils.models.tokenisers import LEVELS
from course_utils.models.translation_training import check_bf16
from course_utils.nn.language_net import CELLS, LanguageNet
from course_utils.nn.streams import State
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

__all__ = ["LanguageModel", "NGram", "trained_language_model"]

EMBEDDED = 64  # numbers of a character's embedding; words and subwords have as many as units
VALIDATED = 20_000  # characters of `valid` that are read each time
LOOKED_AT = 2_000  # tokens before the end of a text: as far as `saliency` goes back
WORTH_BF16 = 128  # units from which bfloat16 is faster
TRAINED = ("char", "word", "subword")


class LanguageModel(TextModel[LanguageNet]):
    """Learns to guess the next token of a text, and so to say how probable a text is, and to write one.

    The network: an embedding, recurrent layers, a read-out (`course_utils.nn.language_net`). It learns by truncated
    backpropagation through time: the text runs through in parallel rows, the state is carried from each window to the
    next, the gradient is not. Adam, its rate rises at first and falls to 0 at the end of the steps or the time.

    Attributes:
        model: the network; None before `fit`.

    Args:
        level: what a token is: "char", "word" or "subword" (pieces of words).
        cell: "rnn" (tanh), "relu", "gru" or "lstm".
        hidden_size: H, units of a layer.
        layers: recurrent layers, one above the other, up to 16.
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same model on the same
            computer and number of threads; with `seconds` the clock has its say.

    Raises:
        CourseError: an unknown level or cell, or a size or seed that is no whole number.
    """

    def __init__(
        self, level: str = "char", cell: str = "lstm", hidden_size: int = 256, layers: int = 1, seed: int = 0
    ) -> None:
        check_name("level", level, LEVELS)
        check_name("cell", cell, CELLS)
        self.level, self.cell = level, cell
        self.hidden_size, self.layers = checked("hidden_size", hidden_size), checked("layers", layers)
        self.seed = checked("seed", seed)
        self._novelty = 0.5  # the share of the probability that is kept for what was never seen

    def _described(self) -> str:
        return f"{self.level!r}, {self.cell!r}, {self.hidden_size}" + (f", {self.layers}" if self.layers > 1 else "")

    def fit(
        self,
        text: str,
        valid: str | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        lr: float | None = None,
        dropout: float = 0.05,
        batch_size: int | None = None,
        seq_len: int | None = None,
        vocabulary: int | None = None,
        bf16: bool | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from a text, from the beginning: an earlier training is forgotten.

        Args:
            text: one string of any length from one character on, read as it is: spaces, line ends and the form of
                accents stay.
            valid: a text to validate with; the model keeps the weights that did best on its first 20,000 characters.
                The score is nats per character.
            seconds: the most seconds of the training and its validation. Default: 60 where neither steps nor epochs
                are given. At least one step is made. With `steps` it is a limit for a slow machine: the history says
                where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the text.
            patience: stop after this number of validations in a row without a better score.
            lr: the highest learning rate of Adam; default 0.01 for H = 256, and like 1 / √H.
            dropout: of what enters the recurrent layers and the read-out.
            batch_size: rows in which the text is read at the same time; default 32, fewer of a short text.
            seq_len: tokens of a window, over which the gradient goes back; default 64 characters, 32 words or
                subwords.
            vocabulary: tokens at most, up to 100,000; default: 4,096 characters, 8,000 words, or as many subwords as
                the length of the text asks for.
            bf16: compute in bfloat16; default: where the processor does that itself and the layers are large.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: no text, or an argument that cannot be meant.
        """
        text = checked_text(text)
        valid = None if valid is None else checked_text(valid, "valid")[:VALIDATED]
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        if bf16:
            check_bf16()
        if bf16 is None:
            bf16 = self.hidden_size >= WORTH_BF16 and computes_in_bf16()
        lr = 0.01 * math.sqrt(256 / self.hidden_size) if lr is None else lr
        self._codec = text_codec(self.level, text, vocabulary)
        tokens = self._codec.encode(text)
        self._novelty = 1 / (len(tokens) + 1)
        with seeded(self.seed):
            model = self._new_model(self._codec, dropout)
            stream = CarriedText(
                tokens,
                model.vocabulary,
                32 if batch_size is None else batch_size,
                (64 if self.level == "char" else 32) if seq_len is None else seq_len,
                self.seed,
                bf16,
            )
            optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.99), fused=True)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(stream)), warmup=50)
            history = fit(
                model,
                stream,
                stream.loss,
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=None if valid is None else self._score_on(valid),
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model = model.eval()
        arithmetic = ", bfloat16" if bf16 else ""
        history.note(
            f"{len(text):,} characters in rows read {stream.seq_len} tokens at a time, the state carried on; "
            f"dropout {dropout:g}{arithmetic}"
        )
        return history

    def _score_on(self, valid: str) -> Any:
        """score(model) → nats per character of a text."""
        assert self._codec is not None
        tokens, spelling = self._codec.encode(valid), float(self._codec.spelling(valid).sum())
        return lambda model: (float(costs(model, tokens, self._novelty).sum()) + spelling) / len(valid)

    def _new_model(self, codec: TextCodec, dropout: float = 0.0) -> LanguageNet:
        embedded = min(EMBEDDED, self.hidden_size) if self.level == "char" else self.hidden_size
        return LanguageNet(self.cell, len(codec), self.hidden_size, self.layers, embedded, dropout)

    # --- what it says

    def _token_nats(self, tokens: Tensor) -> Tensor:
        return costs(self._trained(), tokens, self._novelty)

    def _following(self, tokens: list[int]) -> Generator[Tensor, int, None]:
        model = self._trained()
        state: State | None = None
        with torch.no_grad():
            window = torch.tensor([[model.vocabulary, *tokens]])
        while True:
            with torch.no_grad():
                outputs, state = model.read(model.embed(window), state)
                logits = model.logits(outputs[0, -1])
            window = torch.tensor([[(yield logits)]])

    def saliency(self, text: str, target: str | None = None) -> Tensor:
        """How much the guess of what follows a text depends on each of its tokens: ∣∂logit / ∂x_t∣.

        x_t is the embedding of token t, the logit that of the most probable next token, the length Euclidean.

        Args:
            text: of one character at least. Of a very long one the last 2,000 tokens are looked at; the others get 0.
            target: whose logit, a text of which the first token is taken; default: that of the most probable.

        Returns:
            (N,), one for each of `pieces(text)`; for "char" one for each character.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        model, codec = self._trained(), self._trained_codec()
        tokens = codec.encode(checked_text(text))
        window = torch.cat([torch.tensor([model.vocabulary]), tokens])[-LOOKED_AT:]
        with torch.enable_grad():
            embedded = model.embed(window[None]).detach().requires_grad_()
            logits = model.logits(model.read(embedded)[0][0, -1])
            index = int(logits.argmax()) if target is None else int(codec.encode(checked_text(target, "target"))[0])
            (gradient,) = torch.autograd.grad(logits[index], embedded)
        found = torch.zeros(len(tokens))
        lengths = gradient[0].norm(dim=-1)[-len(tokens) :]
        found[len(tokens) - len(lengths) :] = lengths
        return found

    @torch.no_grad()
    def states(self, text: str) -> Tensor:
        """The state of the last layer after each token of a text: of an LSTM h.

        Args:
            text: of one character at least; it is read from its beginning.

        Returns:
            (N, H), one row for each of `pieces(text)`.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        model = self._trained()
        tokens = self._trained_codec().encode(checked_text(text))
        start = torch.tensor([model.vocabulary])
        outputs, _ = model.read(model.embed(torch.cat([start, tokens])[None]))
        return outputs[0, 1:]

    # --- keeping

    def _learned(self) -> dict[str, Any]:
        return super()._learned() | {"novelty": self._novelty}

    def _restore(self, checkpoint: Checkpoint) -> None:
        codec = self._restore_codec(checkpoint)
        self._novelty = checkpoint.positive("novelty")
        if self._novelty >= 1:
            raise checkpoint.fault(f"'novelty' must be below 1; it is {self._novelty:g}")
        self.model = checkpoint.network(lambda: self._new_model(codec))


def trained_language_model(level: str = "char") -> LanguageModel:
    """A language model that travels with the course: an LSTM that read 850,000 characters of `english_text()`.

    Args:
        level: "char", "word" or "subword".

    Raises:
        CourseError: no such model.
    """
    check_name("trained language model", level, TRAINED)
    return LanguageModel.load(resource(f"checkpoints/language_{level}.safetensors"))
