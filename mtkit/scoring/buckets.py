"""Lines in buckets, to see where a score comes from: by length, by rare words, by what a line holds."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mtkit.errors import InputError, SettingsError
from mtkit.scoring.counts import NAMES, Counts
from mtkit.scoring.training_text import TrainingText
from mtkit.scoring.words import span_of, words_of

# The first of each bucket.
LENGTHS = (0, 6, 11, 16, 21, 31, 41, 51)
FREQUENCIES = (0, 1, 2, 5, 10, 100, 1000)
NUMBER = re.compile(r"\d")
WITH, WITHOUT = "with", "without"


@dataclass(frozen=True)
class Bucket:
    """Some of the lines.

    Attributes:
        by: what the lines are told apart by: "length", "frequency", "unknown", "number" or "document".
        name: which these are: "6-10", "with".
        lines: the places of its lines, int, ascending.
    """

    by: str
    name: str
    lines: np.ndarray

    @property
    def size(self) -> int:
        """How many lines it has."""
        return len(self.lines)

    def scores(self, counts: dict[str, Counts], keys: Sequence[str] = tuple(NAMES)) -> dict[str, float]:
        """The score of its lines by each metric."""
        return {key: counts[key].score(self.lines) for key in keys}


@dataclass(frozen=True)
class LineFacts:
    """What lines can be told apart by.

    Attributes:
        references: one of each line.
        sources: None where they are not known.
        documents: the document that each line is of; likewise.
        training: the text that the system was trained on; likewise.
    """

    references: Sequence[str]
    sources: Sequence[str] | None = None
    documents: Sequence[str] | None = None
    training: TrainingText | None = None


def buckets(by: str, facts: LineFacts) -> list[Bucket]:
    """The buckets that hold lines, in order.

    Args:
        by: one of `WAYS`.

    Raises:
        SettingsError: what lines are to be told apart by is not known.
    """
    return [bucket for bucket in WAYS[by](facts) if bucket.size]


def by_length(facts: LineFacts) -> list[Bucket]:
    """Words of the source, or of the reference where there is none."""
    lines = facts.references if facts.sources is None else facts.sources
    return in_spans("length", LENGTHS, [len(words_of(line)) for line in lines])


def by_frequency(facts: LineFacts) -> list[Bucket]:
    """How often the rarest word of the source is in the training text."""
    sources = _sources("frequency", facts)
    counts = _training("frequency", facts).frequencies("source")
    rarest = [min((counts[word] for word in words_of(line)), default=FREQUENCIES[-1]) for line in sources]
    return in_spans("frequency", FREQUENCIES, rarest)


def by_unknown(facts: LineFacts) -> list[Bucket]:
    """Whether the source has something that the vocabulary lacks."""
    sources = _sources("unknown", facts)
    tokenizer = _training("unknown", facts).tokenizers.source
    strange = tokenizer.fallback_tokens()  # bool [V]
    sentences = tokenizer.encode(list(sources))
    return with_or_without("unknown", [bool(strange[np.asarray(ids, np.int64)].any()) for ids in sentences])


def by_number(facts: LineFacts) -> list[Bucket]:
    """Whether the source has a digit."""
    return with_or_without("number", [bool(NUMBER.search(line)) for line in _sources("number", facts)])


def by_document(facts: LineFacts) -> list[Bucket]:
    """Which document a line is of."""
    if facts.documents is None:
        raise SettingsError(
            "--by document needs the name of each line's document: give --documents FILE, a name a line"
        )
    return in_classes("document", facts.documents, dict.fromkeys(facts.documents))


WAYS: dict[str, Callable[[LineFacts], list[Bucket]]] = {
    "length": by_length,
    "frequency": by_frequency,
    "unknown": by_unknown,
    "number": by_number,
    "document": by_document,
}


def _sources(by: str, facts: LineFacts) -> Sequence[str]:
    if facts.sources is None:
        raise SettingsError(f"--by {by} is about the sources: give --source FILE")
    return facts.sources


def _training(by: str, facts: LineFacts) -> TrainingText:
    if facts.training is None:
        raise SettingsError(
            f"--by {by} compares the sources with the training text: name the checkpoint directory with -C"
        )
    return facts.training


def spans(firsts: Sequence[int]) -> list[str]:
    """'0', '1', '2-4', ..., '1000+' of the first number of each span."""
    names = [
        str(first) if first == after - 1 else f"{first}-{after - 1}" for first, after in pairwise(firsts)
    ]
    return [*names, f"{firsts[-1]}+"]


def in_spans(by: str, firsts: Sequence[int], values: Sequence[int]) -> list[Bucket]:
    """A bucket for each span of values.

    Args:
        firsts: the lowest value of each span, ascending.
        values: of each line.
    """
    places = span_of(firsts, values)
    return [Bucket(by, name, np.flatnonzero(places == place)) for place, name in enumerate(spans(firsts))]


def with_or_without(by: str, has: Sequence[bool]) -> list[Bucket]:
    """A bucket of the lines that have something, and one of the others."""
    return in_classes(by, [WITH if line_has else WITHOUT for line_has in has], (WITH, WITHOUT))


def in_classes(by: str, values: Sequence[str], names: Iterable[str]) -> list[Bucket]:
    """A bucket of the lines of each name.

    Args:
        values: the name of each line.
        names: all there are, in order.
    """
    places: dict[str, list[int]] = {name: [] for name in names}
    for place, name in enumerate(values):
        places[name].append(place)
    return [Bucket(by, name, np.array(lines)) for name, lines in places.items()]


def check_documents(documents: Sequence[str], lines: int, name: str) -> None:
    """Raises InputError where there is not a document for each line."""
    if len(documents) != lines:
        raise InputError(
            f"{name} names the documents of {len(documents)} lines, and there are {lines}; each line needs"
            " its own"
        )
