"""Units of XLIFF 1.2 that are cut into segments: `<mrk mtype="seg">` within seg-source, and the same within
target.

So they stand in SDLXLIFF too, where what became of each is said by <sdl:seg> behind the target.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mtkit.formats.document import MACHINE, MEMORY
from mtkit.formats.inline_text import is_filled, remarks, words
from mtkit.formats.text_file import Change
from mtkit.formats.xliff_states import (
    CONFIRMED,
    EXACT_MATCH,
    FINAL,
    MARKS_1,
    NEEDS_REVIEW,
    STUDIO_MARKS,
    UNFINISHED,
    is_machine_draft,
    is_machine_made,
    is_unfinished,
)
from mtkit.formats.xml_file import Attributes, Element, XmlFile, with_attributes

# Whose a translation is that was there already, and that nothing calls unfinished.
PERSON = "person"


def segments_of(side: Element | None) -> list[Element]:
    """The segments that a side of a unit is cut into; none without a side."""
    return side.deeper(_is_segment) if side else []


def _is_segment(element: Element) -> bool:
    return element.local == "mrk" and element.attributes.get("mtype") == "seg"


def number_of(segment: Element) -> str:
    """What the same segment has in source and target."""
    return segment.attributes.get("mid", "")


def states_of(unit: Element) -> dict[str, Element]:
    """What says of each segment of SDLXLIFF how far it is, by its number."""
    return {part.attributes.get("id", ""): part for part in unit.inside if part.local == "seg"}


@dataclass(frozen=True)
class Written:
    """A translation as it stands in the file, and whose it is."""

    inner: str
    origin: str


@dataclass(frozen=True)
class SegmentedUnit:
    """A unit that is cut.

    Attributes:
        unit: the element trans-unit.
        segments: of its seg-source.
        into: of its target, by their number (mid).
        states: in SDLXLIFF what says how far each is, by its number; else None.
    """

    unit: Element
    segments: tuple[Element, ...]
    into: dict[str, Element]
    states: dict[str, Element] | None

    @classmethod
    def of(cls, unit: Element, file: XmlFile, *, studio: bool) -> "SegmentedUnit | None":
        """What is cut in a unit; None where nothing is, or where its target is not, and is filled."""
        target = unit.child("target")
        segments = segments_of(unit.child("seg-source"))
        into = {number_of(segment): segment for segment in segments_of(target)}
        if not segments or (target is not None and not into and is_filled(file.inner(target))):
            return None
        return cls(unit, tuple(segments), into, states_of(unit) if studio else None)

    def is_open(self, segment: Element, file: XmlFile, *, fuzzy: bool) -> bool:
        """Whether a segment is to be translated."""
        if self.unit.attributes.get("approved") == "yes":
            return False
        into = self.into.get(number_of(segment))
        is_there = into is not None and is_filled(file.inner(into))
        if self.states is not None:
            state = self.states.get(number_of(segment))
            attributes = state.attributes if state else {}
            return self._is_open_in_studio(attributes, is_there=is_there, fuzzy=fuzzy)
        # Of a target that needs review, not all was made by a machine, unless it says so.
        state = self._target().get("state", "")
        if not is_there:
            return state not in FINAL
        return fuzzy and (self._origin() == MACHINE or (state in UNFINISHED and state != NEEDS_REVIEW))

    @staticmethod
    def _is_open_in_studio(state: dict[str, str], *, is_there: bool, fuzzy: bool) -> bool:
        if state.get("locked") == "true":
            return False
        if is_there:
            return fuzzy and is_machine_draft(state)
        return state.get("conf") not in CONFIRMED

    def fault(self, segment: Element, file: XmlFile) -> str:
        """Why a segment cannot be filled, or nothing."""
        numbers = [number_of(part) for part in self.segments]
        if "" in numbers or len(set(numbers)) < len(numbers):
            return "its segments have no number (mid) of their own"
        if self.into and not set(numbers) <= set(self.into):
            return "its target is cut into other segments than its source"
        if self.states is not None and number_of(segment) not in self.states:
            return "nothing says how far its segment is (sdl:seg)"
        if self.states is not None and "x-sdl-" in file.inner(segment):
            return "it has remarks or changes of Studio (x-sdl-...)"
        return ""

    def changes(self, translations: dict[str, Written], file: XmlFile) -> Iterator[Change]:
        """What to write; translations by the number of their segment."""
        if self.states is None:
            marks = self._marks(translations, file)
        else:
            marks = {}
            yield from self._changes_of_states(translations, file)
        target = self.unit.child("target")
        if self.into:
            yield Change(target.start, target.content, with_attributes(file.tag(target), marks))
            for number, written in translations.items():
                part = self.into[number]
                stays = remarks(file.inner(part), written.inner)
                inner = f"{file.tag(part)}{stays}{written.inner}</{part.name}>"
                yield Change(part.start, part.after, inner)
            return
        inner = self._inner(translations, file)
        source = self.unit.child("seg-source")
        if target:
            inner = f"{remarks(file.inner(target), inner)}{inner}</{target.name}>"
            yield Change(target.start, target.after, f"{with_attributes(file.tag(target), marks)}{inner}")
        else:
            name = f"{source.prefix}target"
            tag = with_attributes(f"<{name}>", marks)
            yield Change(source.after, source.after, f"{file.layout(source)}{tag}{inner}</{name}>")

    def _changes_of_states(self, translations: dict[str, Written], file: XmlFile) -> Iterator[Change]:
        for number, written in translations.items():
            state = self.states[number]
            tag = file.read(state.start, state.content)
            yield Change(state.start, state.content, with_attributes(tag, STUDIO_MARKS[written.origin]))

    def _marks(self, translations: dict[str, Written], file: XmlFile) -> Attributes:
        """The attributes of a target by whose its segments are, also those that stay."""
        origins = {written.origin for written in translations.values()}
        if any(words(file.inner(part)) for number, part in self.into.items() if number not in translations):
            origins.add(self._origin())
        if origins == {MACHINE}:
            return MARKS_1[MACHINE]
        if origins <= {MEMORY, PERSON}:
            return MARKS_1[MEMORY]
        return {"state": NEEDS_REVIEW, "state-qualifier": None}

    def _inner(self, translations: dict[str, Written], file: XmlFile) -> str:
        """The content of a target that is cut as the source is."""
        source = self.unit.child("seg-source")
        inner, done = "", source.content
        for part in self.segments:
            text = file.inner(part)
            # What has no words is codes and space, which stay; what has, and no translation, is left open.
            if number_of(part) in translations:
                text = translations[number_of(part)].inner
            elif words(text):
                text = ""
            inner += f"{file.read(done, part.start)}{file.tag(part)}{text}</{part.name}>"
            done = part.after
        return inner + file.read(done, source.end)

    def _target(self) -> dict[str, str]:
        """The attributes of its target, and of the unit."""
        target = self.unit.child("target")
        return {**self.unit.attributes, **(target.attributes if target else {})}

    def _origin(self) -> str:
        """Whose its target is: MACHINE, MEMORY, PERSON, or nothing where that cannot be said."""
        target = self._target()
        if is_machine_made(target):
            return MACHINE
        if target.get("state-qualifier") == EXACT_MATCH:
            return MEMORY
        return "" if is_unfinished(target) else PERSON
