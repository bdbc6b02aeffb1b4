"""What comes of a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mtkit.search.hypothesis import Hypothesis
from mtkit.translating.alignment import word_alignment
from mtkit.translating.glossary import TermUse


class TokenChoice(NamedTuple):
    """How the model came to choose a token of a translation.

    Attributes:
        probability: of the token.
        runners_up: the likeliest other tokens, as (piece, probability).
        attention: float32 [S], or None for a model without.
    """

    probability: float
    runners_up: tuple[tuple[str, float], ...]
    attention: np.ndarray | None


@dataclass(frozen=True)
class Candidate:
    """One translation of a line.

    Attributes:
        tokens: its pieces.
        hypothesis: what the search found.
        choices: of each token and the end; empty unless `keep` asked for them.

    Example:
        >>> translator.translate("A dog runs.").best.score  # doctest: +SKIP
        -0.31
    """

    text: str
    tokens: tuple[str, ...]
    hypothesis: Hypothesis
    choices: tuple[TokenChoice, ...] = ()

    @property
    def score(self) -> float:
        """What it was ranked by: its log-probability over the length penalty, plus the coverage penalty."""
        return self.hypothesis.score

    @property
    def log_probability(self) -> float:
        """Of the whole, in nats."""
        return self.hypothesis.log_probability

    @property
    def token_log_probabilities(self) -> tuple[float, ...]:
        """Of each token and the end, in nats."""
        return self.hypothesis.token_log_probabilities

    @property
    def attention(self) -> np.ndarray | None:
        """float32 [T, S], a row for each token and the end; None unless `keep` asked for it."""
        return self.hypothesis.attention


@dataclass(frozen=True)
class Translation:
    """A line and its translations.

    Attributes:
        source: the line.
        candidates: its translations, best first; in the order of drawing where they were drawn. A blank line
            has none.
        source_tokens: the pieces of the line.
        terms: of the glossary that the line holds, and how they fared.
        changed: protected text that the best translation has not as often as the line.
        cut_within: whether a sentence was too long, and was translated in parts.
        is_short: whether the best translation, or that of a part, is much shorter than is usual.

    Example:
        >>> translator.translate("A dog runs.").text  # doctest: +SKIP
        'Un chien court.'
    """

    source: str
    candidates: tuple[Candidate, ...] = ()
    source_tokens: tuple[str, ...] = ()
    terms: tuple[TermUse, ...] = ()
    changed: tuple[str, ...] = ()
    cut_within: bool = False
    is_short: bool = False

    @property
    def best(self) -> Candidate | None:
        """The best candidate; None for a blank line."""
        return self.candidates[0] if self.candidates else None

    @property
    def text(self) -> str:
        """The best translation; empty for a blank line."""
        return self.best.text if self.best else ""

    @property
    def score(self) -> float:
        """What the best translation was ranked by; 0 for a blank line."""
        return self.best.score if self.best else 0.0

    @property
    def alignment(self) -> Sequence[tuple[int, int]]:
        """Pairs (source word, target word), from 0, of the best translation; none unless asked for."""
        if not self.best or self.best.attention is None:
            return []
        return word_alignment(self.source_tokens, self.best.tokens, self.best.attention)
