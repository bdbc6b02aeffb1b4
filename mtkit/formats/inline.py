"""What is in an element of XLIFF or TMX that holds text: the text, and the codes of another format in it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# The rest of a tag: what may be in it, of which a bracket is no end within quotation marks.
_REST = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
# What is not text: an element that holds codes of another format, text that is not to be translated, a comment, an instruction, a
# section of characters, a tag.
CODE = re.compile(
    rf"(?s:<(?P<code>(?:[\w.-]+:)?(?:ph|bpt|ept|it|ut|sub))(?=[\s>]){_REST}(?<!/)>.*?</(?P=code)\s*>"
    rf"|<(?P<mark>(?:[\w.-]+:)?mrk)(?=\s)(?={_REST}\b(?:mtype=.protected|translate=.no)\b){_REST}(?<!/)>.*?</(?P=mark)\s*>"
    r"|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>)"
    rf"|</?[^\s<>/!?\"']{_REST}>"
)
_CHARACTERS = re.compile(r"(?s)<!\[CDATA\[(.*?)\]\]>")
_ALL_CHARACTERS = re.compile(r"(?s)(\s*<!\[CDATA\[)((?:(?!\]\]>).)*)(\]\]>\s*)")
_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d+)|#[xX](?P<hexadecimal>[0-9A-Fa-f]+)|(?P<name>amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What XML cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"</?\s*([^\s/>]+)")
_SPACE = " \t\r\n"


@dataclass(frozen=True)
class Inline:
    """What is in an element.

    Attributes:
        text: with its codes as they stand there, all else as it is meant: & for &amp;.
        codes: of the text, in order.
        spelled: for each character of the text that stands there otherwise, how, each time that it is there.
        before, behind: what is around the text, and stays.
        characters: whether it is one section of characters (CDATA), in which nothing stands otherwise.
        encoding: of the file.
    """

    text: str
    codes: tuple[str, ...]
    spelled: dict[str, list[str]]
    before: str = ""
    behind: str = ""
    characters: bool = False
    encoding: str = "utf-8"

    @classmethod
    def read(cls, raw: str, preserved: bool, encoding: str) -> "Inline":
        """From what stands in the file. Where space is not preserved, XML means a run of it as one."""
        whole = _ALL_CHARACTERS.fullmatch(raw)
        if whole:
            return cls(whole[2], (), {}, whole[1], whole[3], True, encoding)
        before = behind = ""
        if not preserved:
            before, behind = re.match(r"[ \t\r\n]*", raw)[0], re.search(r"(?<![ \t\r\n])[ \t\r\n]*\Z", raw)[0]
            raw = re.sub(r"[ \t\r\n]+", " ", raw.strip(_SPACE))
        parts = _in_turn(CODE, raw)
        spelled: dict[str, list[str]] = {">": []}
        spelled |= {meant(found): [] for part in parts[::2] for found in _REFERENCE.finditer(part)}
        for found in _spellings(spelled).finditer("".join(parts[::2])):
            spelled[meant(found)].append(found[0])
        parts[::2] = [_REFERENCE.sub(meant, part) for part in parts[::2]]
        return cls("".join(parts), tuple(parts[1::2]), {one: ways for one, ways in spelled.items() if ways}, before, behind)

    def fault(self, text: str) -> str:
        """Why a translation cannot be written, or nothing: its codes must be those of the text, and well-formed."""
        if _NOT_XML.search(text):
            return "its translation has a character that XML cannot hold"
        if self.characters:
            try:
                text.encode(self.encoding)
            except UnicodeEncodeError as error:
                lacking = text[error.start]
                return f"its section of characters (CDATA) cannot hold {lacking!r}, as {self.encoding} cannot write it"
            return "its translation would end its section of characters (CDATA)" if "]]>" in text else ""
        found = self._in_turn(text)[1::2]
        if sorted(self.codes) != sorted(found):
            return "its translation has other inline codes"
        return nesting_fault(found)

    def written(self, text: str) -> str:
        """A translation as it stands in the file: what stood there otherwise in the text, and what must, likewise."""
        if self.characters:
            return self.before + text + self.behind
        parts = self._in_turn(text)
        spelled = {character: [way] for character, way in _ESCAPED.items()} | self.spelled
        parts[::2] = [part.replace("]]>", "]]&gt;") for part in respelled(parts[::2], spelled)]
        return self.before + "".join(parts) + self.behind

    def _in_turn(self, text: str) -> list[str]:
        """Text and codes of this element in turn, text first and last."""
        if not self.codes:
            return [text]
        return _in_turn(re.compile("|".join(map(re.escape, sorted(set(self.codes), key=len, reverse=True)))), text)


def nesting_fault(codes: Sequence[str]) -> str:
    """Why the codes of a translation, in this order, do not nest as elements do; or nothing."""
    opened = []
    for code in codes:
        if code.endswith("/>") or code.startswith(("<!", "<?")) or re.search(r"</[^<>]*>\Z", code[1:]):
            continue
        name = _NAME.match(code)[1]
        if not code.startswith("</"):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return "the inline codes of its translation cross each other"
    return "an inline code of its translation is not closed" if opened else ""


def respelled(parts: Sequence[str], spelled: dict[str, list[str]]) -> list[str]:
    """Parts of a text with characters spelled otherwise: the first in the first way, and so on, all others in the last."""
    if not spelled:
        return list(parts)
    seen: Counter[str] = Counter()

    def way(found: re.Match) -> str:
        ways, count = spelled[found[0]], seen[found[0]]
        seen[found[0]] += 1
        return ways[min(count, len(ways) - 1)]

    special = re.compile(f"[{re.escape(''.join(spelled))}]")
    return [special.sub(way, part) for part in parts]


def _in_turn(pattern: re.Pattern, text: str) -> list[str]:
    """What a pattern does not find and what it finds, in turn."""
    parts, done = [], 0
    for found in pattern.finditer(text):
        parts += [text[done : found.start()], found[0]]
        done = found.end()
    return [*parts, text[done:]]


def _spellings(characters: dict[str, list[str]]) -> re.Pattern:
    """What finds references, and these characters where they stand as they are."""
    return re.compile(f"{_REFERENCE.pattern}|[{re.escape(''.join(characters))}]")


def meant(found: re.Match) -> str:
    """The character that is meant by a reference, or by itself."""
    if found["name"]:
        return _NAMED[found["name"]]
    if found["decimal"] or found["hexadecimal"]:
        return chr(int(found["decimal"]) if found["decimal"] else int(found["hexadecimal"], 16))
    return found[0]


def words(raw: str) -> str:
    """What is text in the content of an element as it stands in the file, also in a section of characters."""
    return _REFERENCE.sub(meant, CODE.sub("", _CHARACTERS.sub(lambda found: found[1].replace("<", "&lt;"), raw))).strip()
