"""Translation memories (TMX 1.1 to 1.4b, https://www.gala-global.org/tmx-14b), streamed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.codes import Codes, Side
from mtkit.formats.document import MACHINE
from mtkit.formats.format import PairOptions
from mtkit.formats.languages import best, language_of
from mtkit.formats.markup import attribute, elements, local_name, text_of
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line

# What is text inside a segment; bpt, ept, it, ph and ut hold codes of another format.
TEXT = frozenset({"hi"})
# How mtkit marks a text that it filled, by attributes of the tuv and a property that says whose it is; who
# looked at it leaves a name or a date there.
TOOL, ORIGIN, SEEN = "mtkit", "x-origin", frozenset({"changeid", "changedate"})


@dataclass(frozen=True)
class TmxPairs:
    """The pairs of two languages in a memory, which may hold more.

    Attributes:
        source_language, target_language: codes; EN-US serves en (see `languages.fit`).
        keep_codes: whether inline codes become tags (see `codes`).
    """

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order; units without one of the languages are passed over, and what mtkit made and
        nobody has looked at.

        Raises:
            InputError: no XML, no memory, or not in these languages; names the file.
        """
        seen: dict[str, None] = {}
        memory = pairs = 0
        for name, element in elements(self.path, {"tmx": "start", "tu": "end"}):
            if name == "tmx":
                memory += 1
                continue
            variants = [
                child for child in element if isinstance(child.tag, str) and local_name(child) == "tuv"
            ]
            languages = [language_of(variant.attrib) for variant in variants]
            seen.update(dict.fromkeys(languages))
            places = (
                best(self.options.languages[0], languages),
                best(self.options.languages[1], languages),
            )
            if None in places or places[0] == places[1]:
                continue
            if any(_is_machine_made(variants[place]) for place in places):
                continue
            codes = Codes(self.options.keep_codes)
            source, target = (self._segment(variants[place], Side(codes)) for place in places)
            pairs += 1
            yield SentencePair(source, target, str(self.path), element.sourceline or 0)
        if not memory:
            raise InputError(f"{self.path} is no translation memory: it has no element tmx")
        if not pairs:
            held = ", ".join(filter(None, seen)) or "none"
            raise InputError(
                f"{self.path} has no unit in {self.options.languages[0]} and {self.options.languages[1]}; its"
                f" languages: {held}"
            )

    def _segment(self, variant, codes: Side) -> str:
        for child in variant:
            if isinstance(child.tag, str) and local_name(child) == "seg":
                return one_line(text_of(child, TEXT, self.path, codes))
        return ""


def _is_machine_made(variant) -> bool:
    """Whether mtkit made a tuv, and nobody has looked at it; see `is_machine_made`."""
    children = (child for child in variant if isinstance(child.tag, str) and local_name(child) == "prop")
    properties = ((attribute(child, "type"), (child.text or "").strip()) for child in children)
    return is_machine_made(dict(variant.attrib), properties)


def is_machine_made(attributes: dict[str, str], properties: Iterable[tuple[str, str]]) -> bool:
    """Whether a tuv says that mtkit made it, and nobody changed it since.

    Args:
        properties: (type, text) of each prop in it.
    """
    return (
        attributes.get("creationtool") == TOOL
        and not SEEN & set(attributes)
        and (ORIGIN, MACHINE) in properties
    )
