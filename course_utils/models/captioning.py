"""A captioner that learns from pictures with captions: a CNN that looks and a recurrent network that speaks.

    captioner = Captioner("lstm", attention="multiplicative")
    captioner.fit(images, captions, valid=(more_images, more_captions), seconds=60)
    captioner.caption(new_images)

Sources: Vinyals, Toshev, Bengio & Erhan 2015, doi 10.1109/CVPR.2015.7298935; Xu et al. 2015, arXiv 1502.03044;
attention by multiplication: Luong, Pham & Manning 2015, arXiv 1508.04025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole, describe
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.captioning_training import (
    LONGEST_CAPTION,
    SPECIAL,
    Batches,
    caption_loss,
    tokens_of,
    unit,
    usable_captions,
    word_error,
)
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import checked_captions, two
from course_utils.models.picture_inputs import as_bytes, checked_pictures
from course_utils.nn.captioning_model import ATTENTIONS, SIDE, Backbone, CaptionModel, captions_of
from course_utils.nn.layers import LAYERS
from course_utils.nn.sequences import START
from course_utils.runtime import gives_memory_back, seeded
from course_utils.training import Budget, History, WarmupStableDecay, fit

Captions: TypeAlias = Sequence[str] | Sequence[Sequence[str]]

SMALLEST, LARGEST = 8, 4096  # pixels of a side
WARMUP = 30  # steps over which the learning rate rises
MOST_WORDS = 8_000
PART = 512  # pictures that are read together
AT_ONCE = 128  # pictures described together
TRAINED = ("scenes", "scenes_without", "scenes_once", "combinations", "combinations_dropout", "emoji")


class Captioner(Estimator[CaptionModel]):
    """Describes pictures in words that it has learned.

    Args:
        cell: "lstm", "gru" or "rnn".
        hidden_size: H, of the decoder.
        attention: "multiplicative" or "additive", over 6 × 6 places; None: one vector for the whole picture.
        once: without attention: that vector is the decoder's first state, and not seen again. Default: it is seen
            at every step.
        seed: of the first weights and of the order of the pictures. With `steps` or `epochs` the same seed gives the
            same captioner on the same number of threads; with `seconds` the clock has its say.

    Attributes:
        left_out: after `fit`: how many captions were empty or longer than 60 words, and left out.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "images, captions"

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 128,
        attention: str | None = "multiplicative",
        once: bool = False,
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, LAYERS)
        check_name("kind of attention", attention, ATTENTIONS)
        self.cell, self.attention, self.once = cell, attention, checked("once", once)
        if self.once and attention is not None:
            raise CourseError("once=True is a way to see a picture without attention: give attention=None with it.")
        self.hidden_size, self.seed = checked("hidden_size", hidden_size), checked("seed", seed)
        self.words: list[str] = []
        self.left_out = {"empty": 0, "too long": 0}
        self._longest = LONGEST_CAPTION
        self._side: int | None = SIDE

    def _described(self) -> str:
        how = self.attention or ("picture seen once" if self.once else "picture seen at every step")
        return f"cell={self.cell!r}, hidden_size={self.hidden_size}, {how}, {len(self.words):,} words"

    # -----------------------------------------------------------------------------------------------------------------
    # Learning

    @gives_memory_back
    def fit(
        self,
        images: Any,
        captions: Captions,
        valid: tuple[Any, Captions] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        word_dropout: float = 0.0,
        feature_dropout: float = 0.0,
        lr: float = 2e-3,
        batch_size: int = 64,
        backbone: nn.Module | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from pictures and their captions, from the beginning: an earlier training is forgotten.

        Args:
            images: (N, 3, H, W), numbers from 0 to 1, or uint8 from 0 to 255; tensor or array. Sides from 8 pixels;
                they are scaled to 48 × 48 (with a backbone they stay as they are).
            captions: N strings; or N lists of strings, where a picture has several.
            valid: (images, captions) to validate with; the captioner keeps the weights that did best on them. The score
                is the share of wrong words under teacher forcing.
            seconds: the most seconds of the training and its validation. Default: 60 where neither steps nor epochs
                are given. With `steps` it is a limit for a slow machine: the history says where it cut the training
                short.
            steps: of the optimiser.
            epochs: the most passes through the captions.
            patience: stop after this number of validations in a row without a better score.
            word_dropout: the share of words that the decoder reads as "unknown" in training.
            feature_dropout: the share of the encoder's feature maps that are set to 0 in training (without a backbone).
            lr: the highest learning rate of Adam; it falls to 0.
            batch_size: captions in a batch.
            backbone: a network (B, 3, H, W) → (B, C, h, w) that was trained before, such as torchvision's; frozen.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pictures or captions that cannot be read, not as many of one as of the other, nothing to learn
                from, an argument that cannot be meant.
        """
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        if not isinstance(backbone, nn.Module | None):
            raise CourseError(
                f"backbone must be a network, such as torchvision's, or None; it is {describe(backbone)}."
            )
        side = SIDE if backbone is None else None
        pictures = _pictures(images, side)
        texts = checked_captions(captions, len(pictures))
        words = _vocabulary(texts)
        usable = usable_captions(texts, words)
        held_out = _held_out(valid, words, side)
        with seeded(self.seed):
            model = self._new_model(len(words), (word_dropout, feature_dropout), backbone, pictures)
            batches = Batches(pictures, usable.pairs, batch_size, self.seed)
            optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=lr, fused=True)
            course = WarmupStableDecay(Budget(steps, epochs, seconds, per_epoch=len(batches)), warmup=WARMUP)
            history = fit(
                model,
                batches,
                caption_loss,
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=(lambda _: word_error(model, held_out)) if held_out else None,
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model, self.words, self._side = model.eval(), words, side
        self.left_out, self._longest = usable.left_out, usable.longest
        dropped = {"words read as “unknown”": word_dropout, "feature maps set to 0": feature_dropout}
        shares = [f"{share:g} of the {what}" for what, share in dropped.items() if share]
        history.note(", ".join([f"{len(usable.pairs):,} captions", *shares]))
        return history

    def _new_model(
        self,
        words: int,
        dropped: tuple[float, float] = (0.0, 0.0),
        backbone: nn.Module | None = None,
        pictures: Tensor | None = None,
    ) -> CaptionModel:
        encoder = None if backbone is None else Backbone(backbone, self.hidden_size)
        model = CaptionModel(
            self.cell, words + len(SPECIAL), self.hidden_size, self.attention, self.once, *dropped, encoder
        )
        if encoder is not None and pictures is not None:
            try:
                encoder(unit(pictures[:1]))  # tells the lazy layer how many channels there are
            except (RuntimeError, TypeError, ValueError) as error:
                raise CourseError(
                    f"The backbone must take (B, 3, H, W) and give (B, C, h, w); with these pictures: {error}"
                ) from None
        return model

    # -----------------------------------------------------------------------------------------------------------------
    # Describing

    def caption(self, images: Any, beam: int = 1) -> list[str]:
        """A caption for each picture.

        Args:
            images: (N, 3, H, W), as in `fit`.
            beam: how many beginnings a beam search keeps; 1 is greedy.

        Returns:
            N strings.

        Raises:
            CourseError: pictures that cannot be read, a beam that is no whole number from 1 to 50, a captioner that has
                not learned.
        """
        model = self._trained()
        check_whole("beam", beam, 1, 50)
        if isinstance(images, list | tuple) and not images:
            return []
        pictures = _pictures(images, self._side, least=0)
        answers: list[list[int]] = []
        for part in pictures.split(max(AT_ONCE // beam, 1)):
            if len(part):
                answers += captions_of(model, unit(part), min(beam, len(self.words)), self._longest)
        return [" ".join(self.words[token - len(SPECIAL)] for token in tokens) for tokens in answers]

    @torch.no_grad()
    def attend(self, image: Any) -> tuple[list[str], Tensor]:
        """Where it looks while it says each word of its (greedy) caption.

        Args:
            image: (3, H, W).

        Returns:
            U words, and weights (U, 6, 6), each map with the sum 1.

        Raises:
            CourseError: no picture, or a captioner without attention.
        """
        model = self._trained()
        if self.attention is None:
            raise CourseError("This captioner has no attention to show. Make one with attention='multiplicative'.")
        if getattr(image, "ndim", 0) != 3:
            raise CourseError("`image` must be one picture, of shape (3, H, W).")
        picture = unit(_pictures(image[None], self._side))
        (tokens,) = captions_of(model, picture, 1, self._longest)
        words = [self.words[token - len(SPECIAL)] for token in tokens]
        places, summary = model.encode(picture)
        read = torch.tensor([[START, *tokens]])
        _, weights, _ = model.decode(read, places, summary, model.first_state(summary))
        assert weights is not None
        side = round(weights.shape[-1] ** 0.5)
        return words, weights[0, : len(words)].reshape(len(words), side, side)

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def save(self, path: str | Path, *, half: bool = False, note: str = "") -> Path:
        """Write the captioner to one file of safetensors; its metadata hold the words as JSON.

        Args:
            path: of the file; its folder must exist, and a file that is there is replaced.
            half: store the weights in 16 bits, half as large; captions may change in rare cases.
            note: a sentence for people, kept among the metadata.

        Returns:
            The path.

        Raises:
            CourseError: it has not learned yet, it has a backbone, or the file cannot be written.
        """
        self._trained()
        if self._side is None:
            raise CourseError(
                "A captioner with a backbone is not written: keep the backbone, and train the rest again."
            )
        return super().save(path, half=half, note=note)

    def _learned(self) -> dict[str, Any]:
        return {"longest": self._longest, "words": self.words}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.words = checkpoint.texts("words")
        if not self.words:
            raise checkpoint.fault("it has no words")
        self._longest = checkpoint.whole("longest", 1, LONGEST_CAPTION + 5)
        self.model = checkpoint.network(lambda: self._new_model(len(self.words)))


def trained_captioner(name: str) -> Captioner:
    """A captioner that travels with the course, so that a lesson can look at it immediately.

    Args:
        name: "scenes" (with attention), "scenes_without" (the picture seen at every step), "scenes_once",
            "combinations" (some pairs of colour and shape never seen), "combinations_dropout" (the same with eight
            colours and words dropped) or "emoji".

    Raises:
        CourseError: no such captioner.
    """
    check_name("trained captioner", name, TRAINED)
    return Captioner.load(resource(f"checkpoints/caption_{name}.safetensors"))


# ---------------------------------------------------------------------------------------------------------------------
# Reading what is given


def _vocabulary(texts: list[list[str]]) -> list[str]:
    """The words of the captions that can be learned from, the most common ones first."""
    split = [text.split() for captions in texts for text in captions]
    counts = Counter(word for words in split if len(words) <= LONGEST_CAPTION for word in words)
    if any(split) and not counts:
        raise CourseError(f"All captions are empty or longer than {LONGEST_CAPTION} words. Shorten them.")
    if not counts:
        raise CourseError("There is nothing to learn from: no caption has a word. Give captions such as 'a red cat'.")
    return sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]


def _held_out(valid: Any, words: list[str], side: int | None) -> Batches | None:
    if valid is None:
        return None
    images, captions = two(valid, "images, captions")
    pictures = _pictures(images, side)
    texts = checked_captions(captions, len(pictures))
    pairs = [pair for pair in tokens_of(texts, words) if 0 < len(pair[1]) <= LONGEST_CAPTION]
    if not pairs:
        raise CourseError("There is nothing to validate with: no caption of `valid` has a word.")
    return Batches(pictures, pairs, 256, 0)


def _pictures(images: Any, side: int | None, least: int = 1) -> Tensor:
    """Pictures of any size as bytes, (N, 3, side, side); side None: as large as they are.

    Raises:
        CourseError: they are no pictures.
    """
    checked = checked_pictures(images, colour=True)
    if len(checked) < least:
        raise CourseError("There are no pictures. Give one at least.")
    if len(checked) and not all(SMALLEST <= size <= LARGEST for size in checked.shape[2:]):
        raise CourseError(
            f"The sides of a picture must have {SMALLEST} to {LARGEST} pixels, not {tuple(checked.shape[2:])}."
        )
    parts = [_resized(as_bytes(part), side) for part in checked.split(PART)]
    return torch.cat(parts)


def _resized(pictures: Tensor, side: int | None) -> Tensor:
    """Bytes (N, 3, side, side)."""
    if side is None or pictures.shape[2:] == (side, side) or not len(pictures):
        return pictures
    larger = max(pictures.shape[2:]) > side
    resized = nn.functional.interpolate(
        pictures.float(), size=(side, side), mode="bilinear", align_corners=False, antialias=larger
    )
    return resized.clamp(0, 255).round().to(torch.uint8)
