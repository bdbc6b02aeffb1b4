"""An XLIFF file to fill. expat says where in the file its parts are; what is filled is written there, and nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from xml.parsers import expat
from xml.sax.saxutils import escape

from mtkit.errors import InputError
from mtkit.formats.document import Unit, line_numbers
from mtkit.formats.xliff import UNFINISHED, is_machine_made
from mtkit.text.lines import read_whole

# How each version says that a translation is a machine's, and that nobody has looked at it.
MARKS = {
    "1": {"state": "needs-review-translation", "state-qualifier": "leveraged-mt"},
    "2": {"state": "translated", "subState": "mtkit:mt"},
}
# The rest of a tag: what may be in it, of which a bracket is no end within quotation marks.
_REST = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
# What is not text in the content of a source: an element that holds codes of another format, text that is not to be translated, a
# comment, an instruction, a section of characters, a tag, or a reference to a character.
CODE = re.compile(
    rf"(?s:<(?P<code>(?:[\w.-]+:)?(?:ph|bpt|ept|it|ut|sub))(?=[\s>]){_REST}(?<!/)>.*?</(?P=code)\s*>"
    rf"|<(?P<mark>(?:[\w.-]+:)?mrk)(?=\s)(?={_REST}\b(?:mtype=.protected|translate=.no)\b){_REST}(?<!/)>.*?</(?P=mark)\s*>"
    r"|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>)"
    rf"|</?[^\s<>/!?\"']{_REST}>|&(?:#\d+|#[xX][0-9A-Fa-f]+|amp|lt|gt|quot|apos);"
)
_CDATA = re.compile(r"(?s)<!\[CDATA\[(.*?)\]\]>")
# What XML cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ATTRIBUTE = re.compile(r"""\s+([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
# States that a person ended a translation with, even an empty one.
_FINAL = frozenset({"final", "signed-off", "translated", "reviewed"})
_NAME = re.compile(r"</?\s*([^\s/>]+)")


@dataclass
class _Part:
    """An element, in bytes of the file.

    Attributes:
        name: with its prefix, as it stands there.
        start, content: where it begins, and where what is in it does.
        end, after: where that ends, and the first byte behind the element.
        empty: whether it has one tag alone, as in <target/>.
    """

    name: str
    attributes: dict[str, str]
    start: int
    content: int = -1
    end: int = -1
    after: int = -1
    empty: bool = False


@dataclass
class _Segment:
    """A trans-unit of XLIFF 1, or a segment of XLIFF 2."""

    whole: _Part
    locked: bool
    preserved: bool
    source: _Part | None = None
    target: _Part | None = None
    segmented: bool = False
    edges: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class XliffDocument:
    """An opened file (see `document.Document`). The text of a unit has its inline codes as they stand in the file."""

    codes: ClassVar[tuple[str, ...]] = (CODE.pattern, "placeholder", "url", "email")
    units: tuple[Unit, ...]
    kept: int
    content: bytes
    encoding: str
    version: str
    segments: tuple[_Segment, ...]

    @classmethod
    def open(cls, path: Path, fuzzy: bool) -> "XliffDocument":
        content = read_whole(path)
        found = _Finder(content, path)
        units, open_ones, kept = [], [], 0
        numbers = line_numbers(content, (segment.whole.start for segment in found.segments), "\n".encode(found.encoding))
        for segment, line in zip(found.segments, numbers, strict=True):
            text = found.text(segment.source) if segment.source else ""
            if segment.locked or not _words(text):
                continue
            if not _is_open(segment, found, fuzzy):
                kept += 1
                continue
            if not segment.preserved:
                # XML means a run of space as one; what is around the text stays as it is.
                segment.edges = re.match(r"[ \t\r\n]*", text)[0], re.search(r"[ \t\r\n]*\Z", text)[0]
                text = re.sub(r"[ \t\r\n]+", " ", text.strip(" \t\r\n"))
            units.append(Unit(text, f"{path}:{line}"))
            open_ones.append(segment)
        return cls(tuple(units), kept, content, found.encoding, found.version, tuple(open_ones))

    def fault(self, number: int, text: str) -> str:
        """Why a translation of a unit cannot be written, or nothing: its codes must be those of the source, and well-formed."""
        if self.segments[number].segmented:
            return "it is cut into segments (seg-source), which are not filled"
        if _NOT_XML.search(text):
            return "its translation has a character that XML cannot hold"
        wanted, found = ([code for code, _ in _codes(one) if code.startswith("<")] for one in (self.units[number].text, text))
        if sorted(wanted) != sorted(found):
            return "its translation has other inline codes"
        opened = []
        for code in found:
            if code.endswith("/>") or code.startswith(("<!", "<?")) or re.search(r"</[^<>]*>\Z", code[1:]):
                continue
            name = _NAME.match(code)[1]
            if not code.startswith("</"):
                opened.append(name)
            elif not opened or opened.pop() != name:
                return "the inline codes of its translation cross each other"
        return "an inline code of its translation is not closed" if opened else ""

    def filled(self, translations: Sequence[str | None]) -> bytes:
        changes: list[tuple[int, int, str]] = []
        for segment, text in zip(self.segments, translations, strict=True):
            if text is not None:
                changes += self._changes(segment, text)
        content, done = [], 0
        for start, stop, text in sorted(changes):
            content += [self.content[done:start], text.encode(self.encoding, "xmlcharrefreplace")]
            done = stop
        return b"".join([*content, self.content[done:]])

    def _changes(self, segment: _Segment, text: str) -> list[tuple[int, int, str]]:
        """What to write for a segment: (start, stop, text) in bytes of the file."""
        inner = "".join(escape(before) + code for code, before in _codes(text))
        inner = segment.edges[0] + inner + segment.edges[1]
        marks, source, target = MARKS[self.version], segment.source, segment.target
        changes = []
        own = marks if self.version == "1" else {}
        if self.version == "2":
            tag = self._read(segment.whole.start, segment.whole.content)
            changes.append((segment.whole.start, segment.whole.content, with_attributes(tag, marks)))
        if target:
            tag = self._read(target.start, target.after if target.empty else target.content)
            changes.append((target.start, target.after, f"{with_attributes(opening(tag), own)}{inner}</{target.name}>"))
            return changes
        name = source.name[: source.name.rfind(":") + 1] + "target"
        before = self._read(max(0, source.start - 400 * len(" ".encode(self.encoding))), source.start)
        layout = re.search(r"\r?\n[ \t]*\Z", before)
        tag = with_attributes(f"<{name}>", own)
        changes.append((source.after, source.after, f"{layout[0] if layout else ''}{tag}{inner}</{name}>"))
        return changes

    def _read(self, start: int, stop: int) -> str:
        return self.content[start:stop].decode(self.encoding, "replace")


def _codes(text: str) -> list[tuple[str, str]]:
    """(code, text before it) of each code in a text; at last no code, and the rest."""
    found, done = [], 0
    for code in CODE.finditer(text):
        found.append((code[0], text[done : code.start()]))
        done = code.end()
    return [*found, ("", text[done:])]


def _words(text: str) -> str:
    """What is text in the content of an element, also in a section of characters."""
    return CODE.sub("", _CDATA.sub(r"\1", text)).strip()


def _is_open(segment: _Segment, found: "_Finder", fuzzy: bool) -> bool:
    """Whether a segment is to be translated."""
    target, whole = segment.target, segment.whole.attributes
    state = (target.attributes.get("state") if target else "") or whole.get("state", "")
    if whole.get("approved") == "yes":
        return False
    if target is None or not _words(found.text(target)):
        return target is None or state not in _FINAL
    own = {**whole, **target.attributes}
    return fuzzy and (state in UNFINISHED or is_machine_made(own.get("state-qualifier", ""), own.get("subState", "")))


def opening(tag: str) -> str:
    """The tag that opens an element, of one that has no content."""
    return re.sub(r"\s*/>\Z", ">", tag)


def with_attributes(tag: str, attributes: dict[str, str]) -> str:
    """An opening tag with attributes, in the place of those that it has by the same names."""
    tag = _ATTRIBUTE.sub(lambda found: "" if found[1] in attributes else found[0], tag)
    return tag[:-1].rstrip() + "".join(f' {name}="{value}"' for name, value in attributes.items()) + ">"


class _Finder:
    """Where the segments of a file are.

    Raises:
        InputError: no well-formed XML, no XLIFF, an entity of the file's own; names file and line.
    """

    def __init__(self, content: bytes, path: Path):
        self.content, self.path = content, path
        self.encoding, self.version = _encoding(content), ""
        self.segments: list[_Segment] = []
        self._stack: list[tuple[_Part, bool, bool]] = []
        self._waiting: list[tuple[_Part, str]] = []
        parser = self._parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declaration
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.EntityDeclHandler = parser.SkippedEntityHandler = self._entity
        parser.CharacterDataHandler = parser.CommentHandler = self._other
        parser.ProcessingInstructionHandler = lambda *parts: self._other()
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = self._other
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise InputError(f"{path}:{error.lineno}: no well-formed XML ({expat.ErrorString(error.code)})") from None
        except (LookupError, ValueError) as error:
            raise InputError(f"{path}:1: its encoding cannot be read ({error})") from None
        self._settle(len(content))
        if not self.version:
            raise InputError(f"{path} is no XLIFF: it has no element xliff")

    def text(self, part: _Part) -> str:
        """What is between the tags of an element, as it stands there."""
        return "" if part.empty else self.content[part.content : part.end].decode(self.encoding)

    def _settle(self, place: int) -> None:
        """The tag before this place ends here."""
        for part, name in self._waiting:
            setattr(part, name, place)
        self._waiting.clear()

    def _other(self, *_) -> None:
        self._settle(self._parser.CurrentByteIndex)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and not self.encoding.startswith("utf-16"):
            self.encoding = encoding

    def _entity(self, name: str, *_) -> None:
        line = self._parser.CurrentLineNumber
        raise InputError(f"{self.path}:{line}: the entity &{name}; is not one of XML's own; write the text itself")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        place = self._parser.CurrentByteIndex
        self._settle(place)
        part = _Part(name, attributes, place)
        self._waiting.append((part, "content"))
        local = name.rpartition(":")[2]
        _, locked, preserved = self._stack[-1] if self._stack else (None, False, False)
        locked = {"no": True, "yes": False}.get(attributes.get("translate", ""), locked)
        preserved = {"preserve": True, "default": False}.get(attributes.get("xml:space", ""), preserved)
        above = self._stack[-1][0].name.rpartition(":")[2] if self._stack else ""
        self._stack.append((part, locked, preserved))
        if local == "xliff" and not self.version:
            self.version = "2" if attributes.get("version", "1").startswith("2") else "1"
        elif (self.version, local) in (("1", "trans-unit"), ("2", "segment")):
            self.segments.append(_Segment(part, locked, preserved))
        elif self.segments and above == {"1": "trans-unit", "2": "segment"}.get(self.version) and local in ("source", "target"):
            setattr(self.segments[-1], local, part)
        elif self.segments and local == "seg-source":
            self.segments[-1].segmented = True

    def _end(self, name: str) -> None:
        place = self._parser.CurrentByteIndex
        part, *_ = self._stack.pop()
        part.empty = any(waiting is part for waiting, _ in self._waiting) and place == part.start
        self._settle(place)
        part.end = place
        self._waiting.append((part, "after"))


def _encoding(content: bytes) -> str:
    """The encoding by the first bytes of a file; UTF-8 until its declaration says otherwise."""
    if content.startswith((b"\xff\xfe", b"<\x00")):
        return "utf-16-le"
    return "utf-16-be" if content.startswith((b"\xfe\xff", b"\x00<")) else "utf-8"
