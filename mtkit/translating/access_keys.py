"""Access keys of labels: a mark before one of the letters.

GTK writes _, Windows and Qt write &, LibreOffice writes ~.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from operator import itemgetter

from mtkit.translating.protect import Protection

_MARK = re.compile("[_&~]")
_TOKEN = re.compile(r"\S+")
# Before a word; an entity of XML, as &arch-name;, is none.
_BEFORE = re.compile(r"(?!&[\w.-]+;)(?<![\w&~])[_&~](?=[^\W\d_])")
_WITHIN = re.compile(r"(?<![\w&~])([^\W\d_]++)([_~]|&(?![\w.-]++;))([^\W\d_]++)")


def key_places(text: str, held: Sequence[tuple[int, int]], marks: Set[str]) -> list[int]:
    """Where the mark of an access key may be: before a word, or within one.

    Within R&D, drag&drop or snake_case there is none.

    Args:
        held: where none is: (start, end) of placeholders and the like, in order.
        marks: those that the file has before words; within a word in small letters another is text.
    """
    places = [match.start() for match in _BEFORE.finditer(text)]
    places += [match.start(2) for match in _WITHIN.finditer(text) if _divides(*match.groups(), marks)]
    # A mark that stands twice in a word is part of a name.
    words = [word.span() for word in _TOKEN.finditer(text) if len(_MARK.findall(word[0])) == 1]
    return [place for place in sorted(places) if within(place, words) and not within(place, held)]


def _divides(before: str, mark: str, behind: str, marks: Set[str]) -> bool:
    """Whether a mark between letters is that of an access key."""
    if not behind[0].islower() or not (before[-1].islower() or len(before) == 1):
        return False
    if mark == "_" and len(before) > 1:
        return False
    if mark == "&" and (len(before) == len(behind) == 1 or min(len(before), len(behind)) > 2):
        return False  # "b&b" and "drag&drop"
    return before[0].isupper() or mark in marks


def marks_before_words(texts: Iterable[str], protection: Protection) -> frozenset[str]:
    """The marks that stand before words of some texts."""
    marks = set()
    for text in filter(_BEFORE.search, texts):
        places = key_places(text, protection.find(text), frozenset())
        marks |= {text[place] for place in places if _BEFORE.match(text, place)}
    return frozenset(marks)


def within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a place is in one of some spans, which are in order and apart."""
    number = bisect_right(spans, place, key=itemgetter(0))
    return number > 0 and place < spans[number - 1][1]


def with_key(text: str, key: str, held: Sequence[tuple[int, int]] = ()) -> str:
    """A label with an access key.

    It is at the same letter where a word begins with it, or anywhere; else at the first letter; in brackets
    behind a label that no key types, as is usual for such scripts.

    Args:
        key: the mark, and the letter.
        held: where the key may not be: (start, end) of placeholders and the like.
    """
    mark, letter = key
    for pattern in rf"(?i)\b{re.escape(letter)}", rf"(?i){re.escape(letter)}", r"[A-Za-zÀ-ɏͰ-ӿ]":
        for match in re.finditer(pattern, text):
            place = match.start()
            if not within(place, held):
                return text[:place] + mark + text[place:]
    return f"{text}({mark}{letter.upper()})"
