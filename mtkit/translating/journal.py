"""A journal of a long translation, so that a killed one goes on where it was. JSON, an object a line.

The first object tells what the output depends on; each of the others holds the output of some lines of the
input, and their hash.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtkit.errors import InputError
from mtkit.locks import try_lock


class Journal:
    """What was translated so far, and more of it.

    Args:
        facts: what the output depends on.

    Raises:
        InputError: the file is no journal, or one of another translation.
    """

    def __init__(self, path: Path, facts: dict[str, Any]):
        self.path = path
        self._file = _locked(path)
        head = json.dumps({"journal": "mtkit translate", **facts})
        self._entries = _whole_lines(path, head)
        if self._entries and self._entries[0] != head:
            raise InputError(
                f"{path} is the journal of {_difference(self._entries[0], facts)}; name another file, or"
                " remove it"
            )
        self._file.truncate(sum(len(entry.encode()) + 1 for entry in self._entries))
        if not self._entries:
            self._write(head)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *error) -> None:
        self._file.close()

    def replay(self, take) -> Iterator[tuple[list[str], list[bytes]]]:
        """(lines, outputs) of each entry; `take(n)` gives the next n lines of the input.

        Raises:
            InputError: the input is not the one of the journal.
        """
        done = 0
        for entry in self._entries[1:]:
            stored = json.loads(entry)
            count = stored["lines"]
            lines = take(count)
            if len(lines) < count or digest(lines) != stored["sha256"]:
                raise InputError(
                    f"lines {done + 1} to {done + count} of the input are not those of {self.path}; remove it"
                    " to begin anew"
                )
            done += count
            yield lines, [base64.b64decode(output) for output in stored["outputs"]]

    def add(self, lines: list[str], outputs: list[bytes]) -> None:
        """Keep the outputs of the next lines; they are on the disk when this returns."""
        kept = [base64.b64encode(output).decode() for output in outputs]
        self._write(json.dumps({"lines": len(lines), "sha256": digest(lines), "outputs": kept}))

    def _write(self, entry: str) -> None:
        data = memoryview(entry.encode() + b"\n")
        while data:
            data = data[self._file.write(data) :]
        os.fsync(self._file.fileno())


def _locked(path: Path):
    """The file, open for more entries, for this process alone; InputError where another one holds it."""
    file = open(path, "ab", buffering=0)
    if not try_lock(file.fileno()):
        file.close()
        raise InputError(
            f"another command is writing to the journal {path}; wait for its end, or name another one"
        )
    return file


def digest(lines: list[str]) -> str:
    """The SHA-256 of some lines, hexadecimal."""
    text = "".join(line + "\n" for line in lines)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _whole_lines(path: Path, head: str) -> list[str]:
    """The entries of a file, without one whose writing was cut short.

    Args:
        head: the first entry that this translation writes.

    Raises:
        InputError: the file holds something else.
    """
    *lines, cut_short = path.read_bytes().split(b"\n")
    try:
        entries = [line.decode("ascii") for line in lines]
        well_formed = all("sha256" in json.loads(entry) for entry in entries[1:])
        begins = json.loads(entries[0])["journal"] if entries else head.encode().startswith(cut_short)
    except (ValueError, KeyError, TypeError):
        well_formed = begins = False
    if not (well_formed and begins):
        raise InputError(f"{path} is no journal of mtkit translate; name another file")
    return entries


def _difference(head: str, facts: dict[str, Any]) -> str:
    """What another journal's first entry says otherwise."""
    other = json.loads(head)
    names = sorted(
        name for name in (facts.keys() | other.keys()) - {"journal"} if facts.get(name) != other.get(name)
    )
    return f"a translation with other {', '.join(names)}"
