"""Where the marks of a text of Markdown are: markdown-it-py says what they are, not where, so its tokens are
followed through the text.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from mtkit.formats.markdown_marks import MarkedText, shape
from mtkit.formats.tags import TAG, alone, apart, free_numbers, pair
from mtkit.formats.wrapping import between_lines

_SOFT = re.compile(r"[ \t]*\n[ \t]*")
_HARD = re.compile(r"(?P<mark> {2,}|[ \t]*\\)\n[ \t]*")
# What may be between a line end and the letter on either side; and how many characters there are looked at.
_MARKS, _LAST_TAGS, _NEAR = re.compile(r"[*_~\[!]*"), re.compile(r"(?:</?\d+>)+\Z"), 200
# The first line of a remark of GitHub ("> [!NOTE]"), which stays a line.
_ALERT = re.compile(r"\[!\w+\]\Z")
_AUTOLINK = re.compile(r"<[^<>\s]*>")
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>\Z")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]")


class Untraceable(Exception):
    """The tokens of a text do not lead through it."""


class _Special(NamedTuple):
    """A character that stands otherwise in the file: where it is in the text with tags, and how it stands."""

    place: int
    character: str
    spelling: str


class _Opened(NamedTuple):
    """A pair that is not closed yet: the tag that will, and where what it holds begins in both texts."""

    closing: str
    start: int
    inner: int


class Follower:
    """Follows the tokens of one text through it.

    Args:
        source: the text, as it stands in the file but for what is before each line.
        references: what links name.
    """

    def __init__(self, source: str, parser: MarkdownIt, references: dict):
        self.source, self.parser, self.references = source, parser, references
        self.place = 0
        self.marked = MarkedText()
        self._numbers = free_numbers(source)
        self._specials: list[_Special] = []
        self._opened: list[_Opened] = []
        self._href = ""

    def follow(self, tokens: Sequence[Token]) -> MarkedText:
        """The text with tags.

        Raises:
            Untraceable: the tokens lead to another text than this.
        """
        self.marked.shape = shape(tokens)
        self._walk(tokens)
        _, tags = apart(self.marked.text, self.marked.codes)
        if self.place != len(self.source) or self._opened or len(tags) != len(self.marked.codes):
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
            elif token.nesting:
                self._half(token)
            elif token.type == "image":
                self._open("![")
                self._walk(token.children or [])
                self._close_link(token.attrGet("src") or "")
            else:
                self._token(token)

    def _half(self, token: Token) -> None:
        """What opens or closes a pair."""
        if token.type == "link_open":
            self._href = token.attrGet("href") or ""
            self._open("[")
        elif token.type == "link_close":
            self._close_link(self._href)
        elif token.nesting == 1:
            self._open(token.markup)
        else:
            self._close(token.markup)

    def _token(self, token: Token) -> None:
        """What is no half of a pair."""
        kind = token.type
        # A backslash before a letter is one.
        is_itself = kind == "text_special" and token.content == token.markup
        if kind == "text" or is_itself or (kind == "html_inline" and _HTML_TAG.match(token.content)):
            self._take(token.content)
            self.marked.text += token.content
        elif kind == "text_special" and len(token.content) == 1:
            self._specials.append(_Special(len(self.marked.text), token.content, token.markup))
            self._take(token.markup)
            self.marked.text += token.content
        elif kind == "softbreak":
            self._break()
        elif kind == "hardbreak":
            self.marked.breaks.append(self._matched(_HARD.match(self.source, self.place))["mark"])
            self.marked.text += "\n"
        elif kind == "code_inline":
            run = token.markup
            self._code(re.compile(rf"{run}(?!`)(?s:.*?)(?<!`){run}(?!`)").match(self.source, self.place))
        elif kind in ("html_inline", "text_special"):
            raw = token.content if kind == "html_inline" else token.markup
            self._code(re.compile(re.escape(raw)).match(self.source, self.place))
        else:
            raise Untraceable

    def _take(self, text: str) -> None:
        if not self.source.startswith(text, self.place):
            raise Untraceable
        self.place += len(text)

    def _matched(self, match: re.Match | None) -> re.Match:
        if not match:
            raise Untraceable
        self.place = match.end()
        return match

    def _break(self) -> None:
        self._matched(_SOFT.match(self.source, self.place))
        is_alert = _ALERT.match(self.marked.text) is not None
        if is_alert:
            self.marked.breaks.append("")
        mark = _MARKS.match(self.source, self.place).end()
        before = _LAST_TAGS.sub("", self.marked.text[-_NEAR:])
        self.marked.text += "\n" if is_alert else between_lines(before, self.source[mark : mark + 1])

    def _code(self, match: re.Match | None) -> None:
        tag = alone(next(self._numbers))
        self.marked.codes[tag] = self._matched(match)[0]
        self.marked.text += tag

    def _open(self, mark: str) -> None:
        self._take(mark)
        opening, closing = pair(next(self._numbers))
        self.marked.codes[opening] = mark
        self.marked.text += opening
        self._opened.append(_Opened(closing, self.place, len(self.marked.text)))

    def _close(self, mark: str) -> None:
        if not self._opened:
            raise Untraceable
        self._take(mark)
        closing = self._opened.pop().closing
        self.marked.codes[closing] = mark
        self.marked.text += closing

    def _close_link(self, address: str) -> None:
        """What closes a link or an image: an address in brackets, a label, or nothing where the text is the
        label.
        """
        if not self._opened:
            raise Untraceable
        closing, start, inner = self._opened[-1]
        label, text = self.source[start : self.place], self.marked.text[inner:]
        mark = self._address(address) or self._label()
        self._close(mark or ("][]" if self.source.startswith("][]", self.place) else "]"))
        if not mark:
            self.marked.shortcuts[closing] = text, label

    def _address(self, address: str) -> str:
        """'](address "title")' where that is what follows."""
        source, start = self.source, self.place
        if not source.startswith("](", start):
            return ""
        helpers = self.parser.helpers
        destination = helpers.parseLinkDestination(source, self._past_space(start + 2), len(source))
        place, link = start + 2, ""
        if destination.ok:
            place, link = destination.pos, self.parser.normalizeLink(destination.str)
        behind = self._past_space(place)
        title = helpers.parseLinkTitle(source, behind, len(source))
        if title.ok and behind > place:
            place = title.pos
        place = self._past_space(place)
        return source[start : place + 1] if link == address and source[place : place + 1] == ")" else ""

    def _label(self) -> str:
        """'][label]' where that is what follows, and there is such a label."""
        label = _LABEL.match(self.source, self.place + 1)
        is_known = label and label[1] and normalizeReference(label[1]) in self.references
        return f"]{label[0]}" if is_known else ""

    def _past_space(self, place: int) -> int:
        while self.source[place : place + 1] in (" ", "\t", "\n"):
            place += 1
        return place

    def _spelled(self) -> dict[str, list[str]]:
        """How each character that stands otherwise somewhere stands each time."""
        spellings = {special.place: special.spelling for special in self._specials}
        spelled: dict[str, list[str]] = {
            character: [] for character in sorted({special.character for special in self._specials})
        }
        for place in self._places_of_text() if spelled else ():
            character = self.marked.text[place]
            if character in spelled:
                spelled[character].append(spellings.get(place, character))
        return spelled

    def _places_of_text(self) -> Iterator[int]:
        """The places of what is no tag in the text with tags."""
        done = 0
        for tag in TAG.finditer(self.marked.text):
            if tag[0] in self.marked.codes:
                yield from range(done, tag.start())
                done = tag.end()
        yield from range(done, len(self.marked.text))
