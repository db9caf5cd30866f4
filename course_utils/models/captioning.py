"""A captioner that learns from pictures with captions: a CNN that looks and a recurrent network that speaks.

    captioner = Captioner("lstm", attention="multiplicative")
    captioner.fit(images, captions, valid=(more_images, more_captions), seconds=60)
    captioner.caption(new_images)

Sources: Vinyals, Toshev, Bengio & Erhan 2015, doi 10.1109/CVPR.2015.7298935; Xu et al. 2015, arXiv 1502.03044;
attention by multiplication: Luong, Pham & Manning 2015, arXiv 1508.04025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_positive, check_whole
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.checkpoints import keep, kept, misfit
from course_utils.nn.captioning_model import ATTENTIONS, CELLS, SIDE, Backbone, CaptionModel, captions_of
from course_utils.nn.sequences import END, PAD, START, UNKNOWN
from course_utils.runtime import gives_memory_back
from course_utils.training import History, Share, fit

Captions: TypeAlias = Sequence[str] | Sequence[Sequence[str]]

SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")
SMALLEST, LARGEST = 8, 4096  # pixels of a side
MOST_WORDS = 8_000
LONGEST_CAPTION = 60  # words; longer ones are left out of a training
AT_ONCE = 128  # pictures described together
FORMAT = "course captioner 1"
TRAINED = ("scenes", "scenes_without", "scenes_once", "combinations", "combinations_dropout", "emoji")


class Batch(NamedTuple):
    """Pictures (B, 3, h, w) in [0, 1], and their captions (B, U), `END` after the last word, then `PAD`."""

    images: Tensor
    targets: Tensor


class Captioner:
    """Describes pictures in words that it has learnt.

    Args:
        cell: "lstm", "gru" or "rnn".
        hidden_size: H, of the decoder.
        attention: "multiplicative" or "additive", over 6 × 6 places; None: one vector for the whole picture.
        once: without attention: that vector is the decoder's first state, and not seen again. Default: it is seen
            at every step.
        seed: of the first weights and of the order of the pictures.

    Attributes:
        left_out: after `fit`: how many captions were empty or longer than 60 words, and left out.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 128,
        attention: str | None = "multiplicative",
        once: bool = False,
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, CELLS)
        check_name("kind of attention", attention, ATTENTIONS)
        if once and attention is not None:
            raise CourseError("once=True is a way to see a picture without attention: give attention=None with it.")
        self.cell, self.attention, self.once = cell, attention, bool(once)
        self.hidden_size = check_whole("hidden_size", hidden_size, 1)
        self.seed = check_whole("seed", seed, 0)
        self.words: list[str] = []
        self.left_out = {"empty": 0, "too long": 0}
        self.model: CaptionModel | None = None
        self._longest = LONGEST_CAPTION
        self._side: int | None = SIDE

    def __repr__(self) -> str:
        how = self.attention or ("picture seen once" if self.once else "picture seen at every step")
        return f"Captioner(cell={self.cell!r}, hidden_size={self.hidden_size}, {how}, {len(self.words):,} words)"

    @property
    def parameters_count(self) -> int:
        """Numbers that are learnt; a frozen backbone's are not."""
        return sum(weight.numel() for weight in self._trained().parameters() if weight.requires_grad)

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
            seconds: the most seconds for training and validation. Default: 60 where neither steps nor epochs are given.
            steps: the most steps of the optimiser.
            epochs: the most passes through the captions.
            patience: stop after so many validations in a row without a better score.
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
        began = perf_counter()
        for name, share in (("word_dropout", word_dropout), ("feature_dropout", feature_dropout)):
            if not 0 <= share < 1:
                raise CourseError(f"{name} is a share from 0 to below 1; it is {share!r}.")
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        check_positive("lr", lr)
        if seconds is not None:
            check_positive("seconds", seconds)
        self._side = SIDE if backbone is None else None
        pictures = _pictures(images, self._side)
        texts = _texts(captions, len(pictures))
        self._learn_words(texts)
        pairs = self._usable(texts)
        held_out = self._held_out(valid)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            model = self.model = self._new_model((word_dropout, feature_dropout), backbone, pictures)
            batches = Batches(pictures, pairs, check_whole("batch_size", batch_size, 1), self.seed)
            left = None if seconds is None else max(0.97 * seconds - (perf_counter() - began), 1e-3)
            optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=lr, fused=True)
            course = Share(steps, epochs and epochs * len(batches), left)
            history = fit(
                model,
                batches,
                loss,
                steps=steps,
                epochs=epochs,
                seconds=left,
                valid=(lambda _: word_error(model, held_out)) if held_out else None,
                patience=patience,
                optimizer=optimizer,
                lr_schedule=torch.optim.lr_scheduler.LambdaLR(optimizer, course.rate),
                clip_norm=1.0,
                progress=progress,
            )
        model.eval()
        return history

    def _learn_words(self, texts: list[list[str]]) -> None:
        counts = Counter(word for some in texts for text in some for word in text.split())
        if not counts:
            raise CourseError(
                "There is nothing to learn from: no caption has a word. Give captions such as 'a red cat'."
            )
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = ranked[:MOST_WORDS]

    def _usable(self, texts: list[list[str]]) -> list[tuple[int, list[int]]]:
        """(place of the picture, tokens) of every caption that can be learnt from."""
        pairs = [(place, self._tokens(text)) for place, some in enumerate(texts) for text in some]
        whole = [pair for pair in pairs if pair[1]]
        short = [pair for pair in whole if len(pair[1]) <= LONGEST_CAPTION]
        self.left_out = {"empty": len(pairs) - len(whole), "too long": len(whole) - len(short)}
        if not short:
            raise CourseError(f"All captions are empty or longer than {LONGEST_CAPTION} words. Shorten them.")
        self._longest = max(len(tokens) for _, tokens in short) + 5
        return short

    def _tokens(self, text: str) -> list[int]:
        numbers = self._numbers
        return [numbers.get(word, UNKNOWN) for word in text.split()]

    @property
    def _numbers(self) -> dict[str, int]:
        if getattr(self, "_known", None) is not self.words:
            self._known = self.words
            self._places = {word: place for place, word in enumerate(self.words, start=len(SPECIAL))}
        return self._places

    def _held_out(self, valid: Any) -> Batches | None:
        if valid is None:
            return None
        if not isinstance(valid, tuple | list) or len(valid) != 2:
            raise CourseError("`valid` must be a pair: (images, captions).")
        pictures = _pictures(valid[0], self._side)
        texts = _texts(valid[1], len(pictures))
        pairs = [(place, self._tokens(text)) for place, some in enumerate(texts) for text in some]
        pairs = [pair for pair in pairs if 0 < len(pair[1]) <= LONGEST_CAPTION]
        if not pairs:
            raise CourseError("There is nothing to validate with: no caption of `valid` has a word.")
        return Batches(pictures, pairs, 256, 0)

    def _new_model(
        self,
        dropped: tuple[float, float] = (0.0, 0.0),
        backbone: nn.Module | None = None,
        pictures: Tensor | None = None,
    ) -> CaptionModel:
        encoder = None if backbone is None else Backbone(backbone, self.hidden_size)
        model = CaptionModel(
            self.cell, len(self.words) + 4, self.hidden_size, self.attention, self.once, *dropped, encoder
        )
        if encoder is not None and pictures is not None:
            try:
                encoder(_unit(pictures[:1]))  # tells the lazy layer how many channels there are
            except (RuntimeError, TypeError, ValueError) as error:
                raise CourseError(
                    f"The backbone must take (B, 3, H, W) and give (B, C, h, w); with these pictures: {error}"
                ) from None
        return model

    def _trained(self) -> CaptionModel:
        if self.model is None:
            raise CourseError("This captioner has not learnt anything yet. Call .fit(images, captions) first.")
        return self.model

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
                not learnt.
        """
        model = self._trained()
        check_whole("beam", beam, 1, 50)
        if isinstance(images, list | tuple) and not images:
            return []
        pictures = _pictures(images, self._side, least=0)
        said: list[list[int]] = []
        for some in pictures.split(max(AT_ONCE // beam, 1)):
            if len(some):
                said += captions_of(model, _unit(some), min(beam, len(self.words)), self._longest)
        return [" ".join(self.words[token - len(SPECIAL)] for token in tokens) for tokens in said]

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
        picture = _unit(_pictures(image[None], self._side))
        (tokens,) = captions_of(model, picture, 1, self._longest)
        words = [self.words[token - len(SPECIAL)] for token in tokens]
        places, summary = model.see(picture)
        read = torch.tensor([[START, *tokens]])
        _, weights, _ = model.say(read, places, summary, model.begin(summary))
        assert weights is not None
        side = round(weights.shape[-1] ** 0.5)
        return words, weights[0, : len(words)].reshape(len(words), side, side)

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def save(self, path: str | Path, *, half: bool = False, note: str = "") -> Path:
        """Write the captioner to a file of safetensors; its metadata hold the words as JSON.

        Args:
            path: of the file; its folder must exist.
            half: store the weights in 16 bits, half as large; captions may change in rare cases.
            note: a sentence for people, kept among the metadata.

        Raises:
            CourseError: it has not learnt yet, it has a backbone, or the file cannot be written.
        """
        model = self._trained()
        if self._side is None:
            raise CourseError(
                "A captioner with a backbone is not written: keep the backbone, and train the rest again."
            )
        about = {
            "cell": self.cell,
            "hidden_size": self.hidden_size,
            "attention": self.attention,
            "once": self.once,
            "seed": self.seed,
            "longest": self._longest,
            "words": self.words,
        }
        return keep(path, model.state_dict(), about, format=FORMAT, half=half, note=note)

    @classmethod
    def load(cls, path: str | Path) -> Captioner:
        """Read a captioner that `save` wrote. Nothing is unpickled.

        Raises:
            CourseError: there is no such file, or it is none of these.
        """
        about, weights = kept(path, cls.__name__, format=FORMAT)
        try:
            captioner = cls(*(about[name] for name in ("cell", "hidden_size", "attention", "once", "seed")))
            captioner.words, captioner._longest = list(about["words"]), int(about["longest"])
            with torch.random.fork_rng(devices=[]):
                model = captioner._new_model()
            model.load_state_dict(weights)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise misfit(path, error) from None
        captioner.model = model.eval()
        return captioner


def trained_captioner(name: str) -> Captioner:
    """A captioner that travels with the course, so that a lesson can look at it at once.

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
# What the training leans on


class Batches:
    """An epoch's batches, anew each time, in random order.

    Args:
        pictures: (N, 3, h, w) bytes.
        pairs: (place of the picture, tokens) of each caption.
        size: captions in a batch.
        seed: of the order.
    """

    def __init__(self, pictures: Tensor, pairs: list[tuple[int, list[int]]], size: int, seed: int) -> None:
        self.pictures, self.size = pictures, size
        self.places = torch.tensor([place for place, _ in pairs])
        rows = [torch.tensor([*tokens, END]) for _, tokens in pairs]
        self.targets = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)
        self.lengths = torch.tensor([len(row) for row in rows])
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return -(-len(self.places) // self.size)

    def __iter__(self) -> Iterator[Batch]:
        for some in torch.randperm(len(self.places), generator=self.generator).split(self.size):
            targets = self.targets[some, : int(self.lengths[some].max())]
            yield Batch(_unit(self.pictures[self.places[some]]), targets)


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy over the real words."""
    logits = model(batch.images, batch.targets)
    return nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD)


@torch.no_grad()
def word_error(model: CaptionModel, batches: Batches) -> float:
    """The share of words that are not the most probable ones under teacher forcing, 0 … 1."""
    wrong = real = 0
    for batch in batches:
        mask = batch.targets != PAD
        wrong += int(((model(batch.images, batch.targets).argmax(dim=-1) != batch.targets) & mask).sum())
        real += int(mask.sum())
    return wrong / real


# ---------------------------------------------------------------------------------------------------------------------
# Reading what is given


def _pictures(images: Any, side: int | None, least: int = 1) -> Tensor:
    """Pictures of any size as bytes, (N, 3, side, side); side None: as large as they are.

    Raises:
        CourseError: they are no pictures.
    """
    expected = "pictures must be numbers of shape (N, 3, H, W), from 0 to 1 (or uint8 from 0 to 255)"
    try:
        given = _tensor(images)
    except (TypeError, ValueError, RuntimeError) as error:
        raise CourseError(f"{expected}; these cannot be read ({error}). Have they all the same size?") from None
    if given.ndim != 4 or given.shape[1] != 3:
        tip = ""
        if given.ndim == 4 and given.shape[-1] == 3:
            tip = " Colours come second: images.transpose(0, 3, 1, 2) of an array does that."
        elif given.ndim == 4 and given.shape[1] == 1:
            tip = " Grey pictures become coloured ones by repeating the channel three times."
        elif given.ndim == 3:
            tip = " A single picture becomes a batch by images[None]."
        raise CourseError(f"{expected}; their shape is {tuple(given.shape)}.{tip}")
    if len(given) < least:
        raise CourseError(f"{expected}; there is none.")
    if len(given) and not all(SMALLEST <= size <= LARGEST for size in given.shape[2:]):
        raise CourseError(
            f"The sides of a picture must have {SMALLEST} to {LARGEST} pixels, not {tuple(given.shape[2:])}."
        )
    if given.is_complex() or given.dtype not in (
        torch.uint8,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
    ):
        raise CourseError(f"{expected}; they are {given.dtype}.")
    parts = [_scaled(given[first : first + 512], side, first) for first in range(0, len(given), 512)]
    return torch.cat(parts) if parts else given.to(torch.uint8)


def _tensor(images: Any) -> Tensor:
    """A tensor of what is given; arrays that torch would warn of are copied."""
    if isinstance(images, Tensor):
        return images.detach().cpu()
    if isinstance(images, list | tuple):
        images = np.stack([np.asarray(image) for image in images]) if images else np.empty(0)
    array = np.asarray(images)
    plain = array.flags.writeable and array.flags.c_contiguous
    return torch.as_tensor(array if plain else array.copy(order="C"))


def _scaled(images: Tensor, side: int | None, first: int) -> Tensor:
    if images.dtype != torch.uint8:
        if not bool(torch.isfinite(images).all()):
            broken = first + int((~torch.isfinite(images)).flatten(1).any(dim=1).nonzero()[0])
            raise CourseError(f"Picture {broken} is damaged: it has values that are no finite numbers. Leave it out.")
        low, high = float(images.min()), float(images.max())
        if low < -1e-3 or high > 1.001:
            raise CourseError(
                f"Pictures of floats go from 0 to 1; these from {low:.3g} to {high:.3g}. Divide by 255, or give uint8."
            )
        images = (images.float().clamp(0, 1) * 255).round().to(torch.uint8)
    if side is None or images.shape[2:] == (side, side):
        return images
    larger = max(images.shape[2:]) > side
    resized = nn.functional.interpolate(
        images.float(), size=(side, side), mode="bilinear", align_corners=False, antialias=larger
    )
    return resized.clamp(0, 255).round().to(torch.uint8)


def _unit(pictures: Tensor) -> Tensor:
    """Bytes → numbers from 0 to 1."""
    return pictures.float() / 255


def _texts(captions: Any, count: int) -> list[list[str]]:
    """N lists of captions.

    Raises:
        CourseError: they are no captions, or not as many as pictures.
    """
    expected = "`captions` must be a list with a string for each picture, or with a list of strings for each"
    if hasattr(captions, "tolist"):  # an array, or a column of a table
        captions = captions.tolist()
    if isinstance(captions, str | bytes | dict) or not isinstance(captions, Sequence):
        raise CourseError(f"{expected}; it is a {type(captions).__name__}.")
    if len(captions) != count:
        raise CourseError(f"There are {count} pictures and {len(captions)} captions. Give one for each picture.")
    texts = []
    for place, given in enumerate(captions):
        some = [given] if isinstance(given, str) else given
        if (
            isinstance(some, bytes | dict)
            or not isinstance(some, Sequence)
            or not all(isinstance(t, str) for t in some)
        ):
            raise CourseError(f"{expected}; number {place} is {given!r:.60}.")
        texts.append(list(some))
    return texts
