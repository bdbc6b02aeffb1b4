"""A translation memory (TMX) to fill: units that have a text in the source language, and none in the target
language.

What is filled says so as the format allows (https://www.gala-global.org/tmx-14b): the tool that made it, and
a property. It has no date, as the same command gives the same file.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from mtkit import __version__
from mtkit.errors import InputError
from mtkit.formats.document import MACHINE, MEMORY, Document, Unit, origin
from mtkit.formats.format import FillOptions, Format
from mtkit.formats.inline import Inline, is_filled, remarks, words
from mtkit.formats.languages import best, fit, language_of
from mtkit.formats.tmx import ORIGIN, SEEN, TOOL, TmxPairs, is_machine_made
from mtkit.formats.xml_parts import Change, Part, XmlParts, with_attributes

MARKS = {"creationtool": TOOL, "creationtoolversion": __version__}


@dataclass(frozen=True)
class _Slot:
    """A unit to fill.

    Attributes:
        unit, variant, segment: the element tu, the tuv in it that is in the source language, and the seg of
            that.
        into: the tuv in the target language, which is empty, or made by mtkit; None where there is none.
    """

    unit: Part
    variant: Part
    segment: Part
    source: Inline
    into: Part | None


@dataclass(frozen=True)
class TmxDocument(Document):
    """An opened file (see `document.Document`). In the text of a unit tags stand for inline codes."""

    units: tuple[Unit, ...]
    kept: int
    file: XmlParts
    slots: tuple[_Slot, ...]
    language: str

    @classmethod
    def open(cls, path: Path, options: FillOptions) -> "TmxDocument":
        languages, fuzzy = options.languages, options.fuzzy
        file = XmlParts(path, ("tmx", "tu", "tuv", "seg", "prop"))
        if not any(part.local == "tmx" for part in file.parts):
            raise InputError(f"{path} is no translation memory: it has no element tmx")
        source_language, target_language = languages
        slots: list[_Slot] = []
        kept = 0
        seen: Counter[str] = Counter()
        for unit in (part for part in file.parts if part.local == "tu"):
            variants = unit.children("tuv")
            codes = [language_of(variant.attributes) for variant in variants]
            seen.update(codes)
            place = best(source_language, codes)
            segment = variants[place].child("seg") if place is not None else None
            if segment is None or not words(file.inner(segment)):
                continue
            others = [
                one
                for number, one in enumerate(variants)
                if number != place and fit(target_language, codes[number])
            ]
            filled = [one for one in others if (own := one.child("seg")) and is_filled(file.inner(own))]
            if filled and not (fuzzy and all(_is_machine_made(one, file) for one in filled)):
                kept += 1
                continue
            into = next(iter(filled or others), None)
            # All spaces and line ends of a segment mean something.
            slots.append(
                _Slot(
                    unit,
                    variants[place],
                    segment,
                    Inline.read(file.inner(segment), True, file.encoding),
                    into,
                )
            )
        if not slots and not kept:
            held = ", ".join(filter(None, seen)) or "none"
            raise InputError(f"{path} has no words in {source_language}; its languages: {held}")
        lines = file.lines(slot.segment for slot in slots)
        units = tuple(
            Unit(slot.source.text, f"{path}:{line}") for slot, line in zip(slots, lines, strict=True)
        )
        own = [code for code, _ in seen.most_common() if fit(target_language, code)]
        return cls(units, kept, file, tuple(slots), own[0] if own else target_language)

    def fault(self, number: int, text: str) -> str:
        """Why a translation of a unit cannot be written, or nothing: its codes must be those of the source,
        and nest.
        """
        return self.slots[number].source.fault(text)

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes: list[Change] = []
        for number, (slot, text) in enumerate(zip(self.slots, translations, strict=True)):
            if text is not None:
                changes += self._changes(slot, slot.source.written(text), origin(number, remembered))
        return self.file.changed(changes)

    def _changes(self, slot: _Slot, inner: str, whose: str) -> list[Change]:
        """What to write for a unit; `whose` is its origin."""
        file, variant, into = self.file, slot.variant, slot.into
        prefix = variant.prefix
        mark = f'<{prefix}prop type="{ORIGIN}">{whose}</{prefix}prop>'
        if into is None:
            name = "xml:lang" if "xml:lang" in variant.attributes else "lang"
            tag = with_attributes(f"<{variant.name}>", {name: self.language, **MARKS})
            space, behind = file.layout(slot.segment), file.read(slot.segment.after, variant.end)
            text = f"{tag}{space}{mark}{space}{file.tag(slot.segment)}{inner}</{slot.segment.name}>"
            last = slot.unit.children("tuv")[-1]
            text = f"{file.layout(variant)}{text}{'' if behind.strip() else behind}</{variant.name}>"
            return [(last.after, last.after, text)]
        # Who changed it, and when, was said of an empty text.
        segment, tag = (
            into.child("seg"),
            with_attributes(file.tag(into), {**MARKS, **dict.fromkeys(sorted(SEEN))}),
        )
        if into.empty:
            return [(into.start, into.after, f"{tag}{mark}<{prefix}seg>{inner}</{prefix}seg></{into.name}>")]
        changes: list[Change] = [(into.start, into.content, tag)]
        old = [
            one
            for one in into.children("prop")
            if _property(one, file) in ((ORIGIN, MACHINE), (ORIGIN, MEMORY))
        ]
        changes += [(one.content, one.end, whose) for one in old]
        mark = "" if old else mark
        if segment is None:
            return [*changes, (into.end, into.end, f"{mark}<{prefix}seg>{inner}</{prefix}seg>")]
        mark += file.layout(segment) if mark else ""
        inner = f"{remarks(file.inner(segment), inner)}{inner}"
        return [
            *changes,
            (segment.start, segment.after, f"{mark}{file.tag(segment)}{inner}</{segment.name}>"),
        ]


def _is_machine_made(variant: Part, file: XmlParts) -> bool:
    return is_machine_made(variant.attributes, _properties(variant, file))


def _properties(variant: Part, file: XmlParts) -> list[tuple[str, str]]:
    return [_property(one, file) for one in variant.children("prop")]


def _property(element: Part, file: XmlParts) -> tuple[str, str]:
    return element.attributes.get("type", ""), file.inner(element).strip()


TMX = Format(read_pairs=TmxPairs, open_document=TmxDocument.open, has_states=True)
