"""Where every synthetic pair comes from: JSON lines, a row for each, whether it is kept or not."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mtkit.errors import CheckpointError
from mtkit.writing import atomic_file


@dataclass(frozen=True)
class SyntheticPair:
    """A line of text in the target language, and the source sentence that was made for it.

    Attributes:
        round: in which it was made, from 1.
        file, line: where the text stands, the line from 1.
        target: the line.
        source: what the reverse model made of it.
        reverse, forward: checksums of the weights that made it, and that translated it back.
        seed: of what is drawn; None for a beam.
        log_probability: of the source under the reverse model, in nats a token.
        round_trip: chrF of the source, translated back, against the line.
        reason: why it is not kept (see `filtering.REASONS`), or nothing.
    """

    round: int
    file: str
    line: int
    target: str
    source: str | None = None
    reverse: str | None = None
    forward: str | None = None
    seed: int | None = None
    log_probability: float | None = None
    round_trip: float | None = None
    reason: str = ""

    @property
    def kept(self) -> bool:
        """Whether it is trained on."""
        return not self.reason

    @property
    def row(self) -> str:
        """It as a line of JSON. U+2028 and the like are escaped, so that it is one line to every reader."""
        return json.dumps({**asdict(self), "kept": self.kept}) + "\n"


def read_pairs(path: Path) -> Iterator[SyntheticPair]:
    """The pairs of a file that is whole.

    Raises:
        CheckpointError: it is damaged; names the line.
    """
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            try:
                values: dict[str, Any] = json.loads(line)
                del values["kept"]
                yield SyntheticPair(**values)
            except (ValueError, KeyError, TypeError):
                raise CheckpointError(f"{path}:{number} is damaged; use --force to begin anew") from None


def write_pairs(path: Path, pairs: Iterable[SyntheticPair]) -> None:
    """Write a file that appears whole or not at all."""
    with atomic_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(pair.row for pair in pairs)


class GrowingFile:
    """A file of rows that grows block by block, and goes on after a kill.

    Args:
        path: of the file; a block that was cut short is taken away.
        block: rows in each but the last.

    Attributes:
        rows: how many there are, in whole blocks.
    """

    def __init__(self, path: Path, block: int):
        self._file = open(path, "a+b")
        self._file.seek(0)
        self.rows, end, place = 0, 0, 0
        for number, line in enumerate(self._file, 1):
            place += len(line)
            if number % block == 0 and line.endswith(b"\n"):
                self.rows, end = number, place
        self._file.truncate(end)

    def __enter__(self) -> "GrowingFile":
        return self

    def __exit__(self, *exception) -> None:
        self._file.close()

    def add(self, pairs: Sequence[SyntheticPair]) -> None:
        """Add a block; it is on the disk when this returns."""
        self._file.write("".join(pair.row for pair in pairs).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows += len(pairs)
