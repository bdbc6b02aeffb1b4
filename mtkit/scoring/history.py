"""What was scored in a checkpoint directory, one scoring after the other: scores/history.jsonl."""

import json
import os
from datetime import UTC, datetime
from typing import Any

from mtkit.checkpoint import Checkpoint
from mtkit.errors import InputError
from mtkit.reporter import Reporter

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


def recall(checkpoint: Checkpoint, reporter: Reporter) -> list[dict[str, Any]]:
    """The reports of earlier scorings, oldest first; a damaged line is warned of, and left out."""
    path = checkpoint.scores / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    reports = []
    for number, line in enumerate(lines, 1):
        try:
            report = json.loads(line)
        except ValueError:
            report = None
        if is_report(report):
            reports.append(report)
        else:
            reporter.warn(f"{path}:{number} is damaged, and left out")
    return reports


def require_history(checkpoint: Checkpoint, reporter: Reporter) -> list[dict[str, Any]]:
    """The reports of earlier scorings (see `recall`); raises InputError where there are none."""
    if not checkpoint.manifest()["stages"] and not checkpoint.scores.exists():
        raise InputError(f"{checkpoint.directory} is no checkpoint directory; name it with -C")
    reports = recall(checkpoint, reporter)
    if not reports:
        raise InputError(f"nothing was scored in {checkpoint.directory} yet; run 'mtkit score' first")
    return reports


def is_report(report: Any) -> bool:
    """Whether it holds what a table of it needs."""
    if not isinstance(report, dict):
        return False
    scores, perplexity = report.get("scores"), report.get("perplexity", {})
    parts = [(report.get("time"), str), (report.get("name"), str), (scores, dict), (perplexity, dict)]
    if not all(isinstance(part, kind) for part, kind in parts):
        return False
    if not all(isinstance(score, dict) for score in scores.values()):
        return False
    numbers = [*(score.get("score") for score in scores.values()), perplexity.get("per_word")]
    return all(isinstance(number, float | int | None) for number in numbers)
