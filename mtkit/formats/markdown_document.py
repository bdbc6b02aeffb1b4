"""A file of Markdown to translate: headings, paragraphs, list items, quotes and cells of tables; all else
stays, to the byte.

markdown-it-py (MIT) parses it, as CommonMark with tables and strikethrough.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit
from mtkit.formats.format import FillOptions, Format
from mtkit.formats.markdown_inline import Follower, Marked, Untraceable, every, plain, shape
from mtkit.formats.tags import TAG
from mtkit.formats.text_file import Change, TextFile
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
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class _Block:
    """Text of a file.

    Attributes:
        kind: "paragraph" (or a heading that is underlined), "heading" or "cell".
        start, stop: where it is in the file.
        line: the one that it begins in, from 1.
        why: it is not translated; or nothing.
        anchor: of a heading the name that links have for it, as most renderers make it of the text; or
            nothing.
        links: the names of headings of this file that links in it lead to.
    """

    kind: str
    start: int
    stop: int
    line: int
    marked: Marked
    shape: Shape
    why: str = ""
    anchor: str = ""
    links: tuple[str, ...] = ()

    def lines(self, text: str) -> list[str]:
        """A translation in lines of Markdown, without what is before each."""
        return self.shape.cut(self.marked.written(text), _BEGINS)


@dataclass(frozen=True)
class MarkdownDocument(Document):
    """An opened file (see `document.Document`). In the text of a unit tags stand for marks, links, and
    code.
    """

    keyed = False
    codes: ClassVar[tuple[str, ...]] = (
        "placeholder",
        "tag",
        "url",
        "email",
        # Footnotes, emoji, boxes of tasks, remarks of GitHub; attributes, templates, formulas.
        r"\[\^[^\]\[\s]++\]:?",
        r"(?<!\w):[a-z0-9_+-]+:(?!\w)",
        r"(?m)^\[[ xX]\](?=\s)|^\[!\w+\]$",
        r"\{[#.:][^{}]*\}|\{[{%].{0,200}?[}%]\}",
        r"\$[^\s$](?:[^$\n]*[^\s$])?\$(?!\d)",
    )
    units: tuple[Unit, ...]
    kept: int
    file: TextFile
    blocks: tuple[_Block, ...]
    references: dict

    @classmethod
    def open(cls, path: Path, options: FillOptions) -> "MarkdownDocument":
        file = TextFile.read(path)
        text = file.text
        references: dict = {}
        try:
            blocks = tuple(_blocks(text, references))
        except RecursionError:
            raise InputError(
                f"{path}:1: marks within marks without end; no such file is translated"
            ) from None
        if not blocks:
            raise InputError(f"{path} holds nothing to translate")
        units = tuple(Unit(block.marked.text, f"{path}:{block.line}") for block in blocks)
        return cls(units, 0, file, blocks, references)

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing: read again it must have the same
        marks.
        """
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
        if block.kind == "cell":
            # As a table is read: a backslash and a pipe are a pipe.
            written = _PIPE.sub(r"\|", written).replace(r"\|", "|")
            if written.endswith("\\"):
                return "its translation ends with a backslash, which a cell of a table cannot"
        environment = {"references": dict(self.references)}
        if block.kind == "cell":
            inner = _parser().parseInline(written, environment)[0]
        else:
            tokens = _parser().parse(written, environment)
            if [token.type for token in tokens if token.level == 0] != [
                f"{block.kind}_open",
                f"{block.kind}_close",
            ]:
                return f"its translation would be more than a {block.kind}"
            inner = tokens[1]
        breaks = sum(token.type == "hardbreak" for token in inner.children)
        if shape(inner.children) != block.marked.shape or breaks != sum(map(bool, block.marked.breaks)):
            return "the marks of its translation would mean something else"
        try:
            again = Follower(_parser(), self.references).follow(inner.content, inner.children).text
        except Untraceable:
            return "the marks of its translation cannot be followed"
        return "" if plain(again) == plain(text) else "a part of its translation would be read as a mark"

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """That links lead to headings whose name is another now."""
        before, after = [], []
        for block, text in zip(self.blocks, translations, strict=True):
            if block.anchor:
                old, new = (
                    _anchor(TAG.sub("", one))
                    for one in (block.marked.text, block.marked.text if text is None else text)
                )
                before.append(block.anchor)
                after.append(block.anchor if new == old else new)
        renamed = {old for old, new in zip(_numbered(before), _numbered(after), strict=True) if old != new}
        count = sum(link in renamed for block in self.blocks for link in block.links)
        said = (
            f"{count:,} links lead to headings of this file by names (#...) of before they were translated:"
            " write the new ones"
        )
        return [said] if count else []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes = []
        for block, text in zip(self.blocks, translations, strict=True):
            # What is the same stays as it stands, however it was wrapped.
            if text is not None and text != block.marked.text:
                written = block.shape.joined(block.lines(text))
                written = _PIPE.sub(r"\|", written) if block.kind == "cell" else written
                changes.append(Change(block.start, block.stop, written))
        return self.file.replaced(changes)


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
        is_heading = kind == "heading"
        if is_heading and before.markup in ("=", "-"):
            kind = "paragraph"
        places = lines[token.map[0] : token.map[1]]
        for first, last, content, children in _texts(kind, token, parser, references):
            own = places[first:last] if kind == "paragraph" else places
            spans = _places(kind, content, [_bare(text, *line) for line in own], columns)
            block = _block(
                text,
                kind,
                content,
                children,
                [start for start, _ in own],
                spans,
                token.map[0] + first + 1,
                follower,
            )
            if block:
                yield replace(block, anchor=_anchor(_said(children))) if is_heading else block


def _block(
    text: str,
    kind: str,
    content: str,
    children: Sequence[Token],
    starts: Sequence[int],
    spans: Sequence[tuple[int, int]],
    line: int,
    follower: Follower,
) -> _Block | None:
    """A text of a file; None where it has no letter.

    Args:
        text: the file.
        starts: where each line begins.
        spans: where the text in each is; nothing where it was not found.
    """
    try:
        marked = follower.follow(content, children)
    except Untraceable:
        marked = None
    if not re.search(r"[^\W\d_]", TAG.sub("", marked.text if marked else content)):
        return None
    why = "" if marked and spans else "its marks cannot be followed"
    why = "it has a line of another language than Markdown" if _DIRECTIVE.search(content) else why
    own = spans or [(0, 0)]
    texts = [text[start:stop] for start, stop in own]
    begins = [text[start:place] for start, (place, _) in zip(starts, own, strict=False)]
    end = _NEWLINE.search(text, own[0][1])
    form = Shape.of(begins, texts, end[0] if end else "\n")
    links = [unquote(str(token.attrGet("href"))) for token in every(children) if token.type == "link_open"]
    own_links = tuple(link[1:] for link in links if link.startswith("#"))
    return _Block(kind, own[0][0], own[-1][1], line, marked or Marked(content), form, why, links=own_links)


def _texts(
    kind: str, token: Token, parser: MarkdownIt, references: dict
) -> Iterator[tuple[int, int, str, Sequence[Token]]]:
    """(first line, behind the last, text, tokens) of what is in a paragraph: footnotes and definitions, from
    behind their mark, are texts by themselves, and so is what a line of attributes stands before."""
    lines = token.content.split("\n")
    marks = {number for number, line in enumerate(lines) if _MARK.match(line)}
    attributes = {number for number, line in enumerate(lines) if _ATTRIBUTES.fullmatch(line)}
    if kind != "paragraph" or not marks | attributes:
        yield 0, len(lines), token.content, token.children
        return
    borders = {0, len(lines)} | marks | attributes | {number + 1 for number in attributes}
    for first, last in pairwise(sorted(borders)):
        if first not in attributes:
            content = "\n".join([_MARK.sub("", lines[first]), *lines[first + 1 : last]]).strip()
            (inline,) = parser.parseInline(content, {"references": dict(references)})
            yield first, last, content, inline.children


def _said(tokens: Sequence[Token]) -> str:
    """What a text says, without its marks."""
    return "".join(
        token.content for token in every(tokens) if token.type in ("text", "text_special", "code_inline")
    )


def _anchor(text: str) -> str:
    """The name that links have for a heading."""
    return re.sub(r"[^\w -]", "", text.strip().lower()).replace(" ", "-")


def _numbered(names: Sequence[str]) -> list[str]:
    """The names of headings where those that stand twice are told apart: x, x-1, x-2."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        numbered.append(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return numbered


def _bare(text: str, start: int, stop: int) -> tuple[int, str]:
    """(where a line begins, the line without its end and the space before that)"""
    return start, text[start:stop].rstrip()


def _places(
    kind: str, content: str, lines: Sequence[tuple[int, str]], columns: dict[int, int]
) -> list[tuple[int, int]]:
    """Where the text of each line is in the file; none where it is not found.

    Args:
        lines: (where it begins, the line).
        columns: where to look for the next cell of a line; is updated.
    """
    texts = [line.strip() for line in content.split("\n")]
    if len(texts) != len(lines):
        return []
    if kind == "cell":
        (start, line), wanted = lines[0], texts[0].replace("|", r"\|")
        found = re.compile(rf"(?:(?<=\||\s)|\A){re.escape(wanted)}(?=\s*(?<!\\)(?:\||\Z))").search(
            line, columns.get(start, 0)
        )
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
    return [
        (start + len(line) - len(text), start + len(line))
        for (start, line), text in zip(lines, texts, strict=True)
    ]


MARKDOWN = Format(open_document=MarkdownDocument.open)
