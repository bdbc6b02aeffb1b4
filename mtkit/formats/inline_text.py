"""What the content of an element of XLIFF or TMX says, and how a translation stands in its place: with tags
for its codes (see `tags`), all else as it is meant: & for &amp;.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from mtkit.errors import InputError
from mtkit.formats.inline_codes import DELETED, PROTECTED, Code, Interrupted
from mtkit.formats.tag_pairs import Crossed, UnitTags, tags_for
from mtkit.formats.tags import alone, apart, free_numbers, nest, respelled, together
from mtkit.formats.text_file import lacking
from mtkit.formats.xml_file import Element, XmlFile

_COMMENT = re.compile(r"(?s)<!--.*?-->")
_CHARACTERS = re.compile(r"(?s)<!\[CDATA\[(.*?)\]\]>")
_ALL_CHARACTERS = re.compile(r"(?s)(\s*<!\[CDATA\[)((?:(?!\]\]>).)*)(\]\]>\s*)")
_REFERENCE = re.compile(
    r"&(?:#(?P<decimal>\d+)|#[xX](?P<hexadecimal>[0-9A-Fa-f]+)|(?P<name>amp|lt|gt|quot|apos));"
)
_ENTITY = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)([^\s;&<>]+);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What XML cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WHITE = " \t\r\n"
_SPACE = re.compile(f"[{_WHITE}]++")


def plain_text(file: XmlFile, element: Element | None, tags: UnitTags | None) -> str:
    """What an element says to whoever reads it.

    Args:
        tags: number the codes of its unit; None to drop them.

    Raises:
        InputError: an entity that the file declares itself; names file and line.
    """
    raw = file.inner(element) if element else ""
    # XML ends a line with a newline alone, however the file does.
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in raw and "&" not in raw:
        return raw
    text = Interrupted.of(_without_sections(raw), DELETED)
    parts = _decoded(text.parts, file, element)
    return together(parts, tags.side(text.codes)) if tags else _without_codes(parts, text.codes)


def _without_codes(parts: list[str], codes: list[Code]) -> str:
    """The parts of a text; words on both sides of a code are not one."""
    pieces = parts[:1]
    for before, code, part in zip(parts, codes, parts[1:], strict=False):
        are_letters = before[-1:].isalnum() and part[:1].isalnum()
        pieces += [" "] if are_letters and code.parts_words else []
        pieces.append(part)
    return "".join(pieces)


@dataclass(frozen=True)
class InlineText:
    """What an element says to who translates it.

    Attributes:
        text: with tags for its codes.
        codes: what each tag stands for.
        loose: tags for halves of pairs that stay in this order, as the other half is elsewhere, or across
            another pair.
        spelled: for each character of the text that stands there otherwise, how, each time that it is there.
        before, behind: what is around the text, and stays.
        characters: whether it is one section of characters (CDATA), in which nothing stands otherwise.
        encoding: of the file.
        why: it cannot be translated; or nothing.
    """

    text: str
    codes: dict[str, str] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    spelled: dict[str, list[str]] = field(default_factory=dict)
    before: str = ""
    behind: str = ""
    characters: bool = False
    encoding: str = "utf-8"
    why: str = ""

    @classmethod
    def of(cls, file: XmlFile, element: Element, *, preserved: bool) -> "InlineText":
        """From an element.

        Args:
            preserved: whether all its space means something; else XML means a run of it as one, but for that
                within a code.

        Raises:
            InputError: an entity that the file declares itself; names file and line.
        """
        raw = file.inner(element)
        section = _ALL_CHARACTERS.fullmatch(raw)
        if section:
            before, text, behind = section.groups()
            return cls(text, before=before, behind=behind, characters=True, encoding=file.encoding)
        pieces = Interrupted.of(raw, PROTECTED)
        before, parts, behind = (
            ("", pieces.parts, "") if preserved else _around(pieces.parts, has_codes=bool(pieces.codes))
        )
        spelled = _spelled(parts)
        parts = _decoded(parts, file, element)
        codes = [code.raw for code in pieces.codes]
        why = ""
        if any((section := _CHARACTERS.match(code)) and re.search(r"\w", section[1]) for code in codes):
            why = "a part of its text is a section of characters (CDATA)"
        numbers = free_numbers("".join(parts))
        try:
            tags, loose = tags_for(pieces.codes, numbers)
        except Crossed:
            tags, loose = [alone(next(numbers)) for _ in codes], ()
            why = "its inline codes cannot be followed"
        named = dict(zip(tags, codes, strict=True))
        return cls(
            together(parts, tags), named, loose, spelled, before, behind, encoding=file.encoding, why=why
        )

    def fault(self, text: str) -> str:
        """Why a translation cannot be written, or nothing: its codes must be those of the text, and nest."""
        if self.why:
            return self.why
        if _NOT_XML.search(text):
            return "its translation has a character that XML cannot hold"
        if self.characters:
            return self._fault_of_section(text)
        _, tags = apart(text, self.codes)
        if sorted(self.codes) != sorted(tags):
            return "its translation has other inline codes"
        stays = tuple(tag for tag in tags if tag in self.loose) == self.loose
        return "" if nest(tags) and stays else "the inline codes of its translation cross each other"

    def _fault_of_section(self, text: str) -> str:
        """Why a section of characters cannot hold a translation, or nothing."""
        section = "its section of characters (CDATA)"
        if lacked := lacking(self.encoding, text):
            return f"{section} cannot hold {lacked!r}, as {self.encoding} cannot write it"
        return f"its translation would end {section}" if "]]>" in text else ""

    def written(self, text: str) -> str:
        """A translation as it stands in the file: what stood there otherwise in the text, and what must,
        likewise.
        """
        if self.characters:
            return self.before + text + self.behind
        parts, tags = apart(text, self.codes)
        spelled = {character: [way] for character, way in _ESCAPED.items()} | self.spelled
        parts = [part.replace("]]>", "]]&gt;") for part in respelled(parts, spelled)]
        return self.before + together(parts, [self.codes[tag] for tag in tags]) + self.behind


def _around(parts: list[str], *, has_codes: bool) -> tuple[str, list[str], str]:
    """(space before a text, the parts of it with each run of space as one, space behind it)"""
    first, last = parts[0], parts[-1]
    before = first[: len(first) - len(first.lstrip(_WHITE))]
    behind = last[len(last.rstrip(_WHITE)) :] if has_codes or last.strip(_WHITE) else ""
    bare = [first.removeprefix(before), *parts[1:]]
    bare[-1] = bare[-1].removesuffix(behind)
    return before, [_SPACE.sub(" ", part) for part in bare], behind


def _decoded(parts: Iterable[str], file: XmlFile, element: Element) -> list[str]:
    """Parts of a text with what is meant by each reference."""
    decoded = []
    for part in parts:
        if "&" in part:
            if entity := _ENTITY.search(part):
                raise InputError(
                    f"{file.path}:{element.line}: the entity {entity[0]} is not one of XML's own; write the"
                    " text itself"
                )
            part = _REFERENCE.sub(_meant, part)
        decoded.append(part)
    return decoded


def _meant(reference: re.Match) -> str:
    """The character that is meant by a reference, or by itself."""
    if reference["name"]:
        return _NAMED[reference["name"]]
    if reference["decimal"]:
        return chr(int(reference["decimal"]))
    if reference["hexadecimal"]:
        return chr(int(reference["hexadecimal"], 16))
    return reference[0]


def _spelled(parts: list[str]) -> dict[str, list[str]]:
    """How each character of a text that stands there otherwise somewhere stands there, each time."""
    spelled: dict[str, list[str]] = {">": []}
    references = chain.from_iterable(map(_REFERENCE.finditer, parts))
    spelled |= {_meant(reference): [] for reference in references}
    pattern = f"{_REFERENCE.pattern}|[{re.escape(''.join(spelled))}]"
    for reference in re.finditer(pattern, "".join(parts)):
        spelled[_meant(reference)].append(reference[0])
    return {character: ways for character, ways in spelled.items() if ways}


def is_filled(raw: str) -> bool:
    """Whether there is a text in the content of an element as it stands in the file, or a code, which
    somebody put there.
    """
    return bool(words(raw)) or any(not code.is_remark for code in Interrupted.of(raw, PROTECTED).codes)


def words(raw: str) -> str:
    """What is text in the content of an element as it stands in the file, also in a section of characters."""
    parts = Interrupted.of(_without_sections(raw), PROTECTED).parts
    return _REFERENCE.sub(_meant, "".join(parts)).strip()


def remarks(raw: str, inner: str) -> str:
    """The comments in the content of an element as it stands in the file that another content does not
    have.
    """
    return "".join(comment for comment in _COMMENT.findall(raw) if comment not in inner)


def _without_sections(raw: str) -> str:
    """The content of an element with what is in sections of characters (CDATA) as text."""
    if "<![CDATA[" not in raw:
        return raw
    return _CHARACTERS.sub(lambda section: section[1].replace("&", "&amp;").replace("<", "&lt;"), raw)
