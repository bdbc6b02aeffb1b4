"""An XLIFF file to fill: what is filled is written in its bytes, and nothing else."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.document import MACHINE, MEMORY, Document, Unit, origin
from mtkit.formats.format import FillOptions, Format
from mtkit.formats.inline import Inline, is_filled, remarks, words
from mtkit.formats.xliff import (
    EXACT_MATCH,
    NEEDS_REVIEW,
    XliffPairs,
    in_languages,
    is_machine_made,
    is_unfinished,
    languages_of,
)
from mtkit.formats.xliff_segments import Segmented, number
from mtkit.formats.xml_parts import Change, Part, XmlParts, with_attributes

# How each version says whose a translation is, and that nobody has looked at it here.
MARKS = {
    "1": {
        MACHINE: {"state": NEEDS_REVIEW, "state-qualifier": "leveraged-mt"},
        MEMORY: {"state": NEEDS_REVIEW, "state-qualifier": EXACT_MATCH},
    },
    "2": {
        MACHINE: {"state": "translated", "subState": "mtkit:mt"},
        MEMORY: {"state": "translated", "subState": "mtkit:tm"},
    },
}
# The name space of SDLXLIFF.
STUDIO = "http://sdl.com/FileTypes/SdlXliff"
NAMES = "xliff", "file", "trans-unit", "segment", "source", "target", "seg-source", "alt-trans", "mrk", "seg"
# What a segment is called.
SEGMENTS = {"1": "trans-unit", "2": "segment"}
# States that a person ended a translation with, even an empty one.
_FINAL = frozenset({"final", "signed-off", "translated", "reviewed"})


@dataclass(frozen=True)
class _Slot:
    """What a unit is the text of, and its translation is written to.

    Attributes:
        whole: a trans-unit of XLIFF 1, or a segment of XLIFF 2.
        segment: of a trans-unit that is cut into segments this one.
        cut: all segments of that trans-unit.
        why: it cannot be filled; or nothing.
    """

    whole: Part
    source: Inline
    segment: Part | None = None
    cut: Segmented | None = None
    why: str = ""


@dataclass(frozen=True)
class XliffDocument(Document):
    """An opened file (see `document.Document`). In the text of a unit tags stand for inline codes.

    Attributes:
        top: the element xliff.
        others: the languages of each element file that is in other ones than are asked for; all in it stays.
        language: what is asked for.
    """

    units: tuple[Unit, ...]
    kept: int
    file: XmlParts
    top: Part
    version: str
    slots: tuple[_Slot, ...]
    others: tuple[str, ...]
    language: str

    @classmethod
    def open(cls, path: Path, options: FillOptions) -> "XliffDocument":
        languages, fuzzy = options.languages, options.fuzzy
        file = XmlParts(path, NAMES)
        top = next((part for part in file.parts if part.local == "xliff"), None)
        if top is None:
            raise InputError(f"{path} is no XLIFF: it has no element xliff")
        version = "2" if top.attributes.get("version", "1").startswith("2") else "1"
        studio = path.suffix.lower() == ".sdlxliff" or any(
            value.startswith(STUDIO) for value in top.attributes.values()
        )
        slots: list[_Slot] = []
        kept = 0
        wholes, others = _wanted(file, top, SEGMENTS[version], languages)
        for whole in wholes:
            cut = Segmented.find(whole, file, studio)
            own, closed = _cut_slots(cut, file, fuzzy) if cut else _slots(whole, file, fuzzy, studio)
            slots += own
            kept += closed
        lines = file.lines(slot.segment or slot.whole for slot in slots)
        units = tuple(
            Unit(slot.source.text, f"{path}:{line}") for slot, line in zip(slots, lines, strict=True)
        )
        return cls(units, kept, file, top, version, tuple(slots), others, languages[1])

    def fault(self, number: int, text: str) -> str:
        """Why a translation of a unit cannot be written, or nothing: its codes must be those of the source,
        and nest.
        """
        return self.slots[number].why or self.slots[number].source.fault(text)

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """That parts of the file are in other languages."""
        said = (
            f"what is in other languages stays: {', '.join(dict.fromkeys(self.others))} ({len(self.others):,}"
            " <file>)"
        )
        return [said] if self.others else []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes: list[Change] = []
        segments: dict[int, tuple[Segmented, dict[str, tuple[str, str]]]] = {}
        for place, (slot, text) in enumerate(zip(self.slots, translations, strict=True)):
            if text is None:
                continue
            inner, whose = slot.source.written(text), origin(place, remembered)
            if slot.cut:
                segments.setdefault(slot.whole.start, (slot.cut, {}))[1][number(slot.segment)] = inner, whose
            else:
                changes += self._changes(slot, inner, MARKS[self.version][whose])
        for cut, texts in segments.values():
            changes += cut.changes(texts, self.file, MARKS["1"])
        if changes and self.version == "2" and self.language and "trgLang" not in self.top.attributes:
            # XLIFF 2 with a target and without its language is not valid.
            named = with_attributes(self.file.tag(self.top), {"trgLang": self.language})
            changes.append((self.top.start, self.top.content, named))
        return self.file.changed(changes)

    def _changes(self, slot: _Slot, inner: str, marks: dict[str, str]) -> list[Change]:
        """What to write for a segment."""
        file, whole = self.file, slot.whole
        source, target = whole.child("source"), whole.child("target")
        changes = []
        own = marks if self.version == "1" else {}
        if self.version == "2":
            changes.append((whole.start, whole.content, with_attributes(file.tag(whole), marks)))
        if target:
            tag = with_attributes(file.tag(target), own)
            inner = f"{remarks(file.inner(target), inner)}{inner}"
            return [*changes, (target.start, target.after, f"{tag}{inner}</{target.name}>")]
        name = f"{source.prefix}target"
        tag = with_attributes(f"<{name}>", own)
        before = whole.child("seg-source") or source
        return [*changes, (before.after, before.after, f"{file.layout(before)}{tag}{inner}</{name}>")]


def _wanted(
    file: XmlParts, top: Part, name: str, languages: tuple[str, str]
) -> tuple[list[Part], tuple[str, ...]]:
    """What may be translated of a file.

    Args:
        name: of what has a source and a target.

    Returns:
        (the elements with that name, the languages of each element file that is in others).

    Raises:
        InputError: all of it is in other languages.
    """
    wholes: list[Part] = []
    others: list[str] = []
    files, here = 0, True
    for part in file.parts:
        if part.local == "file":
            own = languages_of(part.attributes, top.attributes)
            here = in_languages(own, languages)
            files += 1
            others += [] if here else [" to ".join(own)]
        elif here and part.local == name and not part.locked:
            wholes.append(part)
    if others and len(others) == files:
        raise InputError(
            f"{file.path} is from {', '.join(dict.fromkeys(others))}, and {' to '.join(languages)} is"
            " asked for"
        )
    return wholes, tuple(others)


def _slots(whole: Part, file: XmlParts, fuzzy: bool, studio: bool) -> tuple[list[_Slot], int]:
    """(the slot of a segment that is to be translated; 1 if it stays as it is)"""
    source = whole.child("source")
    raw = file.inner(source) if source else ""
    if not words(raw):
        return [], 0
    if not _is_open(whole, file, fuzzy):
        return [], 1
    why = (
        "it is not cut into segments (seg-source) yet: open the file in Studio, and save it" if studio else ""
    )
    return [_Slot(whole, Inline.read(raw, source.preserved, file.encoding), why=why)], 0


def _cut_slots(cut: Segmented, file: XmlParts, fuzzy: bool) -> tuple[list[_Slot], int]:
    """(the slots of the segments of a trans-unit that are to be translated; how many stay as they are)"""
    slots, kept = [], 0
    for segment in cut.segments:
        raw = file.inner(segment)
        if words(raw) and cut.is_open(segment, file, fuzzy):
            inline = Inline.read(raw, segment.preserved, file.encoding)
            slots.append(_Slot(cut.whole, inline, segment, cut, cut.fault(segment, raw)))
        else:
            kept += bool(words(raw))
    return slots, kept


def _is_open(whole: Part, file: XmlParts, fuzzy: bool) -> bool:
    """Whether a segment is to be translated."""
    target = whole.child("target")
    if whole.attributes.get("approved") == "yes":
        return False
    if target is None:
        return True
    own = {**whole.attributes, **target.attributes}
    if not is_filled(file.inner(target)):
        return own.get("state", "") not in _FINAL
    return fuzzy and (is_unfinished(own) or is_machine_made(own))


XLIFF = Format(read_pairs=XliffPairs, open_document=XliffDocument.open, has_states=True)
