"""Where the sentences of a line end, and where a long one may be cut.

`sentencex` (MIT, Rust, some 300 languages, 4 MB) was measured beside it and is not used: on plain text both
find the same, but in the text of programs it cuts names in two (com.sun.star.awt.tree|.XMutableTreeNode),
cuts before closing tags, and in German finds no sentence that begins with <emph> or $[officename].
`benchmarks/sentences.py` joins lines five at a time and looks for where they met. Precision and recall (lines
of several sentences, as LibreOffice has many, count as wrong):

    text                   here            sentencex 1.0.32
    Tatoeba, English       98.3%, 99.9%    98.4%, 99.1%
    Tatoeba, French        98.8%, 99.9%    98.7%, 100.0%
    Tanaka, Japanese       99.5%, 100.0%   99.5%, 100.0%
    LibreOffice, English   67.2%, 98.5%    63.1%, 98.5%
    LibreOffice, German    66.3%, 98.9%    60.6%, 79.1%
    Wikipedia, Estonian    100.0%, 99.3%   86.0%, 99.4%
    Wikipedia, Nepali      99.9%, 99.9%    96.9%, 99.6%
    Wikipedia, Romanian    99.8%, 95.5%    98.5%, 97.9%
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

ENDS = ".!?…؟۔।॥։።፧။។"
# Of scripts that put no space between sentences.
WIDE_ENDS = "。！？｡"
CLAUSE_ENDS = ",;:–—，；、"
OPENING, CLOSING = "\"'«“‘([¿¡", "\"'»”’)]"
TITLES = frozenset(("Dr", "Mr", "Mrs", "Ms", "Prof", "St", "Mme", "Mlle", "Sr", "Sra"))
SHORT_WORDS = frozenset(
    ("Nr", "No", "vs", "z.B", "d.h", "bzw", "ca", "e.g", "i.e", "etc", "Abb", "Fig", "Vol")
)
# A mark that may end a sentence, and what closes with it.
_MARK = re.compile(f"[{ENDS}{WIDE_ENDS}][{ENDS}{WIDE_ENDS}{re.escape(CLOSING)}]*")
# "am 3. Oktober" goes on; a longer number, as of a year, may be the last word of a sentence.
ORDINAL_DIGITS = 2
# Characters around a mark that are looked at.
NEAR = 40


class Sentence(NamedTuple):
    """Some text of a line, and the white space before it."""

    before: str
    text: str


def split_sentences(
    line: str, count_tokens: Callable[[str], int] | None = None, most_tokens: int = 0
) -> list[Sentence]:
    """The sentences of a line; what is after the last is one without text. All joined are the line.

    Args:
        count_tokens: how many tokens a text has.
        most_tokens: a longer sentence is cut too, until no part is longer: near its middle, at the end of a
            clause if there is one, else at a space.
    """
    cuts = [0, *sentence_ends(line), len(line)]
    if count_tokens and most_tokens:
        cuts = list(_closer_cuts(line, cuts, count_tokens, most_tokens))
    sentences, before = [], ""
    for start, end in pairwise(cuts):
        text = line[start:end]
        stripped = text.strip()
        if not stripped:
            before += text
            continue
        first = text.index(stripped)
        sentences.append(Sentence(before + text[:first], stripped))
        before = text[first + len(stripped) :]
    return [*sentences, Sentence(before, "")]


def _closer_cuts(
    line: str, cuts: list[int], count_tokens: Callable[[str], int], most_tokens: int
) -> Iterator[int]:
    yield 0
    for start, end in pairwise(cuts):
        yield from _short_parts(line, start, end, count_tokens, most_tokens)


def _short_parts(
    line: str, start: int, end: int, count_tokens: Callable[[str], int], most_tokens: int
) -> Iterator[int]:
    """Where to cut line[start:end] so that no part has too many tokens; its end is the last."""
    if end - start < 2 or count_tokens(line[start:end]) <= most_tokens:
        yield end
        return
    cut = _cut_near_middle(line, start, end)
    yield from _short_parts(line, start, cut, count_tokens, most_tokens)
    yield from _short_parts(line, cut, end, count_tokens, most_tokens)


def _cut_near_middle(line: str, start: int, end: int) -> int:
    quarter, middle = (end - start) // 4, (start + end) // 2
    places = range(start + quarter, end - quarter)
    clauses = [place + 1 for place in places if ends_clause(line, place)]
    spaces = [place for place in places if line[place].isspace()]
    inside = [place for place in clauses or spaces if start < place < end]
    return min(inside or [middle], key=lambda place: abs(place - middle))


def ends_clause(line: str, place: int) -> bool:
    """Whether a mark at a place of a line ends a clause: white space follows it."""
    return line[place] in CLAUSE_ENDS and line[place + 1 : place + 2].isspace()


def sentence_ends(line: str) -> Iterator[int]:
    """Where sentences end but the last: behind the mark and the quotes and brackets that close with it."""
    for mark in _MARK.finditer(line):
        end = mark.end()
        following = line[end : end + NEAR].lstrip().lstrip(OPENING)[:1]
        if not following:
            continue
        if mark[0][0] in WIDE_ENDS or (
            line[end].isspace()
            and not following.islower()
            and not is_abbreviation(line[max(0, end - NEAR) : end])
        ):
            yield end


def is_abbreviation(text: str) -> bool:
    """Whether the full stop that ends a text is of its last word: an abbreviation, initial or ordinal."""
    if not text.endswith("."):
        return False
    words = text[:-1].split()
    word = words[-1].lstrip(OPENING) if words else ""
    ordinal = word.isdigit() and len(word) <= ORDINAL_DIGITS
    return word in TITLES or word in SHORT_WORDS or ordinal or (len(word) == 1 and word.isupper())
