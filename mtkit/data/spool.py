"""Files of sentence pairs: the spool, which text that may come from a pipe is read to, and the rejects."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from mtkit.text.corpus import SentencePair
from mtkit.writing import output_file

Item = TypeVar("Item")


class Spool:
    """Pairs on disk, three lines each (file, line and document; source; target). Iterating reads them in
    order.

    Attributes:
        pairs: how many were appended.
        corpora: how many of them were of each corpus.
    """

    def __init__(self, path: Path):
        self.path = path
        self.pairs = 0
        self.corpora: list[int] = []
        self._files: dict[str, int] = {}
        self._writer = open(path, "w", encoding="utf-8", newline="\n")

    def append(self, pairs: Iterable[SentencePair]) -> None:
        """Add pairs; all must be added before the first is read."""
        for pair in pairs:
            file = self._files.setdefault(pair.file, len(self._files))
            document = " ".join(pair.document.split())
            self._writer.write(f"{file} {pair.line} {document}\n{pair.source}\n{pair.target}\n")
            self.pairs += 1

    def end_corpus(self) -> None:
        """What is appended from now on is of another corpus."""
        self.corpora.append(self.pairs - sum(self.corpora))

    def __iter__(self) -> Iterator[SentencePair]:
        self._writer.close()
        names = list(self._files)
        with open(self.path, encoding="utf-8", newline="\n") as reader:
            for place in reader:
                file, line, document = place.removesuffix("\n").split(" ", 2)
                source = reader.readline()[:-1]
                target = reader.readline()[:-1]
                yield SentencePair(source, target, names[int(file)], int(line), document=document)

    def sample(self, most: int) -> Iterator[tuple[int, SentencePair]]:
        """At most so many pairs, evenly spread, with their indices."""
        for index, pair in enumerate(self):
            if is_drawn(index, most, self.pairs):
                yield index, pair

    def remove(self) -> None:
        """Delete the file."""
        self._writer.close()
        self.path.unlink()


class Rejects:
    """The file of dropped pairs, if the user wants one: reason, file, line, source, target, between tabs.

    It appears at `commit`; left without, as when the stage fails, nothing of it stays.
    """

    def __init__(self, name: str | None):
        self._stack = contextlib.ExitStack()
        self._file = self._stack.enter_context(output_file(name)) if name else None

    def add(self, reason: str, pair: SentencePair) -> None:
        """Write a row, if there is a file."""
        if self._file:
            columns = (reason, pair.file, str(pair.line), pair.source, pair.target)
            row = "\t".join(column.replace("\t", " ") for column in columns)
            self._file.write(f"{row}\n".encode())

    def commit(self) -> None:
        """Let the file appear."""
        self._stack.close()

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *exception) -> bool | None:
        return self._stack.__exit__(*exception)


def is_drawn(index: int, wanted: int, total: int) -> bool:
    """Whether the item with an index, from 0, is one of so many wanted, evenly spread over all of them."""
    # Of all indices, those where index * wanted / total reaches the next whole number are `wanted`.
    return wanted >= total or (index * wanted) // total != ((index - 1) * wanted) // total


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`; the last may be shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
