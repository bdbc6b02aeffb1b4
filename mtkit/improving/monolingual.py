"""Text in the target language: which of its lines are asked a source sentence for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.checkpoint import sha256
from mtkit.data.spool import is_drawn
from mtkit.errors import InputError
from mtkit.text.cleaning import SeenHashes, is_among, near_text_hashes
from mtkit.text.lines import open_text, read_lines
from mtkit.text.tokenizer import Tokenizer

# Lines that are translated, and written, together. A kill loses no more.
BLOCK_LINES = 1024


@dataclass(frozen=True)
class Line:
    """A line of the text.

    Attributes:
        file, number: where it stands, the number from 1.
        place: among the lines of all files, from 0.
        reason: why no source sentence is made for it (see `filtering.REASONS`), or nothing.
    """

    file: str
    number: int
    place: int
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Known:
    """Hashes of what a line must not be (`cleaning.near_text_hashes`): sorted uint64 each.

    Attributes:
        held_out: the target side of the validation and test text.
        real: that of the training text.
        source: its source side.
    """

    held_out: np.ndarray
    real: np.ndarray
    source: np.ndarray


def checksums(files: tuple[str, ...]) -> list[str]:
    """The SHA-256 of each file.

    Raises:
        InputError: one is not there, or no file that can be read twice.
    """
    for name in files:
        open_text(Path(name)).close()
        if not Path(name).is_file():
            raise InputError(f"{name} is read more than once, and must be a file")
    return [sha256(Path(name)) for name in files]


def blocks(
    files: tuple[str, ...], known: Known, tokenizer: Tokenizer, max_length_tokens: int
) -> Iterator[list[Line]]:
    """The lines of all files in blocks of `BLOCK_LINES`, the last shorter, with the reasons that a line by
    itself gives.

    Raises:
        InputError: a file is not UTF-8.
    """
    seen = SeenHashes()
    block: list[Line] = []
    for place, (file, number, text) in enumerate(_lines(files)):
        block.append(Line(file, number, place, text))
        if len(block) == BLOCK_LINES:
            yield _judged(block, seen, known, tokenizer, max_length_tokens)
            block = []
    if block:
        yield _judged(block, seen, known, tokenizer, max_length_tokens)


def drawn(judged: Iterable[list[Line]], wanted: int, total: int, first: int = 0) -> Iterator[list[Line]]:
    """The blocks, where so many lines are wanted of all that have no reason.

    Args:
        first: counts that many further lines before them, so that others are drawn.
    """
    index = first
    for block in judged:
        found = []
        for line in block:
            reason = line.reason
            if not reason:
                reason = "" if is_drawn(index % total, wanted, total) else "not drawn"
                index += 1
            found.append(Line(line.file, line.number, line.place, line.text, reason))
        yield found


def _lines(files: tuple[str, ...]) -> Iterator[tuple[str, int, str]]:
    for name in files:
        with open_text(Path(name)) as stream:
            yield from ((name, number, text) for number, text in read_lines(stream, name))


def _judged(block: list[Line], seen: SeenHashes, known: Known, tokenizer: Tokenizer, most: int) -> list[Line]:
    texts = [line.text for line in block]
    own = near_text_hashes(texts)
    new, held_out, real, source = (
        seen.add(own),
        *(is_among(own, one) for one in (known.held_out, known.real, known.source)),
    )
    lengths = [len(ids) for ids in tokenizer.encode(texts)] if most else [0] * len(texts)

    def reason(row: int) -> str:
        if not texts[row].strip():
            return "empty"
        if held_out[row]:
            return "held out"
        if real[row]:
            return "real"
        if source[row]:
            return "source side"
        if not new[row]:
            return "repeated"
        return "length" if most and lengths[row] > most else ""

    return [
        Line(line.file, line.number, line.place, line.text, reason(row)) for row, line in enumerate(block)
    ]
