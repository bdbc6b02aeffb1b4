"""Pretrained embeddings from `.vec` text files: a word and its numbers on each line, after an optional line
of counts.
"""

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
    wanted: dict[str, list[int]] = {}
    for token, piece in enumerate(pieces):
        for name in {piece, piece.removeprefix("▁")}:
            if name:
                wanted.setdefault(name, []).append(token)
    found: dict[int, np.ndarray] = {}
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, 1):
                fields = line.rstrip("\n").rstrip(" ").split(" ")
                if number == 1 and len(fields) == 2:
                    continue
                if number <= 2:
                    [
                        float(value) for value in fields[1:]
                    ]  # text that is no .vec file fails here, not by its width
                if len(fields) != width + 1:
                    raise InputError(
                        f"{path}:{number}: {len(fields) - 1} numbers, but embeddings have width {width}; "
                        f"set --embedding-width {len(fields) - 1}"
                    )
                for token in wanted.get(fields[0], ()):
                    if token not in found or pieces[token] == fields[0]:
                        found[token] = np.array(fields[1:], np.float32)
    except FileNotFoundError:
        raise InputError(f"embeddings file {path} does not exist") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: not a .vec text file: {error}") from None
    if not found:
        raise InputError(f"{path}: holds none of the vocabulary's pieces; is it of the right language?")
    return found
