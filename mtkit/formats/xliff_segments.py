"""Units of XLIFF 1.2 that are cut into segments: `<mrk mtype="seg">` within seg-source, and the same within
target.

So they stand in SDLXLIFF too, where what became of each is said by <sdl:seg> behind the target.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mtkit.formats.document import MACHINE, MEMORY
from mtkit.formats.inline import is_filled, remarks, words
from mtkit.formats.xliff import (
    EXACT_MATCH,
    NEEDS_REVIEW,
    UNFINISHED,
    is_machine_draft,
    is_machine_made,
    is_unfinished,
)
from mtkit.formats.xml_parts import Attributes, Change, Part, XmlParts, with_attributes

STUDIO_MARKS = {
    MACHINE: {"conf": "Draft", "origin": "mt", "origin-system": "mtkit", "percent": None},
    MEMORY: {"conf": "Draft", "origin": "tm", "origin-system": "mtkit", "percent": "100"},
}
# Whose a translation is that was there already, and that nothing calls unfinished.
PERSON = "person"
# What a person says of a segment that is done, even an empty one.
_CONFIRMED = frozenset({"Translated", "ApprovedTranslation", "ApprovedSignOff"})


@dataclass(frozen=True)
class Segmented:
    """A trans-unit with segments.

    Attributes:
        whole: the trans-unit.
        segments: of its seg-source.
        into: of its target, by their number (mid).
        states: in SDLXLIFF what says how far each is, by its number; else None.
    """

    whole: Part
    segments: tuple[Part, ...]
    into: dict[str, Part]
    states: dict[str, Part] | None

    @classmethod
    def find(cls, whole: Part, file: XmlParts, studio: bool) -> "Segmented | None":
        """What is cut in a trans-unit; None where nothing is, or where its target is not, and is filled."""
        source, target = whole.child("seg-source"), whole.child("target")
        segments = _segments(source) if source else []
        into = {number(part): part for part in _segments(target)} if target else {}
        states = (
            {part.attributes.get("id", ""): part for part in whole.inside if part.local == "seg"}
            if studio
            else None
        )
        if not segments or (target is not None and not into and is_filled(file.inner(target))):
            return None
        return cls(whole, tuple(segments), into, states)

    def is_open(self, segment: Part, file: XmlParts, fuzzy: bool) -> bool:
        """Whether a segment is to be translated."""
        if self.whole.attributes.get("approved") == "yes":
            return False
        into = self.into.get(number(segment))
        is_there = into is not None and is_filled(file.inner(into))
        if self.states is not None:
            state = self.states.get(number(segment))
            own = state.attributes if state else {}
            if own.get("locked") == "true" or (own.get("conf") in _CONFIRMED and not is_there):
                return False
            return not is_there or (fuzzy and is_machine_draft(own))
        # Of a target that needs review, not all was made by a machine, unless it says so.
        state = self._target().get("state", "")
        if not is_there:
            return state not in ("final", "signed-off", "translated")
        return fuzzy and (self._origin() == MACHINE or (state in UNFINISHED and state != NEEDS_REVIEW))

    def fault(self, segment: Part, raw: str) -> str:
        """Why a segment cannot be filled, or nothing."""
        numbers = [number(part) for part in self.segments]
        if "" in numbers or len(set(numbers)) < len(numbers):
            return "its segments have no number (mid) of their own"
        if self.into and not set(numbers) <= set(self.into):
            return "its target is cut into other segments than its source"
        if self.states is not None and number(segment) not in self.states:
            return "nothing says how far its segment is (sdl:seg)"
        if self.states is not None and "x-sdl-" in raw:
            return "it has remarks or changes of Studio (x-sdl-...)"
        return ""

    def changes(
        self, texts: dict[str, tuple[str, str]], file: XmlParts, all_marks: dict[str, dict[str, str]]
    ) -> Iterator[Change]:
        """What to write.

        Args:
            texts: (translation as it stands in the file, its origin), by the number of their segment.
            all_marks: attributes of a target all of which a machine made, or persons, by its origin.
        """
        source, target = self.whole.child("seg-source"), self.whole.child("target")
        if self.states is not None:
            marks: Attributes = {}
            for one, (_, origin) in texts.items():
                state = self.states[one]
                stop = state.after if state.empty else state.content
                yield state.start, stop, with_attributes(file.read(state.start, stop), STUDIO_MARKS[origin])
        else:
            origins = {origin for _, origin in texts.values()}
            stays = any(words(file.inner(part)) for name, part in self.into.items() if name not in texts)
            origins |= {self._origin()} if stays else set()
            marks = {"state": NEEDS_REVIEW, "state-qualifier": None}
            if origins == {MACHINE} or origins <= {MEMORY, PERSON}:
                marks = all_marks[MACHINE if MACHINE in origins else MEMORY]
        if self.into:
            yield target.start, target.content, with_attributes(file.tag(target), marks)
            for one, (text, _) in texts.items():
                part = self.into[one]
                text = f"{remarks(file.inner(part), text)}{text}"
                yield part.start, part.after, f"{file.tag(part)}{text}</{part.name}>"
            return
        inner, done = "", source.content
        for part in self.segments:
            # What has no words is codes and space, which stay; what has, and no translation, is left open.
            own, _ = texts.get(number(part), ("" if words(file.inner(part)) else file.inner(part), ""))
            inner += f"{file.read(done, part.start)}{file.tag(part)}{own}</{part.name}>"
            done = part.after
        inner += file.read(done, source.end)
        if target:
            inner = f"{remarks(file.inner(target), inner)}{inner}"
            yield (
                target.start,
                target.after,
                f"{with_attributes(file.tag(target), marks)}{inner}</{target.name}>",
            )
        else:
            name = f"{source.prefix}target"
            tag = with_attributes(f"<{name}>", marks)
            yield source.after, source.after, f"{file.layout(source)}{tag}{inner}</{name}>"

    def _target(self) -> dict[str, str]:
        """The attributes of its target, and of the unit."""
        target = self.whole.child("target")
        return {**self.whole.attributes, **(target.attributes if target else {})}

    def _origin(self) -> str:
        """Whose its target is: MACHINE, MEMORY, PERSON, or nothing where that cannot be said."""
        own = self._target()
        if is_machine_made(own):
            return MACHINE
        unsaid = "" if is_unfinished(own) else PERSON
        return MEMORY if own.get("state-qualifier") == EXACT_MATCH else unsaid


def number(segment: Part) -> str:
    """What the same segment has in source and target."""
    return segment.attributes.get("mid", "")


def _segments(part: Part) -> list[Part]:
    return part.deeper(lambda one: one.local == "mrk" and one.attributes.get("mtype") == "seg")
