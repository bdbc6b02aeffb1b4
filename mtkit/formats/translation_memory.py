"""A translation memory to translate with: what a person translated already is better than what a model
makes.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mtkit.errors import MtkitError
from mtkit.formats.opening import open_corpus
from mtkit.text.lines import one_line

# A tag for an inline code: of a document that is translated (see `tags`), or of a corpus (see `codes`).
_TAG = re.compile(r"<(?P<closes>/?)[mc]?(?P<number>\d+)(?P<alone>/?)>")
_SPACES = re.compile(r"[^\S\n]+")
_BETWEEN_WORDS = re.compile(r"(?<=\w)<\d+/>(?=\w)")


class Match(NamedTuple):
    """A text of the memory that is like another.

    Attributes:
        likeness: from 0 to 1: 1 less the edits for each letter of both.
    """

    likeness: float
    source: str
    target: str


@dataclass(frozen=True)
class TranslationMemory:
    """Translations by their source, white space aside; of several the one that came last, as it is most
    likely the newest.

    Attributes:
        pairs: with tags for inline codes, numbered as they come in the source (see `numbered`). A pair with
            tags is there without them too, unless another is.
    """

    pairs: dict[str, str]

    @classmethod
    def read(cls, files: Iterable[str], source_language: str, target_language: str) -> "TranslationMemory":
        """From files of any kind that `open_corpus` takes.

        Raises:
            InputError: one that cannot be read, or has nothing in these languages.
        """
        pairs, bare = {}, {}
        for name in files:
            for pair in open_corpus(name, source_language, target_language, keep_codes=True, keep_lines=True):
                if not (pair.source.strip() and pair.target.strip()):
                    continue
                source, own = numbered(one_line(pair.source))
                target = _renamed(pair.target.strip(), {tag: new for new, tag in own.items()})
                if _tags(source) == _tags(target):
                    pairs[source] = target
                if own:
                    bare[one_line(_without(source))] = _without(target)
        return cls({**bare, **pairs})

    def exact(self, text: str) -> str | None:
        """The translation of a text with its tags, or None; in lines where it has as many as the text, else
        in one.
        """
        line, own = numbered(one_line(text))
        found = self.pairs.get(line)
        if found is None:
            return None
        as_many = found.count("\n") == text.strip().count("\n")
        return _renamed(found if as_many else one_line(found), own)

    def like(self, text: str, least: float) -> Match | None:
        """The text of the memory that is most like this one, if it is at least so like.

        Raises:
            MtkitError: the package that compares is not installed.
        """
        try:
            from rapidfuzz import process
            from rapidfuzz.distance import Indel
        except ModuleNotFoundError:
            raise MtkitError(
                "texts like those of a memory need the package rapidfuzz: pip install 'mtkit[memory]'"
            ) from None
        line, _ = numbered(one_line(text))
        # Of n and m letters at most 2 min(n, m) / (n + m) are alike.
        edges = len(line) * least / (2 - least) - 1e-9, len(line) * (2 - least) / least + 1e-9
        first, last = (
            bisect_left(self._sources, edges[0], key=len),
            bisect_right(self._sources, edges[1], key=len),
        )
        found = process.extractOne(
            line, self._sources[first:last], scorer=Indel.normalized_similarity, score_cutoff=least
        )
        return Match(found[1], found[0], self.pairs[found[0]]) if found else None

    @cached_property
    def _sources(self) -> list[str]:
        """The texts, the shortest first."""
        return sorted(self.pairs, key=len)


def numbered(text: str) -> tuple[str, dict[str, str]]:
    """A text whose tags for inline codes are numbered as they come, without a letter; and what each of them
    was before.

    'a <m3>b</m3> <c1/>' becomes 'a <1>b</1> <2/>'.
    """
    numbers: dict[str, int] = {}
    before: dict[str, str] = {}

    def renumbered(tag: re.Match) -> str:
        number = numbers.setdefault(tag["number"], len(numbers) + 1)
        new = f"<{tag['closes']}{number}{tag['alone']}>"
        before[new] = tag[0]
        return new

    return _TAG.sub(renumbered, text), before


def _renamed(text: str, names: dict[str, str]) -> str:
    return _TAG.sub(lambda tag: names.get(tag[0], tag[0]), text)


def _tags(text: str) -> Counter:
    return Counter(tag[0] for tag in _TAG.finditer(text))


def _without(text: str) -> str:
    """A text without its tags; words on both sides of a code are not one."""
    return _SPACES.sub(" ", _TAG.sub("", _BETWEEN_WORDS.sub(" ", text))).strip()
