"""Documents filled by a translator: their texts as lines, and what must arrive in each just once."""

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from mtkit.translating.access_keys import key_places, marks_before_words, with_key
from mtkit.translating.protect import Protection
from mtkit.translating.signals import faults, remarks
from mtkit.translating.translation import Translation

if TYPE_CHECKING:
    from mtkit.formats.document import Document, Unit
    from mtkit.formats.translation_memory import Match, TranslationMemory

# A message that chooses between texts (ICU,
# https://unicode-org.github.io/icu/userguide/format_parse/messages/).
CHOICE = re.compile(r"\{\s*\w+\s*,\s*(?:plural|select|selectordinal|choice)\s*,", re.IGNORECASE)
CHOOSING = "it chooses between texts, which only a person can do"
LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class FilledDocument:
    """A document with its translations.

    Attributes:
        content: the file.
        made: units that were translated.
        remembered: units whose translation is that of the memory.
        kept: units that had a translation.
        open: units that were left open, each with the reason.
        like: units of those that were translated that are like a text of the memory.
        notes: what else there is to say.
    """

    content: bytes
    made: int
    remembered: int
    kept: int
    open: list[tuple["Unit", str]]
    like: list[tuple["Unit", "Match"]]
    notes: list[str]


class DocumentFilling:
    """The filling of one document.

    Args:
        protection: what must be in a translation just as often as in its unit.
        memory: what it has is taken before anything is translated.
    """

    def __init__(
        self, document: "Document", protection: Protection, memory: "TranslationMemory | None" = None
    ):
        self._document = document
        self._protection = protection
        self._memory = memory

    def fill(
        self, translate: Callable[[list[str]], list[Translation]], least_likeness: float = 1.0
    ) -> FilledDocument:
        """Translate what is open in the document. The same line is translated once.

        Args:
            translate: lines to translations.
            least_likeness: of a text of the memory that is told of, from 0 to 1; 1 tells of none.
        """
        document = self._document
        texts = [self._remembered(number) for number in range(len(document.units))]
        remembered = frozenset(number for number, text in enumerate(texts) if text is not None)
        to_translate = [number for number in range(len(document.units)) if number not in remembered]
        like = []
        if self._memory and least_likeness < 1:
            like = self._likes([document.units[number] for number in to_translate], least_likeness)
        refusals = {number: self._refusal(number) for number in to_translate}
        marks = self._marks()
        lines = {number: self._lines(number, marks) for number in to_translate if not refusals[number]}
        translations = self._translations(lines, translate)
        left = []
        for number in to_translate:
            text, reason = "", refusals[number]
            if not reason:
                text, reason = self._translated(number, lines[number], translations)
            if reason:
                left.append((document.units[number], reason))
            else:
                texts[number] = text
        return FilledDocument(
            content=document.filled(texts, remembered),
            made=len(to_translate) - len(left),
            remembered=len(remembered),
            kept=document.kept,
            open=left,
            like=like,
            notes=[*document.notes(texts), *self._remarks(lines, translations)],
        )

    def _remarks(
        self, lines: dict[int, list["UnitLine"]], translations: dict[str, Translation]
    ) -> Iterator[str]:
        """What there is to know of how units were translated: each remark once, with the first of them."""
        places: dict[str, list[str]] = {}
        for number, of_unit in lines.items():
            texts = [line.text for line in of_unit if line.text]
            told = chain.from_iterable(remarks(translations[text]) for text in texts)
            for remark in dict.fromkeys(told):
                places.setdefault(remark, []).append(self._document.units[number].where)
        for remark, of_units in places.items():
            yield f"{remark}: {len(of_units):,} units, the first at {of_units[0]}"

    def _remembered(self, number: int) -> str | None:
        """The translation of a unit that the memory has, if it fits; else None."""
        unit = self._document.units[number].text
        text = self._memory.exact(unit) if self._memory else None
        if text is None:
            return None
        text = with_space_around(unit, text)
        fits = unit.count("\n") == text.count("\n") and not self._fault(number, text)
        return text if fits else None

    def _likes(self, units: Sequence["Unit"], least: float) -> list[tuple["Unit", "Match"]]:
        """The units that are like a text of the memory; each text is looked for once."""
        matches = {
            text: self._memory.like(text, least) for text in dict.fromkeys(unit.text for unit in units)
        }
        return [(unit, matches[unit.text]) for unit in units if matches[unit.text]]

    def _refusal(self, number: int) -> str:
        """Why a unit is not translated at all, or nothing: what could not be written even as it is."""
        unit = self._document.units[number]
        return CHOOSING if CHOICE.search(unit.text) else self._document.fault(number, unit.text)

    def _marks(self) -> Set[str] | None:
        """What access keys of the file are marked with before words; None where it has none."""
        if not self._document.keyed:
            return None
        return marks_before_words((unit.text for unit in self._document.units), self._protection)

    def _lines(self, number: int, marks: Set[str] | None) -> list["UnitLine"]:
        lines = self._document.units[number].text.split("\n")
        return [UnitLine.of(line, self._protection, marks) for line in lines]

    def _translations(
        self, lines: dict[int, list["UnitLine"]], translate: Callable[[list[str]], list[Translation]]
    ) -> dict[str, Translation]:
        """Of every line of every unit, once."""
        wanted: dict[str, None] = {}
        for of_unit in lines.values():
            wanted |= dict.fromkeys(line.text for line in of_unit if line.text)
        return dict(zip(wanted, translate(list(wanted)), strict=True)) if wanted else {}

    def _translated(
        self, number: int, lines: list["UnitLine"], translations: dict[str, Translation]
    ) -> tuple[str, str]:
        """The translation of a unit, and why it is none, or nothing."""
        reasons, made = [], []
        for line in lines:
            translation = translations.get(line.text)
            if translation:
                reasons.append(translation_fault(translation))
            made.append(line.put_back(translation.text if translation else "", self._protection))
        reasons += [line.fault(text) for line, text in zip(lines, made, strict=True)]
        text = "\n".join(made)
        reason = next(filter(None, reasons), "") or self._fault(number, text)
        return text, reason

    def _fault(self, number: int, text: str) -> str:
        """Why a text is no translation of a unit, or nothing."""
        unit = self._document.units[number].text
        return changed_codes(unit, text, self._protection) or self._document.fault(number, text)


def changed_codes(unit: str, text: str, protection: Protection) -> str:
    """What a unit and its translation have not just as often, in words; nothing where there is none."""
    return loss_of([*protection.changed(unit, text), *protection.changed(text, unit)])


def loss_of(codes: Sequence[str]) -> str:
    """That a translation has the first of these not as often as its source; nothing where there are none."""
    return f"its translation does not have {codes[0]!r} as often as it" if codes else ""


def with_space_around(text: str, translation: str) -> str:
    """A translation with the white space that is around a text."""
    inner = text.strip()
    start = text.index(inner)
    return text[:start] + translation + text[start + len(inner) :]


def translation_fault(translation: Translation) -> str:
    """Why a translation is none, or nothing."""
    if not translation.text.strip():
        return "its translation is empty"
    wrong = faults(translation)
    return loss_of(translation.changed) or (f"its translation is {wrong[0]}" if wrong else "")


@dataclass(frozen=True)
class UnitLine:
    """A line of a text without what a model should not see.

    Attributes:
        text: what is translated; nothing for a line without a letter, which stays.
        before, behind: the space around it, or all of a line that stays.
        key: its access key, mark and letter, or nothing.
        marks: how often that mark was in the line.
    """

    text: str
    before: str = ""
    behind: str = ""
    key: str = ""
    marks: int = 0

    @classmethod
    def of(cls, line: str, protection: Protection, marks: Set[str] | None) -> "UnitLine":
        """A line as it is.

        Args:
            marks: what access keys of the file are marked with before words; None where it has none.
        """
        text = line.strip()
        if not LETTER.search(text):
            return cls("", line)
        start = line.index(text)
        before, behind = line[:start], line[start + len(text) :]
        places = [] if marks is None else key_places(text, protection.find(text), marks)
        if len(places) != 1:
            return cls(text, before, behind)
        (place,) = places
        key = text[place : place + 2]
        return cls(text[:place] + text[place + 1 :], before, behind, key, text.count(key[0]))

    def put_back(self, translation: str, protection: Protection) -> str:
        """The line of a translation: with the space around it and its access key."""
        text = translation.strip()
        if self.key:
            text = with_key(text, self.key, protection.find(text))
        return self.before + text + self.behind

    def fault(self, made: str) -> str:
        """Why what was made of the line is no translation, or nothing.

        A second mark would be a second access key.
        """
        if self.key and made.count(self.key[0]) != self.marks:
            return f"its translation does not have {self.key[0]!r}, which marks an access key, as often as it"
        return ""


def summary(filled: FilledDocument, most: int) -> Sequence[str]:
    """What became of the units, a line each; of those that are open the first `most`."""
    memory = ""
    if filled.remembered or filled.like:
        memory = f"{filled.remembered:,} from the memory, "
    lines = [
        f"{filled.made:,} units translated, {memory}{filled.kept:,} kept as they were,"
        f" {len(filled.open):,} left open"
    ]
    lines += [f"note: {note}" for note in filled.notes]
    for unit, match in filled.like[:most]:
        lines.append(f"{unit.where}: {match.likeness:.0%} like {match.source!r}, which is {match.target!r}")
    if len(filled.like) > most:
        lines.append(f"and {len(filled.like) - most:,} more like texts of the memory")
    lines += [f"{unit.where}: left open: {reason}" for unit, reason in filled.open[:most]]
    if len(filled.open) > most:
        lines.append(f"and {len(filled.open) - most:,} more left open")
    return lines
