"""A translation memory to translate with: what a person translated is better than what a model makes."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mtkit.errors import MtkitError
from mtkit.formats.opening import open_corpus
from mtkit.formats.tags import TAG
from mtkit.text.lines import one_line

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
        pairs: with tags for inline codes, numbered as they come in the source. A pair with tags is there
            without them too, unless another is.
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
                source = one_line(pair.source)
                names = _numbered_names(source)
                source, target = _renamed(source, names), _renamed(pair.target.strip(), names)
                if _tags(source) == _tags(target):
                    pairs[source] = target
                if names:
                    bare[one_line(_without_tags(source))] = _without_tags(target)
        return cls({**bare, **pairs})

    def exact(self, text: str) -> str | None:
        """The translation of a text with its tags, or None; in lines where it has as many as the text, else
        in one.
        """
        line = one_line(text)
        names = _numbered_names(line)
        translation = self.pairs.get(_renamed(line, names))
        if translation is None:
            return None
        has_as_many = translation.count("\n") == text.strip().count("\n")
        return _renamed(
            translation if has_as_many else one_line(translation), {new: old for old, new in names.items()}
        )

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
        line = one_line(text)
        line = _renamed(line, _numbered_names(line))
        # Of n and m letters at most 2 min(n, m) / (n + m) are alike.
        shortest, longest = len(line) * least / (2 - least) - 1e-9, len(line) * (2 - least) / least + 1e-9
        first = bisect_left(self._sources, shortest, key=len)
        last = bisect_right(self._sources, longest, key=len)
        likeliest = process.extractOne(
            line, self._sources[first:last], scorer=Indel.normalized_similarity, score_cutoff=least
        )
        if likeliest is None:
            return None
        source, likeness, _ = likeliest
        return Match(likeness, source, self.pairs[source])

    @cached_property
    def _sources(self) -> list[str]:
        """The texts, the shortest first."""
        return sorted(self.pairs, key=len)


def _numbered_names(text: str) -> dict[str, str]:
    """For each tag of a text what it is called when they are numbered as they come: {"<3>": "<1>", ...}."""
    order = dict.fromkeys(tag["number"] for tag in TAG.finditer(text))
    numbers = {number: place for place, number in enumerate(order, 1)}
    return {tag[0]: f"<{tag['closes']}{numbers[tag['number']]}{tag['alone']}>" for tag in TAG.finditer(text)}


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return TAG.sub(lambda tag: names.get(tag[0], tag[0]), text)


def _tags(text: str) -> Counter:
    return Counter(tag[0] for tag in TAG.finditer(text))


def _without_tags(text: str) -> str:
    """A text without its tags; words on both sides of a code are not one."""
    return _SPACES.sub(" ", TAG.sub("", _BETWEEN_WORDS.sub(" ", text))).strip()
