"""Gettext catalogues (.po): their entries, with where each stands, for whoever reads and whoever fills them.

https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.languages import serves
from mtkit.formats.plural import Plurals
from mtkit.formats.text_file import TextFile, byte_order_mark
from mtkit.text.lines import read_whole

# A text with its keyword, or the next line of one.
_TEXT = re.compile(
    r"(?P<obsolete>#~)?\s*(?:(?P<keyword>msgctxt|msgid_plural|msgid|msgstr(?:\[(?P<form>\d+)\])?))?"
    r'\s*"(?P<text>(?:[^"\\]++|\\.)*+)"'
)
_CHARSET = re.compile(rb'"?Content-Type:.+? charset=([\w.:-]+)')
_ESCAPE = re.compile(r"(?P<bytes>(?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]+))+)|\\(?P<letter>[ntrabfv\\\"])")
_BYTE = re.compile(r"\\(?:x(?P<hexadecimal>[0-9A-Fa-f]+)|(?P<octal>[0-7]+))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}
_KNOWN = {character: f"\\{letter}" for letter, character in _LETTERS.items()}
# What an editor would show as nothing, or as anything.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Which keyword may come behind which; nothing is the beginning of an entry.
_MAY_FOLLOW = {
    "msgctxt": ("",),
    "msgid": ("", "msgctxt"),
    "msgid_plural": ("msgid",),
    "msgstr": ("msgid",),
    "msgstr[]": ("msgid_plural", "msgstr[]"),
}


@dataclass
class Entry:
    """An entry. Places are in the text of the file.

    Attributes:
        line: the line of its first keyword, from 1; of "#|" (what its text was before), where it has that.
        head: where that line begins: flags stand before it.
        flags: where the line with its flags begins, or None.
        text, plural: msgid, and msgid_plural, where it has one.
        translations: msgstr by the number of its form; 0 where it has no plural.
        start, stop: where the lines of its msgstr begin and end, the last without its end.
        remarked: whether there are remarks between these.
    """

    line: int = 0
    head: int | None = None
    flags: int | None = None
    fuzzy: bool = False
    obsolete: bool = False
    text: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    start: int = -1
    stop: int = -1
    remarked: bool = False

    @property
    def is_translated(self) -> bool:
        """Whether one of its translations has text."""
        return any(self.translations.values())


@dataclass(frozen=True)
class Catalogue:
    """A catalogue.

    Attributes:
        entries: without the header.
        header: what that says, as "Name: value" in lines.
    """

    file: TextFile
    entries: tuple[Entry, ...]
    header: str

    @classmethod
    def read(cls, path: Path, language: str) -> "Catalogue":
        """Read a file.

        Args:
            language: which it should be a translation into; nothing for any.

        Raises:
            InputError: it is no catalogue, in another encoding than it says, or into another language; names
                file and line.
        """
        file = _decoded(path)
        entries = tuple(_Parser(file).entries())
        header = next((entry for entry in entries if not entry.text and not entry.obsolete), None)
        catalogue = cls(
            file,
            tuple(entry for entry in entries if entry.text and not entry.obsolete),
            header.translations.get(0, "") if header else "",
        )
        stated = catalogue.stated("Language")
        if not serves(language, stated):
            raise InputError(
                f"{path} is a translation into {stated}, as its header says (Language), and {language} is"
                " asked for"
            )
        return catalogue

    def stated(self, name: str) -> str:
        """What its header says by a name, or nothing."""
        stated = re.search(rf"(?m)^{name}:(.*)$", self.header)
        return stated[1].strip() if stated else ""

    @property
    def plurals(self) -> Plurals:
        """The plural rule in its header."""
        return Plurals.read(self.stated("Plural-Forms"))


def _decoded(path: Path) -> TextFile:
    """The text of a file in the encoding that its header names, UTF-8 where it names none.

    Raises:
        InputError: it is not in that encoding, or its lines end in carriage returns alone; names file and
            line.
    """
    content = read_whole(path)
    mark, marked = byte_order_mark(content)
    named = "" if marked else _charset(content)
    encoding = marked or named or "utf-8"
    bare = content[len(mark) :]
    try:
        text = bare.decode(encoding)
        if text.encode(encoding) != bare:
            raise UnicodeError("it can be written in more than one way")
    except (UnicodeError, LookupError) as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        said = f"the encoding that its header names, {named}" if named else f"{encoding}, and names no other"
        raise InputError(f"{path}:{line}: cannot be read in {said} ({error}); convert it to UTF-8") from None
    file = TextFile(path, text, encoding, mark)
    lonely = re.search(r"\r(?!\n)", text)
    if lonely:
        raise InputError(
            f"{path}:{file.line(lonely.start())}: a carriage return without a newline; end lines with a"
            " newline"
        )
    return file


def _charset(content: bytes) -> str:
    """The encoding that a header names; nothing where it names none, or one that is not known."""
    named = _CHARSET.search(content)
    encoding = named[1].decode("ascii", "replace") if named else ""
    try:
        codecs.lookup(encoding)
    except LookupError:
        return ""
    return encoding


class _Parser:
    """Reads the lines of a catalogue in their order.

    Attributes:
        entry: what is being read.
        keyword, form: the last one of it, which a line without one goes on from, and its number.
        waiting: what stands behind a complete entry, and is of the next, unless another msgstr follows.
    """

    def __init__(self, file: TextFile):
        self.file = file
        self.entry = Entry()
        self.keyword, self.form = "", 0
        self.waiting: Entry | None = None
        self.number = 0
        self.place = 0
        # gettext, whose escapes they are, knows no encoding with two bytes for each letter.
        self.byte_encoding = "utf-8" if file.encoding.startswith("utf-16") else file.encoding

    def entries(self) -> Iterator[Entry]:
        """The entries, the header and obsolete ones too."""
        for line in self.file.text.split("\n"):
            self.number += 1
            bare = line.strip()
            text = _TEXT.fullmatch(bare)
            if text:
                if text["keyword"] in ("msgctxt", "msgid") and self._is_complete:
                    yield self._finished()
                self._text(text, len(line.removesuffix("\r")))
            elif bare:
                self._remark(line, bare)
            self.place += len(line) + 1
        if self._is_complete:
            yield self._finished()
        elif self.keyword:
            raise InputError(f"{self.file.path}:{self.entry.line}: an entry without msgstr")

    @property
    def _is_complete(self) -> bool:
        """Whether an entry may end here."""
        return self.keyword.startswith("msgstr")

    def _finished(self) -> Entry:
        """The entry, which is complete; another begins."""
        entry, self.entry = self.entry, self.waiting or Entry()
        self.keyword, self.waiting = "", None
        return entry

    def _text(self, text: re.Match, length: int) -> None:
        """A line with a text; `length` is that of the line without its end."""
        if text["keyword"]:
            self._begin(text)
        elif not self.keyword or self.waiting:
            raise self._wrong("a keyword is missing, or not in its place")
        entry, meaning = self.entry, meant(text["text"], self.byte_encoding)
        if self.keyword == "msgid":
            entry.text += meaning
        elif self.keyword == "msgid_plural":
            entry.plural = (entry.plural or "") + meaning
        elif self._is_complete:
            entry.translations[self.form] += meaning
            entry.stop = self.place + length

    def _begin(self, text: re.Match) -> None:
        """A keyword: it may come here, and the entry knows where it is."""
        entry = self.entry
        keyword = "msgstr[]" if text["form"] else text["keyword"]
        if self.keyword.startswith("msgid") and keyword in ("msgctxt", "msgid"):
            raise InputError(
                f"{self.file.path}:{self.number}: an entry begins, and the one before has no msgstr: write"
                " it, or delete that entry"
            )
        if self.keyword not in _MAY_FOLLOW[keyword]:
            raise self._wrong("a keyword is missing, or not in its place")
        self.keyword = keyword
        if entry.head is None:
            entry.head, entry.line = self.place, self.number
        if keyword == "msgid":
            entry.obsolete = text["obsolete"] is not None
        elif self._is_complete:
            self.form = int(text["form"] or 0)
            entry.translations[self.form] = ""
            entry.start = self.place if entry.start < 0 else entry.start
            entry.remarked = entry.remarked or self.waiting is not None
            self.waiting = None

    def _remark(self, line: str, bare: str) -> None:
        """A line that begins with a number sign."""
        if not bare.startswith("#") or re.match(r"#~\s*[^\s#|]", bare):
            raise self._wrong("a keyword or a quotation mark is missing")
        if self._is_complete and self.waiting is None:
            self.waiting = Entry()
        entry = self.waiting or self.entry
        if bare.startswith("#|") and entry.head is None:
            entry.head, entry.line = self.place, self.number
        if bare.startswith("#,") and bare[2:].strip():
            entry.flags = self.place + len(line) - len(line.lstrip())
            entry.fuzzy = entry.fuzzy or "fuzzy" in (flag.strip() for flag in bare[2:].split(","))

    def _wrong(self, reason: str) -> InputError:
        return InputError(f"{self.file.path}:{self.number}: no gettext catalogue ({reason})")


def meant(text: str, encoding: str) -> str:
    """The text that is meant by what stands between two quotation marks; a backslash before any other
    character is one.

    Args:
        encoding: what bytes are in that are written as numbers.
    """
    if "\\" not in text:
        return text

    def character(escape: re.Match) -> str:
        if escape["letter"]:
            return _LETTERS[escape["letter"]]
        return bytes(map(_byte, _BYTE.finditer(escape["bytes"]))).decode(encoding, "replace")

    return _ESCAPE.sub(character, text)


def _byte(number: re.Match) -> int:
    value = int(number["octal"], 8) if number["octal"] else int(number["hexadecimal"], 16)
    return value & 0xFF


def escaped(text: str) -> str:
    """Text as it stands between the quotation marks of a catalogue."""
    text = re.sub(r'["\\]', r"\\\g<0>", text)
    return _CONTROL.sub(_escape, text)


def _escape(control: re.Match) -> str:
    return _KNOWN.get(control[0]) or f"\\{ord(control[0]):03o}"
