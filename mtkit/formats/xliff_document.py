"""An XLIFF file to fill: what is filled is written in its bytes, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Unit
from mtkit.formats.inline import CODE, Inline, words
from mtkit.formats.xliff import UNFINISHED, is_machine_made
from mtkit.formats.xml_parts import Change, Part, XmlParts, with_attributes

# How each version says that a translation is a machine's, and that nobody has looked at it.
MARKS = {
    "1": {"state": "needs-review-translation", "state-qualifier": "leveraged-mt"},
    "2": {"state": "translated", "subState": "mtkit:mt"},
}
# What a segment is called.
SEGMENTS = {"1": "trans-unit", "2": "segment"}
# States that a person ended a translation with, even an empty one.
_FINAL = frozenset({"final", "signed-off", "translated", "reviewed"})


@dataclass(frozen=True)
class _Slot:
    """What a unit is the text of, and its translation is written to: a trans-unit of XLIFF 1, or a segment of XLIFF 2."""

    whole: Part
    source: Inline


@dataclass(frozen=True)
class XliffDocument:
    """An opened file (see `document.Document`). The text of a unit has its inline codes as they stand in the file."""

    codes: ClassVar[tuple[str, ...]] = (CODE.pattern, "placeholder", "tag", "url", "email")
    units: tuple[Unit, ...]
    kept: int
    file: XmlParts
    version: str
    slots: tuple[_Slot, ...]

    @classmethod
    def open(cls, path: Path, fuzzy: bool) -> "XliffDocument":
        file = XmlParts(path, ("xliff", "trans-unit", "segment", "source", "target", "seg-source", "alt-trans"))
        top = next((part for part in file.parts if part.local == "xliff"), None)
        if top is None:
            raise InputError(f"{path} is no XLIFF: it has no element xliff")
        version = "2" if top.attributes.get("version", "1").startswith("2") else "1"
        segments = [part for part in file.parts if part.local == SEGMENTS[version]]
        units, slots, kept = [], [], 0
        for whole, line in zip(segments, file.lines(segments), strict=True):
            source = whole.child("source")
            raw = file.inner(source) if source else ""
            if whole.locked or not words(raw):
                continue
            if not _is_open(whole, file, fuzzy):
                kept += 1
                continue
            slots.append(_Slot(whole, Inline.read(raw, whole.preserved)))
            units.append(Unit(slots[-1].source.text, f"{path}:{line}"))
        return cls(tuple(units), kept, file, version, tuple(slots))

    def fault(self, number: int, text: str) -> str:
        """Why a translation of a unit cannot be written, or nothing: its codes must be those of the source, and well-formed."""
        if self.slots[number].whole.child("seg-source"):
            return "it is cut into segments (seg-source), which are not filled"
        return self.slots[number].source.fault(text)

    def filled(self, translations: Sequence[str | None]) -> bytes:
        changes: list[Change] = []
        for slot, text in zip(self.slots, translations, strict=True):
            if text is not None:
                changes += self._changes(slot, slot.source.written(text))
        return self.file.changed(changes)

    def _changes(self, slot: _Slot, inner: str) -> list[Change]:
        """What to write for a segment."""
        file, whole = self.file, slot.whole
        marks, source, target = MARKS[self.version], whole.child("source"), whole.child("target")
        changes = []
        own = marks if self.version == "1" else {}
        if self.version == "2":
            changes.append((whole.start, whole.content, with_attributes(file.tag(whole), marks)))
        if target:
            tag = with_attributes(file.tag(target), own)
            return [*changes, (target.start, target.after, f"{tag}{inner}</{target.name}>")]
        name = f"{source.prefix}target"
        tag = with_attributes(f"<{name}>", own)
        return [*changes, (source.after, source.after, f"{file.layout(source)}{tag}{inner}</{name}>")]


def _is_open(whole: Part, file: XmlParts, fuzzy: bool) -> bool:
    """Whether a segment is to be translated."""
    target = whole.child("target")
    state = (target.attributes.get("state") if target else "") or whole.attributes.get("state", "")
    if whole.attributes.get("approved") == "yes":
        return False
    if target is None or not words(file.inner(target)):
        return target is None or state not in _FINAL
    own = {**whole.attributes, **target.attributes}
    return fuzzy and (state in UNFINISHED or is_machine_made(own.get("state-qualifier", ""), own.get("subState", "")))
