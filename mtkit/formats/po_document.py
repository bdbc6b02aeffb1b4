"""A gettext catalogue to fill. polib says what is in it; the lines of what is filled are written here, and no
others.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Unit
from mtkit.formats.encodings import lacking
from mtkit.formats.gettext import decoded, parsed
from mtkit.formats.plural import Plurals
from mtkit.formats.po_lines import escaped

_KEYWORD = re.compile(r"\s*(msgid|msgid_plural|msgstr|msgctxt)\b")


@dataclass(frozen=True)
class _Slot:
    """An entry to fill.

    Attributes:
        head: the line, from 0, that its flags stand before.
        flags: the line with its flags, or None.
        first, last: the lines of its msgstr, from 0; behind the last.
        forms: for each msgstr the place of its unit.
        plural: whether the msgstr are numbered.
        fuzzy: whether it is marked as doubtful already.
    """

    head: int
    flags: int | None
    first: int
    last: int
    forms: tuple[int, ...]
    plural: bool
    fuzzy: bool


@dataclass(frozen=True)
class PoDocument:
    """An opened catalogue (see `document.Document`)."""

    keyed: ClassVar[bool] = True
    # What steers a terminal is no text either.
    codes: ClassVar[tuple[str, ...]] = (
        "placeholder",
        "tag",
        "url",
        "email",
        r"\x1b\[[0-9;]*[A-Za-z]",
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    )
    units: tuple[Unit, ...]
    kept: int
    lines: list[str]
    encoding: str
    mark: bytes
    slots: tuple[_Slot, ...]

    @classmethod
    def open(cls, path: Path, fuzzy: bool, language: str) -> "PoDocument":
        text, encoding, mark = decoded(path)
        catalogue = parsed(text, encoding, path, language)
        lines = text.split("\n")
        lines = [*(line + "\n" for line in lines[:-1]), lines[-1]]
        plurals = Plurals.read(catalogue.metadata.get("Plural-Forms", ""))
        units: list[Unit] = []
        slots: list[_Slot] = []
        kept, place = 0, 0
        for entry in catalogue:
            place = max(place, (entry.linenum or 1) - 1)
            if entry.obsolete or not entry.msgid:
                continue
            head, flags, first, last = _lines_of(lines, place, path)
            place = last
            # Of plural forms one that a person wrote keeps the others open, and a remark between them too.
            done = any(entry.msgstr_plural.values()) if entry.msgid_plural else bool(entry.msgstr)
            remarked = any(line.lstrip().startswith("#") for line in lines[first:last])
            if (done and not (fuzzy and entry.fuzzy)) or remarked:
                kept += 1
                continue
            where = f"{path}:{head + 1}"
            texts = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
            forms: tuple[int, ...] = (len(units),)
            if entry.msgid_plural:
                forms = tuple(len(units) + (not plurals.is_singular(form)) for form in range(plurals.count))
            units += [Unit(one, where) for one in texts]
            slots.append(_Slot(head, flags, first, last, forms, bool(entry.msgid_plural), entry.fuzzy))
        return cls(tuple(units), kept, lines, encoding, mark, tuple(slots))

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing: a catalogue can hold any text that its
        encoding can.
        """
        lacked = lacking(self.encoding, text)
        why = (
            f"its translation has {lacked!r}, which {self.encoding} cannot write: msgconv -t UTF-8 makes a"
            " file that can"
        )
        return why if lacked else ""

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """What whoever fills the file should know: nothing."""
        return []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        lines = list(self.lines)
        for slot in self.slots:
            texts = [translations[form] for form in slot.forms]
            if any(text is None for text in texts):
                continue
            end = re.search(r"\r?\n?\Z", lines[slot.last - 1])[0]
            newline = re.search(r"\r?\n\Z", lines[slot.head])[0]
            written = []
            for number, text in enumerate(texts):
                keyword = f"msgstr[{number}]" if slot.plural else "msgstr"
                written.append(f'{keyword} "{escaped(text)}"{newline}')
            written[-1] = written[-1][: -len(newline)] + end
            # As many lines as before, so that the places of all others stay.
            lines[slot.first : slot.last] = ["".join(written), *[""] * (slot.last - slot.first - 1)]
            if slot.fuzzy:
                continue
            if slot.flags is None:
                lines[slot.head] = f"#, fuzzy{newline}{lines[slot.head]}"
            else:
                lines[slot.flags] = re.sub(r"#,[ \t]*", "#, fuzzy, ", lines[slot.flags], count=1)
        return self.mark + "".join(lines).encode(self.encoding)


def _lines_of(lines: list[str], place: int, path: Path) -> tuple[int, int | None, int, int]:
    """(first keyword, flags, first msgstr, behind the last msgstr) of the entry that begins at a line or
    behind it.
    """
    head = flags = first = None
    known = 0
    for number in range(place, len(lines)):
        line = lines[number]
        found = _KEYWORD.match(line)
        # Flags stand before what a text was before.
        if line.startswith("#|") and head is None:
            head = number
            continue
        if found and found[1] != "msgstr" and first is not None:
            return head, flags, first, _behind(lines, first, number)
        if found and head is None:
            head = number
        if found and found[1] == "msgstr" and first is None:
            first = number
        if line.startswith("#,") and line[2:].strip() and first is None:
            flags = number
        elif line.lstrip().startswith("#") and first is not None and number >= known:
            known = _behind_remarks(lines, number)
            if not (known < len(lines) and lines[known].lstrip().startswith("msgstr[")):
                return head, flags, first, _behind(lines, first, number)
    if head is None or first is None:
        raise InputError(f"{path}:{place + 1}: an entry without msgstr")
    return head, flags, first, _behind(lines, first, len(lines))


def _behind_remarks(lines: list[str], place: int) -> int:
    """The first line, at one or behind it, that is neither empty nor a remark; there may be forms of the same
    entry.
    """
    rest = range(place, len(lines))
    return next(
        (number for number in rest if (line := lines[number].strip()) and not line.startswith("#")),
        len(lines),
    )


def _behind(lines: list[str], first: int, stop: int) -> int:
    """Behind the last line of the msgstr that begin at a line."""
    while stop > first and not lines[stop - 1].strip():
        stop -= 1
    return stop
