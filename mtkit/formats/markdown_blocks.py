"""The texts of a file of Markdown: headings, paragraphs, list items, quotes and cells of tables, and where
each line of them is.

markdown-it-py (MIT) parses it, as CommonMark with tables and strikethrough.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mtkit.formats.markdown_follower import Follower, Untraceable
from mtkit.formats.markdown_marks import MarkedText, all_tokens
from mtkit.formats.tags import TAG
from mtkit.formats.wrapping import Shape

# As markdown-it ends lines.
_NEWLINE = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_FRONT_MATTER = re.compile(
    r"(---|\+{3})[ \t]*(?:\r\n|\n|\r)(?=\S)(?s:.*?)(?<=[\r\n])(?:\1|\.{3})[ \t]*(?=[\r\n]|\Z)"
)
# What may not begin a line: it would be a list, a definition, a heading, a quote, a table, code, HTML, or
# underline a heading.
_BEGINS = re.compile(
    r"(?:[-+*:]|#{1,6}|=+|-+|[*_-]{3,}|\d{1,9}[.)])\Z|[>|<]|`{3}|~{3}|:{3}|\$\$|\{:|\+[-=+]{3}"
)
# A line of a language beside Markdown: containers, admonitions, templates, formulas, tables drawn with lines,
# verses.
_DIRECTIVE = re.compile(
    r"(?m)^[ \t]*(?::{3,}|!{3}|\?{3}\+?|\{%|\$\$|%{3}|\\(?:begin|end)\{|\+[-=+]{3,}|\|(?:[ \t]|[^\n]*\|["
    r" \t]*$))"
)
# What begins a text within a paragraph: a footnote, or the definition of a term, behind its mark.
_MARK = re.compile(r"^ {0,3}(?:\[\^[^\]\[\s]++\])?:[ \t]++(?=\S)")
# A line of attributes (of Kramdown), which is no text.
_ATTRIBUTES = re.compile(r"[ \t]*\{:[^{}]*\}[ \t]*")
_LETTER = re.compile(r"[^\W\d_]")
PIPE = re.compile(r"(?<!\\)\|")


def anchor_of(text: str) -> str:
    """The name that links have for a heading, as most renderers make it of its text."""
    return re.sub(r"[^\w -]", "", text.strip().lower()).replace(" ", "-")


@dataclass(frozen=True)
class Block:
    """Text of a file.

    Attributes:
        kind: "paragraph" (or a heading that is underlined), "heading" or "cell".
        start, stop: where it is in the file.
        line: the one that it begins in, from 1.
        why: it is not translated; or nothing.
        anchor: of a heading the name that links have for it; or nothing.
        links: the names of headings of this file that links in it lead to.
    """

    kind: str
    start: int
    stop: int
    line: int
    marked: MarkedText
    shape: Shape
    why: str = ""
    anchor: str = ""
    links: tuple[str, ...] = ()

    def lines(self, text: str) -> list[str]:
        """A translation in lines of Markdown, without what is before each."""
        return self.shape.cut(self.marked.written(text), _BEGINS)

    def written(self, text: str) -> str:
        """A translation as it stands in the file."""
        written = self.shape.joined(self.lines(text))
        return PIPE.sub(r"\|", written) if self.kind == "cell" else written


class _Place(NamedTuple):
    """Where something begins and ends in the file."""

    start: int
    stop: int


class _Passage(NamedTuple):
    """A text within a paragraph, or all of it.

    Attributes:
        first, last: its lines in the paragraph, and behind the last.
        content: the text in them.
        tokens: what markdown-it makes of it.
    """

    first: int
    last: int
    content: str
    tokens: Sequence[Token]


class BlockFinder:
    """Finds the texts of a file.

    Attributes:
        references: the addresses that links name, when the texts were found.
        parser: what parses the file, and serves for parts of it.
    """

    def __init__(self, text: str):
        self.text = text
        self.references: dict = {}
        self.parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
        self._lines = [_Place(*line.span()) for line in _LINE.finditer(text)]
        # Where to look for the next cell of a line, by where that begins.
        self._columns: dict[int, int] = {}

    def blocks(self) -> Iterator[Block]:
        """The texts, in order."""
        for before, token in pairwise(self._tokens()):
            if token.type != "inline" or not token.map:
                continue
            kind = {"paragraph_open": "paragraph", "heading_open": "heading"}.get(before.type, "cell")
            anchor = anchor_of(_said(token.children)) if kind == "heading" else ""
            if kind == "heading" and before.markup in ("=", "-"):
                kind = "paragraph"
            for passage in self._passages(kind, token):
                block = self._block(kind, token, passage, anchor)
                if block:
                    yield block

    def _tokens(self) -> list[Token]:
        """What markdown-it makes of the file; a head of settings is blank lines to it."""
        front = _FRONT_MATTER.match(self.text)
        text = "\n" * len(_NEWLINE.findall(front[0])) + self.text[front.end() :] if front else self.text
        environment: dict = {}
        tokens = self.parser.parse(text, environment)
        self.references.update(environment.get("references", {}))
        return tokens

    def _passages(self, kind: str, token: Token) -> Iterator[_Passage]:
        """The texts in a paragraph: footnotes and definitions, from behind their mark, are texts by
        themselves, and so is what a line of attributes stands before.
        """
        lines = token.content.split("\n")
        marks = {number for number, line in enumerate(lines) if _MARK.match(line)}
        attributes = {number for number, line in enumerate(lines) if _ATTRIBUTES.fullmatch(line)}
        if kind != "paragraph" or not marks | attributes:
            yield _Passage(0, len(lines), token.content, token.children)
            return
        borders = {0, len(lines)} | marks | attributes | {number + 1 for number in attributes}
        for first, last in pairwise(sorted(borders)):
            if first not in attributes:
                content = "\n".join([_MARK.sub("", lines[first]), *lines[first + 1 : last]]).strip()
                (inline,) = self.parser.parseInline(content, {"references": dict(self.references)})
                yield _Passage(first, last, content, inline.children)

    def _block(self, kind: str, token: Token, passage: _Passage, anchor: str) -> Block | None:
        """A text with where it is; None where it has no letter."""
        lines = self._lines[slice(*token.map)]
        if kind == "paragraph":
            lines = lines[passage.first : passage.last]
        spans = self._spans(kind, passage.content, lines)
        try:
            follower = Follower(passage.content, self.parser, self.references)
            marked = follower.follow(passage.tokens)
        except Untraceable:
            marked = None
        if not _LETTER.search(TAG.sub("", marked.text if marked else passage.content)):
            return None
        why = "" if marked and spans else "its marks cannot be followed"
        if _DIRECTIVE.search(passage.content):
            why = "it has a line of another language than Markdown"
        spans = spans or [_Place(0, 0)]
        return Block(
            kind,
            spans[0].start,
            spans[-1].stop,
            token.map[0] + passage.first + 1,
            marked or MarkedText(passage.content),
            self._shape(lines, spans),
            why,
            anchor,
            tuple(_links(passage.tokens)),
        )

    def _shape(self, lines: Sequence[_Place], spans: Sequence[_Place]) -> Shape:
        """How a text is wrapped."""
        begins = [self.text[line.start : span.start] for line, span in zip(lines, spans, strict=False)]
        end = _NEWLINE.search(self.text, spans[0].stop)
        return Shape.of(begins, [self.text[slice(*span)] for span in spans], end[0] if end else "\n")

    def _spans(self, kind: str, content: str, lines: Sequence[_Place]) -> list[_Place]:
        """Where the text of each line is in the file; none where it is not found."""
        texts = [line.strip() for line in content.split("\n")]
        if len(texts) != len(lines):
            return []
        if kind == "cell":
            return self._span_of_cell(texts[0], lines[0])
        if kind == "heading":
            return self._span_of_heading(texts[0], lines[0])
        spans = []
        for text, line in zip(texts, lines, strict=True):
            bare = self._bare(line)
            if not bare.endswith(text):
                return []
            stop = line.start + len(bare)
            spans.append(_Place(stop - len(text), stop))
        return spans

    def _span_of_cell(self, text: str, line: _Place) -> list[_Place]:
        escaped = re.escape(text.replace("|", r"\|"))
        pattern = rf"(?:(?<=\||\s)|\A){escaped}(?=\s*(?<!\\)(?:\||\Z))"
        cell = re.compile(pattern).search(self._bare(line), self._columns.get(line.start, 0))
        if not cell or not text:
            return []
        self._columns[line.start] = cell.end()
        return [_Place(line.start + cell.start(), line.start + cell.end())]

    def _span_of_heading(self, text: str, line: _Place) -> list[_Place]:
        pattern = rf"(?<=[\s#]){re.escape(text)}(?=(?:\s+#*)?\s*\Z)"
        heading = re.compile(pattern).search(self._bare(line))
        return [_Place(line.start + heading.start(), line.start + heading.end())] if heading else []

    def _bare(self, line: _Place) -> str:
        """A line without its end and the space before that."""
        return self.text[line.start : line.stop].rstrip()


def _said(tokens: Sequence[Token]) -> str:
    """What a text says, without its marks."""
    kinds = ("text", "text_special", "code_inline")
    return "".join(token.content for token in all_tokens(tokens) if token.type in kinds)


def _links(tokens: Sequence[Token]) -> Iterator[str]:
    """The names of headings of this file that links lead to."""
    for token in all_tokens(tokens):
        link = unquote(str(token.attrGet("href"))) if token.type == "link_open" else ""
        if link.startswith("#"):
            yield link[1:]
