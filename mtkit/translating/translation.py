"""What comes of a line."""

from dataclasses import dataclass

from mtkit.search.hypothesis import Hypothesis
from mtkit.translating.glossary import TermUse


@dataclass(frozen=True)
class Candidate:
    """One translation of a line.

    Attributes:
        tokens: its pieces.
    """

    text: str
    tokens: tuple[str, ...]
    hypothesis: Hypothesis


@dataclass(frozen=True)
class Translation:
    """A line and its translations, best first; in the order of drawing where they were drawn. A blank line
    has none.

    Attributes:
        source_tokens: the pieces of the line.
        terms: of the glossary that the line holds, and how they fared.
        changed: protected text that the best translation has not as often as the line.
    """

    source: str
    candidates: tuple[Candidate, ...] = ()
    source_tokens: tuple[str, ...] = ()
    terms: tuple[TermUse, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    @property
    def text(self) -> str:
        """The best translation; empty for a blank line."""
        return self.best.text if self.best else ""

    @property
    def score(self) -> float:
        """What the best translation was ranked by; 0 for a blank line."""
        return self.best.hypothesis.score if self.best else 0.0
