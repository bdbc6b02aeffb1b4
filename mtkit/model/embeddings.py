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
        for word, numbers in read_lines(path, width):
            for token in ids_of.get(word, ()):
                if token not in vectors or pieces[token] == word:
                    vectors[token] = np.array(numbers, np.float32)
    except FileNotFoundError:
        raise InputError(f"embeddings file {path} does not exist") from None
    except (UnicodeDecodeError, ValueError) as error:
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


def read_lines(path: Path, width: int) -> Iterator[tuple[str, list[str]]]:
    """(word, its numbers as text) of each line; raises ValueError for text that is no .vec file."""
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            word, *numbers = line.rstrip("\n").rstrip(" ").split(" ")
            if number == 1 and len(numbers) == 1:
                continue
            if number <= 2:
                np.array(numbers, np.float32)  # text that is no .vec file fails here, not by its width
            if len(numbers) != width:
                raise InputError(
                    f"{path}:{number}: {len(numbers)} numbers, but embeddings have width {width}; "
                    f"set --embedding-width {len(numbers)}"
                )
            yield word, numbers
