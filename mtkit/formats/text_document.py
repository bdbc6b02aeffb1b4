"""Plain text whose paragraphs go on over lines: each is one text, and is wrapped as it was."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Unit, changed
from mtkit.formats.encodings import decoded, encoded
from mtkit.formats.wrapping import Shape, joined
from mtkit.text.lines import read_whole

_LINE = re.compile(
    r"(?P<before>\f*[ \t]*(?:>[ \t]*)*)(?P<item>(?:[-*+•·–]|\(?\d{1,3}[.)]|\(?[a-z][.)])["
    r" \t]+)?(?P<text>[^\n]*)\n?"
)
# What at the beginning of a line would begin a paragraph.
_BEGINS = re.compile(r"(?:[-*+•·–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\Z|>")


@dataclass(frozen=True)
class _Line:
    """A line.

    Attributes:
        before: indentation, marks of quoted text, and the mark of an item.
        is_item: whether there is such a mark.
        start: where the text behind that is in the file.
        text: that, without the space behind it.
        number: of the line, from 1.
    """

    before: str
    is_item: bool
    start: int
    text: str
    number: int


@dataclass(frozen=True)
class TextDocument:
    """An opened file (see `document.Document`).

    A paragraph ends before a blank line, or one without a letter or digit; before an item of a list; where
    text is quoted more or less deeply; where a page ends (a form feed); and where a line is indented
    otherwise than the one before, but for the second of a paragraph.
    """

    keyed: ClassVar[bool] = False
    codes: ClassVar[tuple[str, ...]] = ("url", "email")
    units: tuple[Unit, ...]
    kept: int
    text: str
    encoding: str
    mark: bytes
    spans: tuple[tuple[int, int], ...]
    shapes: tuple[Shape, ...]

    @classmethod
    def open(cls, path: Path) -> "TextDocument":
        text, encoding, mark = decoded(read_whole(path), path)
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise InputError(
                f"{path}:{line}: no text: it has a character NUL; if it is UTF-16, convert it, as with iconv"
                " -t UTF-8"
            )
        units, spans, shapes = [], [], []
        for lines in _paragraphs(text):
            whole = joined([line.text for line in lines])
            if not re.search(r"[^\W\d_]", whole):
                continue
            units.append(Unit(whole, f"{path}:{lines[0].number}"))
            spans.append((lines[0].start, lines[-1].start + len(lines[-1].text)))
            end = re.compile(r"\r?\n|\Z").search(text, lines[0].start)[0] or "\n"
            shapes.append(Shape.of([line.before for line in lines], [line.text for line in lines], end))
        if not units:
            raise InputError(f"{path} holds nothing to translate")
        return cls(tuple(units), 0, text, encoding, mark, tuple(spans), tuple(shapes))

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing."""
        return ""  # plain text can hold any text

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """What whoever fills the file should know: nothing."""
        return []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        # What is the same stays as it stands, however it was wrapped.
        changes = (
            (start, stop, shape.joined(shape.cut(text, _BEGINS)))
            for unit, (start, stop), shape, text in zip(
                self.units, self.spans, self.shapes, translations, strict=True
            )
            if text is not None and text != unit.text
        )
        return encoded(changed(self.text, changes), self.encoding, self.mark)


def _lines(text: str) -> Iterator[_Line]:
    place = 0
    number = 0
    while place < len(text):
        found = _LINE.match(text, place)
        number += 1
        own = found["text"].rstrip()
        before = found["before"] + (found["item"] or "")
        yield _Line(before, found["item"] is not None, found.start("text"), own, number)
        place = found.end()


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """The lines of each paragraph; those without a letter or digit are in none."""
    lines: list[_Line] = []
    for line in _lines(text):
        if not re.search(r"\w", line.text):
            if lines:
                yield lines
            lines = []
            continue
        if lines and _is_new(lines, line):
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _is_new(lines: Sequence[_Line], line: _Line) -> bool:
    """Whether a line begins a paragraph, behind some of one."""
    if line.is_item or "\f" in line.before or line.before.count(">") != lines[-1].before.count(">"):
        return True
    return len(lines) > 1 and line.before != lines[-1].before
