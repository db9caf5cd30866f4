"""What all language models of the course can do: say what a text costs, and write one.

The unit is the same at every level: nats or bits for each character of the raw text. A token that the vocabulary lacks
costs what it takes to say "unknown" and to spell it, so that no model gains by a small vocabulary.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError
from course_utils.metrics.language import bits_per_character
from course_utils.models.arguments import LARGEST_SEED
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.text_codecs import UNKNOWN, TextCodec, text_codec_from
from course_utils.nn.sampling import sampled

M = TypeVar("M", bound=nn.Module)
LONGEST_SAMPLE = 100_000  # characters


class TextModel(Estimator[M]):
    """A model that gives a probability to the next token, whatever came before.

    Attributes:
        level: what a token is: "char", "word" or "subword".
    """

    fit_takes = "text"
    level: str
    _codec: TextCodec | None = None

    @abstractmethod
    def _token_nats(self, tokens: Tensor) -> Tensor:
        """(N,) → (N,) float64: −ln of the probability of each token after those before it."""

    @abstractmethod
    def _following(self, tokens: list[int]) -> Generator[Tensor, int, None]:
        """The logits (V,) after some tokens; send the token that came, and the next ones are given."""

    @abstractmethod
    def saliency(self, text: str) -> Tensor:
        """How much the guess of what follows a text depends on each of its tokens."""

    # --- what a text costs

    def nats(self, text: str) -> float:
        """What each character of a text costs on average, in nats: −ln of the text's probability, over its length.

        Args:
            text: any, of one character at least; it is read from its beginning, with nothing before it.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        return float(self.token_nats(text).sum()) / len(text)

    def bits_per_character(self, text: str) -> float:
        """The same in bits: nats / ln 2.

        Args:
            text: any, of one character at least.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        return bits_per_character([float(self.token_nats(text).sum())], text)

    def token_nats(self, text: str) -> Tensor:
        """What each token of a text costs, in nats, unknown ones with their spelling.

        Args:
            text: any, of one character at least.

        Returns:
            (N,) float64, one for each of `pieces(text)`; for "char" one for each character.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        codec = self._trained_codec()
        text = checked_text(text)
        return self._token_nats(codec.encode(text)) + codec.spelling(text)

    def pieces(self, text: str) -> list[str]:
        """The tokens of a text, as a person reads them.

        Args:
            text: any.

        Raises:
            CourseError: no text, or a model that has not learned.
        """
        return self._trained_codec().pieces(checked_text(text, may_be_empty=True))

    # --- writing

    def sample(
        self,
        prompt: str = "",
        length: int = 200,
        temperature: float = 1.0,
        top_p: float | None = None,
        seed: int = 0,
        *,
        top_k: int | None = None,
    ) -> str:
        """Write on, token by token.

        Args:
            prompt: what stands before; "": the beginning of a text.
            length: how many characters to write.
            temperature: 1: as probable as learned; below, bolder where the model is sure; 0: always the most probable.
            top_p: draw only from the most probable tokens that have this probability together (the nucleus).
            seed: of the draws.
            top_k: draw only from this number of most probable tokens.

        Returns:
            The text that was written, without the prompt; a word that the vocabulary lacks is invented sign by sign.

        Raises:
            CourseError: a prompt that is no text, a number out of its bounds, or a model that has not learned.
        """
        codec = self._trained_codec()
        prompt = checked_text(prompt, "prompt", may_be_empty=True)
        length = check_whole("length", length, 0, LONGEST_SAMPLE, unit="characters")
        temperature = check_number("temperature", temperature, 0)
        generator = torch.Generator().manual_seed(check_whole("seed", seed, 0, LARGEST_SEED))
        following = self._following(codec.encode(prompt).tolist())
        tokens: list[int] = []
        invented: list[str] = []
        written, logits = "", next(following)
        while len(written) < length:
            for _ in range(max((length - len(written)) // 8, 1)):
                if not codec.invents:
                    logits = logits.index_fill(0, torch.tensor([UNKNOWN]), -torch.inf)
                token = int(sampled(logits[None], temperature, top_k=top_k, top_p=top_p, generator=generator))
                invented += [codec.invent(generator)] if token == UNKNOWN else []
                tokens.append(token)
                logits = following.send(token)
            written = codec.decode(tokens, invented)
        return written[:length]

    # --- keeping

    def _trained_codec(self) -> TextCodec:
        self._trained()
        assert self._codec is not None
        return self._codec

    def _learned(self) -> dict[str, Any]:
        return {"codec": self._trained_codec().state()}

    def _restore_codec(self, checkpoint: Checkpoint) -> TextCodec:
        state = checkpoint.field("codec", lambda value: isinstance(value, dict), "an object")
        self._codec = text_codec_from(state, self.level)
        return self._codec


def checked_text(given: Any, name: str = "text", *, may_be_empty: bool = False) -> str:
    """A text, as Python's own string.

    Args:
        given: what was given.
        name: of the argument, for the message.
        may_be_empty: is a text without a character one, too?

    Raises:
        CourseError: it is no string, or empty.
    """
    if not isinstance(given, str):
        hint = " Decode bytes: .decode('utf-8')." if isinstance(given, bytes) else ""
        hint = " Join a list: '\\n'.join(texts)." if isinstance(given, list | tuple) else hint
        raise CourseError(f"{name} must be one string; it is {type(given).__name__}.{hint}")
    if not given and not may_be_empty:
        raise CourseError(f"{name} is empty. Give one character at least.")
    return str(given)
