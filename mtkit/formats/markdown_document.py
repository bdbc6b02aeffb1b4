"""A file of Markdown to translate: headings, paragraphs, list items, quotes and cells of tables; all else stays, to the byte.

markdown-it-py (MIT) parses it, as CommonMark with tables and strikethrough.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mtkit.errors import InputError
from mtkit.formats.document import Unit
from mtkit.formats.encodings import decoded, encoded
from mtkit.formats.markdown_inline import Follower, Marked, Untraceable, shape
from mtkit.formats.tags import TAG
from mtkit.formats.wrapping import Shape
from mtkit.text.lines import read_whole

# As markdown-it ends lines.
_NEWLINE = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_FRONT_MATTER = re.compile(r"(---|\+{3})[ \t]*(?:\r\n|\n|\r)(?=\S)(?s:.*?)(?<=[\r\n])(?:\1|\.{3})[ \t]*(?=[\r\n]|\Z)")
# What may not begin a line: it would be a list, a heading, a quote, a table, code, HTML, or what underlines a heading.
_BEGINS = re.compile(r"(?:[-+*]|#{1,6}|=+|-+|[*_-]{3,}|\d{1,9}[.)])\Z|[>|<]|`{3}|~{3}|:{3}|\$\$")
# A line of a language beside Markdown: containers, admonitions, templates, formulas.
_DIRECTIVE = re.compile(r"(?m)^[ \t]*(?::{3,}|!{3}|\?{3}\+?|\{%|\$\$|%{3}|\\(?:begin|end)\{)")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class _Block:
    """Text of a file.

    Attributes:
        kind: "paragraph" (or a heading that is underlined), "heading" or "cell".
        start, stop: where it is in the file.
        line: the one that it begins in, from 1.
        why: it is not translated; or nothing.
    """

    kind: str
    start: int
    stop: int
    line: int
    marked: Marked
    shape: Shape
    why: str = ""

    def lines(self, text: str) -> list[str]:
        """A translation in lines of Markdown, without what is before each."""
        return self.shape.cut(self.marked.written(text), _BEGINS)


@dataclass(frozen=True)
class MarkdownDocument:
    """An opened file (see `document.Document`). In the text of a unit tags stand for marks, links, and code."""

    prose: ClassVar[bool] = True
    codes: ClassVar[tuple[str, ...]] = (
        "placeholder", "tag", "url", "email",
        # Footnotes, emoji, boxes of tasks, remarks of GitHub; attributes, templates, formulas.
        r"\[\^[^\]\s]+\]:?", r"(?<!\w):[a-z0-9_+-]+:(?!\w)", r"(?m)^\[[ xX]\](?=\s)|^\[!\w+\]$",
        r"\{[#.:][^{}]*\}|\{[{%].{0,200}?[}%]\}", r"\$[^\s$](?:[^$\n]*[^\s$])?\$(?!\d)",
    )  # fmt: skip
    units: tuple[Unit, ...]
    kept: int
    text: str
    encoding: str
    mark: bytes
    blocks: tuple[_Block, ...]
    references: dict

    @classmethod
    def open(cls, path: Path) -> "MarkdownDocument":
        text, encoding, mark = decoded(read_whole(path), path)
        references: dict = {}
        try:
            blocks = tuple(_blocks(text, references))
        except RecursionError:
            raise InputError(f"{path}:1: marks within marks without end; no such file is translated") from None
        if not blocks:
            raise InputError(f"{path} holds nothing to translate")
        units = tuple(Unit(block.marked.text, f"{path}:{block.line}") for block in blocks)
        return cls(units, 0, text, encoding, mark, blocks, references)

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing: read again it must have the same marks."""
        block = self.blocks[number]
        if block.why or text == block.marked.text:
            return block.why
        wrong = block.marked.fault(text)
        if wrong:
            return wrong
        if text.count("\n") != block.marked.text.count("\n"):
            return "its translation has other lines"
        before = "# " if block.kind == "heading" else ""
        written = before + "\n".join(block.lines(text))
        environment = {"references": dict(self.references)}
        if block.kind == "cell":
            inner = _parser().parseInline(written, environment)[0]
        else:
            tokens = _parser().parse(written, environment)
            if [token.type for token in tokens if token.level == 0] != [f"{block.kind}_open", f"{block.kind}_close"]:
                return f"its translation would be more than a {block.kind}"
            inner = tokens[1]
        breaks = sum(token.type == "hardbreak" for token in inner.children)
        if shape(inner.children) != block.marked.shape or breaks != sum(map(bool, block.marked.breaks)):
            return "the marks of its translation would mean something else"
        return ""

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        parts, done = [], 0
        for block, text in zip(self.blocks, translations, strict=True):
            # What is the same stays as it stands, however it was wrapped.
            if text is not None and text != block.marked.text:
                written = block.shape.joined(block.lines(text))
                parts += [self.text[done : block.start], _PIPE.sub(r"\|", written) if block.kind == "cell" else written]
                done = block.stop
        return encoded("".join([*parts, self.text[done:]]), self.encoding, self.mark)


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")


def _blocks(text: str, references: dict) -> Iterator[_Block]:
    """The texts of a file.

    Args:
        references: is filled with the addresses that links name.
    """
    lines = [found.span() for found in _LINE.finditer(text)]
    front = _FRONT_MATTER.match(text)
    skipped = len(_NEWLINE.findall(front[0])) if front else 0
    environment: dict = {}
    parser = _parser()
    tokens = parser.parse("\n" * skipped + (text[front.end() :] if front else text), environment)
    references.update(environment.get("references", {}))
    follower = Follower(parser, references)
    columns: dict[int, int] = {}
    for before, token in pairwise(tokens):
        if token.type != "inline" or not token.map:
            continue
        kind = {"paragraph_open": "paragraph", "heading_open": "heading"}.get(before.type, "cell")
        if kind == "heading" and before.markup in ("=", "-"):
            kind = "paragraph"
        spans = _places(kind, token, [_bare(text, *line) for line in lines[token.map[0] : token.map[1]]], columns)
        try:
            marked = follower.follow(token.content, token.children)
        except Untraceable:
            marked = None
        if not re.search(r"[^\W\d_]", TAG.sub("", marked.text if marked else token.content)):
            continue
        why = "" if marked and spans else "its marks cannot be followed"
        why = "it has a line of another language than Markdown" if _DIRECTIVE.search(token.content) else why
        own = spans or [(0, 0)]
        texts = [text[start:stop] for start, stop in own]
        begins = [text[text_line[0] : start] for text_line, (start, _) in zip(lines[token.map[0] :], own, strict=False)]
        end = _NEWLINE.search(text, own[0][1])
        yield _Block(
            kind, own[0][0], own[-1][1], token.map[0] + 1, marked or Marked(token.content),
            Shape.of(begins, texts, end[0] if end else "\n"), why,
        )  # fmt: skip


def _bare(text: str, start: int, stop: int) -> tuple[int, str]:
    """(where a line begins, the line without its end and the space before that)"""
    return start, text[start:stop].rstrip()


def _places(kind: str, token: Token, lines: Sequence[tuple[int, str]], columns: dict[int, int]) -> list[tuple[int, int]]:
    """Where the text of each line is in the file; none where it is not found.

    Args:
        lines: (where it begins, the line).
        columns: where to look for the next cell of a line; is updated.
    """
    texts = [line.strip() for line in token.content.split("\n")]
    if len(texts) != len(lines):
        return []
    if kind == "cell":
        (start, line), wanted = lines[0], texts[0].replace("|", r"\|")
        found = re.compile(rf"(?:(?<=\||\s)|\A){re.escape(wanted)}(?=\s*(?<!\\)(?:\||\Z))").search(line, columns.get(start, 0))
        if not found or not wanted:
            return []
        columns[start] = found.end()
        return [(start + found.start(), start + found.end())]
    if kind == "heading":
        (start, line), wanted = lines[0], texts[0]
        found = re.compile(rf"(?<=[\s#]){re.escape(wanted)}(?=(?:\s+#*)?\s*\Z)").search(line)
        return [(start + found.start(), start + found.end())] if found else []
    if not all(line.endswith(text) for (_, line), text in zip(lines, texts, strict=True)):
        return []
    return [(start + len(line) - len(text), start + len(line)) for (start, line), text in zip(lines, texts, strict=True)]
