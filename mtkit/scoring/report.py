"""Scores as a table, as JSON, and as files of the checkpoint directory."""

import json
from collections.abc import Sequence
from typing import Any, TextIO

from mtkit import __version__
from mtkit.checkpoint import Checkpoint
from mtkit.scoring.metrics import Metric, Scores
from mtkit.settings import ScoreSettings
from mtkit.writing import atomic_file, write_json


def as_dict(scores: Scores, **about: Any) -> dict[str, Any]:
    """Scores for JSON.

    Args:
        scores: what was measured.
        about: what was scored (file names, or split, weights and beam); comes first.

    Returns:
        {**about, "mtkit", "lines", "references", "scores": {"bleu": {"name", "score", "signature", "mean", "low", "high"}, ...}};
        the last three only when there are confidence intervals.
    """
    metrics = {}
    for key, metric in scores.metrics.items():
        metrics[key] = {"name": metric.name, "score": metric.score, "signature": metric.signature}
        if metric.interval:
            metrics[key].update(mean=metric.interval.mean, low=metric.interval.low, high=metric.interval.high)
    return {**about, "mtkit": __version__, "lines": scores.lines, "references": scores.references, "scores": metrics}


def print_json(report: dict[str, Any], stream: TextIO) -> None:
    """Write a report as one JSON object."""
    stream.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def print_table(scores: Scores, stream: TextIO) -> None:
    """Write a line for each metric: name, score, 95% interval, signature.

    On a terminal the signatures follow below the table, so that none is broken by a narrow window and each can be copied.
    """
    header = ["metric", "score", "95% interval", "signature"]
    rows = [_row(metric) for metric in scores.metrics.values()]
    if not any(metric.interval for metric in scores.metrics.values()):
        header, rows = _without(2, header, rows)
    if not stream.isatty():
        _print_aligned([header, *rows], stream)
        return
    signatures = [[row[0], row[-1]] for row in rows]
    header, rows = _without(len(header) - 1, header, rows)
    _print_aligned([header, *rows], stream)
    stream.write("\n")
    _print_aligned(signatures, stream)


def _row(metric: Metric) -> list[str]:
    interval = f"{metric.interval.low:.2f} - {metric.interval.high:.2f}" if metric.interval else ""
    return [metric.name, f"{metric.score:.2f}", interval, metric.signature]


def _without(column: int, header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    return header[:column] + header[column + 1 :], [row[:column] + row[column + 1 :] for row in rows]


def _print_aligned(rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        # Numbers end below each other, words begin so.
        numeric = [text.replace(".", "").isdigit() or text == "score" for text in row]
        cells = [
            text.rjust(width) if right else text.ljust(width) for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        stream.write("  ".join(cells).rstrip() + "\n")


def file_name(settings: ScoreSettings, split: str) -> str:
    """Name of the files of a scoring, without ending: what was scored and every setting that differs from the default."""
    defaults = ScoreSettings()
    parts = [split, settings.weights, f"beam{settings.beam}"]
    if settings.length_penalty != defaults.length_penalty:
        parts.append(f"penalty{settings.length_penalty:g}")
    if settings.engine != defaults.engine:
        parts.append(settings.engine)
    if settings.precision != defaults.precision:
        parts.append(settings.precision)
    if settings.tokenize != defaults.tokenize:
        parts.append(settings.tokenize)
    if settings.lowercase:
        parts.append("lowercase")
    return "-".join(parts)


def write_files(checkpoint: Checkpoint, name: str, hypotheses: Sequence[str], report: dict[str, Any]) -> None:
    """Keep the hypotheses (scores/NAME.txt) and the report (scores/NAME.json)."""
    with atomic_file(checkpoint.scores / f"{name}.txt") as temporary:
        temporary.write_bytes("".join(line + "\n" for line in hypotheses).encode("utf-8"))
    write_json(checkpoint.scores / f"{name}.json", report)
