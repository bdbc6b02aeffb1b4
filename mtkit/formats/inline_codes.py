"""Inline codes of XLIFF and TMX, as they stand in the content of an element: where the text is interrupted by
codes of another format, by marks about the text, or by what is none of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from mtkit.formats.xml_file import ATTRIBUTE, WITHIN_TAG

# Elements whose content is no text, but codes of another format, or another text.
_OPAQUE = frozenset(["ph", "bpt", "ept", "it", "ut", "sub", "x", "bx", "ex", "sc", "ec", "sm", "em", "cp"])
# What begins a pair of codes, and what ends it: as "i" or "id" of both say.
_BEGINS, _ENDS = frozenset({"bpt", "bx", "sc", "sm"}), frozenset({"ept", "ex", "ec", "em"})
# Marks about the text, and characters that XML cannot hold: no codes.
_REMARKS = frozenset({"mrk", "sm", "em", "cp"})
# Attributes that name a code on both sides, and those that join the halves of a pair on one: TMX has x and i,
# XLIFF id, and rid or startRef.
_NAMES, _JOINTS = ("x", "id", "i"), ("i", "rid", "startRef", "id")

# Marks (mrk) that hide their text: from who fills a file what is not to be translated, and from who reads one
# what Studio calls deleted.
PROTECTED = re.compile(r"\b(?:mtype=.protected|translate=.no)\b")
DELETED = re.compile(r"\bmtype=.x-sdl-deleted\b")

_PIECE = re.compile(
    rf"(?s:<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>)|<(?P<closes>/?)(?:[\w.-]+:)?(?P<name>[^\s<>/!?\"':]+){WITHIN_TAG}>"
)


class Role(Enum):
    """What a code does. OPENS and CLOSES are the tags of an element around text, BEGINS and ENDS two elements
    around text; NOTHING is a comment, an instruction, or a section of characters.
    """

    OPENS = "opens"
    CLOSES = "closes"
    BEGINS = "begins"
    ENDS = "ends"
    ALONE = "alone"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Code:
    """What interrupts a text.

    Attributes:
        raw: as it stands in the file.
        name: of its element, without a prefix; nothing where it is none.
    """

    raw: str
    role: Role
    name: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether it is about the text, and no code of another format."""
        return not self.name or self.name in _REMARKS

    @property
    def parts_words(self) -> bool:
        """Whether letters on both sides of it are of two words: it is no tag around text, and no remark."""
        return self.role in (Role.ALONE, Role.BEGINS, Role.ENDS) and not self.is_remark

    @property
    def identity(self) -> str:
        """What the same code is called in source and target, or nothing."""
        return self._attribute(_NAMES)

    @property
    def joint(self) -> str:
        """What the one that begins a pair and the one that ends it have in common."""
        return f"{self.name[1:]} {self._attribute(_JOINTS)}"

    def _attribute(self, names: tuple[str, ...]) -> str:
        """The first of some attributes that it has, or nothing."""
        tag = _PIECE.match(self.raw)[0]
        attributes = {attribute[1]: attribute[2][1:-1] for attribute in ATTRIBUTE.finditer(tag)}
        return next((attributes[name] for name in names if attributes.get(name)), "")


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A text and the codes in it.

    Attributes:
        parts: of the text, as they stand in the file: one more than there are codes.
    """

    parts: list[str]
    codes: list[Code]

    @classmethod
    def of(cls, raw: str, hidden: re.Pattern) -> "Interrupted":
        """From the content of an element.

        Args:
            hidden: found in the tag of a mark whose text is none here.
        """
        if "<" not in raw:
            return cls([raw], [])
        parts, codes, done = [], [], 0
        pieces = _PIECE.finditer(raw)
        for piece in pieces:
            code, stop = _code(raw, piece, pieces, hidden)
            parts.append(raw[done : piece.start()])
            codes.append(code)
            done = stop
        return cls([*parts, raw[done:]], codes)


def _code(raw: str, piece: re.Match, following: Iterator[re.Match], hidden: re.Pattern) -> tuple[Code, int]:
    """A code that begins with a piece, and where it ends; the pieces that it has inside are taken out."""
    name = piece["name"] or ""
    if not name:
        return Code(piece[0], Role.NOTHING), piece.end()
    if piece["closes"]:
        return Code(piece[0], Role.CLOSES, name), piece.end()
    stop = piece.end()
    is_opaque = name in _OPAQUE or (name == "mrk" and hidden.search(piece[0]) is not None)
    if not piece[0].endswith("/>"):
        if not is_opaque:
            return Code(piece[0], Role.OPENS, name), stop
        stop = _end(piece, following)
    role = Role.BEGINS if name in _BEGINS else Role.ENDS if name in _ENDS else Role.ALONE
    return Code(raw[piece.start() : stop], role, name), stop


def _end(opening: re.Match, following: Iterator[re.Match]) -> int:
    """Where an element ends."""
    depth, stop = 1, opening.end()
    while depth:
        piece = next(following)
        stop = piece.end()
        if piece["name"] == opening["name"] and not piece[0].endswith("/>"):
            depth += -1 if piece["closes"] else 1
    return stop
