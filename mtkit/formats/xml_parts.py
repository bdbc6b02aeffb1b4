"""Where the elements of an XML file are in its bytes, so that some can be written anew and all others stay as
they are.

expat does the parsing. No document type is loaded, and a file that declares entities of its own is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from mtkit.errors import InputError
from mtkit.formats.text_file import byte_order_mark, line_numbers, spliced
from mtkit.text.lines import read_whole

ATTRIBUTE = re.compile(r"""(?<!\s)\s++([^\s=<>"'/]++)\s*+=\s*+("[^"]*"|'[^']*')""")
_LAYOUT = re.compile(r"\r?\n[ \t]*\Z")
# Characters before an element that are looked at for a line end and indentation.
_NEAR = 400

Change = tuple[int, int, str]
Attributes = Mapping[str, str | None]


@dataclass(slots=True, eq=False)
class Part:
    """An element, in bytes of the file.

    Attributes:
        name: with its prefix, as it stands there.
        start, content: where it begins, and where what is in it does.
        end, after: where that ends, and the first byte behind the element.
        depth: in how many elements it is.
        locked: whether `translate="no"` holds for it, its own or of one around it.
        preserved: whether `xml:space="preserve"` does.
        empty: whether it has one tag alone, as in <target/>.
        inside: the elements in it that were asked for, children and deeper ones that are in no other such
            element.
    """

    name: str
    attributes: dict[str, str]
    start: int
    depth: int
    locked: bool
    preserved: bool
    content: int = -1
    end: int = -1
    after: int = -1
    empty: bool = False
    inside: "list[Part]" = field(default_factory=list)

    @property
    def local(self) -> str:
        """Its name without a prefix."""
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """What is before that, with the colon; or nothing."""
        return self.name[: self.name.rfind(":") + 1]

    def children(self, name: str) -> "list[Part]":
        """The elements directly in it with this name."""
        return [part for part in self.inside if part.local == name and part.depth == self.depth + 1]

    def child(self, name: str) -> "Part | None":
        """The first of them, or None."""
        return next(iter(self.children(name)), None)

    def deeper(self, wanted: "Callable[[Part], bool]") -> "list[Part]":
        """Those in it that are wanted, at any depth, but for those within one another; in order."""
        found, rest = [], self.inside[::-1]
        while rest:
            part = rest.pop()
            if wanted(part):
                found.append(part)
            else:
                rest += part.inside[::-1]
        return found


class XmlParts:
    """A file, and those of its elements that have one of some names, in the order in which they begin.

    Raises:
        InputError: it cannot be read, is no well-formed XML, or has an entity of its own; names file and
            line.
    """

    def __init__(self, path: Path, names: Iterable[str]):
        self.content, self.path, self.names = read_whole(path), path, frozenset(names)
        self.encoding = _encoding(self.content)
        self.parts: list[Part] = []
        self._stack: list[Part] = []
        self._kept: list[Part] = []
        self._waiting: list[tuple[Part, str]] = []
        parser = self._parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declaration
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.EntityDeclHandler = parser.SkippedEntityHandler = self._entity
        parser.CharacterDataHandler = parser.CommentHandler = self._other
        parser.ProcessingInstructionHandler = lambda *parts: self._other()
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = self._other
        try:
            parser.Parse(self.content, True)
        except expat.ExpatError as error:
            raise InputError(
                f"{path}:{error.lineno}: no well-formed XML ({expat.ErrorString(error.code)})"
            ) from None
        except (LookupError, ValueError) as error:
            raise InputError(f"{path}:1: its encoding cannot be read ({error})") from None
        self._settle(len(self.content))

    def inner(self, part: Part) -> str:
        """What is between the tags of an element, as it stands there."""
        return "" if part.empty else self.read(part.content, part.end)

    def tag(self, part: Part) -> str:
        """The tag that opens an element, as it stands there; of one that has one tag alone, as it would be if
        it had two.
        """
        if part.empty:
            return self.read(part.start, part.after).removesuffix("/>").rstrip() + ">"
        return self.read(part.start, part.content)

    def read(self, start: int, stop: int) -> str:
        """The text between two places."""
        return self.content[start:stop].decode(self.encoding, "replace")

    def layout(self, part: Part) -> str:
        """The line end and the indentation before an element, or nothing."""
        found = _LAYOUT.search(
            self.read(max(0, part.start - _NEAR * len(" ".encode(self.encoding))), part.start)
        )
        return found[0] if found else ""

    def lines(self, parts: Iterable[Part]) -> list[int]:
        """The line, from 1, of each of some elements; they are in order."""
        return list(line_numbers(self.content, (part.start for part in parts), "\n".encode(self.encoding)))

    def changed(self, changes: Iterable[Change]) -> bytes:
        """The file with other text in some places: (start, stop, text)."""
        ours = (
            (start, stop, text.encode(self.encoding, "xmlcharrefreplace"))
            for start, stop, text in sorted(changes)
        )
        return spliced(self.content, ours)

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
        raise InputError(
            f"{self.path}:{line}: the entity &{name}; is not one of XML's own; write the text itself"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        place = self._parser.CurrentByteIndex
        self._settle(place)
        around = self._stack[-1] if self._stack else None
        locked = {"no": True, "yes": False}.get(
            attributes.get("translate", ""), around is not None and around.locked
        )
        space = attributes.get("xml:space", "")
        preserved = {"preserve": True, "default": False}.get(space, around is not None and around.preserved)
        part = Part(name, attributes, place, len(self._stack), locked, preserved)
        self._waiting.append((part, "content"))
        self._stack.append(part)
        if part.local in self.names:
            self.parts.append(part)
            if self._kept:
                self._kept[-1].inside.append(part)
            self._kept.append(part)

    def _end(self, name: str) -> None:
        place = self._parser.CurrentByteIndex
        part = self._stack.pop()
        if self._kept and self._kept[-1] is part:
            self._kept.pop()
        # For an element of one tag expat names the place where that begins, or the one behind it.
        begun = any(waiting is part for waiting, _ in self._waiting)
        part.empty = begun and (place == part.start or self.read(part.start, place).endswith("/>"))
        self._settle(place)
        part.end = place
        self._waiting.append((part, "after"))


def _encoding(content: bytes) -> str:
    """The encoding by the first bytes of a file; UTF-8 until its declaration says otherwise."""
    bare = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
    return byte_order_mark(content)[1] or bare.get(content[:2], "utf-8")


def with_attributes(tag: str, attributes: Attributes) -> str:
    """A tag that opens an element, or is all of it, with attributes, in the place of those that it has by the
    same names.

    Args:
        attributes: None for one that it shall not have.
    """
    tag = ATTRIBUTE.sub(lambda found: "" if found[1] in attributes else found[0], tag)
    end = "/>" if tag.endswith("/>") else ">"
    new = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
    return tag.removesuffix(end).rstrip() + new + end
