"""Where the sentences of a line end, by its marks; what these do not tell, `line_ends.py` does.

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
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

ENDS = ".!?…؟۔।॥։።፧။។"
# Of scripts that put no space between sentences.
WIDE_ENDS = "。！？｡"
OPENING, CLOSING = "\"'«“‘([¿¡", "\"'»”’)]"
TITLES = frozenset(("Dr", "Mr", "Mrs", "Ms", "Prof", "St", "Mme", "Mlle", "Sr", "Sra"))
SHORT_WORDS = frozenset(
    ("Nr", "No", "vs", "z.B", "d.h", "bzw", "ca", "e.g", "i.e", "etc", "Abb", "Fig", "Vol")
)
ABBREVIATIONS = TITLES | SHORT_WORDS
# Without capital letters "no" is a word of its own.
SMALL_ABBREVIATIONS = frozenset(word.lower() for word in ABBREVIATIONS - {"No"})
# A mark that may end a sentence, and what closes with it.
_MARK = re.compile(f"[{ENDS}{WIDE_ENDS}][{ENDS}{WIDE_ENDS}{re.escape(CLOSING)}]*")
_LAST_MARK_ALONE = re.compile(f"\\s[{ENDS}]\\s*\\Z")
# "j", "u.s" and "p.m", without their last full stops.
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
# "am 3. Oktober" goes on; a longer number, as of a year, may be the last word of a sentence.
ORDINAL_DIGITS = 2
# Characters around a mark that are looked at.
NEAR = 40


class Sentence(NamedTuple):
    """Some text of a line, and the white space before it."""

    before: str
    text: str


def sentences_between(line: str, cuts: Iterable[int]) -> list[Sentence]:
    """The sentences of a line; what is after the last is one without text. All joined are the line.

    Args:
        cuts: places in the line, ascending, where it is cut.
    """
    sentences, before = [], ""
    for start, end in pairwise([0, *cuts, len(line)]):
        text = line[start:end]
        stripped = text.strip()
        if not stripped:
            before += text
            continue
        first = text.index(stripped)
        sentences.append(Sentence(before + text[:first], stripped))
        before = text[first + len(stripped) :]
    return [*sentences, Sentence(before, "")]


def sentence_ends(line: str) -> Iterator[int]:
    """Where sentences end but the last: behind the mark and the quotes and brackets that close with it.

    In a line without capital letters what follows tells nothing; there, and in a line whose last mark stands
    by itself, as tokenizers put them, a full stop by itself ends a sentence.
    """
    has_capitals = line != line.lower()
    is_tokenised = _LAST_MARK_ALONE.search(line) is not None
    for mark in _MARK.finditer(line):
        start, end = mark.span()
        following = line[end : end + NEAR].lstrip().lstrip(OPENING)[:1]
        if not following:
            continue
        if mark[0][0] in WIDE_ENDS:
            yield end
            continue
        alone = is_tokenised and stands_alone(line, start, end)
        goes_on = following.islower() and has_capitals and not alone
        before = line[max(0, end - NEAR) : end]
        if line[end].isspace() and not goes_on and not is_abbreviation(before, has_capitals=has_capitals):
            yield end


def stands_alone(line: str, start: int, end: int) -> bool:
    """Whether line[start:end] is a full stop with spaces around it, as tokenizers put it."""
    return line[start:end] == "." and line[start - 1 : start].isspace()


def is_abbreviation(text: str, *, has_capitals: bool = True) -> bool:
    """Whether the full stop that ends a text is of its last word: an abbreviation, initial or ordinal.

    Args:
        has_capitals: whether the text is written with capital letters.
    """
    if not text.endswith("."):
        return False
    words = text[:-1].split()
    word = words[-1].lstrip(OPENING) if words else ""
    ordinal = word.isdigit() and len(word) <= ORDINAL_DIGITS
    if has_capitals:
        return word in ABBREVIATIONS or ordinal or (len(word) == 1 and word.isupper())
    return word in SMALL_ABBREVIATIONS or ordinal or _INITIALS.fullmatch(word) is not None
