"""Parallel text on disk, streamed as sentence pairs: two files, or one of tab-separated columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtkit.errors import InputError
from mtkit.text.lines import decode_line, open_text, read_raw_lines
from mtkit.writing import writable


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence and its translation, and where they stood.

    Attributes:
        file: the file of the source sentence, as the user named it.
        line: its line number, from 1.
        damaged: whether a side is not valid UTF-8; its bad bytes then appear as \\xNN.
        document: the name of the document that it is of, where the file has such names.
    """

    source: str
    target: str
    file: str
    line: int
    damaged: bool = False
    document: str = ""

    @classmethod
    def maybe_damaged(
        cls, source: str, target: str, file: str, line: int, document: str = ""
    ) -> "SentencePair":
        """A pair of lines that `read_lines` was to drop where they are not UTF-8: marked where they are
        not.
        """
        sides = writable(source), writable(target)
        return cls(*sides, file, line, damaged=sides != (source, target), document=writable(document))

    def follows(self, other: "SentencePair") -> bool:
        """Whether it stands right behind another pair, in the same document; a blank source ends one."""
        place = self.file, self.document, self.line - 1
        return place == (other.file, other.document, other.line) and not other.is_blank and not self.is_blank

    @property
    def is_blank(self) -> bool:
        """Whether the source has no text."""
        return not self.source.strip()


@dataclass(frozen=True)
class Corpus:
    """A parallel corpus. Iterating reads it from disk, a line at a time.

    Attributes:
        source: file of the source side, or of both as tab-separated columns if `target` is None.
        target: file of the target side.
        invalid_utf8: "stop" raises at a line that is not UTF-8, "drop" marks its pair as damaged.
    """

    source: Path
    target: Path | None
    invalid_utf8: str = "stop"

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order.

        Raises:
            InputError: sides of unequal length, an empty file, a missing column, bad UTF-8; names file and
                line.
        """
        empty = True
        for pair in self._columns() if self.target is None else self._two_files():
            empty = False
            yield pair
        if empty:
            raise InputError(f"{self.source} is empty; parallel text has one sentence on each line")

    def _two_files(self) -> Iterator[SentencePair]:
        source_name, target_name = str(self.source), str(self.target)
        with open_text(self.source) as source_file, open_text(self.target) as target_file:
            sources = read_raw_lines(source_file, source_name)
            targets = read_raw_lines(target_file, target_name)
            lines = 0
            while True:
                source, target = next(sources, None), next(targets, None)
                if source is None or target is None:
                    break
                lines += 1
                yield self._pair(source[1], target[1], source_name, target_name, lines)
            if source is not target:
                source_lines = lines + (source is not None) + sum(1 for _ in sources)
                target_lines = lines + (target is not None) + sum(1 for _ in targets)
                raise InputError(
                    f"{source_name} has {source_lines} lines but {target_name} has {target_lines}; "
                    "line n of one must translate line n of the other"
                )

    def _columns(self) -> Iterator[SentencePair]:
        name = str(self.source)
        with open_text(self.source) as file:
            for number, raw in read_raw_lines(file, name):
                columns = raw.split(b"\t", 2)
                if len(columns) < 2:
                    raise InputError(f"{name}:{number}: no tab; a line of a .tsv file is source, tab, target")
                yield self._pair(columns[0], columns[1], name, name, number)

    def _pair(
        self, source: bytes, target: bytes, source_name: str, target_name: str, line: int
    ) -> SentencePair:
        try:
            return SentencePair(source.decode("utf-8"), target.decode("utf-8"), source_name, line)
        except UnicodeDecodeError:
            if self.invalid_utf8 == "stop":
                decode_line(source, source_name, line)
                decode_line(target, target_name, line)
        return SentencePair(
            source.decode("utf-8", "backslashreplace"),
            target.decode("utf-8", "backslashreplace"),
            source_name,
            line,
            damaged=True,
        )
