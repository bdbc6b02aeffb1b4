"""What was scored in a checkpoint directory, one scoring after the other: scores/history.jsonl."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mtkit.checkpoint import Checkpoint

FILE = "history.jsonl"


def remember(checkpoint: Checkpoint, name: str, report: dict[str, Any]) -> None:
    """Add a report (see `report.as_dict`) to the history, also where another command does at the same time.

    Args:
        name: of the files of this scoring.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row = json.dumps({"time": now, "name": name, **report}, ensure_ascii=False, allow_nan=False) + "\n"
    path = checkpoint.scores / FILE
    with open(path, "a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        # The end of a line that a killed command left open.
        torn = size and file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + row.encode())


def recall(checkpoint: Checkpoint, warn: Callable[[str], None]) -> list[dict[str, Any]]:
    """The reports of earlier scorings, oldest first.

    Args:
        warn: called with a sentence for each line that is damaged, and left out.
    """
    path = checkpoint.scores / FILE
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else [], 1):
        try:
            row = json.loads(line)
            if not _is_row(row):
                raise ValueError
            rows.append(row)
        except ValueError:
            warn(f"{path}:{number} is damaged, and left out")
    return rows


def _is_row(row: Any) -> bool:
    """Whether it holds what a table of it needs."""
    if not (isinstance(row, dict) and isinstance(row.get("time"), str) and isinstance(row.get("name"), str)):
        return False
    scores, perplexity = row.get("scores"), row.get("perplexity", {})
    if not (isinstance(scores, dict) and isinstance(perplexity, dict)):
        return False
    numbers = [one.get("score") if isinstance(one, dict) else "" for one in scores.values()]
    return all(isinstance(number, float | int | None) for number in (*numbers, perplexity.get("per_word")))
