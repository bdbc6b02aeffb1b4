"""A scoring as tables, as JSON, and as files of the checkpoint directory."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from rich.cells import cell_len

from mtkit import __version__
from mtkit.checkpoint import Checkpoint
from mtkit.scoring.buckets import Bucket
from mtkit.scoring.counts import NAMES
from mtkit.scoring.metrics import Metric
from mtkit.scoring.perplexity import Perplexity
from mtkit.scoring.systems import System
from mtkit.settings import ScoreSettings
from mtkit.writing import atomic_file, output_file, write_json

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Scoring:
    """All that one `mtkit score` found out.

    Attributes:
        systems: what is scored, and what it is compared with.
        buckets: of lines, if asked for.
        perplexity: of the references, if asked for.
    """

    systems: list[System]
    buckets: Sequence[Bucket] = ()
    perplexity: Perplexity | None = None

    @property
    def first(self) -> System:
        return self.systems[0]


def as_dict(scoring: Scoring, **about: Any) -> dict[str, Any]:
    """A scoring for JSON.

    Args:
        about: what was scored (file names, or split, weights and beam); comes first.

    Returns:
        {**about, "mtkit", "lines", "references", "scores": {"bleu": {"name", "score", "signature", "mean",
        "low", "high"}, ...}}; the last three only when there are confidence intervals. With "paired", "by"
        and "perplexity" where they were asked for: "paired" is a list of {"name", "scores"}, which have
        "difference" and "p" too.
    """
    first = scoring.first
    report = {
        **about,
        "mtkit": __version__,
        "lines": first.scores.lines,
        "references": first.scores.references,
    }
    report["scores"] = {key: metric_dict(metric) for key, metric in first.scores.metrics.items()}
    if scoring.systems[1:]:
        report["paired"] = [compared_dict(other, first) for other in scoring.systems[1:]]
    if scoring.buckets:
        report["by"] = [bucket_dict(one, first) for one in scoring.buckets]
    if scoring.perplexity:
        report["perplexity"] = scoring.perplexity.as_dict()
    return report


def metric_dict(metric: Metric) -> dict[str, Any]:
    found: dict[str, Any] = {"name": metric.name, "score": metric.score, "signature": metric.signature}
    if metric.interval:
        found.update(mean=metric.interval.mean, low=metric.interval.low, high=metric.interval.high)
    return found


def compared_dict(system: System, first: System) -> dict[str, Any]:
    """A system beside the first one."""
    scores = {}
    for key, metric in system.scores.metrics.items():
        scores[key] = {**metric_dict(metric), "difference": metric.score - first.score(key)}
        if key in system.p_values:
            scores[key]["p"] = system.p_values[key]
    return {"name": system.name, "scores": scores}


def bucket_dict(bucket: Bucket, system: System) -> dict[str, Any]:
    return {
        "by": bucket.by,
        "bucket": bucket.name,
        "lines": bucket.size,
        "scores": bucket.scores(system.counts),
    }


def print_json(report: Any, stream: TextIO) -> None:
    """Write a report as one JSON object."""
    stream.write(json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_scoring(scoring: Scoring, stream: TextIO) -> None:
    """Write a line for each metric: name, score, 95% interval, signature; then the other tables that were
    asked for.

    On a terminal, and where systems are compared, the signatures follow below the table, so that none is
    broken by a narrow window and each can be copied.
    """
    metrics = list(scoring.first.scores.metrics.values())
    head, *rows = systems_rows(scoring.systems)
    beside = not stream.isatty() and not scoring.systems[1:]
    if beside:
        head, rows = (
            [*head, "signature"],
            [[*row, metric.signature] for row, metric in zip(rows, metrics, strict=True)],
        )
    print_aligned([head, *rows], stream)
    if not beside:
        stream.write("\n")
        print_aligned([[metric.name, metric.signature] for metric in metrics], stream)
    if scoring.perplexity:
        stream.write("\n")
        print_aligned(perplexity_rows(scoring.perplexity), stream)
    if scoring.buckets:
        stream.write(
            f"\nsome of the lines of {printable(scoring.first.name)}\n" if scoring.systems[1:] else "\n"
        )
        print_aligned(bucket_rows(scoring.buckets, scoring.first), stream)


def systems_rows(systems: Sequence[System]) -> list[list[str]]:
    """A head, and a row for each metric and system; without the columns in which nothing stands."""
    first, *others = systems
    rows = []
    for key, name in NAMES.items():
        for system in systems:
            metric = system.scores.metrics[key]
            apart = "" if system is first else f"{metric.score - first.score(key):+.2f}"
            p = f"{system.p_values[key]:.4f}" if key in system.p_values else ""
            rows.append(
                [name, system.name if others else "", f"{metric.score:.2f}", apart, p, interval_text(metric)]
            )
    return without_empty([["metric", "system", "score", "difference", "p", "95% interval"], *rows])


def without_empty(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """A head and rows, without the columns in which nothing stands."""
    columns = [column for column in zip(*rows, strict=True) if any(column[1:]) or len(rows) == 1]
    return [list(row) for row in zip(*columns, strict=True)]


def interval_text(metric: Metric) -> str:
    return f"{metric.interval.low:.2f} - {metric.interval.high:.2f}" if metric.interval else ""


def perplexity_rows(found: Perplexity) -> list[list[str]]:
    rows = [["perplexity of the references", "", "units"]]
    for unit, count in (("token", found.tokens), ("word", found.words), ("byte", found.bytes)):
        each = found.each(count)
        rows.append([f"  per {unit}", "-" if each is None else f"{each:.3f}", f"{count:,}"])
    return [*rows, ["  log-probability", f"{found.log_probability:.1f}", "nats"]]


def bucket_rows(buckets: Sequence[Bucket], system: System) -> list[list[str]]:
    rows = [["by", "bucket", "lines", *NAMES.values()]]
    for one in buckets:
        rows.append(
            [
                one.by,
                one.name,
                str(one.size),
                *(f"{score:.2f}" for score in one.scores(system.counts).values()),
            ]
        )
    return rows


def history_rows(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """A head, and a line for each earlier scoring; without the columns in which nothing stands."""
    table = [["time", "what", "step", "lines", *NAMES.values(), "word ppl"]]
    for row in rows:
        scores = [row["scores"].get(key, {}).get("score") for key in NAMES]
        perplexity = row.get("perplexity", {}).get("per_word")
        numbers = ["" if number is None else f"{number:.2f}" for number in (*scores, perplexity)]
        step = row.get("step")
        table.append(
            [
                row["time"][:16].replace("T", " "),
                row["name"],
                str(step or ""),
                str(row.get("lines", "")),
                *numbers,
            ]
        )
    return without_empty(table)


def print_aligned(rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    """Rows of cells in columns; numbers end below each other, words begin so."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    right = [all(map(is_number, column[1:])) and any(column[1:]) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for text, width, number in zip(row, widths, right, strict=True):
            space = " " * (width - cell_len(text))
            cells.append(space + text if number else text + space)
        stream.write("  ".join(cells).rstrip() + "\n")


def printable(text: str) -> str:
    """Text that does nothing to a terminal or a table: a space for each control character, and for each end
    of a line.
    """
    return _CONTROL.sub(" ", text)


def is_number(text: str) -> bool:
    """Whether the text of a cell is a number, or nothing."""
    return not text or text.lstrip("+-").removesuffix("%").replace(".", "").replace(",", "").isdigit()


def file_name(settings: ScoreSettings, text: str) -> str:
    """Name of the files of a scoring, without ending: what was scored and every setting that differs from the
    default.
    """
    defaults = ScoreSettings()
    parts = [text, settings.weights, f"beam{settings.beam}"]
    if settings.length_penalty != defaults.length_penalty:
        parts.append(f"penalty{settings.length_penalty:g}")
    if settings.tag:
        parts.append(f"tag-{settings.tag}")
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


def write_sentence_scores(name: str, scoring: Scoring) -> None:
    """A table of the scores of each line, tab-separated, with a head: line, bleu, chrf, chrf++, ter, and the
    log-probability of its reference where the perplexity was asked for."""
    columns: dict[str, Sequence[Any]] = {
        key: one.sentence_scores() for key, one in scoring.first.counts.items()
    }
    if scoring.perplexity:
        columns["log_probability"] = scoring.perplexity.log_probabilities
    with output_file(name) as file:
        file.write(("\t".join(["line", *columns]) + "\n").encode())
        for number, values in enumerate(zip(*columns.values(), strict=True), 1):
            cells = ["" if value is None else f"{value:.4f}" for value in values]
            file.write(("\t".join([str(number), *cells]) + "\n").encode())
