"""Documents filled by a translator: their texts as lines, and what must arrive in each just once."""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from mtkit.formats.document import Document, Unit
from mtkit.formats.translation_memory import Match, TranslationMemory
from mtkit.translating.access_keys import key_places, marks_before_words, with_key
from mtkit.translating.protect import Protection
from mtkit.translating.signals import faults
from mtkit.translating.translation import Translation

# A message that chooses between texts (ICU,
# https://unicode-org.github.io/icu/userguide/format_parse/messages/).
CHOICE = re.compile(r"\{\s*\w+\s*,\s*(?:plural|select|selectordinal|choice)\s*,", re.IGNORECASE)


@dataclass(frozen=True)
class Filled:
    """A document with its translations.

    Attributes:
        content: the file.
        made: units that were translated.
        remembered: units whose translation is that of the memory.
        like: units of those that were translated that are like a text of the memory.
        kept: units that had a translation.
        open: units that were left open, each with the reason.
        notes: what else there is to say.
    """

    content: bytes
    made: int
    remembered: int
    kept: int
    open: list[tuple[Unit, str]]
    like: list[tuple[Unit, Match]]
    notes: list[str]


def fill(
    document: Document,
    translate: Callable[[list[str]], list[Translation]],
    protection: Protection,
    memory: TranslationMemory | None = None,
    least_likeness: float = 1.0,
) -> Filled:
    """Translate what is open in a document. The same line is translated once.

    Args:
        translate: lines to translations.
        protection: what must be in a translation just as often as in its unit.
        memory: what it has is taken before anything is translated.
        least_likeness: of a text of the memory that is told of, from 0 to 1; 1 tells of none.
    """

    def fault(number: int, text: str) -> str:
        return changed_codes(document.units[number].text, text, protection) or document.fault(number, text)

    known: list[str | None] = [memory.exact(unit.text) if memory else None for unit in document.units]
    for number, (unit, text) in enumerate(zip(document.units, known, strict=True)):
        if text is not None:
            whole = _around(unit.text, text)
            known[number] = (
                None if unit.text.count("\n") != whole.count("\n") or fault(number, whole) else whole
            )
    like = _likes(document.units, known, memory, least_likeness) if memory and least_likeness < 1 else []
    choosing = "it chooses between texts, which only a person can do"
    # What could not be written even as it is needs no translating.
    refused = [
        choosing if CHOICE.search(unit.text) else document.fault(number, unit.text)
        for number, unit in enumerate(document.units)
    ]
    marks = marks_before_words((unit.text for unit in document.units), protection) if document.keyed else None
    prepared = [
        (
            []
            if why or text is not None
            else [_Line.of(line, protection, marks) for line in unit.text.split("\n")]
        )
        for unit, text, why in zip(document.units, known, refused, strict=True)
    ]
    wanted = list(dict.fromkeys(line.text for lines in prepared for line in lines if line.text))
    found = dict(zip(wanted, translate(wanted), strict=True)) if wanted else {}
    texts: list[str | None] = list(known)
    left = []
    for number, lines in enumerate(prepared):
        if texts[number] is not None:
            continue
        reason = refused[number] or next(
            (why for line in lines if line.text and (why := bad(line.text, found[line.text]))), ""
        )
        made = [line.back(found[line.text].text if line.text else "", protection) for line in lines]
        reason = reason or next(
            (why for line, own in zip(lines, made, strict=True) if (why := line.fault(own))), ""
        )
        text = "\n".join(made)
        reason = reason or fault(number, text)
        if reason:
            left.append((document.units[number], reason))
        else:
            texts[number] = text
    remembered = frozenset(number for number, text in enumerate(known) if text is not None)
    made = len(texts) - len(left) - len(remembered)
    content, notes = document.filled(texts, remembered), document.notes(texts)
    return Filled(content, made, len(remembered), document.kept, left, like, notes)


def _likes(
    units: Sequence[Unit], known: Sequence[str | None], memory: TranslationMemory, least: float
) -> list[tuple[Unit, Match]]:
    """The units that are like a text of the memory, and are not in it; each text is looked for once."""
    matches = {unit.text: None for unit, text in zip(units, known, strict=True) if text is None}
    matches = {text: memory.like(text, least) for text in matches}
    return [
        (unit, matches[unit.text])
        for unit, text in zip(units, known, strict=True)
        if text is None and matches[unit.text]
    ]


def changed_codes(unit: str, text: str, protection: Protection) -> str:
    """What a unit and its translation have not just as often, in words; nothing where there is none."""
    return lost([*protection.changed(unit, text), *protection.changed(text, unit)])


def lost(codes: Sequence[str]) -> str:
    """That a translation has the first of these not as often as its source; nothing where there are none."""
    return f"its translation does not have {codes[0]!r} as often as it" if codes else ""


def _around(text: str, translation: str) -> str:
    """A translation with the white space that is around a text."""
    inner = text.strip()
    start = text.index(inner)
    return text[:start] + translation + text[start + len(inner) :]


def bad(line: str, translation: Translation) -> str:
    """Why a translation is none, or nothing."""
    if not translation.text.strip():
        return "its translation is empty"
    wrong = faults(translation)
    return lost(translation.changed) or (f"its translation is {wrong[0]}" if wrong else "")


@dataclass(frozen=True)
class _Line:
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
    def of(cls, line: str, protection: Protection, marks: Set[str] | None) -> "_Line":
        """A line as it is.

        Args:
            marks: what access keys of the file are marked with before words; None where it has none.
        """
        text = line.strip()
        if not re.search(r"[^\W\d_]", text):
            return cls("", line)
        start = line.index(text)
        key, count = "", 0
        places = [] if marks is None else key_places(text, protection.find(text), marks)
        if len(places) == 1:
            (place,) = places
            count = text.count(text[place])
            key, text = text[place : place + 2], text[:place] + text[place + 1 :]
        return cls(text, line[:start], line[start + len(line.strip()) :], key, count)

    def back(self, translation: str, protection: Protection) -> str:
        """The line of a translation: with the space around it and its access key."""
        text = translation.strip()
        return (
            self.before
            + (with_key(text, self.key, protection.find(text)) if self.key else text)
            + self.behind
        )

    def fault(self, made: str) -> str:
        """Why what was made of the line is no translation, or nothing: a second mark would be a second access
        key.
        """
        if self.key and made.count(self.key[0]) != self.marks:
            return f"its translation does not have {self.key[0]!r}, which marks an access key, as often as it"
        return ""


def summary(filled: Filled, most: int) -> Sequence[str]:
    """What became of the units, a line each; of those that are open the first `most`."""
    memory = f"{filled.remembered:,} from the memory, " if filled.remembered or filled.like else ""
    lines = [
        f"{filled.made:,} units translated, {memory}{filled.kept:,} kept as they were, {len(filled.open):,}"
        " left open"
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
