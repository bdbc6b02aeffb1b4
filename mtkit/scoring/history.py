"""What was scored in a checkpoint directory, one scoring after the other: scores/history.jsonl."""

import json
from datetime import UTC, datetime
from typing import Any

from mtkit.checkpoint import Checkpoint
from mtkit.errors import InputError
from mtkit.writing import atomic_file

FILE = "history.jsonl"


def remember(checkpoint: Checkpoint, name: str, report: dict[str, Any]) -> None:
    """Add a report (see `report.as_dict`) to the history.

    Args:
        name: of the files of this scoring.
    """
    path = checkpoint.scores / FILE
    before = path.read_bytes() if path.exists() else b""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row = json.dumps({"time": now, "name": name, **report}, ensure_ascii=False) + "\n"
    with atomic_file(path) as temporary:
        temporary.write_bytes(before + row.encode())


def recall(checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """The reports of earlier scorings, oldest first.

    Raises:
        InputError: nothing was scored here yet, or a line of the history is damaged.
    """
    path = checkpoint.scores / FILE
    if not path.exists():
        raise InputError(f"nothing was scored in {checkpoint.directory} yet; run 'mtkit score' first")
    rows = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            row = json.loads(line)
            rows.append({"scores": row["scores"], "time": row["time"], "name": row["name"], **row})
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path}:{number}: damaged; take this line out") from None
    return rows

