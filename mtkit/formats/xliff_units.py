"""The units of XLIFF that are in two languages, and the finished translations in them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mtkit.errors import InputError
from mtkit.formats.languages import serves
from mtkit.formats.xliff_segments import number_of, segments_of, states_of
from mtkit.formats.xliff_states import is_machine_made, is_no_translation, is_unfinished
from mtkit.formats.xml_file import Element, XmlFile

# A trans-unit is what has a source and a target in XLIFF 1; in XLIFF 2 it is a segment, of which a unit has
# several.
UNITS = ("trans-unit", "unit")
NAMES = (*UNITS, *["xliff", "file", "segment", "source", "target", "seg-source", "alt-trans", "mrk", "seg"])


class Sides(NamedTuple):
    """Languages, each of which may be nothing."""

    source: str
    target: str

    @classmethod
    def of(cls, file: Element, top: Element) -> "Sides":
        """Those that an element file names, or else those of the element xliff."""
        named, others = file.attributes, top.attributes
        return cls(
            named.get("source-language", "") or others.get("srcLang", ""),
            named.get("target-language", "") or others.get("trgLang", ""),
        )

    def serve(self, languages: tuple[str, str]) -> bool:
        """Whether what is in these languages may be what is asked for."""
        return all(map(serves, languages, self))

    def __str__(self) -> str:
        return " to ".join(self)


class XliffReader:
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

    def _served(self, elements: Iterable[Element]) -> Iterator[Element]:
        for element in elements:
            name = element.local
            if name == "xliff" and self.top is None:
                self.top = element
            elif name == "file" and self.top is not None:
                self.files.append(Sides.of(element, self.top))
                self._is_served = self.files[-1].serve(self.languages)
            elif name in UNITS and self.top is not None and self._is_served and not element.locked:
                yield element
        if self.top is None:
            raise InputError(f"{self.file.path} is no XLIFF: it has no element xliff")


def finished(unit: Element) -> Iterator[tuple[Element, Element]]:
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
