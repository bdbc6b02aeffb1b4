"""Long lines and paragraphs: split where sentences end."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

ENDS = ".!?…"
# Of scripts that put no space between sentences.
WIDE_ENDS = "。！？"
CLAUSE_ENDS = ",;:–—，；、"
OPENING, CLOSING = "\"'«“‘([¿¡", "\"'»”’)]"
# What a full stop behind does not end.
ABBREVIATIONS = frozenset(
    (
        "Dr",
        "Mr",
        "Mrs",
        "Ms",
        "Prof",
        "St",
        "Nr",
        "No",
        "vs",
        "z.B",
        "d.h",
        "bzw",
        "ca",
        "e.g",
        "i.e",
        "etc",
        "Abb",
        "Fig",
        "Vol",
        "Mme",
        "Mlle",
        "Sr",
        "Sra",
    )
)

# Characters around a mark that are looked at.
NEAR = 40


class Part(NamedTuple):
    """Some text of a line, and the white space before it."""

    before: str
    text: str


def split(line: str, tokens: Callable[[str], int] | None = None, most: int = 0) -> list[Part]:
    """The sentences of a line; what is after the last is a part without text. All parts joined are the line.

    Args:
        tokens: how many tokens a text has.
        most: a longer sentence is split too: near its middle, at the end of a clause if there is one, else at
            a space, until no part is longer.
    """
    cuts = [0, *sentence_ends(line), len(line)]
    if tokens and most:
        cuts = [0, *(cut for start, end in pairwise(cuts) for cut in short(line, start, end, tokens, most))]
    parts, before = [], ""
    for start, end in pairwise(cuts):
        text = line[start:end]
        body = text.strip()
        first = text.index(body) if body else len(text)
        if body:
            parts.append(Part(before + text[:first], body))
            before = text[first + len(body) :]
        else:
            before += text
    return [*parts, Part(before, "")]


def short(line: str, start: int, end: int, tokens: Callable[[str], int], most: int) -> Iterator[int]:
    """Where to cut line[start:end] so that no part has more than `most` tokens; its end is the last."""
    if end - start < 2 or tokens(line[start:end]) <= most:
        yield end
        return
    quarter = (end - start) // 4
    middle = (start + end) // 2
    places = range(start + quarter, end - quarter)
    clauses = [
        place + 1 for place in places if line[place] in CLAUSE_ENDS and line[place + 1 : place + 2].isspace()
    ]
    spaces = [place for place in places if line[place].isspace()]
    inside = [place for place in clauses or spaces if start < place < end]
    cut = min(inside or [middle], key=lambda place: abs(place - middle))
    yield from short(line, start, cut, tokens, most)
    yield from short(line, cut, end, tokens, most)


def sentence_ends(line: str) -> Iterator[int]:
    """Where sentences end but the last: behind the mark and the quotes and brackets that close with it."""
    place = 0
    while place < len(line):
        mark, place = line[place], place + 1
        if mark not in ENDS and mark not in WIDE_ENDS:
            continue
        while place < len(line) and line[place] in ENDS + WIDE_ENDS + CLOSING:
            place += 1
        following = line[place : place + NEAR].lstrip().lstrip(OPENING)[:1]
        behind = line[max(0, place - NEAR) : place]
        new = following and line[place].isspace() and not following.islower() and not abbreviated(behind)
        if new or (following and mark in WIDE_ENDS):
            yield place


def abbreviated(text: str) -> bool:
    """Whether the full stop that a text ends with belongs to its last word: an abbreviation, an initial, a
    number.
    """
    if not text.endswith("."):
        return False
    word = (text[:-1].split() or [""])[-1].lstrip(OPENING)
    return word in ABBREVIATIONS or word.isdigit() or (len(word) == 1 and word.isupper())
