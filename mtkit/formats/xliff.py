"""XLIFF 1.0 to 1.2 and 2.x (OASIS), and SDLXLIFF, which is 1.2 with segments: their finished translations,
streamed, and files to fill.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit, origin
from mtkit.formats.format import FillOptions, Format, PairOptions
from mtkit.formats.inline_text import InlineText, is_filled, plain_text, remarks, words
from mtkit.formats.tag_pairs import UnitTags
from mtkit.formats.text_file import Change
from mtkit.formats.xliff_segments import SegmentedUnit, Written, number_of
from mtkit.formats.xliff_states import FINAL, MARKS_1, MARKS_2, is_machine_made, is_unfinished
from mtkit.formats.xliff_units import XliffReader, finished
from mtkit.formats.xml_file import Element, XmlFile, with_attributes
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line

# The name space of SDLXLIFF.
STUDIO = "http://sdl.com/FileTypes/SdlXliff"


@dataclass(frozen=True)
class XliffPairs:
    """The finished translations of a file: no empty ones, none that a state calls unfinished, none that is
    not to be translated.
    """

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order.

        Raises:
            InputError: no XML, no XLIFF, or of other languages; names the file.
        """
        reader = XliffReader(self.path, self.options.languages)
        is_empty = True
        for unit in reader.stream():
            for source, target in finished(unit):
                tags = UnitTags() if self.options.keep_codes else None
                texts = [self._text(reader.file, side, tags) for side in (source, target)]
                if all(text.strip() for text in texts):
                    is_empty = False
                    yield SentencePair(*texts, str(self.path), source.line)
        if is_empty:
            held = ", ".join(dict.fromkeys(str(sides) for sides in reader.files if any(sides)))
            wanted = f"from {' to '.join(self.options.languages)}"
            raise InputError(
                f"{self.path} has no finished translation {wanted}; its languages: {held or 'not named'}"
            )

    def _text(self, file: XmlFile, side: Element, tags: UnitTags | None) -> str:
        """What a side says; its lines mean something only where the file says so."""
        text = plain_text(file, side, tags)
        return self.options.shaped(text) if side.preserved else one_line(text)


class _OpenSegment(NamedTuple):
    """What is to be filled.

    Attributes:
        unit: a trans-unit of XLIFF 1, or a segment of XLIFF 2.
        inline: what its source says.
        line: of the source.
        segment: of a trans-unit that is cut into segments this one.
        cut: all segments of that trans-unit.
        why: it cannot be filled; or nothing.
    """

    unit: Element
    inline: InlineText
    line: int
    segment: Element | None = None
    cut: SegmentedUnit | None = None
    why: str = ""


class XliffDocument(Document):
    """An opened file. In the text of a unit tags stand for inline codes."""

    def __init__(self, path: Path, options: FillOptions):
        self._reader = XliffReader(path, options.languages)
        self.file, self.options = self._reader.file, options
        units = self._reader.load()
        others = self._reader.others
        if others and len(others) == len(self._reader.files):
            raise InputError(
                f"{path} is from {', '.join(dict.fromkeys(map(str, others)))}, and"
                f" {' to '.join(options.languages)} is asked for"
            )
        self.kept = 0
        self._open: list[_OpenSegment] = []
        top = self._reader.top.attributes
        self.is_version_2 = top.get("version", "1").startswith("2")
        is_studio = path.suffix.lower() == ".sdlxliff" or any(
            value.startswith(STUDIO) for value in top.values()
        )
        for unit in units:
            self._add(unit, is_studio=is_studio)
        self.units = tuple(Unit(segment.inline.text, f"{path}:{segment.line}") for segment in self._open)

    def _add(self, unit: Element, *, is_studio: bool) -> None:
        """What is open in a unit."""
        if self.is_version_2:
            for segment in unit.children("segment"):
                if not segment.locked:
                    self._add_unit(segment)
            return
        cut = SegmentedUnit.of(unit, self.file, studio=is_studio)
        if cut:
            self._add_segments(cut)
        elif is_studio:
            self._add_unit(
                unit, "it is not cut into segments (seg-source) yet: open the file in Studio, and save it"
            )
        else:
            self._add_unit(unit)

    def _add_unit(self, unit: Element, why: str = "") -> None:
        source = unit.child("source")
        if source is None or not words(self.file.inner(source)):
            return
        if not self._is_open(unit):
            self.kept += 1
            return
        inline = InlineText.of(self.file, source, preserved=source.preserved)
        self._open.append(_OpenSegment(unit, inline, unit.line, why=why))

    def _add_segments(self, cut: SegmentedUnit) -> None:
        for segment in cut.segments:
            if not words(self.file.inner(segment)):
                continue
            if not cut.is_open(segment, self.file, fuzzy=self.options.fuzzy):
                self.kept += 1
                continue
            inline = InlineText.of(self.file, segment, preserved=segment.preserved)
            why = cut.fault(segment, self.file)
            self._open.append(_OpenSegment(cut.unit, inline, segment.line, segment, cut, why))

    def _is_open(self, unit: Element) -> bool:
        """Whether a segment is to be translated."""
        target = unit.child("target")
        if unit.attributes.get("approved") == "yes":
            return False
        if target is None:
            return True
        attributes = {**unit.attributes, **target.attributes}
        if not is_filled(self.file.inner(target)):
            return attributes.get("state", "") not in FINAL
        return self.options.fuzzy and (is_unfinished(attributes) or is_machine_made(attributes))

    def fault(self, number: int, text: str) -> str:
        """Its codes must be those of the source, and nest."""
        return self._open[number].why or self._open[number].inline.fault(text)

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """That parts of the file are in other languages."""
        others = self._reader.others
        named = ", ".join(dict.fromkeys(map(str, others)))
        return [f"what is in other languages stays: {named} ({len(others):,} <file>)"] if others else []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes: list[Change] = []
        cuts: dict[int, tuple[SegmentedUnit, dict[str, Written]]] = {}
        for number, (segment, text) in enumerate(zip(self._open, translations, strict=True)):
            if text is None:
                continue
            written = Written(segment.inline.written(text), origin(number, remembered))
            if segment.cut:
                _, texts = cuts.setdefault(segment.unit.start, (segment.cut, {}))
                texts[number_of(segment.segment)] = written
            else:
                changes += self._changes(segment.unit, written)
        for cut, texts in cuts.values():
            changes += cut.changes(texts, self.file)
        language, top = self.options.languages[1], self._reader.top
        if changes and self.is_version_2 and language and "trgLang" not in top.attributes:
            # XLIFF 2 with a target and without its language is not valid.
            tag = with_attributes(self.file.tag(top), {"trgLang": language})
            changes.append(Change(top.start, top.content, tag))
        return self.file.replaced(changes)

    def _changes(self, unit: Element, written: Written) -> Iterator[Change]:
        """What to write for a segment that is not cut."""
        file, inner, marks = self.file, written.inner, {}
        source, target = unit.child("source"), unit.child("target")
        if self.is_version_2:
            tag = with_attributes(file.tag(unit), MARKS_2[written.origin])
            yield Change(unit.start, unit.content, tag)
        else:
            marks = MARKS_1[written.origin]
        if target:
            tag = with_attributes(file.tag(target), marks)
            inner = f"{remarks(file.inner(target), inner)}{inner}"
            yield Change(target.start, target.after, f"{tag}{inner}</{target.name}>")
            return
        name = f"{source.prefix}target"
        tag = with_attributes(f"<{name}>", marks)
        before = unit.child("seg-source") or source
        yield Change(before.after, before.after, f"{file.layout(before)}{tag}{inner}</{name}>")


XLIFF = Format(read_pairs=XliffPairs, open_document=XliffDocument, has_states=True)
