"""Plain text whose paragraphs go on over lines: each is one text, and is wrapped as it was."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit
from mtkit.formats.text_file import Change, TextFile
from mtkit.formats.wrapping import Shape, joined

_LINE = re.compile(
    r"(?P<before>\f*[ \t]*(?:>[ \t]*)*)(?P<item>(?:[-*+•·–]|\(?\d{1,3}[.)]|\(?[a-z][.)])["
    r" \t]+)?(?P<text>[^\n]*)\n?"
)
# What at the beginning of a line would begin a paragraph.
_BEGINS = re.compile(r"(?:[-*+•·–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\Z|>")
_LETTER = re.compile(r"[^\W\d_]")
_LINE_END = re.compile(r"\r?\n|\Z")


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

    @property
    def stop(self) -> int:
        """Where its text ends in the file."""
        return self.start + len(self.text)

    @property
    def quoted(self) -> int:
        """How deeply its text is quoted."""
        return self.before.count(">")


@dataclass(frozen=True)
class _Paragraph:
    """A text of a file, where it is, and how it is wrapped."""

    start: int
    stop: int
    text: str
    shape: Shape

    def written(self, text: str) -> str:
        """A translation in lines of about the same length."""
        return self.shape.joined(self.shape.cut(text, _BEGINS))


class TextDocument(Document):
    """An opened file.

    A paragraph ends before a blank line, or one without a letter or digit; before an item of a list; where
    text is quoted more or less deeply; where a page ends (a form feed); and where a line is indented
    otherwise than the one before, but for the second of a paragraph.
    """

    keyed = False
    codes: ClassVar[tuple[str, ...]] = ("url", "email")

    def __init__(self, path: Path):
        self.file = TextFile.read(path)
        self.kept = 0
        if "\0" in self.file.text:
            line = self.file.line(self.file.text.index("\0"))
            raise InputError(
                f"{path}:{line}: no text: it has a character NUL; if it is UTF-16, convert it, as with iconv"
                " -t UTF-8"
            )
        self.units: list[Unit] = []
        self._paragraphs: list[_Paragraph] = []
        for lines in _paragraphs(self.file.text):
            paragraph = self._paragraph(lines)
            if _LETTER.search(paragraph.text):
                self._paragraphs.append(paragraph)
                self.units.append(Unit(paragraph.text, f"{path}:{lines[0].number}"))
        if not self.units:
            raise InputError(f"{path} holds nothing to translate")

    def _paragraph(self, lines: Sequence[_Line]) -> _Paragraph:
        end = _LINE_END.search(self.file.text, lines[0].start)[0] or "\n"
        texts = [line.text for line in lines]
        shape = Shape.of([line.before for line in lines], texts, end)
        return _Paragraph(lines[0].start, lines[-1].stop, joined(texts), shape)

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        # What is the same stays as it stands, however it was wrapped.
        return self.file.replaced(
            Change(paragraph.start, paragraph.stop, paragraph.written(text))
            for paragraph, text in zip(self._paragraphs, translations, strict=True)
            if text not in (None, paragraph.text)
        )


def _lines(text: str) -> Iterator[_Line]:
    place = number = 0
    while place < len(text):
        line = _LINE.match(text, place)
        number += 1
        before = line["before"] + (line["item"] or "")
        yield _Line(before, line["item"] is not None, line.start("text"), line["text"].rstrip(), number)
        place = line.end()


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """The lines of each paragraph; those without a letter or digit are in none."""
    lines: list[_Line] = []
    for line in _lines(text):
        is_between = not re.search(r"\w", line.text)
        if lines and (is_between or _begins_another(lines, line)):
            yield lines
            lines = []
        if not is_between:
            lines.append(line)
    if lines:
        yield lines


def _begins_another(lines: Sequence[_Line], line: _Line) -> bool:
    """Whether a line begins a paragraph, behind some of one."""
    if line.is_item or "\f" in line.before or line.quoted != lines[-1].quoted:
        return True
    return len(lines) > 1 and line.before != lines[-1].before
