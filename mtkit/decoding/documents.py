"""Documents filled by a translator: their texts as lines, and what must arrive in each just once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mtkit.decoding.translation import Translation
from mtkit.formats.document import Document, Unit
from mtkit.formats.memory import Match, Memory

# The access key of a label: a mark before one of its letters, as GTK (_), Windows and Qt (&) and LibreOffice (~) write it. Not what
# is in R&D or snake_case: within a word of small letters, or where a word begins.
ACCELERATOR = re.compile(r"(?!&\w+;)(?:(?<![\w&~])[_&~](?=[^\W\d_])|(?<=[a-z])[&~](?=[a-z])|(?<=\b[A-Za-z])[_&~](?=[a-z]))")
MARKS = "_&~"


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
    """

    content: bytes
    made: int
    remembered: int
    kept: int
    open: list[tuple[Unit, str]]
    like: list[tuple[Unit, Match]]


def fill(
    document: Document,
    translate: Callable[[list[str]], list[Translation]],
    memory: Memory | None = None,
    least_likeness: float = 1.0,
) -> Filled:
    """Translate what is open in a document. The same line is translated once.

    Args:
        translate: lines to translations.
        memory: what it has is taken before anything is translated.
        least_likeness: of a text of the memory that is told of, from 0 to 1; 1 tells of none.
    """
    known = [memory.exact(unit.text) if memory else None for unit in document.units]
    known = [None if text is None or document.fault(number, text) else text for number, text in enumerate(known)]
    like = []
    for unit, text in zip(document.units, known, strict=True):
        if memory and text is None and least_likeness < 1 and (match := memory.like(unit.text, least_likeness)):
            like.append((unit, match))
    prepared = [
        [_Line.of(line) for line in unit.text.split("\n")] if text is None else []
        for unit, text in zip(document.units, known, strict=True)
    ]
    wanted = list(dict.fromkeys(line.text for lines in prepared for line in lines if line.text))
    found = dict(zip(wanted, translate(wanted), strict=True)) if wanted else {}
    texts: list[str | None] = []
    left = []
    for number, (unit, lines, remembered) in enumerate(zip(document.units, prepared, known, strict=True)):
        if remembered is not None:
            texts.append(_around(unit.text, remembered))
            continue
        reason = next((why for line in lines if line.text and (why := fault(line.text, found[line.text]))), "")
        text = "\n".join(line.back(found[line.text].text if line.text else "") for line in lines)
        reason = reason or document.fault(number, text)
        if reason:
            left.append((unit, reason))
        texts.append(None if reason else text)
    remembered = sum(text is not None for text in known)
    return Filled(document.filled(texts), len(texts) - len(left) - remembered, remembered, document.kept, left, like)


def _around(text: str, translation: str) -> str:
    """A translation with the white space that is around a text."""
    inner = text.strip()
    start = text.index(inner)
    return text[:start] + translation + text[start + len(inner) :]


def fault(line: str, translation: Translation) -> str:
    """Why a translation is none, or nothing."""
    if not translation.text.strip():
        return "its translation is empty"
    if translation.changed:
        return f"its translation does not have {translation.changed[0]!r} as often as it"
    return ""


@dataclass(frozen=True)
class _Line:
    """A line of a text without what a model should not see.

    Attributes:
        text: what is translated; nothing for a line without a letter, which stays.
        before, behind: the space around it, or all of a line that stays.
        key: its access key, mark and letter, or nothing.
    """

    text: str
    before: str = ""
    behind: str = ""
    key: str = ""

    @classmethod
    def of(cls, line: str) -> "_Line":
        text = line.strip()
        if not re.search(r"[^\W\d_]", text):
            return cls("", line)
        start = line.index(text)
        key = ""
        marks = list(ACCELERATOR.finditer(text))
        if len(marks) == 1 and sum(text.count(mark) for mark in MARKS) == 1:
            place = marks[0].start()
            key, text = text[place : place + 2], text[:place] + text[place + 1 :]
        return cls(text, line[:start], line[start + len(line.strip()) :], key)

    def back(self, translation: str) -> str:
        """The line of a translation: with the space around it and its access key."""
        return self.before + (with_key(translation.strip(), self.key) if self.key else translation.strip()) + self.behind


def with_key(text: str, key: str) -> str:
    """A label with an access key.

    It is at the same letter where a word begins with it, or anywhere; else at the first letter; in brackets behind a label that no
    key types, as is usual for such scripts.
    """
    mark, letter = key
    places = [found.start() for found in re.finditer(rf"(?i)\b{re.escape(letter)}", text)]
    places += [found.start() for found in re.finditer(rf"(?i){re.escape(letter)}", text)]
    places += [found.start() for found in re.finditer(r"[A-Za-zÀ-ɏͰ-ӿ]", text)]
    if not places:
        return f"{text}({mark}{letter.upper()})"
    return text[: places[0]] + mark + text[places[0] :]


def summary(filled: Filled, most: int) -> Sequence[str]:
    """What became of the units, a line each; of those that are open the first `most`."""
    memory = f"{filled.remembered:,} from the memory, " if filled.remembered or filled.like else ""
    lines = [f"{filled.made:,} units translated, {memory}{filled.kept:,} kept as they were, {len(filled.open):,} left open"]
    for unit, match in filled.like[:most]:
        lines.append(f"{unit.where}: {match.likeness:.0%} like {match.source!r}, which is {match.target!r}")
    if len(filled.like) > most:
        lines.append(f"and {len(filled.like) - most:,} more like texts of the memory")
    lines += [f"{unit.where}: left open: {reason}" for unit, reason in filled.open[:most]]
    if len(filled.open) > most:
        lines.append(f"and {len(filled.open) - most:,} more left open")
    return lines
