"""XLIFF 1.0 to 1.2 and 2.x (OASIS), and SDLXLIFF, which is 1.2 with segments; streamed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.codes import Codes, Side
from mtkit.formats.format import PairOptions
from mtkit.formats.languages import serves
from mtkit.formats.markup import attribute, elements, local_name, text_of
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line

# What is text inside a source or target: groups and marks; x, bx, ex, ph, bpt, ept, it and sub hold codes.
TEXT = frozenset({"g", "mrk", "pc"})
# States in which a translation is not one yet.
UNFINISHED = frozenset(
    {
        "new",
        "needs-translation",
        "needs-adaptation",
        "needs-l10n",
        "needs-review-adaptation",
        "needs-review-l10n",
        "needs-review-translation",
        "initial",
    }
)
# A translation that is there, which somebody should look at; and that of the same text, which a person made.
NEEDS_REVIEW, EXACT_MATCH = "needs-review-translation", "exact-match"


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
        documents = pairs = 0
        languages: dict[str, None] = {}
        here = True
        events = {"xliff": "start", "file": "start", "trans-unit": "end", "unit": "end"}
        top: Mapping[str, str] = {}
        for name, element in elements(self.path, events):
            if name == "xliff":
                documents += 1
                top = dict(element.attrib)
            if name in ("xliff", "file"):
                own = languages_of(element.attrib, top)
                here = in_languages(own, self.options.languages)
                languages.update({" to ".join(own): None} if any(own) else {})
            elif here and documents and not _is_locked(element):
                for source, target in self._segments(element) if name == "unit" else self._unit(element):
                    pairs += 1
                    yield SentencePair(source, target, str(self.path), element.sourceline or 0)
        if not documents:
            raise InputError(f"{self.path} is no XLIFF: it has no element xliff")
        if not pairs:
            held = ", ".join(languages) or "not named"
            wanted = f"from {self.options.languages[0]} to {self.options.languages[1]}"
            raise InputError(f"{self.path} has no finished translation {wanted}; its languages: {held}")

    def _unit(self, element) -> Iterator[tuple[str, str]]:
        """The pair of a trans-unit of XLIFF 1; where both sides are cut into segments, that of each which has
        a translation.
        """
        source, target = _child(element, "source"), _child(element, "target")
        if source is None or target is None:
            return
        all_of_it = {**element.attrib, **target.attrib}
        unseen = all_of_it.get("approved") == "no" and not all_of_it.get("state")
        if is_unfinished(all_of_it) or unseen or is_machine_made(all_of_it):
            return
        states = {attribute(one, "id"): one.attrib for one in element.iter("{*}seg")}
        segments = _segments(_child(element, "seg-source"))
        into = _segments(target)
        if not (segments and into):
            if not any(map(_is_no_translation, states.values())):
                yield from self._pair(source, target)
            return
        for number, own in segments.items():
            others = into.get(number, [])
            if len(own) == len(others) == 1 and not _is_no_translation(states.get(number, {})):
                yield from self._pair(own[0], others[0])

    def _segments(self, element) -> Iterator[tuple[str, str]]:
        """The pairs of the segments of a unit of XLIFF 2."""
        for segment in element:
            if (
                isinstance(segment.tag, str)
                and local_name(segment) == "segment"
                and not (is_unfinished(segment.attrib) or is_machine_made(segment.attrib))
            ):
                source, target = _child(segment, "source"), _child(segment, "target")
                if source is not None and target is not None:
                    yield from self._pair(source, target)

    def _pair(self, source, target) -> Iterator[tuple[str, str]]:
        for side in (source, target):
            for remark in list(side.iter("{*}mrk")):
                if attribute(remark, "mtype") == "x-sdl-deleted":
                    remark.clear(keep_tail=True)
        codes = Codes(self.options.keep_codes)
        texts = [one_line(text_of(side, TEXT, self.path, Side(codes))) for side in (source, target)]
        if all(texts):
            yield texts[0], texts[1]


def languages_of(file: Mapping[str, str], top: Mapping[str, str]) -> tuple[str, str]:
    """The languages that the attributes of an element file name, or else those of xliff: (source, target),
    each may be nothing.
    """
    source, target = file.get("source-language", ""), file.get("target-language", "")
    return source or top.get("srcLang", ""), target or top.get("trgLang", "")


def in_languages(found: tuple[str, str], wanted: tuple[str, str]) -> bool:
    """Whether what is in some languages may be what is asked for."""
    return all(map(serves, wanted, found))


def is_unfinished(target: Mapping[str, str]) -> bool:
    """Whether the attributes of a target say that it is no translation yet. What a person made for the same
    text is one.
    """
    state = target.get("state", "")
    return state in UNFINISHED and (state, target.get("state-qualifier")) != (NEEDS_REVIEW, EXACT_MATCH)


def is_machine_made(target: Mapping[str, str]) -> bool:
    """Whether a target says that a machine made it, and nobody has looked at it: where it came from alone
    does not say that.

    Args:
        target: its attributes and those of its unit; of XLIFF 2 those of the segment, with our own word for a
            machine.
    """
    if target.get("subState") == "mtkit:mt":
        return target.get("state", "initial") in ("initial", "translated")
    unseen = target.get("approved") != "yes" and (target.get("state") or "new") in UNFINISHED
    return unseen and target.get("state-qualifier", "").endswith("-mt")


def _is_no_translation(segment: Mapping[str, str]) -> bool:
    """Whether the attributes of a segment of SDLXLIFF say that it is a machine's draft, or that it was
    rejected.
    """
    return is_machine_draft(segment) or segment.get("conf", "").startswith("Rejected")


def is_machine_draft(segment: Mapping[str, str]) -> bool:
    """Whether the attributes of a segment of SDLXLIFF (sdl:seg) say that a machine made it, and nobody has
    confirmed it.
    """
    return segment.get("origin", "").endswith("mt") and segment.get("conf", "Draft") == "Draft"


def _is_locked(element) -> bool:
    """Whether it is not to be translated: what is said nearest to it holds, of itself or of what it is in."""
    said = (attribute(one, "translate") for one in (element, *element.iterancestors()))
    return next(filter(None, said), "") == "no"


def _segments(side) -> dict[str, list]:
    """The segments that a side of a trans-unit is cut into, by their numbers, which should be one's own; none
    without a side.
    """
    found: dict[str, list] = {}
    for mark in side.iter("{*}mrk") if side is not None else ():
        if attribute(mark, "mtype") == "seg":
            found.setdefault(attribute(mark, "mid"), []).append(mark)
    return found


def _child(element, name: str):
    """The first child with a name, or None."""
    return next(
        (child for child in element if isinstance(child.tag, str) and local_name(child) == name), None
    )
