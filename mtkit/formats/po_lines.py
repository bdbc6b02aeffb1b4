"""The lines of a catalogue, as polib reads them rightly, and the characters between its quotation marks.

polib takes the first and the last character of a text for its quotation marks, whatever they are, does not
know escapes by numbers, nor remarks without a space, and loses the last entry before some. So it is given
lines of which it can take nothing amiss.
"""

import re
from pathlib import Path

from mtkit.errors import InputError

# A text with its keyword, or the next line of one.
_TEXT = re.compile(
    r'(?P<obsolete>#~)?\s*(?P<keyword>msgctxt|msgid_plural|msgid|msgstr\[\d\]|msgstr|)\s*"(?P<text>(?:[^"\\]++|\\.)*+)"'
)
_FLAGS = re.compile(r"#,\s*(?P<flags>\S.*)")
# Remarks that are allowed where those of translators are not.
_NOTE = re.compile(r"#[.:,|~]")
_ESCAPE = re.compile(r"(?P<bytes>(?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]+))+)|\\(?P<letter>[ntrabfv\\\"])")
_BYTE = re.compile(r"\\(?:x(?P<hexadecimal>[0-9A-Fa-f]+)|(?P<octal>[0-7]+))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}
_KNOWN = {character: f"\\{letter}" for letter, character in _LETTERS.items()}
# What an editor would show as nothing, or as anything.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def for_polib(text: str, encoding: str, path: Path) -> str:
    """A catalogue with the same lines, of which polib can take nothing amiss: remarks are empty, escapes
    those that it knows.

    Args:
        encoding: what bytes are in that are written as numbers.

    Raises:
        InputError: a line is none of a catalogue, or an entry has no msgstr; names file and line.
    """
    lines: list[str] = []
    waits = False
    for number, line in enumerate(text.split("\n"), 1):
        found = _TEXT.fullmatch(line.strip())
        keyword = found["keyword"] if found else ""
        if waits and keyword in ("msgctxt", "msgid"):
            raise InputError(
                f"{path}:{number}: an entry begins, and the one before has no msgstr: write it, or delete"
                " that entry"
            )
        waits = keyword.startswith("msgid") if keyword else waits
        lines.append(_for_polib(line.strip(), found, encoding, f"{path}:{number}"))
    return "\n".join(lines)


def _for_polib(line: str, found: re.Match | None, encoding: str, where: str) -> str:
    if found:
        before = " ".join(filter(None, (found["obsolete"], found["keyword"])))
        inner = re.sub(r'["\\\n\t\r]', lambda character: _KNOWN[character[0]], meant(found["text"], encoding))
        return f'{before} "{inner}"'.lstrip()
    if not line:
        return ""
    flags = _FLAGS.fullmatch(line)
    if flags:
        return f"#, {flags['flags']}"
    if not line.startswith("#") or re.match(r"#~\s*[^\s#|]", line):
        raise InputError(f"{where}: no gettext catalogue (a keyword or a quotation mark is missing)")
    return "#. -" if _NOTE.match(line) else "#"


def meant(text: str, encoding: str) -> str:
    """The text that is meant by what stands between two quotation marks; a backslash before any other
    character is one.
    """
    # gettext, whose escapes they are, knows no encoding with two bytes for each letter.
    narrow = "utf-8" if encoding.startswith("utf-16") else encoding

    def character(escape: re.Match) -> str:
        if escape["letter"]:
            return _LETTERS[escape["letter"]]
        numbers = (
            int(one["octal"], 8) if one["octal"] else int(one["hexadecimal"], 16)
            for one in _BYTE.finditer(escape["bytes"])
        )
        return bytes(number & 0xFF for number in numbers).decode(narrow, "replace")

    return _ESCAPE.sub(character, text)


def escaped(text: str) -> str:
    """Text as it stands between the quotation marks of a catalogue."""
    text = re.sub(r'["\\]', r"\\\g<0>", text)
    return _CONTROL.sub(lambda character: _KNOWN.get(character[0]) or f"\\{ord(character[0]):03o}", text)
