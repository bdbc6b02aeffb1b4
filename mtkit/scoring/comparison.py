"""What sets systems apart: scores by bucket, words that one has right, habits, and lines to read."""

from dataclasses import dataclass
from typing import Any

from mtkit import __version__
from mtkit.scoring.buckets import FREQUENCIES, Bucket, spans
from mtkit.scoring.evaluation_text import EvaluationText
from mtkit.scoring.report import bucket_dict, compared_dict, scores_dict
from mtkit.scoring.systems import System
from mtkit.scoring.words import Accuracy, Distinctive


@dataclass(frozen=True)
class Habits:
    """What a system does again and again.

    Attributes:
        length_ratio: its words for each word of the first reference.
        empty: lines that it left empty, though the reference is not.
        copies: lines that are their source, and should not be; None where the sources are not known.
        repetitive: lines with a sequence of three words that comes more often than in any reference, and more
            than once.
    """

    length_ratio: float
    empty: int
    copies: int | None
    repetitive: int


@dataclass(frozen=True)
class Example:
    """A line that two systems translate with a different score.

    Attributes:
        line: its number, from 1.
        hypotheses: of the first system and of the other.
        scores: chrF of the line, likewise.
    """

    line: int
    source: str | None
    reference: str
    hypotheses: tuple[str, str]
    scores: tuple[float, float]

    @property
    def difference(self) -> float:
        """How much better the other system is."""
        return self.scores[1] - self.scores[0]


@dataclass(frozen=True)
class SystemPair:
    """The first system beside another.

    Attributes:
        gained: words that the other has right more often, those with the largest difference first.
        lost: words that the first has right more often; the figures of both are those of the other, and of
            the first.
        wins: lines that the other does better, the most first.
        losses: lines that it does worse.
    """

    other: System
    gained: list[Distinctive]
    lost: list[Distinctive]
    wins: list[Example]
    losses: list[Example]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "other": self.other.name,
            "gained": self.gained,
            "lost": self.lost,
            "wins": list(map(vars, self.wins)),
            "losses": list(map(vars, self.losses)),
        }


@dataclass(frozen=True)
class Comparison:
    """Systems on one text. Lists have an element for each system, in order; pairs one for each but the first.

    Attributes:
        buckets: of lines.
        orders: accuracy of sequences of 1, 2, 3 and 4 words.
        frequencies: accuracy of words by how often they are in `counted_in`; the places are those of
            `buckets.FREQUENCIES`.
        counted_in: "training text of DIR" or "references".
        about: where it all is from, for JSON.
    """

    text: EvaluationText
    systems: list[System]
    buckets: list[Bucket]
    orders: list[list[Accuracy]]
    frequencies: list[list[Accuracy]]
    counted_in: str
    habits: list[Habits]
    pairs: list[SystemPair]
    about: dict[str, Any]

    @property
    def first(self) -> System:
        """That which the others are compared with."""
        return self.systems[0]

    @property
    def frequency_names(self) -> list[str]:
        """What the places of `frequencies` are called."""
        return spans(FREQUENCIES)

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            **self.about,
            "mtkit": __version__,
            "text": self.text.name,
            "lines": self.text.lines,
            "references": len(self.text.references),
            "frequencies_in": self.counted_in,
            "systems": [self.system_dict(place) for place in range(len(self.systems))],
            "pairs": [pair.as_dict() for pair in self.pairs],
        }

    def system_dict(self, place: int) -> dict[str, Any]:
        """All of one system for JSON."""
        system = self.systems[place]
        if place:
            scores = compared_dict(system, self.first)
        else:
            scores = {"name": system.name, "scores": scores_dict(system)}
        named = zip(self.frequency_names, self.frequencies[place], strict=True)
        return {
            **scores,
            "by": [bucket_dict(bucket, system) for bucket in self.buckets],
            "ngrams": [accuracy_dict(accuracy) for accuracy in self.orders[place]],
            "words_by_frequency": [{"frequency": name, **accuracy_dict(words)} for name, words in named],
            "habits": vars(self.habits[place]),
        }


def accuracy_dict(accuracy: Accuracy) -> dict[str, Any]:
    """Its counts and what follows of them, for JSON."""
    shares = {"precision": accuracy.precision, "recall": accuracy.recall, "f1": accuracy.f1}
    return {**vars(accuracy), **shares}
