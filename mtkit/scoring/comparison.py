"""What sets systems apart: scores by bucket, words and sequences of words that one has right, habits, and
lines to read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from mtkit.scoring.buckets import FREQUENCIES, Bucket, Known, buckets, spans
from mtkit.scoring.evaluation_text import EvaluationText
from mtkit.scoring.significance import Tick, silent
from mtkit.scoring.systems import System, score_systems
from mtkit.scoring.words import (
    Accuracy,
    Frequencies,
    accuracy_by_frequency,
    accuracy_by_order,
    distinctive,
    is_copy,
    is_repetitive,
    words_of,
)
from mtkit.settings import CompareSettings
from mtkit.text.tokenizer import Tokenizer

# Lines are compared by this metric: BLEU says little of one line.
LINE_METRIC = "chrf"
MOST_DISTINCTIVE = 10


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
        scores: chrF of the line, of the first system and of the other.
        hypotheses: likewise.
    """

    line: int
    source: str | None
    reference: str
    hypotheses: tuple[str, str]
    scores: tuple[float, float]

    @property
    def difference(self) -> float:
        return self.scores[1] - self.scores[0]


@dataclass(frozen=True)
class Pair:
    """The first system beside another.

    Attributes:
        gained: (words, times that the other has them right, times that the first has), the largest difference
            first.
        lost: likewise where the first is right more often.
        wins: lines that the other does better, the most first.
        losses: lines that it does worse.
    """

    other: System
    gained: list[tuple[str, int, int]]
    lost: list[tuple[str, int, int]]
    wins: list[Example]
    losses: list[Example]


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
    pairs: list[Pair]
    about: dict[str, Any]

    @property
    def frequency_names(self) -> list[str]:
        return spans(FREQUENCIES)


@dataclass(frozen=True)
class OfTraining:
    """What a checkpoint directory knows of its training text; each is made when it is asked for.

    Attributes:
        directory: its name.
        tokenizer: of the sources.
        frequencies: of the words of a side, "source" or "target".
    """

    directory: str
    tokenizer: Callable[[], Tokenizer]
    frequencies: Callable[[str], Frequencies]


def compare(
    text: EvaluationText,
    named: Sequence[tuple[str, Sequence[str]]],
    settings: CompareSettings,
    of_training: OfTraining | None = None,
    tick: Tick = silent,
    about: dict[str, Any] | None = None,
) -> Comparison:
    """Compare systems' translations of a text.

    Args:
        named: (name, hypotheses) of each system; the others are compared with the first.
        of_training: of one of them; without it frequencies are those in the references.
    """
    systems = score_systems(named, text.references, settings, tick)
    words = [[words_of(line) for line in system.hypotheses] for system in systems]
    references = [[words_of(line) for line in reference] for reference in text.references]
    of_lines = [np.array(system.counts[LINE_METRIC].sentence_scores()) for system in systems]
    counts = (
        of_training.frequencies("target") if of_training else Frequencies(chain.from_iterable(references[0]))
    )
    return Comparison(
        text=text,
        systems=systems,
        buckets=_buckets(text, of_training),
        orders=[accuracy_by_order(own, references[0]) for own in words],
        frequencies=[accuracy_by_frequency(own, references[0], counts, FREQUENCIES) for own in words],
        counted_in=f"training text of {of_training.directory}" if of_training else "references",
        habits=[_habits(text, system, own, references) for system, own in zip(systems, words, strict=True)],
        pairs=[
            _pair(
                text,
                (systems[0], systems[place]),
                (of_lines[0], of_lines[place]),
                (words[0], words[place]),
                references[0],
                settings.examples,
            )
            for place in range(1, len(systems))
        ],
        about=about or {},
    )


def _buckets(text: EvaluationText, of_training: OfTraining | None) -> list[Bucket]:
    if text.sources is None:
        return buckets("length", Known(text.references[0], False))
    known = Known(text.sources, True)
    ways = ["length", "number"]
    if of_training:
        known = Known(
            text.sources, True, None, lambda: of_training.frequencies("source"), of_training.tokenizer
        )
        ways = ["length", "frequency", "unknown", "number"]
    found = [buckets(by, known) for by in ways]
    return [bucket for own in found if len(own) > 1 for bucket in own]


def _habits(
    text: EvaluationText, system: System, words: list[list[str]], references: list[list[list[str]]]
) -> Habits:
    lines = list(zip(*text.references, strict=True))
    copies = None
    if text.sources is not None:
        copies = sum(map(is_copy, text.sources, system.hypotheses, lines))
    wanted = sum(map(len, references[0]))
    return Habits(
        length_ratio=sum(map(len, words)) / wanted if wanted else 0.0,
        empty=sum(
            not own.strip() and any(map(str.strip, line))
            for own, line in zip(system.hypotheses, lines, strict=True)
        ),
        copies=copies,
        repetitive=sum(map(is_repetitive, words, zip(*references, strict=True))),
    )


def _pair(
    text: EvaluationText,
    systems: tuple[System, System],
    scores: tuple[np.ndarray, np.ndarray],
    words: tuple[list[list[str]], list[list[str]]],
    reference: list[list[str]],
    most: int,
) -> Pair:
    first, other = systems
    apart = scores[1] - scores[0]
    order = np.argsort(apart, kind="stable")

    def example(line: int) -> Example:
        source = None if text.sources is None else text.sources[line]
        hypotheses = (first.hypotheses[line], other.hypotheses[line])
        return Example(
            line + 1,
            source,
            text.references[0][line],
            hypotheses,
            (float(scores[0][line]), float(scores[1][line])),
        )

    gained, lost = distinctive(words[1], words[0], reference, MOST_DISTINCTIVE)
    return Pair(
        other=other,
        gained=gained,
        lost=lost,
        wins=[example(int(line)) for line in order[::-1][:most] if apart[line] > 0],
        losses=[example(int(line)) for line in order[:most] if apart[line] < 0],
    )
