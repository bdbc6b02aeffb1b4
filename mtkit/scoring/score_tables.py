"""A scoring as tables for the terminal, and those that were made before it."""

from collections.abc import Sequence
from typing import Any

from mtkit.scoring.buckets import Bucket
from mtkit.scoring.counts import NAMES
from mtkit.scoring.metrics import Metric
from mtkit.scoring.perplexity import Perplexity
from mtkit.scoring.report import Scoring
from mtkit.scoring.systems import System
from mtkit.table import (
    Table,
    aligned,
    count_text,
    difference_text,
    interval_text,
    p_text,
    printable,
    score_text,
    share_text,
    table_text,
)


def scoring_text(scoring: Scoring, *, for_terminal: bool) -> str:
    """A line for each metric: name, score, interval, signature; then what else was asked for.

    On a terminal, and where systems are compared, the signatures follow below the table, so that none is
    broken by a narrow window and each can be copied.
    """
    paired = len(scoring.systems) > 1
    metrics = list(scoring.first.scores.metrics.values())
    scores = systems_table(scoring.systems)
    if for_terminal or paired:
        signatures = [[metric.name, metric.signature] for metric in metrics]
        parts = [table_text(scores), aligned(signatures)]
    else:
        parts = [aligned(with_signatures(scores, metrics))]
    if scoring.perplexity:
        parts.append(table_text(perplexity_table(scoring.perplexity)))
    if scoring.buckets:
        title = f"some of the lines of {printable(scoring.first.name)}\n" if paired else ""
        parts.append(title + table_text(bucket_table(scoring.buckets, scoring.first)))
    return "\n".join(parts)


def with_signatures(scores: Table, metrics: Sequence[Metric]) -> list[list[str]]:
    """The head and rows of a table with a row for each metric, and the signature of each beside it."""
    rows = zip(scores.rows, metrics, strict=True)
    return [[*scores.head, "signature"], *([*row, metric.signature] for row, metric in rows)]


def systems_table(systems: Sequence[System]) -> Table:
    """A row for each metric and system; without the columns in which nothing stands."""
    first, *others = systems
    rows = []
    for key, name in NAMES.items():
        for system in systems:
            metric = system.scores.metrics[key]
            difference = difference_text(metric.score - first.score(key)) if system is not first else ""
            p = p_text(system.p_values[key]) if key in system.p_values else ""
            label = system.name if others else ""
            rows.append([name, label, score_text(metric.score), difference, p, metric_interval(metric)])
    return Table(["metric", "system", "score", "difference", "p", "95% interval"], rows).without_empty()


def metric_interval(metric: Metric) -> str:
    """The confidence interval of a score; nothing where there is none."""
    return interval_text(metric.interval.low, metric.interval.high) if metric.interval else ""


def perplexity_table(perplexity: Perplexity) -> Table:
    """The perplexity per token, word and byte."""
    counts = {"token": perplexity.tokens, "word": perplexity.words, "byte": perplexity.bytes}
    rows = []
    for unit, count in counts.items():
        number = perplexity.per(count)
        rows.append([f"  per {unit}", "-" if number is None else share_text(number), count_text(count)])
    rows.append(["  log-probability", f"{perplexity.log_probability:.1f}", "nats"])
    return Table(["perplexity of the references", "", "units"], rows)


def bucket_table(buckets: Sequence[Bucket], system: System) -> Table:
    """The scores of some of the lines."""
    rows = []
    for bucket in buckets:
        scores = map(score_text, bucket.scores(system.counts).values())
        rows.append([bucket.by, bucket.name, str(bucket.size), *scores])
    return Table(["by", "bucket", "lines", *NAMES.values()], rows)


def history_table(reports: Sequence[dict[str, Any]]) -> Table:
    """A row for each earlier scoring; without the columns in which nothing stands."""
    rows = []
    for report in reports:
        scores = [report["scores"].get(key, {}).get("score") for key in NAMES]
        perplexity = report.get("perplexity", {}).get("per_word")
        rows.append(
            [
                report["time"][:16].replace("T", " "),
                report["name"],
                str(report.get("step") or ""),
                str(report.get("lines", "")),
                *map(score_text, (*scores, perplexity)),
            ]
        )
    head = ["time", "what", "step", "lines", *NAMES.values(), "word ppl"]
    return Table(head, rows, title="Earlier scorings").without_empty()
