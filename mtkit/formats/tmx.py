"""Translation memories (TMX 1.1 to 1.4b, https://www.gala-global.org/tmx-14b): their pairs, streamed, and
memories to fill: units that have a text in the source language, and none in the target language.

What is filled says so as the format allows: the tool that made it, and a property. It has no date, as the
same command gives the same file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from mtkit import __version__
from mtkit.errors import InputError
from mtkit.formats.document import MACHINE, MEMORY, Document, Unit, origin
from mtkit.formats.format import FillOptions, Format, PairOptions
from mtkit.formats.inline_text import InlineText, is_filled, plain_text, remarks, words
from mtkit.formats.languages import best, fit, language_of
from mtkit.formats.tag_pairs import UnitTags
from mtkit.formats.text_file import Change
from mtkit.formats.xml_file import Element, XmlFile, with_attributes
from mtkit.text.corpus import SentencePair

# How mtkit marks a text that it filled, by attributes of the tuv and a property that says whose it is; who
# looked at it leaves a name or a date there.
TOOL, ORIGIN, SEEN = "mtkit", "x-origin", frozenset({"changeid", "changedate"})
MARKS = {"creationtool": TOOL, "creationtoolversion": __version__}


class Variant(NamedTuple):
    """A unit in one language: the element tuv, and the seg in it."""

    element: Element
    language: str
    segment: Element | None

    def origins(self, file: XmlFile) -> dict[str, Element]:
        """The properties that say whose the text is, as mtkit writes them, by what they say."""
        properties = self.element.children("prop")
        said = {
            file.inner(prop).strip(): prop for prop in properties if prop.attributes.get("type") == ORIGIN
        }
        return {origin: prop for origin, prop in said.items() if origin in (MACHINE, MEMORY)}

    def is_machine_made(self, file: XmlFile) -> bool:
        """Whether mtkit made it, and nobody changed it since."""
        attributes = self.element.attributes
        if attributes.get("creationtool") != TOOL or SEEN & set(attributes):
            return False
        return MACHINE in self.origins(file)


def memory_file(path: Path) -> XmlFile:
    """The units of a memory, and what is of interest in them."""
    return XmlFile(path, ("tmx", "tu", "tuv", "seg", "prop"), units=("tu",))


def variants_of(unit: Element) -> list[Variant]:
    """A unit in all its languages."""
    return [
        Variant(element, language_of(element.attributes), element.child("seg"))
        for element in unit.children("tuv")
    ]


def no_memory(path: Path) -> InputError:
    """What is wrong where nothing is a memory."""
    return InputError(f"{path} is no translation memory: it has no element tmx")


def languages_text(languages: Iterable[str]) -> str:
    """Languages of a file in words."""
    return ", ".join(filter(None, languages)) or "none"


@dataclass(frozen=True)
class TmxPairs:
    """The pairs of two languages in a memory, which may hold more."""

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order; units without one of the languages are passed over, and what mtkit made and
        nobody has looked at.

        Raises:
            InputError: no XML, no memory, or not in these languages; names the file.
        """
        file, name = memory_file(self.path), str(self.path)
        languages: dict[tuple[str, ...], None] = {}
        is_memory = is_served = False
        for element in file.stream():
            is_memory = is_memory or element.local == "tmx"
            if element.local != "tu":
                continue
            variants = variants_of(element)
            held = tuple([variant.language for variant in variants])
            languages[held] = None
            places = _places(self.options.languages, held)
            if places is None:
                continue
            source, target = variants[places[0]], variants[places[1]]
            if source.is_machine_made(file) or target.is_machine_made(file):
                continue
            is_served = True
            tags = UnitTags() if self.options.keep_codes else None
            texts = [self.options.shaped(plain_text(file, side.segment, tags)) for side in (source, target)]
            yield SentencePair(*texts, name, element.line)
        if not is_memory:
            raise no_memory(self.path)
        if not is_served:
            raise InputError(
                f"{self.path} has no unit in {' and '.join(self.options.languages)}; its languages:"
                f" {languages_text(dict.fromkeys(chain.from_iterable(languages)))}"
            )


@lru_cache
def _places(wanted: tuple[str, str], held: tuple[str, ...]) -> tuple[int, int] | None:
    """Where two languages are among those of a unit; None where one is not there."""
    source, target = (best(language, held) for language in wanted)
    return None if source is None or target is None or source == target else (source, target)


class _OpenUnit(NamedTuple):
    """A unit to fill.

    Attributes:
        unit: the element tu.
        source: it in the source language.
        inline: what that says.
        into: it in the target language, empty or made by mtkit; None where there is none.
    """

    unit: Element
    source: Variant
    inline: InlineText
    into: Variant | None


class TmxDocument(Document):
    """An opened memory. In the text of a unit tags stand for inline codes."""

    def __init__(self, path: Path, options: FillOptions):
        self.file, self.options = memory_file(path), options
        elements = self.file.load()
        if not any(element.local == "tmx" for element in elements):
            raise no_memory(path)
        self._open: list[_OpenUnit] = []
        self.kept = 0
        languages: Counter[str] = Counter()
        for element in elements:
            if element.local == "tu":
                variants = variants_of(element)
                languages.update(variant.language for variant in variants)
                self._add(element, variants)
        if not self._open and not self.kept:
            raise InputError(
                f"{path} has no words in {options.languages[0]}; its languages: {languages_text(languages)}"
            )
        self.units = tuple(
            Unit(unit.inline.text, f"{path}:{unit.source.segment.line}") for unit in self._open
        )
        # As the file calls the target language most often.
        target = options.languages[1]
        self.language = next((code for code, _ in languages.most_common() if fit(target, code)), target)

    def _add(self, element: Element, variants: list[Variant]) -> None:
        """A unit, if it has words in the source language."""
        source_language, target_language = self.options.languages
        place = best(source_language, tuple(variant.language for variant in variants))
        source = None if place is None else variants[place]
        if source is None or source.segment is None or not words(self.file.inner(source.segment)):
            return
        targets = [
            variant
            for variant in variants
            if variant is not source and fit(target_language, variant.language)
        ]
        filled = [target for target in targets if self._is_filled(target)]
        is_doubtful = self.options.fuzzy and all(target.is_machine_made(self.file) for target in filled)
        if filled and not is_doubtful:
            self.kept += 1
            return
        # All spaces and line ends of a segment mean something.
        inline = InlineText.of(self.file, source.segment, preserved=True)
        self._open.append(_OpenUnit(element, source, inline, next(iter(filled or targets), None)))

    def _is_filled(self, variant: Variant) -> bool:
        return variant.segment is not None and is_filled(self.file.inner(variant.segment))

    def fault(self, number: int, text: str) -> str:
        """Its codes must be those of the source, and nest."""
        return self._open[number].inline.fault(text)

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes: list[Change] = []
        for number, (unit, text) in enumerate(zip(self._open, translations, strict=True)):
            if text is not None:
                inner, whose = unit.inline.written(text), origin(number, remembered)
                if unit.into is None:
                    changes.append(self._new_variant(unit, inner, whose))
                else:
                    changes += self._changed_variant(unit.into, inner, whose)
        return self.file.replaced(changes)

    def _new_variant(self, unit: _OpenUnit, inner: str, whose: str) -> Change:
        """A variant behind the last one, laid out as the source is."""
        file, (source, _, segment) = self.file, unit.source
        name = "xml:lang" if "xml:lang" in source.attributes else "lang"
        tag = with_attributes(f"<{source.name}>", {name: self.language, **MARKS})
        space, behind = file.layout(segment), file.read(segment.after, source.end)
        text = f"{file.tag(segment)}{inner}</{segment.name}>{'' if behind.strip() else behind}"
        variant = f"{tag}{space}{_property(source, whose)}{space}{text}</{source.name}>"
        place = unit.unit.children("tuv")[-1].after
        return Change(place, place, f"{file.layout(source)}{variant}")

    def _changed_variant(self, variant: Variant, inner: str, whose: str) -> Iterator[Change]:
        """What to write into a variant: who made it, and its text."""
        file, (element, _, segment) = self.file, variant
        # Who changed it, and when, was said of an empty text.
        tag = with_attributes(file.tag(element), {**MARKS, **dict.fromkeys(sorted(SEEN))})
        prefix, mark = element.prefix, _property(element, whose)
        new = f"<{prefix}seg>{inner}</{prefix}seg>"
        if element.empty:
            yield Change(element.start, element.after, f"{tag}{mark}{new}</{element.name}>")
            return
        yield Change(element.start, element.content, tag)
        for prop in variant.origins(file).values():
            yield Change(prop.content, prop.end, whose)
            mark = ""
        if segment is None:
            yield Change(element.end, element.end, f"{mark}{new}")
            return
        space = file.layout(segment) if mark else ""
        stays = remarks(file.inner(segment), inner)
        text = f"{mark}{space}{file.tag(segment)}{stays}{inner}</{segment.name}>"
        yield Change(segment.start, segment.after, text)


def _property(element: Element, whose: str) -> str:
    """That of a variant which says whose its text is."""
    return f'<{element.prefix}prop type="{ORIGIN}">{whose}</{element.prefix}prop>'


TMX = Format(read_pairs=TmxPairs, open_document=TmxDocument, has_states=True)
