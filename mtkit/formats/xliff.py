"""XLIFF 1.0 to 1.2 and 2.x (OASIS), and SDLXLIFF, which is 1.2 with segments: their finished translations,
streamed, and files to fill.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit, origin
from mtkit.formats.format import FillOptions, Format, PairOptions
from mtkit.formats.inline_text import InlineText, is_filled, plain_text, remarks, words
from mtkit.formats.languages import serves
from mtkit.formats.tag_pairs import UnitTags
from mtkit.formats.text_file import Change
from mtkit.formats.xliff_segments import SegmentedUnit, Written, number_of, segments_of, states_of
from mtkit.formats.xliff_states import (
    FINAL,
    MARKS_1,
    MARKS_2,
    is_machine_made,
    is_no_translation,
    is_unfinished,
)
from mtkit.formats.xml_file import Element, XmlFile, with_attributes
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line

# A trans-unit is what has a source and a target in XLIFF 1; in XLIFF 2 it is a segment, of which a unit has
# several.
UNITS = ("trans-unit", "unit")
NAMES = (*UNITS, *["xliff", "file", "segment", "source", "target", "seg-source", "alt-trans", "mrk", "seg"])
# The name space of SDLXLIFF.
STUDIO = "http://sdl.com/FileTypes/SdlXliff"


class Sides(NamedTuple):
    """Languages, each of which may be nothing."""

    source: str
    target: str

    @classmethod
    def of(cls, file: Mapping[str, str], top: Mapping[str, str]) -> "Sides":
        """Those that the attributes of an element file name, or else those of xliff."""
        source, target = file.get("source-language", ""), file.get("target-language", "")
        return cls(source or top.get("srcLang", ""), target or top.get("trgLang", ""))

    def serve(self, languages: tuple[str, str]) -> bool:
        """Whether what is in these languages may be what is asked for."""
        return all(map(serves, languages, self))

    def __str__(self) -> str:
        return " to ".join(self)


class Reader:
    """The units of a file that are in two languages, and not locked.

    Attributes:
        top: the element xliff.
        files: the languages of each element file; of those that are in others.
    """

    def __init__(self, path: Path, languages: tuple[str, str]):
        self.file = XmlFile(path, NAMES, UNITS)
        self.languages = languages
        self.top: Element | None = None
        self.files: list[Sides] = []
        self._is_served = True

    def stream(self) -> Iterator[Element]:
        """Them, one after the other."""
        return self._served(self.file.stream())

    def load(self) -> list[Element]:
        """All of them; the file stays at hand."""
        return list(self._served(self.file.load()))

    @property
    def others(self) -> list[Sides]:
        """The languages of each element file that is in others."""
        return [sides for sides in self.files if not sides.serve(self.languages)]

    def _served(self, elements: Iterator[Element]) -> Iterator[Element]:
        for element in elements:
            name = element.local
            if name == "xliff" and self.top is None:
                self.top = element
            elif name == "file" and self.top is not None:
                self.files.append(Sides.of(element.attributes, self.top.attributes))
                self._is_served = self.files[-1].serve(self.languages)
            elif name in UNITS and self.top is not None and self._is_served and not element.locked:
                yield element
        if self.top is None:
            raise InputError(f"{self.file.path} is no XLIFF: it has no element xliff")


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
        reader = Reader(self.path, self.options.languages)
        is_empty = True
        for unit in reader.stream():
            for source, target in _finished(unit):
                tags = UnitTags() if self.options.keep_codes else None
                texts = [one_line(plain_text(reader.file, side, tags)) for side in (source, target)]
                if all(texts):
                    is_empty = False
                    yield SentencePair(*texts, str(self.path), source.line)
        if is_empty:
            held = ", ".join(dict.fromkeys(str(sides) for sides in reader.files if any(sides)))
            wanted = f"from {' to '.join(self.options.languages)}"
            raise InputError(
                f"{self.path} has no finished translation {wanted}; its languages: {held or 'not named'}"
            )


def _finished(unit: Element) -> Iterator[tuple[Element, Element]]:
    """The finished translations of a unit, each with its source."""
    if unit.local == "trans-unit":
        yield from _finished_of_version_1(unit)
        return
    for segment in unit.children("segment"):
        source, target = segment.child("source"), segment.child("target")
        if (
            source
            and target
            and not (is_unfinished(segment.attributes) or is_machine_made(segment.attributes))
        ):
            yield source, target


def _finished_of_version_1(unit: Element) -> Iterator[tuple[Element, Element]]:
    """That of a trans-unit; where both sides are cut into segments, that of each which has a translation."""
    source, target = unit.child("source"), unit.child("target")
    if source is None or target is None:
        return
    attributes = {**unit.attributes, **target.attributes}
    is_unseen = attributes.get("approved") == "no" and not attributes.get("state")
    if is_unfinished(attributes) or is_unseen or is_machine_made(attributes):
        return
    states = {number: state.attributes for number, state in states_of(unit).items()}
    sources = _by_number(segments_of(unit.child("seg-source")))
    targets = _by_number(segments_of(target))
    if not (sources and targets):
        if not any(map(is_no_translation, states.values())):
            yield source, target
        return
    for number, segments in sources.items():
        into = targets.get(number, [])
        # Which of two segments with the same number is meant nobody can say.
        if len(segments) == len(into) == 1 and not is_no_translation(states.get(number, {})):
            yield segments[0], into[0]


def _by_number(segments: Sequence[Element]) -> dict[str, list[Element]]:
    numbered: dict[str, list[Element]] = {}
    for segment in segments:
        numbered.setdefault(number_of(segment), []).append(segment)
    return numbered


class _OpenSegment(NamedTuple):
    """What is to be filled.

    Attributes:
        whole: a trans-unit of XLIFF 1, or a segment of XLIFF 2.
        text: what its source says.
        line: of the source.
        segment: of a trans-unit that is cut into segments this one.
        cut: all segments of that trans-unit.
        why: it cannot be filled; or nothing.
    """

    whole: Element
    text: InlineText
    line: int
    segment: Element | None = None
    cut: SegmentedUnit | None = None
    why: str = ""


class XliffDocument(Document):
    """An opened file. In the text of a unit tags stand for inline codes."""

    def __init__(self, path: Path, options: FillOptions):
        self._reader = Reader(path, options.languages)
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
        self.units = tuple(Unit(segment.text.text, f"{path}:{segment.line}") for segment in self._open)

    def _add(self, unit: Element, *, is_studio: bool) -> None:
        """What is open in a unit."""
        if self.is_version_2:
            for segment in unit.children("segment"):
                if not segment.locked:
                    self._add_whole(segment)
            return
        cut = SegmentedUnit.of(unit, self.file, studio=is_studio)
        if cut:
            self._add_segments(cut)
        elif is_studio:
            self._add_whole(
                unit, "it is not cut into segments (seg-source) yet: open the file in Studio, and save it"
            )
        else:
            self._add_whole(unit)

    def _add_whole(self, whole: Element, why: str = "") -> None:
        source = whole.child("source")
        if source is None or not words(self.file.inner(source)):
            return
        if not self._is_open(whole):
            self.kept += 1
            return
        text = InlineText.of(self.file, source, preserved=source.preserved)
        self._open.append(_OpenSegment(whole, text, whole.line, why=why))

    def _add_segments(self, cut: SegmentedUnit) -> None:
        for segment in cut.segments:
            if not words(self.file.inner(segment)):
                continue
            if not cut.is_open(segment, self.file, fuzzy=self.options.fuzzy):
                self.kept += 1
                continue
            text = InlineText.of(self.file, segment, preserved=segment.preserved)
            why = cut.fault(segment, self.file)
            self._open.append(_OpenSegment(cut.unit, text, segment.line, segment, cut, why))

    def _is_open(self, whole: Element) -> bool:
        """Whether a segment is to be translated."""
        target = whole.child("target")
        if whole.attributes.get("approved") == "yes":
            return False
        if target is None:
            return True
        attributes = {**whole.attributes, **target.attributes}
        if not is_filled(self.file.inner(target)):
            return attributes.get("state", "") not in FINAL
        return self.options.fuzzy and (is_unfinished(attributes) or is_machine_made(attributes))

    def fault(self, number: int, text: str) -> str:
        """Why a translation of a unit cannot be written, or nothing: its codes must be those of the source,
        and nest.
        """
        return self._open[number].why or self._open[number].text.fault(text)

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
            written = Written(segment.text.written(text), origin(number, remembered))
            if segment.cut:
                _, texts = cuts.setdefault(segment.whole.start, (segment.cut, {}))
                texts[number_of(segment.segment)] = written
            else:
                changes += self._changes(segment.whole, written)
        for cut, texts in cuts.values():
            changes += cut.changes(texts, self.file)
        language, top = self.options.languages[1], self._reader.top
        if changes and self.is_version_2 and language and "trgLang" not in top.attributes:
            # XLIFF 2 with a target and without its language is not valid.
            tag = with_attributes(self.file.tag(top), {"trgLang": language})
            changes.append(Change(top.start, top.content, tag))
        return self.file.replaced(changes)

    def _changes(self, whole: Element, written: Written) -> Iterator[Change]:
        """What to write for a segment that is not cut."""
        file, inner, marks = self.file, written.inner, {}
        source, target = whole.child("source"), whole.child("target")
        if self.is_version_2:
            tag = with_attributes(file.tag(whole), MARKS_2[written.origin])
            yield Change(whole.start, whole.content, tag)
        else:
            marks = MARKS_1[written.origin]
        if target:
            tag = with_attributes(file.tag(target), marks)
            inner = f"{remarks(file.inner(target), inner)}{inner}"
            yield Change(target.start, target.after, f"{tag}{inner}</{target.name}>")
            return
        name = f"{source.prefix}target"
        tag = with_attributes(f"<{name}>", marks)
        before = whole.child("seg-source") or source
        yield Change(before.after, before.after, f"{file.layout(before)}{tag}{inner}</{name}>")


XLIFF = Format(read_pairs=XliffPairs, open_document=XliffDocument, has_states=True)
