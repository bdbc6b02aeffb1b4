"""The text of a paragraph of Markdown: its marks as tags in pairs, so that what they mark can be followed
through a translation.

`a **bold** [word](x.html)` is `a <m1>bold</m1> <m2>word</m2>` to a translator, and `code` is `<c3/>`.
markdown-it-py says what the marks are; since it does not say where, they are found by following its tokens
through the text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from mtkit.formats.tags import TAG, nest, respelled
from mtkit.formats.wrapping import HARD_SPACE, between_lines

# Codes side by side, and a space behind what opens or before what closes.
_CODES = re.compile(r"(?:<c\d+/>){2,}")
_SPACE_INSIDE, _INSIDE_SPACE = re.compile(r"(<m\d+>)( +)"), re.compile(r"(?<! )( ++)(</m\d+>)")
_SPACE = re.compile(r"\s++")
_SOFT = re.compile(r"[ \t]*\n[ \t]*")
_HARD = re.compile(r"(?P<mark> {2,}|[ \t]*\\)\n[ \t]*")
# What may be between a line end and the letter on either side; and how many characters there are looked at.
_MARKS, _LAST_TAGS, _NEAR = re.compile(r"[*_~\[!]*"), re.compile(r"(?:</?m\d+>)+\Z"), 200
# The first line of a remark of GitHub ("> [!NOTE]"), which stays a line.
_ALERT = re.compile(r"\[!\w+\]\Z")
_AUTOLINK = re.compile(r"<[^<>\s]*>")
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>\Z")
_HTML = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)[^<>\n]*>")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]")
# Tokens that are no marks.
_PLAIN = frozenset({"text", "softbreak", "hardbreak", "text_special"})


class Untraceable(Exception):
    """The tokens of a text do not lead through it."""


@dataclass
class Marked:
    """A paragraph as text with tags.

    Attributes:
        text: a line end in it is one of the file's that means one.
        codes: what each tag stands for.
        breaks: what is before each of these line ends.
        spelled: for each character that stands there otherwise, how, each time that it is there.
        shortcuts: for tags of links that are named by their own text: (the text in tags, the label).
        shape: what marks there are.
    """

    text: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    breaks: list[str] = field(default_factory=list)
    spelled: dict[str, list[str]] = field(default_factory=dict)
    shortcuts: dict[str, tuple[str, str]] = field(default_factory=dict)
    shape: Counter = field(default_factory=Counter)

    def fault(self, text: str) -> str:
        """Why a text cannot be the translation, by its tags; or nothing."""
        found = TAG.findall(text)
        if sorted(found) != sorted(TAG.findall(self.text)) or len(found) != len(self.codes):
            return "its translation has other marks"
        crossing = not nest(found) or (not nest(self._tags(text)) and nest(self._tags(self.text)))
        return "the marks of its translation cross each other" if crossing else ""

    def _tags(self, text: str) -> list[str]:
        """The tags of a text, and those of HTML that come in pairs."""
        names = [
            {tag[2].lower() for tag in _HTML.finditer(self.text) if bool(tag[1]) == closes}
            for closes in (False, True)
        ]
        return [
            tag[0]
            for tag in _HTML.finditer(text)
            if TAG.fullmatch(tag[0]) or tag[2].lower() in names[0] & names[1]
        ]

    def written(self, text: str) -> str:
        """A translation as Markdown, in one line but for its own line ends; spaces within codes are
        `HARD_SPACE`.
        """
        codes = dict(self.codes)
        places = {tag[0]: tag.span() for tag in TAG.finditer(text)} if self.shortcuts else {}
        for name, (inner, label) in self.shortcuts.items():
            opens, closes = places.get(f"<{name}>"), places.get(f"</{name}>")
            if opens and closes and text[opens[1] : closes[0]] != inner:
                codes[f"</{name}>"] = f"][{label}]"
        parts, done = [], 0
        text = _CODES.sub(lambda found: _apart(found[0], codes), _spaced(text, codes))
        for tag in TAG.finditer(text):
            code = _SPACE.sub(lambda run: " " if "\n" in run[0] else run[0], codes.get(tag[0], tag[0]))
            parts += [text[done : tag.start()], code.replace(" ", HARD_SPACE)]
            done = tag.end()
        parts.append(text[done:])
        parts[::2] = respelled(parts[::2], self.spelled)
        lines = "".join(parts).split("\n")
        # What is before a line end goes with it.
        breaks = [*self.breaks, *[self.breaks[-1] if self.breaks else ""] * len(lines)][: len(lines) - 1]
        return "\n".join(
            line + own.replace(" ", HARD_SPACE) for line, own in zip(lines, [*breaks, ""], strict=True)
        )


def _apart(tags: str, codes: dict[str, str]) -> str:
    """Codes side by side, with a space between those that would be one else: `a``b`."""
    found = TAG.findall(tags)
    pairs = pairwise([*found, ""])
    return "".join(tag + " " * (codes[tag][-1:] == codes.get(after, "")[:1] == "`") for tag, after in pairs)


def _spaced(text: str, codes: dict[str, str]) -> str:
    """A text whose marks of emphasis have no space within them: Markdown knows them by that."""
    inside = {tag for tag, code in codes.items() if set(code) <= set("*_~")}
    for pattern in (_SPACE_INSIDE, _INSIDE_SPACE):
        text = pattern.sub(
            lambda found: found[2] + found[1] if inside & {found[1], found[2]} else found[0], text
        )
    return text


class Follower:
    """Follows the tokens of a text through it."""

    def __init__(self, parser: MarkdownIt, references: dict):
        self.parser, self.references = parser, references

    def follow(self, source: str, tokens: Sequence[Token]) -> Marked:
        """The text of a paragraph with tags.

        Raises:
            Untraceable: the tokens lead to another text than this.
        """
        self.source, self.place, self.count = source, 0, 0
        self.special: list[tuple[int, str, str]] = []
        self.opened: list[tuple[str, int, int]] = []
        self.marked = Marked(shape=shape(tokens))
        self._walk(tokens)
        if (
            self.place != len(source)
            or self.opened
            or len(TAG.findall(self.marked.text)) != len(self.marked.codes)
        ):
            raise Untraceable
        self.marked.spelled = self._spelled()
        return self.marked

    def _walk(self, tokens: Sequence[Token]) -> None:
        waiting = iter(tokens)
        for token in waiting:
            if token.type == "link_open" and token.markup == "autolink":
                self._code(_AUTOLINK.match(self.source, self.place))
                while token.type != "link_close":
                    token = next(waiting)
            else:
                self._token(token)

    def _token(self, token: Token) -> None:
        kind = token.type
        # A backslash before a letter is one.
        if kind == "text" or (kind == "text_special" and token.content == token.markup):
            self._take(token.content)
            self.marked.text += token.content
        elif kind == "text_special" and len(token.content) == 1:
            self.special.append((len(self.marked.text), token.content, token.markup))
            self._take(token.markup)
            self.marked.text += token.content
        elif kind == "softbreak":
            self._break(_SOFT.match(self.source, self.place))
        elif kind == "hardbreak":
            found = self._found(_HARD.match(self.source, self.place))
            self.marked.breaks.append(found["mark"])
            self.marked.text += "\n"
        elif kind == "code_inline":
            run = token.markup
            self._code(re.compile(rf"{run}(?!`)(?s:.*?)(?<!`){run}(?!`)").match(self.source, self.place))
        elif kind == "html_inline" and _HTML_TAG.match(token.content):
            self._take(token.content)
            self.marked.text += token.content
        elif kind in ("html_inline", "text_special"):
            own = token.content if kind == "html_inline" else token.markup
            self._code(re.compile(re.escape(own)).match(self.source, self.place))
        elif kind == "image":
            self._open("![")
            self._walk(token.children or [])
            self._close_link(token.attrGet("src") or "")
        elif kind == "link_open":
            self.href = token.attrGet("href") or ""
            self._open("[")
        elif kind == "link_close":
            self._close_link(self.href)
        elif token.nesting == 1:
            self._open(token.markup)
        elif token.nesting == -1:
            self._close(token.markup)
        else:
            raise Untraceable

    def _take(self, text: str) -> None:
        if not self.source.startswith(text, self.place):
            raise Untraceable
        self.place += len(text)

    def _found(self, found: re.Match | None) -> re.Match:
        if not found:
            raise Untraceable
        self.place = found.end()
        return found

    def _break(self, found: re.Match | None) -> None:
        self._found(found)
        alert = _ALERT.match(self.marked.text)
        if alert:
            self.marked.breaks.append("")
        mark = _MARKS.match(self.source, self.place).end()
        before = _LAST_TAGS.sub("", self.marked.text[-_NEAR:])
        self.marked.text += "\n" if alert else between_lines(before, self.source[mark : mark + 1])

    def _code(self, found: re.Match | None) -> None:
        self.count += 1
        tag = f"<c{self.count}/>"
        self.marked.codes[tag] = self._found(found)[0]
        self.marked.text += tag

    def _open(self, mark: str) -> None:
        self._take(mark)
        self.count += 1
        self.marked.codes[f"<m{self.count}>"] = mark
        self.marked.text += f"<m{self.count}>"
        self.opened.append((f"m{self.count}", self.place, len(self.marked.text)))

    def _close(self, mark: str) -> tuple[str, int, int]:
        if not self.opened:
            raise Untraceable
        self._take(mark)
        opened = self.opened.pop()
        self.marked.codes[f"</{opened[0]}>"] = mark
        self.marked.text += f"</{opened[0]}>"
        return opened

    def _close_link(self, address: str) -> None:
        """What closes a link or an image: an address in brackets, a label, or nothing where the text is the
        label.
        """
        if not self.opened:
            raise Untraceable
        _, start, inner = self.opened[-1]
        label, text = self.source[start : self.place], self.marked.text[inner:]
        mark = self._address(address) or self._label()
        name, *_ = self._close(mark or ("][]" if self.source.startswith("][]", self.place) else "]"))
        if not mark:
            self.marked.shortcuts[name] = text, label

    def _address(self, address: str) -> str:
        """'](address "title")' where that is what follows."""
        source, start = self.source, self.place
        if not source.startswith("](", start):
            return ""
        helpers = self.parser.helpers
        found = helpers.parseLinkDestination(source, self._past_space(start + 2), len(source))
        place, own = (found.pos, self.parser.normalizeLink(found.str)) if found.ok else (start + 2, "")
        behind = self._past_space(place)
        title = helpers.parseLinkTitle(source, behind, len(source))
        if title.ok and behind > place:
            place = title.pos
        place = self._past_space(place)
        return source[start : place + 1] if own == address and source[place : place + 1] == ")" else ""

    def _label(self) -> str:
        """'][label]' where that is what follows, and there is such a label."""
        label = _LABEL.match(self.source, self.place + 1)
        known = label and label[1] and normalizeReference(label[1]) in self.references
        return f"]{label[0]}" if known else ""

    def _past_space(self, place: int) -> int:
        while self.source[place : place + 1] in (" ", "\t", "\n"):
            place += 1
        return place

    def _spelled(self) -> dict[str, list[str]]:
        """How each character that stands otherwise somewhere stands each time."""
        otherwise = {place: own for place, _, own in self.special}
        wanted = {character for _, character, _ in self.special}
        spelled: dict[str, list[str]] = {character: [] for character in sorted(wanted)}
        done = 0
        for tag in [*TAG.finditer(self.marked.text), None]:
            stop = tag.start() if tag else len(self.marked.text)
            for place in range(done, stop) if wanted else ():
                character = self.marked.text[place]
                if character in wanted:
                    spelled[character].append(otherwise.get(place, character))
            done = tag.end() if tag else stop
        return spelled


def plain(text: str) -> str:
    """What a text says, without its tags and space."""
    return "".join(TAG.sub("", text).split())


def shape(tokens: Sequence[Token]) -> Counter:
    """What marks there are in a text, and what they lead to: (kind, mark, content, address)."""
    return Counter(
        (
            token.type,
            token.markup,
            token.content if token.type in ("code_inline", "html_inline") else "",
            _address(token),
        )
        for token in every(tokens)
        if token.type not in _PLAIN
    )


def _address(token: Token) -> str:
    return str(token.attrGet("href") or token.attrGet("src") or "") + str(token.attrGet("title") or "")


def every(tokens: Sequence[Token]) -> Iterator[Token]:
    """Tokens, and those in them."""
    for token in tokens:
        yield token
        yield from every(token.children or ())
