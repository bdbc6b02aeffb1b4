"""Markdown to translate: headings, paragraphs, list items, quotes and cells of tables; all else stays, to the
byte.
"""

from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path
from typing import ClassVar

from markdown_it.token import Token

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit
from mtkit.formats.format import FillOptions, Format
from mtkit.formats.markdown_blocks import PIPE, Block, BlockFinder, anchor_of
from mtkit.formats.markdown_follower import Follower, Untraceable
from mtkit.formats.markdown_marks import plain, shape
from mtkit.formats.tags import TAG
from mtkit.formats.text_file import Change, TextFile


class MarkdownDocument(Document):
    """An opened file. In the text of a unit tags stand for marks, links, and code."""

    keyed = False
    codes: ClassVar[tuple[str, ...]] = (
        *Document.codes,
        # Footnotes, emoji, boxes of tasks, remarks of GitHub; attributes, templates, formulas.
        r"\[\^[^\]\[\s]++\]:?",
        r"(?<!\w):[a-z0-9_+-]+:(?!\w)",
        r"(?m)^\[[ xX]\](?=\s)|^\[!\w+\]$",
        r"\{[#.:][^{}]*\}|\{[{%].{0,200}?[}%]\}",
        r"\$[^\s$](?:[^$\n]*[^\s$])?\$(?!\d)",
    )

    def __init__(self, path: Path, options: FillOptions):
        self.file = TextFile.read(path)
        self.kept = 0
        finder = BlockFinder(self.file.text)
        try:
            self.blocks = tuple(finder.blocks())
        except RecursionError:
            raise InputError(
                f"{path}:1: marks within marks without end; no such file is translated"
            ) from None
        if not self.blocks:
            raise InputError(f"{path} holds nothing to translate")
        self.references, self._parser = finder.references, finder.parser
        self.units = tuple(Unit(block.marked.text, f"{path}:{block.line}") for block in self.blocks)

    def fault(self, number: int, text: str) -> str:
        """Read again it must have the same marks."""
        block = self.blocks[number]
        if block.why or text == block.marked.text:
            return block.why
        if wrong := block.marked.fault(text):
            return wrong
        if text.count("\n") != block.marked.text.count("\n"):
            return "its translation has other lines"
        written = "\n".join(block.lines(text))
        if block.kind == "cell":
            # As a table is read: a backslash and a pipe are a pipe.
            written = PIPE.sub(r"\|", written).replace(r"\|", "|")
            if written.endswith("\\"):
                return "its translation ends with a backslash, which a cell of a table cannot"
        inner = self._read_again(block.kind, written)
        if inner is None:
            return f"its translation would be more than a {block.kind}"
        return self._fault_when_read(block, text, inner)

    def _read_again(self, kind: str, written: str) -> Token | None:
        """What is in a text of a kind when it is read; None where it is more than one."""
        environment = {"references": dict(self.references)}
        if kind == "cell":
            return self._parser.parseInline(written, environment)[0]
        tokens = self._parser.parse(f"# {written}" if kind == "heading" else written, environment)
        outer = [token.type for token in tokens if token.level == 0]
        return tokens[1] if outer == [f"{kind}_open", f"{kind}_close"] else None

    def _fault_when_read(self, block: Block, text: str, inner: Token) -> str:
        """Why what was read of a translation is not that, or nothing."""
        breaks = sum(token.type == "hardbreak" for token in inner.children)
        if shape(inner.children) != block.marked.shape or breaks != sum(map(bool, block.marked.breaks)):
            return "the marks of its translation would mean something else"
        try:
            again = Follower(inner.content, self._parser, self.references).follow(inner.children)
        except Untraceable:
            return "the marks of its translation cannot be followed"
        return "" if plain(again.text) == plain(text) else "a part of its translation would be read as a mark"

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """That links lead to headings whose name is another now."""
        before, after = [], []
        for block, text in zip(self.blocks, translations, strict=True):
            if block.anchor:
                old = _anchor(block.marked.text)
                new = old if text is None else _anchor(text)
                before.append(block.anchor)
                after.append(block.anchor if new == old else new)
        renamed = {
            old for old, new in zip(_told_apart(before), _told_apart(after), strict=True) if old != new
        }
        count = sum(sum(link in renamed for link in block.links) for block in self.blocks)
        said = (
            f"{count:,} links lead to headings of this file by names (#...) of before they were translated:"
            " write the new ones"
        )
        return [said] if count else []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        # What is the same stays as it stands, however it was wrapped.
        return self.file.replaced(
            Change(block.start, block.stop, block.written(text))
            for block, text in zip(self.blocks, translations, strict=True)
            if text not in (None, block.marked.text)
        )


def _anchor(text: str) -> str:
    """The name of a heading with this text, in which tags stand for its marks."""
    return anchor_of(TAG.sub("", text))


def _told_apart(names: Sequence[str]) -> list[str]:
    """The names of headings where those that stand twice are told apart: x, x-1, x-2."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        numbered.append(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return numbered


MARKDOWN = Format(open_document=MarkdownDocument)
