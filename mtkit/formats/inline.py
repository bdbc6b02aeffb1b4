"""What is in an element of XLIFF or TMX that holds text: the text, and the codes of another format in it."""

import re
from dataclasses import dataclass, field

from mtkit.formats.codes import REMARKS
from mtkit.formats.tag_pairs import Crossed, tags_for
from mtkit.formats.tags import apart, free_numbers, nest, respelled, together
from mtkit.formats.text_file import lacking

# The rest of a tag: what may be in it, of which a bracket is no end within quotation marks.
_REST = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
# What is not text: an element that holds codes of another format, text that is not to be translated, a
# comment, an instruction, a section of characters, a tag.
CODE = re.compile(
    rf"(?s:<(?P<code>(?:[\w.-]+:)?(?:ph|bpt|ept|it|ut|sub|x|bx|ex|sc|ec|sm|em|cp))(?=[\s>]){_REST}(?<!/)>.*?</(?P=code)\s*>"
    rf"|<(?P<mark>(?:[\w.-]+:)?mrk)(?=\s)(?={_REST}\b(?:mtype=.protected|translate=.no)\b){_REST}(?<!/)>.*?</(?P=mark)\s*>"
    r"|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>)"
    rf"|</?[^\s<>/!?\"']{_REST}>"
)
_NAME = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_CHARACTERS = re.compile(r"(?s)<!\[CDATA\[(.*?)\]\]>")
_ALL_CHARACTERS = re.compile(r"(?s)(\s*<!\[CDATA\[)((?:(?!\]\]>).)*)(\]\]>\s*)")
_REFERENCE = re.compile(
    r"&(?:#(?P<decimal>\d+)|#[xX](?P<hexadecimal>[0-9A-Fa-f]+)|(?P<name>amp|lt|gt|quot|apos));"
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What XML cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WHITE = " \t\r\n"
_SPACE = re.compile(f"[{_WHITE}]++")


@dataclass(frozen=True)
class Inline:
    """What is in an element.

    Attributes:
        text: with tags for its codes (see `tags`), all else as it is meant: & for &amp;.
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
    def read(cls, raw: str, preserved: bool, encoding: str) -> "Inline":
        """From what stands in the file. Where space is not preserved, XML means a run of it as one; within a
        code it stays.
        """
        whole = _ALL_CHARACTERS.fullmatch(raw)
        if whole:
            return cls(whole[2], before=whole[1], behind=whole[3], characters=True, encoding=encoding)
        pieces = _in_turn(CODE, raw)
        parts, codes = pieces[::2], pieces[1::2]
        before = behind = ""
        if not preserved:
            first, last = parts[0], parts[-1]
            before = first[: len(first) - len(first.lstrip(_WHITE))]
            behind = last[len(last.rstrip(_WHITE)) :] if codes or last.strip(_WHITE) else ""
            parts[0] = parts[0].removeprefix(before)
            parts[-1] = parts[-1].removesuffix(behind)
            parts = [_SPACE.sub(" ", part) for part in parts]
        spelled = _spelled(parts)
        parts = [_REFERENCE.sub(meant, part) for part in parts]
        why = ""
        if any((section := _CHARACTERS.match(code)) and re.search(r"\w", section[1]) for code in codes):
            why = "a part of its text is a section of characters (CDATA)"
        number = free_numbers("".join(parts))
        try:
            tags, loose = tags_for(codes, number)
        except Crossed:
            tags, loose, why = [f"<c{number()}/>" for _ in codes], (), "its inline codes cannot be followed"
        named = dict(zip(tags, codes, strict=True))
        return cls(together(parts, tags), named, loose, spelled, before, behind, encoding=encoding, why=why)

    def fault(self, text: str) -> str:
        """Why a translation cannot be written, or nothing: its codes must be those of the text, and nest."""
        if self.why:
            return self.why
        if _NOT_XML.search(text):
            return "its translation has a character that XML cannot hold"
        if self.characters:
            if lacked := lacking(self.encoding, text):
                return (
                    f"its section of characters (CDATA) cannot hold {lacked!r}, as {self.encoding} cannot"
                    " write it"
                )
            return "its translation would end its section of characters (CDATA)" if "]]>" in text else ""
        _, found = apart(text, self.codes)
        if sorted(self.codes) != sorted(found):
            return "its translation has other inline codes"
        loose = frozenset(self.loose)
        stays = tuple(tag for tag in found if tag in loose) == self.loose
        return "" if nest(found) and stays else "the inline codes of its translation cross each other"

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


def _in_turn(pattern: re.Pattern, text: str) -> list[str]:
    """What a pattern does not find and what it finds, in turn."""
    parts, done = [], 0
    for found in pattern.finditer(text):
        parts += [text[done : found.start()], found[0]]
        done = found.end()
    return [*parts, text[done:]]


def _spelled(parts: list[str]) -> dict[str, list[str]]:
    """For each character of the parts of a text that stands there otherwise, how, each time that it is
    there.
    """
    spelled: dict[str, list[str]] = {">": []}
    spelled |= {meant(found): [] for part in parts for found in _REFERENCE.finditer(part)}
    for found in re.finditer(f"{_REFERENCE.pattern}|[{re.escape(''.join(spelled))}]", "".join(parts)):
        spelled[meant(found)].append(found[0])
    return {character: ways for character, ways in spelled.items() if ways}


def meant(found: re.Match) -> str:
    """The character that is meant by a reference, or by itself."""
    if found["name"]:
        return _NAMED[found["name"]]
    if found["decimal"] or found["hexadecimal"]:
        return chr(int(found["decimal"]) if found["decimal"] else int(found["hexadecimal"], 16))
    return found[0]


def is_filled(raw: str) -> bool:
    """Whether there is a text in the content of an element as it stands in the file, or a code, which
    somebody put there.
    """
    names = (_NAME.match(code[0]) for code in CODE.finditer(raw))
    return bool(words(raw)) or any(name and name[1] not in REMARKS for name in names)


def remarks(raw: str, inner: str) -> str:
    """The comments in the content of an element as it stands in the file that another content does not
    have.
    """
    return "".join(comment for comment in _COMMENT.findall(raw) if comment not in inner)


def words(raw: str) -> str:
    """What is text in the content of an element as it stands in the file, also in a section of characters."""
    return _REFERENCE.sub(
        meant, CODE.sub("", _CHARACTERS.sub(lambda found: found[1].replace("<", "&lt;"), raw))
    ).strip()
