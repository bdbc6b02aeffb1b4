"""XML files: their elements, with where each stands in the bytes, so that some can be written anew and all
others stay as they are.

expat does the parsing. No document type is loaded and nothing is fetched; entities that a file declares
itself are not replaced, and refused where a text has one.
"""

import gzip
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from mtkit.errors import InputError
from mtkit.formats.text_file import Change, byte_order_mark, spliced
from mtkit.text.lines import open_text, read_whole

# What is within the brackets of a tag: a bracket between quotation marks does not end it.
WITHIN_TAG = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
ATTRIBUTE = re.compile(r"""(?<!\s)\s++([^\s=<>"'/]++)\s*+=\s*+("[^"]*"|'[^']*')""")
_TAG = re.compile(rf"<{WITHIN_TAG}>".encode())
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)""")
_LAYOUT = re.compile(rb"\r?\n[ \t]*\Z")
# Bytes before an element that are looked at for a line end and indentation.
_NEAR = 400
# Bytes that are read at once, and of the beginning, which says what encoding they are in.
_CHUNK, _HEAD = 1 << 16, 1 << 10

Attributes = Mapping[str, str | None]


@dataclass(slots=True, eq=False)
class Element:
    """An element. Places are in the bytes of the file in UTF-8.

    Attributes:
        name, local: its name as it stands there, and without a prefix.
        start, content: where it begins, and where what is in it does.
        end, after: where that ends, and the first byte behind the element.
        line: that it begins in, from 1.
        depth: in how many elements it is.
        locked: whether `translate="no"` holds for it, its own or of one around it.
        preserved: whether `xml:space="preserve"` does.
        empty: whether it has one tag alone, as in <target/>.
        inside: of what is in a unit the elements in it that were asked for, children and deeper ones that
            are in no other such element.
    """

    name: str
    local: str
    attributes: dict[str, str]
    start: int
    content: int
    line: int
    depth: int
    locked: bool
    preserved: bool
    empty: bool
    end: int = -1
    after: int = -1
    inside: "list[Element]" = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """What is before that, with the colon; or nothing."""
        return self.name[: self.name.rfind(":") + 1]

    def children(self, name: str) -> "list[Element]":
        """The elements directly in it with this name."""
        return [child for child in self.inside if child.local == name and child.depth == self.depth + 1]

    def child(self, name: str) -> "Element | None":
        """The first of them, or None."""
        for child in self.inside:
            if child.local == name and child.depth == self.depth + 1:
                return child
        return None

    def deeper(self, wanted: "Callable[[Element], bool]") -> "list[Element]":
        """Those in it that are wanted, at any depth, but for those within one another; in order."""
        elements, waiting = [], self.inside[::-1]
        while waiting:
            element = waiting.pop()
            if wanted(element):
                elements.append(element)
            else:
                waiting += element.inside[::-1]
        return elements


class _Scope(NamedTuple):
    """What holds for all that is in an element, unless it says otherwise."""

    locked: bool
    preserved: bool

    def within(self, attributes: Mapping[str, str]) -> "_Scope":
        """What holds in an element with these attributes."""
        locked = {"no": True, "yes": False}.get(attributes.get("translate", ""), self.locked)
        preserved = {"preserve": True, "default": False}.get(attributes.get("xml:space", ""), self.preserved)
        return _Scope(locked, preserved)


class XmlFile:
    """A file.

    Args:
        names: of the elements that are wanted, without prefixes.
        units: those of them that are given when they are whole; others when they begin.
    """

    def __init__(self, path: Path, names: Iterable[str], units: Iterable[str]):
        self.path, self.names, self.units = path, frozenset(names), frozenset(units)
        self.mark, self.encoding = b"", "utf-8"
        # What of the file is at hand, and where that begins.
        self._bytes = bytearray()
        self._first = 0
        self._scopes = [_Scope(locked=False, preserved=False)]
        self._opened: list[Element] = []
        self._ready: list[Element] = []
        # How many of those that are open are units, and where the last tag is that was wanted.
        self._units = 0
        self._seen = 0
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.EntityDeclHandler = self._declare

    def stream(self) -> Iterator[Element]:
        """The elements that are wanted, in order, but for those within units. What is in one can be read
        until the next is asked for: no more of the file is kept.

        Raises:
            InputError: it cannot be read, or is no well-formed XML; names file and line.
        """
        for chunk in self._chunks():
            self._parse(chunk)
            yield from self._ready
            self._ready.clear()
            units = (element.start for element in self._opened if element.local in self.units)
            # Behind that the parser may wait for the end of a tag.
            kept = next(units, max(self._seen, self._parser.CurrentByteIndex))
            del self._bytes[: kept - self._first]
            self._first = kept
        self._parse(b"", is_last=True)
        yield from self._ready

    def load(self) -> list[Element]:
        """The same elements, and all of the file stays at hand."""
        for chunk in self._chunks():
            self._parse(chunk)
        self._parse(b"", is_last=True)
        if self.encoding != "utf-8" and self.replaced([]) != read_whole(self.path):
            raise InputError(f"{self.path}:1: it can be written in {self.encoding} in more than one way")
        return self._ready

    def inner(self, element: Element) -> str:
        """What is between the tags of an element, as it stands there."""
        return self.read(element.content, element.end)

    def tag(self, element: Element) -> str:
        """The tag that opens an element, as it stands there; of one that has one tag alone, as it would be if
        it had two.
        """
        tag = self.read(element.start, element.content)
        return tag.removesuffix("/>").rstrip() + ">" if element.empty else tag

    def read(self, start: int, stop: int) -> str:
        """The text between two places."""
        return self._bytes[start - self._first : stop - self._first].decode()

    def layout(self, element: Element) -> str:
        """The line end and the indentation before an element, or nothing."""
        layout = _LAYOUT.search(self._bytes[max(0, element.start - _NEAR) : element.start])
        return layout[0].decode() if layout else ""

    def replaced(self, changes: Iterable[Change[str]]) -> bytes:
        """The file with other text in some places; all of it must be at hand."""
        encoded = (Change(start, stop, text.encode()) for start, stop, text in sorted(changes))
        content = spliced(bytes(self._bytes), encoded)
        if self.encoding != "utf-8":
            content = content.decode().encode(self.encoding, "xmlcharrefreplace")
        return self.mark + content

    def _chunks(self) -> Iterator[bytes]:
        """The content of the file in UTF-8, without a byte order mark."""
        with open_text(self.path) as file:
            try:
                chunk = file.read(_HEAD)
                self.mark, self.encoding = _encoding(chunk)
                chunk = chunk.removeprefix(self.mark)
                if self.encoding == "utf-8":
                    while chunk:
                        yield chunk
                        chunk = file.read(_CHUNK)
                    return
                "a".encode(self.encoding)  # refuses what is no encoding of text
                decoder = getincrementaldecoder(self.encoding)()
                while chunk:
                    yield decoder.decode(chunk).encode()
                    chunk = file.read(_CHUNK)
                yield decoder.decode(b"", final=True).encode()
            except (LookupError, UnicodeError) as error:
                line = self._parser.CurrentLineNumber
                raise InputError(f"{self.path}:{line}: its encoding cannot be read ({error})") from None
            except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
                raise InputError(f"{self.path} cannot be read: {str(error).lower()}") from None

    def _parse(self, chunk: bytes, *, is_last: bool = False) -> None:
        self._bytes += chunk
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise InputError(
                f"{self.path}:{error.lineno}: no well-formed XML ({expat.ErrorString(error.code)})"
            ) from None

    def _declare(self, *declaration) -> None:
        """The file declares an entity: it is not replaced if there is a handler for it."""
        self._parser.DefaultHandler = lambda text: None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth, scope = len(self._scopes), self._scopes[-1]
        if "translate" in attributes or "xml:space" in attributes:
            scope = scope.within(attributes)
        self._scopes.append(scope)
        local = name.rpartition(":")[2] if ":" in name else name
        if local not in self.names:
            return
        place = self._seen = self._parser.CurrentByteIndex
        content = self._first + _TAG.match(self._bytes, place - self._first).end()
        is_empty = self._bytes[content - self._first - 2] == ord("/")
        line = self._parser.CurrentLineNumber
        element = Element(name, local, attributes, place, content, line, depth, *scope, is_empty)
        if self._units:
            self._opened[-1].inside.append(element)
        self._opened.append(element)
        if local in self.units:
            self._units += 1
        elif not self._units:
            self._ready.append(element)

    def _end(self, name: str) -> None:
        self._scopes.pop()
        if not self._opened or self._opened[-1].depth != len(self._scopes):
            return
        element = self._opened.pop()
        self._seen = place = self._parser.CurrentByteIndex
        if element.empty:
            element.end = element.after = element.content
        else:
            element.end = place
            element.after = self._first + self._bytes.index(b">", place - self._first) + 1
        if element.local in self.units:
            self._units -= 1
            self._ready.append(element)


def _encoding(head: bytes) -> tuple[bytes, str]:
    """(byte order mark, encoding) of a file by its beginning: as its declaration says, unless its bytes show
    otherwise.
    """
    mark, encoding = byte_order_mark(head)
    if encoding:
        return mark, encoding
    bare = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
    if head[:2] in bare:
        return b"", bare[head[:2]]
    declared = _DECLARED.match(head)
    encoding = declared[1].decode() if declared else "utf-8"
    is_utf = encoding.lower().startswith(("utf-8", "utf8", "utf-16", "utf16", "ucs-2"))
    return b"", "utf-8" if is_utf else encoding


def with_attributes(tag: str, attributes: Attributes) -> str:
    """A tag that opens an element, or is all of it, with attributes, in the place of those that it has by the
    same names.

    Args:
        attributes: None for one that it shall not have.
    """
    tag = ATTRIBUTE.sub(lambda attribute: "" if attribute[1] in attributes else attribute[0], tag)
    end = "/>" if tag.endswith("/>") else ">"
    new = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
    return tag.removesuffix(end).rstrip() + new + end
