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
            found = json.loads(entry)
            lines = take(found["lines"])
            if len(lines) < found["lines"] or digest(lines) != found["sha256"]:
                which = f"lines {done + 1} to {done + found['lines']} of the input"
                raise InputError(f"{which} are not those of {self.path}; remove it to begin anew")
            done += len(lines)
            yield lines, [base64.b64decode(output) for output in found["outputs"]]

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
    """The file, open for more entries and held for this process alone; raises InputError where another one
    holds it.
    """
    file = open(path, "ab", buffering=0)
    if not try_lock(file.fileno()):
        file.close()
        raise InputError(
            f"another command is writing to the journal {path}; wait for its end, or name another one"
        )
    return file


def digest(lines: list[str]) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass")).hexdigest()


def _whole_lines(path: Path, head: str) -> list[str]:
    """The entries of a file, without one whose writing was cut short; raises InputError where it holds
    something else.
    """
    *entries, rest = path.read_bytes().split(b"\n")
    try:
        found = [entry.decode("ascii") for entry in entries]
        if not all("sha256" in json.loads(entry) for entry in found[1:]):
            raise ValueError
        if not (json.loads(found[0])["journal"] if found else head.encode().startswith(rest)):
            raise ValueError
        return found
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is no journal of mtkit translate; name another file") from None


def _difference(head: str, facts: dict[str, Any]) -> str:
    """What another journal's first entry says otherwise."""
    other = json.loads(head)
    names = sorted(
        name for name in (facts.keys() | other.keys()) - {"journal"} if facts.get(name) != other.get(name)
    )
    return f"a translation with other {', '.join(names)}"
