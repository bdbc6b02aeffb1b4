"""A translation memory to translate with: what a person translated already is better than what a model makes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mtkit.errors import MtkitError
from mtkit.formats.opening import open_corpus
from mtkit.text.lines import one_line


class Match(NamedTuple):
    """A text of the memory that is like another.

    Attributes:
        likeness: from 0 to 1: 1 less the edits for each letter of both.
    """

    likeness: float
    source: str
    target: str


@dataclass(frozen=True)
class Memory:
    """Translations by their source, white space aside; of several the one that came last, as it is most likely the newest."""

    pairs: dict[str, str]

    @classmethod
    def read(cls, files: Iterable[str], source_language: str, target_language: str) -> "Memory":
        """From files of any kind that `open_corpus` takes.

        Raises:
            InputError: one that cannot be read, or has nothing in these languages.
        """
        pairs = {}
        for name in files:
            for pair in open_corpus(name, source_language, target_language):
                if pair.source.strip() and pair.target.strip():
                    pairs[one_line(pair.source)] = pair.target.strip()
        return cls(pairs)

    def exact(self, text: str) -> str | None:
        """The translation of a text, or None."""
        return self.pairs.get(one_line(text))

    def like(self, text: str, least: float) -> Match | None:
        """The text of the memory that is most like this one, if it is at least so like.

        Raises:
            MtkitError: the package that compares is not installed.
        """
        try:
            from rapidfuzz import process
            from rapidfuzz.distance import Indel
        except ModuleNotFoundError:
            raise MtkitError("texts like those of a memory need the package rapidfuzz: pip install 'mtkit[memory]'") from None
        line = one_line(text)
        # Of n and m letters at most 2 min(n, m) / (n + m) are alike.
        edges = len(line) * least / (2 - least) - 1e-9, len(line) * (2 - least) / least + 1e-9
        first, last = bisect_left(self._sources, edges[0], key=len), bisect_right(self._sources, edges[1], key=len)
        found = process.extractOne(line, self._sources[first:last], scorer=Indel.normalized_similarity, score_cutoff=least)
        return Match(found[1], found[0], self.pairs[found[0]]) if found else None

    @cached_property
    def _sources(self) -> list[str]:
        """The texts, the shortest first."""
        return sorted(self.pairs, key=len)
