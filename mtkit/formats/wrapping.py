"""Paragraphs that go on over lines: a translation in lines of about the same length."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mtkit.text.patterns import is_unspaced

# Stands for a space at which no line may end.
HARD_SPACE = "\x00"
# The only spaces at which one may: of several side by side none.
_BREAK = re.compile(r"(?<! ) (?! )")


def between_lines(before: str, behind: str) -> str:
    """What a line end stands for: a space, or nothing between letters of scripts that put none between
    words.
    """
    return "" if is_unspaced(before[-1:]) and is_unspaced(behind[:1]) else " "


def joined(lines: Sequence[str]) -> str:
    """The lines of a paragraph as one text."""
    parts = list(lines[:1])
    for before, line in pairwise(lines):
        parts += [between_lines(before, line), line]
    return "".join(parts)


@dataclass(frozen=True)
class Shape:
    """What a paragraph looks like in its file.

    Attributes:
        first_before, before: what is before the text in its first line, and in the others.
        width: the most characters of a line, with that.
        lines: how many it has.
        end: what ends its lines.
    """

    first_before: str
    before: str
    width: int
    lines: int
    end: str

    @classmethod
    def of(cls, before: Sequence[str], texts: Sequence[str], end: str) -> "Shape":
        """From what is before the text in each line, and the text there."""
        width = max(len(indent) + len(text) for indent, text in zip(before, texts, strict=True))
        return cls(before[0], before[1] if len(before) > 1 else "", width, len(texts), end)

    def cut(self, text: str, stay: re.Pattern | None = None) -> list[str]:
        """A text in lines, without what is before each; one that stood in one line stays in one.

        Args:
            text: its own line ends stay.
            stay: what it finds at the beginning of a word may not be at that of a line.
        """
        lines: list[str] = []
        for part in text.split("\n"):
            line, *words = _BREAK.split(part)
            for word in words:
                before = self.before if lines else self.first_before
                fits = len(before) + len(line) + 1 + len(word) <= self.width
                if self.lines == 1 or fits or (stay and stay.match(word)):
                    line += " " + word
                else:
                    lines.append(line)
                    line = word
            lines.append(line)
        return [line.replace(HARD_SPACE, " ") for line in lines]

    def joined(self, lines: Sequence[str]) -> str:
        """Lines as they stand in the file, from the first text on."""
        return (self.end + self.before).join(lines)
