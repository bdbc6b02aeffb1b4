"""CSV, and TSV with a head: the pairs of their rows, and tables to fill."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.format import FillOptions, Format, PairOptions
from mtkit.formats.span_document import SpanDocument, TextSpan
from mtkit.formats.table_rows import QUOTED, Dialect, Head, columns_of, read_rows, unquoted
from mtkit.formats.text_file import TextFile
from mtkit.text.corpus import Corpus, SentencePair
from mtkit.text.lines import open_text, read_lines, read_raw_lines

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class TablePairs:
    """The pairs of a table with a head, in which a column is named after each language, or "source" and
    "target". Cells may be quoted (see `Dialect`), and then hold line ends; streamed. A column "document"
    tells which document each pair is of.
    """

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line unless `keep_lines`.

        Raises:
            InputError: no such columns, a row without them or with more, or a quotation mark that is never
                closed; names file and line.
        """
        name = str(self.path)
        with open_text(self.path) as file:
            lines = (line + "\n" for _, line in read_lines(file, name, self.options.invalid_utf8))
            first = next(lines, "")
            if not first.strip():
                raise InputError(f"{name}:1: no head: the first line of a .csv file names its columns")
            rows = read_rows(chain([first], lines), Dialect.of(self.path, first), self.path)
            languages = self.options.languages
            head = Head.of(next(rows), languages, self.path)
            is_empty = True
            for row in rows:
                if row.is_blank:
                    continue
                if misfit := head.misfit(row):
                    raise InputError(f"{name}:{row.line}: {misfit}")
                source, target = (self.options.shaped(row.value(column)) for column in head.columns)
                document = "" if head.document is None else row.value(head.document)
                is_empty = False
                yield SentencePair.maybe_damaged(source, target, name, row.line, document)
        if is_empty:
            raise InputError(f"{name} has no pair: there is no row below its head")


def read_tsv(path: Path, options: PairOptions) -> Corpus | TablePairs:
    """The pairs of a .tsv file: with a head a table, else lines of source and target."""
    # A pipe can be read once: no look at its first line.
    if path.is_file() and _has_head(path, options):
        return TablePairs(path, options)
    return Corpus(path, None, options.invalid_utf8)


def _has_head(path: Path, options: PairOptions) -> bool:
    """Whether the first line of a .tsv file names its columns, and is no pair of sentences itself."""
    with open_text(path) as file:
        _, raw = next(read_raw_lines(file, str(path)), (0, b""))
    try:
        names = [unquoted(cell) for cell in raw.decode("utf-8").split("\t")]
    except UnicodeDecodeError:
        return False
    return columns_of(names, options.languages) is not None


class TableDocument(SpanDocument):
    """A table with a head, of which the empty cells of the target are filled.

    Attributes:
        misfits: why some units cannot be filled, by their number.
    """

    def __init__(self, path: Path, options: FillOptions):
        file = TextFile.read(path)
        self.dialect = Dialect.of(path, file.text.partition("\n")[0])
        self.misfits: dict[int, str] = {}
        spans: list[TextSpan] = []
        kept = 0
        rows = read_rows(_LINE.findall(file.text), self.dialect, path)
        first = next(rows, None)
        head = Head.of(first, options.languages, path) if first else None
        for row in rows:
            source, target = (row.value(column) for column in head.columns)
            if target.strip():
                kept += bool(source.strip())
            elif source.strip():
                if misfit := head.misfit(row):
                    self.misfits[len(spans)] = misfit
                spans.append(TextSpan(*row.place(min(head.columns.target, len(row.cells) - 1)), source))
        super().__init__(file, spans, kept)

    def fault(self, number: int, text: str) -> str:
        """Its row must have such a cell."""
        return self.misfits.get(number, "")

    def written(self, translation: str, before: str) -> str:
        """A cell, in quotation marks where it needs them, or had them; in .tsv on one line."""
        if self.dialect.quoting:
            needed = any(sign in translation for sign in ('"', "\n", "\r", self.dialect.delimiter))
        else:
            translation = re.sub(r"[\t\r\n]", " ", translation)
            needed = QUOTED.fullmatch(translation) is not None
        if needed or before.strip() == '""':
            return '"' + translation.replace('"', '""') + '"'
        return translation


CSV = Format(read_pairs=TablePairs, open_document=TableDocument)
TSV = Format(read_pairs=read_tsv, open_document=TableDocument)
