"""Pretrained embeddings from `.vec` text files: on each line a word and its numbers."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mtkit.errors import InputError


def read_vectors(path: Path, pieces: list[str], width: int) -> dict[int, np.ndarray]:
    """Vectors of those pieces that the file holds, streamed: {token id: float32 [width]}.

    A piece is looked up as it stands and, when it starts a word, without its word mark.

    Raises:
        InputError: no such file, another width, or a line that is not a word and numbers (file and line
            named).
    """
    ids_of = ids_by_name(pieces)
    vectors: dict[int, np.ndarray] = {}
    try:
        for number, word, values in read_lines(path, width):
            for token in ids_of.get(word, ()):
                if token not in vectors or pieces[token] == word:
                    vectors[token] = vector_of(values, f"{path}:{number}")
    except FileNotFoundError:
        raise InputError(f"embeddings file {path} does not exist") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a .vec text file: {error}") from None
    if not vectors:
        raise InputError(f"{path}: holds none of the vocabulary's pieces; is it of the right language?")
    return vectors


def ids_by_name(pieces: list[str]) -> dict[str, list[int]]:
    """The tokens that a word of the file may be for."""
    ids_of = defaultdict(list)
    for token, piece in enumerate(pieces):
        for name in {piece, piece.removeprefix("▁")} - {""}:
            ids_of[name].append(token)
    return ids_of


def vector_of(values: list[str], where: str) -> np.ndarray:
    """The numbers of a line; raises InputError, with where it is, for text that is none."""
    try:
        vector = np.array(values, np.float32)
    except ValueError as error:
        raise InputError(f"{where}: not a line of a .vec text file: {error}") from None
    if not np.isfinite(vector).all():
        raise InputError(f"{where}: not a line of a .vec text file: it has a number without an end")
    return vector


def read_lines(path: Path, width: int) -> Iterator[tuple[int, str, list[str]]]:
    """(line number, word, its numbers as text) of each line; raises InputError for what is no .vec file."""
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            word, *values = line.rstrip("\n").rstrip(" ").split(" ")
            if number == 1 and len(values) == 1:
                continue
            if number <= 2:
                vector_of(values, f"{path}:{number}")  # text that is no .vec file fails so, not by its width
            if len(values) != width:
                raise InputError(
                    f"{path}:{number}: {len(values)} numbers, but embeddings have width {width}; "
                    f"set --embedding-width {len(values)}"
                )
            yield number, word, values
