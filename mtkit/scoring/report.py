"""What a scoring found, for JSON, and as files of the checkpoint directory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mtkit import __version__
from mtkit.checkpoint import Checkpoint
from mtkit.scoring.buckets import Bucket
from mtkit.scoring.metrics import Metric
from mtkit.scoring.perplexity import Perplexity
from mtkit.scoring.systems import System
from mtkit.settings.score import ScoreSettings
from mtkit.writing import atomic_file, output_file, write_json


@dataclass(frozen=True)
class Scoring:
    """All that one `mtkit score` found.

    Attributes:
        systems: what is scored, and what it is compared with.
        buckets: of lines, if asked for.
        perplexity: of the references, if asked for.
        about: what was scored, for JSON: file names, or split, weights and beam.
    """

    systems: Sequence[System]
    buckets: Sequence[Bucket] = ()
    perplexity: Perplexity | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> System:
        """What is scored."""
        return self.systems[0]

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON.

        Returns:
            {**about, "mtkit", "lines", "references", "scores": {"bleu": {"name", "score", "signature",
            "mean", "low", "high"}, ...}}; the last three only when there are confidence intervals. With
            "paired", "by" and "perplexity" where they were asked for: "paired" is a list of {"name",
            "scores"}, which have "difference" and "p" too.
        """
        first = self.first
        report = {
            **self.about,
            "mtkit": __version__,
            "lines": first.scores.lines,
            "references": first.scores.references,
            "scores": scores_dict(first),
        }
        if self.systems[1:]:
            report["paired"] = [compared_dict(other, first) for other in self.systems[1:]]
        if self.buckets:
            report["by"] = [bucket_dict(bucket, first) for bucket in self.buckets]
        if self.perplexity:
            report["perplexity"] = self.perplexity.as_dict()
        return report


def scores_dict(system: System) -> dict[str, Any]:
    """The scores of a system by metric."""
    return {key: metric_dict(metric) for key, metric in system.scores.metrics.items()}


def metric_dict(metric: Metric) -> dict[str, Any]:
    """A score with its signature, and its interval where there is one."""
    spread = vars(metric.interval) if metric.interval else {}
    return {"name": metric.name, "score": metric.score, "signature": metric.signature, **spread}


def compared_dict(system: System, first: System) -> dict[str, Any]:
    """A system beside the first one."""
    scores = scores_dict(system)
    for key, score in scores.items():
        score["difference"] = system.score(key) - first.score(key)
        if key in system.p_values:
            score["p"] = system.p_values[key]
    return {"name": system.name, "scores": scores}


def bucket_dict(bucket: Bucket, system: System) -> dict[str, Any]:
    """The scores of some of the lines."""
    scores = bucket.scores(system.counts)
    return {"by": bucket.by, "bucket": bucket.name, "lines": bucket.size, "scores": scores}


def json_text(report: Any) -> str:
    """A report as one JSON object, or a list of them."""
    return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def file_name(settings: ScoreSettings, text: str) -> str:
    """Name of the files of a scoring, without ending: what was scored, and settings that are not the default.

    Args:
        text: the name of what was scored.
    """
    defaults = ScoreSettings()
    parts = [text, settings.weights, f"beam{settings.beam}"]
    if settings.length_penalty != defaults.length_penalty:
        parts.append(f"penalty{settings.length_penalty:g}")
    if settings.tag:
        parts.append(f"tag-{settings.tag}")
    if settings.context is not None:
        parts.append(f"context{settings.context}")
    for name in ("engine", "precision", "tokenize"):
        value = getattr(settings, name)
        if value != getattr(defaults, name):
            parts.append(value)
    if settings.lowercase:
        parts.append("lowercase")
    return "-".join(parts)


def write_files(checkpoint: Checkpoint, name: str, hypotheses: Sequence[str], report: dict[str, Any]) -> None:
    """Keep the hypotheses (scores/NAME.txt) and the report (scores/NAME.json)."""
    with atomic_file(checkpoint.scores / f"{name}.txt") as temporary:
        temporary.write_bytes("".join(line + "\n" for line in hypotheses).encode("utf-8"))
    write_json(checkpoint.scores / f"{name}.json", report)


def write_sentence_scores(name: str, scoring: Scoring) -> None:
    """Write the scores of each line to a file: a table with a head, between tabs.

    Its columns are line, bleu, chrf, chrf++, ter, and the log-probability of the line's reference where the
    perplexity was asked for.
    """
    columns: dict[str, Sequence[float | None]] = {
        key: counts.sentence_scores() for key, counts in scoring.first.counts.items()
    }
    if scoring.perplexity:
        columns["log_probability"] = scoring.perplexity.log_probabilities
    with output_file(name) as file:
        file.write(("\t".join(["line", *columns]) + "\n").encode())
        for number, values in enumerate(zip(*columns.values(), strict=True), 1):
            cells = ["" if value is None else f"{value:.4f}" for value in values]
            file.write(("\t".join([str(number), *cells]) + "\n").encode())
