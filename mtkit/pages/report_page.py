"""What a checkpoint directory is and can do, as a page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from markupsafe import Markup

from mtkit.data.store import SIDES
from mtkit.pages.charts import Series, bucket_charts, legend, lines
from mtkit.pages.overview import Overview
from mtkit.pages.page import render
from mtkit.scoring.comparison_tables import runs
from mtkit.scoring.score_tables import history_table, systems_table
from mtkit.settings.option import shown
from mtkit.table import Table, count_text, short_count_text, time_text
from mtkit.training.log import Validation
from mtkit.translating.heatmap import table_html

BUCKET_TITLES = {
    "length": "BLEU by length in words, and the number of lines",
    "frequency": "BLEU by how often the rarest source word was trained on, and the number of lines",
}
MEGA = 1e6


class Curve(NamedTuple):
    """A chart of the training.

    Attributes:
        legend: of its lines; nothing where there is one.
    """

    title: str
    legend: Markup
    chart: Markup


def report_page(overview: Overview) -> str:
    """The page, as HTML."""
    prepared = overview.prepared
    search = (
        f"{count_text(overview.text.lines)} lines of {overview.text.title}, translated by {overview.engine}"
    )
    charts = bucket_charts(overview.buckets, [overview.system])
    examples = [("Worst", overview.worst), ("Best", overview.best)]
    return render(
        "report.html",
        title=f"{overview.name}: {prepared['source_language']} to {prepared['target_language']}",
        subtitle=f"A translation model trained with mtkit. Scores are those of {search}.",
        tiles=tiles(overview),
        scored=f"{search}. An interval holds the scores of 95% of resampled texts.",
        scores=scores_table(overview),
        signatures=list(overview.system.scores.metrics.values()),
        bucket_charts=[(BUCKET_TITLES[by], chart) for by, chart in charts],
        without_frequencies=overview.without_frequencies,
        history=history_table(overview.history),
        examples=[(title, scored_lines) for title, scored_lines in examples if scored_lines],
        runs=runs,
        maps=[Markup(table_html(attention)) for attention in overview.maps],
        without_maps=overview.without_maps or "no sentence to translate",
        curves=curves(overview.log),
        reach=reach_chart(overview.reach),
        training=training_table(overview),
        corpus=[pairs_table(prepared), sides_table(prepared)],
        machine=[speed_table(overview), folders_table(overview)],
        settings=[settings_table(name, table) for name, table in overview.settings.items()],
    )


def tiles(overview: Overview) -> list[tuple[str, str]]:
    """(figure, what it is of) of what one wants to know first."""
    speed = overview.speed
    figures = [
        (f"{overview.system.score(key):.1f}", name) for key, name in (("bleu", "BLEU"), ("chrf", "chrF"))
    ]
    figures.append((count_text(overview.prepared["pairs"]["train"]), "training pairs"))
    if overview.weights:
        figures.append((short_count_text(overview.weights), "weights"))
    if speed.training_seconds:
        figures.append((time_text(speed.training_seconds), "of training"))
    figures.append((count_text(speed.lines), "lines translated a second"))
    return figures


def scores_table(overview: Overview) -> Table:
    """The four scores of the text."""
    note = "Of TER less is better: edits for each 100 words of the reference."
    return replace(systems_table([overview.system]), title="Scores", note=note)


def curves(log: Sequence[Validation]) -> list[Curve]:
    """Charts of the validations of a training; none where its log is not here."""
    if not log:
        return []
    losses = [series(log, "training", "train_loss"), series(log, "validation", "valid_loss")]
    scores = [series(log, "BLEU", "bleu"), series(log, "chrF", "chrf")]
    rate = [series(log, "learning rate", "learning_rate")]
    return [
        Curve("Loss, nats a token", legend(["training", "validation"]), lines(losses, "nats", "step")),
        Curve(
            "Scores of the validation text, greedy search",
            legend(["BLEU", "chrF"]),
            lines(scores, "", "step", from_zero=True),
        ),
        Curve("Learning rate", Markup(""), lines(rate, "", "step", from_zero=True)),
    ]


def reach_chart(reach: dict[str, Any]) -> Curve | None:
    """The chart of quality by the length of lines; None where it was not measured."""
    points = reach.get("points")
    if not points:
        return None
    names = {"whole": "translated whole", "split": "sentence by sentence"}
    tokens = [point["source_tokens"] for point in points]
    scores = [Series(name, [point[key] for point in points], tokens) for key, name in names.items()]
    metric = {"bleu": "BLEU", "chrf": "chrF"}[reach["metric"]]
    return Curve(
        f"{metric} of neighbouring lines of the validation text joined, by their length, greedy search",
        legend(list(names.values())),
        lines(scores, metric, "source tokens", from_zero=True),
    )


def series(log: Sequence[Validation], name: str, key: str) -> Series:
    """A value of each validation, over its step."""
    values = [getattr(validation, key) for validation in log]
    return Series(name, values, [validation.step for validation in log])


def training_table(overview: Overview) -> Table:
    """How long it was trained."""
    trained, speed = overview.trained, overview.speed
    rows = [["steps", figure(trained.get("steps"))], ["best step", figure(trained.get("best_step"))]]
    if overview.log and overview.log[-1].epoch is not None:
        rows.append(["passes over the text", f"{overview.log[-1].epoch:.1f}"])
    if speed.training_seconds:
        rows.append(["time", time_text(speed.training_seconds)])
    if speed.training_tokens:
        rows.append(["target tokens a second", count_text(speed.training_tokens)])
    return Table(["", ""], rows, "Training")


def pairs_table(prepared: dict[str, Any]) -> Table:
    """How many pairs there are, and how many were left out."""
    rows = [[f"{name} pairs", figure(count)] for name, count in prepared.get("pairs", {}).items()]
    rows.append(["pairs read", figure(prepared.get("pairs_read"))])
    dropped = {reason: count for reason, count in prepared.get("dropped", {}).items() if count}
    rows += [[f"left out: {reason}", figure(count)] for reason, count in dropped.items()]
    leaked = prepared.get("train_pairs_in", {})
    rows += [[f"training pairs in {part}", figure(count)] for part, count in leaked.items()]
    return Table(["", "number"], rows, "Pairs")


def sides_table(prepared: dict[str, Any]) -> Table:
    """Vocabulary, tokens and lengths of each side."""
    kinds = {"vocabulary": "vocabulary_sizes", "tokens of training": "tokens", "types in use": "types"}
    rows = [[name, *both_sides(prepared.get(key, {}))] for name, key in kinds.items()]
    lengths = prepared.get("length_percentiles", {})
    for percent in lengths.get("source", {}):
        name = "longest sentence" if percent == "max" else f"length at {percent}%"
        rows.append([name, *(figure(lengths.get(side, {}).get(percent)) for side in SIDES)])
    shares = prepared.get("fallback_share", {})
    rows.append(["unknown or spelt in bytes", *(f"{shares.get(side, 0.0):.2%}" for side in SIDES)])
    note = (
        f"A {prepared.get('vocabulary', '')} vocabulary, {prepared.get('tokenizer', '')}; lengths in tokens."
    )
    return Table(["", prepared["source_language"], prepared["target_language"]], rows, "Sides", note)


def both_sides(values: dict[str, Any]) -> list[str]:
    """A figure of each side."""
    return [figure(values.get(side)) for side in SIDES]


def speed_table(overview: Overview) -> Table:
    """How fast it is here."""
    speed = overview.speed
    rows = [
        ["translating, lines a second", count_text(speed.lines)],
        ["translating, output tokens a second", count_text(speed.tokens)],
        ["largest memory, MB", count_text(speed.peak_bytes / MEGA)],
    ]
    return Table(["", ""], rows, "Speed", f"By {overview.engine}, when this page was made.")


def folders_table(overview: Overview) -> Table:
    """How large its folders are."""
    rows = [[name, f"{size / MEGA:,.1f}"] for name, size in overview.sizes.items()]
    return Table(["folder", "MB"], rows, "Folders")


def settings_table(name: str, table: dict[str, Any]) -> Table:
    """All settings of a stage."""
    rows = [[key, setting(value)] for key, value in table.items()]
    return Table(["setting", "value"], rows, f"[{name}]")


def setting(value: Any) -> str:
    """The value of a setting as it is shown."""
    return shown(", ".join(map(str, value)) if isinstance(value, list) else value)


def figure(value: Any) -> str:
    """A value of a report: a number with its thousands apart, or nothing where there is none."""
    if isinstance(value, int):
        return count_text(value)
    return "" if value is None else str(value)
