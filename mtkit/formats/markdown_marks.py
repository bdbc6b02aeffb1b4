"""A text of Markdown: its marks as tags in pairs, so that what they mark can be followed through a
translation.

`a **bold** [word](x.html)` is `a <1>bold</1> <2>word</2>` to a translator, and `code` is `<3/>`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it.token import Token

from mtkit.formats.tags import TAG, apart, nest, respelled, together
from mtkit.formats.wrapping import HARD_SPACE

# Codes side by side, and a space behind what opens or before what closes.
_CODES = re.compile(r"(?:<\d+/>){2,}")
_SPACE_INSIDE, _INSIDE_SPACE = re.compile(r"(<\d+>)( +)"), re.compile(r"(?<! )( ++)(</\d+>)")
_SPACE = re.compile(r"\s++")
_HTML = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)[^<>\n]*>")
_HTML_OR_TAG = re.compile(rf"{TAG.pattern}|<(?P<closes_element>/?)(?P<element>[A-Za-z][^\s<>/]*)[^<>\n]*>")
# Tokens that are no marks.
_PLAIN = frozenset({"text", "softbreak", "hardbreak", "text_special"})


@dataclass
class MarkedText:
    """A text with tags.

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
        if sorted(_tags(text)) != sorted(_tags(self.text)):
            return "its translation has other marks"
        _, tags = apart(text, self.codes)
        crosses = not nest(tags) or (nest(self._elements(self.text)) and not nest(self._elements(text)))
        return "the marks of its translation cross each other" if crosses else ""

    def _elements(self, text: str) -> list[str]:
        """The tags of a text, and those of HTML that come in pairs."""
        names = [
            {tag[2].lower() for tag in _HTML.finditer(self.text) if bool(tag[1]) == closes}
            for closes in (False, True)
        ]
        paired = names[0] & names[1]
        return [
            tag[0]
            for tag in _HTML_OR_TAG.finditer(text)
            if tag[0] in self.codes or (tag["element"] or "").lower() in paired
        ]

    def written(self, text: str) -> str:
        """A translation as Markdown, in one line but for its own line ends; spaces within codes are
        `HARD_SPACE`.
        """
        codes = self._codes_for(text)
        text = _CODES.sub(lambda tags: _kept_apart(tags[0], codes), _spaced(text, codes))
        parts, tags = apart(text, codes)
        marks = [_SPACE.sub(_one_space, codes[tag]).replace(" ", HARD_SPACE) for tag in tags]
        lines = together(respelled(parts, self.spelled), marks).split("\n")
        # What is before a line end goes with it.
        breaks = [*self.breaks, *self.breaks[-1:] * len(lines), *[""] * len(lines)][: len(lines) - 1]
        return "\n".join(
            line + mark.replace(" ", HARD_SPACE) for line, mark in zip(lines, [*breaks, ""], strict=True)
        )

    def _codes_for(self, text: str) -> dict[str, str]:
        """What each tag of a translation stands for: a link that was named by its own text has its name."""
        codes = dict(self.codes)
        places = {tag[0]: tag.span() for tag in TAG.finditer(text)} if self.shortcuts else {}
        for closing, (inner, label) in self.shortcuts.items():
            opens, closes = places.get(closing.replace("/", "")), places.get(closing)
            if opens and closes and text[opens[1] : closes[0]] != inner:
                codes[closing] = f"][{label}]"
        return codes


def _tags(text: str) -> list[str]:
    return [tag[0] for tag in TAG.finditer(text)]


def _one_space(run: re.Match) -> str:
    return " " if "\n" in run[0] else run[0]


def _kept_apart(tags: str, codes: dict[str, str]) -> str:
    """Codes side by side, with a space between those that would be one else: `a``b`."""
    return "".join(
        tag + " " * (codes.get(tag, "")[-1:] == codes.get(following, "")[:1] == "`")
        for tag, following in pairwise([*_tags(tags), ""])
    )


def _spaced(text: str, codes: dict[str, str]) -> str:
    """A text whose marks of emphasis have no space within them: Markdown knows them by that."""
    emphasis = {tag for tag, code in codes.items() if set(code) <= set("*_~")}
    for pattern in (_SPACE_INSIDE, _INSIDE_SPACE):
        text = pattern.sub(
            lambda place: place[2] + place[1] if emphasis & {place[1], place[2]} else place[0], text
        )
    return text


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
        for token in all_tokens(tokens)
        if token.type not in _PLAIN
    )


def _address(token: Token) -> str:
    return str(token.attrGet("href") or token.attrGet("src") or "") + str(token.attrGet("title") or "")


def all_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    """Tokens, and those in them."""
    for token in tokens:
        yield token
        yield from all_tokens(token.children or ())
