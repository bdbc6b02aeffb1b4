"""Lines in buckets, to see where a score comes from: by length, by the rarest word of the source, by what a
line holds.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mtkit.errors import InputError, SettingsError
from mtkit.scoring.counts import NAMES, Counts
from mtkit.scoring.words import Frequencies, span_of, words_of
from mtkit.text.tokenizer import Tokenizer

# The first of each bucket.
LENGTHS = (0, 6, 11, 16, 21, 31, 41, 51)
FREQUENCIES = (0, 1, 2, 5, 10, 100, 1000)
NUMBER = re.compile(r"\d")


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
        return len(self.lines)

    def scores(self, counts: dict[str, Counts], keys: Sequence[str] = tuple(NAMES)) -> dict[str, float]:
        return {key: counts[key].score(self.lines) for key in keys}


@dataclass(frozen=True)
class Known:
    """What lines can be told apart by.

    Attributes:
        text: the sources, or the first references where there are none.
        has_sources: whether `text` are the sources.
        documents: the document that each line is of, if that is known.
        frequencies: makes the counts of the words in the training text; asked for when needed.
        tokenizer: likewise the tokenizer of the sources; both None without a checkpoint directory.
    """

    text: Sequence[str]
    has_sources: bool
    documents: Sequence[str] | None = None
    frequencies: Callable[[], Frequencies] | None = None
    tokenizer: Callable[[], Tokenizer] | None = None


def buckets(by: str, known: Known) -> list[Bucket]:
    """The buckets that hold lines, in order.

    Raises:
        SettingsError: what lines are to be told apart by is not known.
    """
    if by == "document":
        if known.documents is None:
            raise SettingsError(
                "--by document needs the name of each line's document: give --documents FILE, a name a line"
            )
        return _named(by, known.documents, dict.fromkeys(known.documents))
    if by == "length":
        names = spans(LENGTHS)
        return _placed(by, names, LENGTHS, [len(words_of(line)) for line in known.text])
    if not known.has_sources:
        raise SettingsError(f"--by {by} is about the sources: give --source FILE")
    if by == "number":
        holds = [NUMBER.search(line) is not None for line in known.text]
        return _named(by, ["with" if one else "without" for one in holds], ("with", "without"))
    if not known.frequencies or not known.tokenizer:
        raise SettingsError(
            f"--by {by} compares the sources with the training text: name the checkpoint directory with -C"
        )
    if by == "frequency":
        counts = known.frequencies()
        rarest = [
            min((counts[word] for word in words_of(line)), default=FREQUENCIES[-1]) for line in known.text
        ]
        return _placed(by, spans(FREQUENCIES), FREQUENCIES, rarest)
    tokenizer = known.tokenizer()
    strange = tokenizer.fallback_tokens()
    found = [bool(strange[np.asarray(ids, np.int64)].any()) for ids in tokenizer.encode(list(known.text))]
    return _named(by, ["with" if one else "without" for one in found], ("with", "without"))


def spans(firsts: Sequence[int]) -> list[str]:
    """'0', '1', '2-4', ..., '1000+' of the first number of each span."""
    names = [
        str(first) if first == after - 1 else f"{first}-{after - 1}" for first, after in pairwise(firsts)
    ]
    return [*names, f"{firsts[-1]}+"]


def _placed(by: str, names: Sequence[str], firsts: Sequence[int], values: Sequence[int]) -> list[Bucket]:
    where = span_of(firsts, values)
    found = [Bucket(by, name, np.flatnonzero(where == place)) for place, name in enumerate(names)]
    return [one for one in found if one.size]


def _named(by: str, values: Sequence[str], names: Iterable[str]) -> list[Bucket]:
    places: dict[str, list[int]] = {name: [] for name in names}
    for place, name in enumerate(values):
        places[name].append(place)
    return [Bucket(by, name, np.array(own)) for name, own in places.items() if own]


def check_documents(documents: Sequence[str], lines: int, name: str) -> None:
    """Raises InputError where there is not a document for each line."""
    if len(documents) != lines:
        raise InputError(
            f"{name} names the documents of {len(documents)} lines, and there are {lines}; each line needs"
            " its own"
        )
