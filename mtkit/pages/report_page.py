"""What a checkpoint directory is and can do, as a page."""

from typing import Any

from markupsafe import Markup

from mtkit.pages.charts import Series, bucket_charts, legend, lines
from mtkit.pages.overview import Overview
from mtkit.pages.page import PageTable, render
from mtkit.scoring.report import history_rows, interval_text
from mtkit.scoring.tables import Table, runs
from mtkit.translating.heatmap import table_html

BUCKET_TITLES = {
    "length": "BLEU by length in words, and the number of lines",
    "frequency": "BLEU by how often the rarest source word was trained on, and the number of lines",
}
MEGA = 1e6


def report_page(overview: Overview) -> str:
    """The page, as HTML."""
    languages = f"{overview.prepared['source_language']} to {overview.prepared['target_language']}"
    metrics = list(overview.system.scores.metrics.values())
    search = f"{overview.text.lines:,} lines of {overview.text.title}, translated by {overview.engine}"
    return render(
        "report.html",
        title=f"{overview.name}: {languages}",
        subtitle=f"A translation model trained with mtkit. Scores are those of {search}.",
        tiles=_tiles(overview),
        scored=f"{search}. An interval holds the scores of 95% of resampled texts.",
        scores=PageTable.of(_scores(overview)),
        signatures=metrics,
        bucket_charts=[
            (BUCKET_TITLES[by], chart) for by, chart in bucket_charts(overview.buckets, [overview.system])
        ],
        without_frequencies=overview.without_frequencies,
        history=_history(overview),
        examples=[
            (title, found) for title, found in (("Worst", overview.worst), ("Best", overview.best)) if found
        ],
        runs=runs,
        maps=[Markup(table_html(found)) for found in overview.maps],
        without_maps=overview.without_maps or "no sentence to translate",
        curves=_curves(overview),
        training=PageTable.of(Table("Training", "", ["", ""], _training_rows(overview))),
        corpus=[PageTable.of(table) for table in _corpus(overview)],
        machine=[PageTable.of(table) for table in _machine(overview)],
        settings=[
            PageTable.of(
                Table(
                    f"[{name}]",
                    "",
                    ["setting", "value"],
                    [[key, _shown(value)] for key, value in table.items()],
                )
            )
            for name, table in overview.settings.items()
        ],
    )


def _tiles(overview: Overview) -> list[tuple[str, str]]:
    tiles = [
        (f"{overview.system.score(key):.1f}", name) for key, name in (("bleu", "BLEU"), ("chrf", "chrF"))
    ]
    tiles.append((f"{overview.prepared['pairs']['train']:,}", "training pairs"))
    if overview.weights:
        tiles.append((_large(overview.weights), "weights"))
    if overview.speed.training_seconds:
        tiles.append((_duration(overview.speed.training_seconds), "of training"))
    tiles.append((f"{overview.speed.lines:,.0f}", "lines translated a second"))
    return tiles


def _scores(overview: Overview) -> Table:
    metrics = overview.system.scores.metrics.values()
    note = "Of TER less is better: edits for each 100 words of the reference."
    rows = [[metric.name, f"{metric.score:.2f}", interval_text(metric)] for metric in metrics]
    return Table("Scores", note, ["metric", "score", "95% interval"], rows)


def _history(overview: Overview) -> PageTable:
    head, *rows = history_rows(overview.history)
    return PageTable.of(Table("Earlier scorings", "", head, rows))


def _curves(overview: Overview) -> list[tuple[str, Markup, Markup]]:
    log = overview.log
    if not log:
        return []
    steps = [validation.step for validation in log]

    def series(name: str, key: str) -> Series:
        return Series(name, [getattr(validation, key) for validation in log], steps)

    losses = [series("training", "train_loss"), series("validation", "valid_loss")]
    scores = [series("BLEU", "bleu"), series("chrF", "chrf")]
    rate = [series("learning rate", "learning_rate")]
    return [
        ("Loss, nats a token", legend(["training", "validation"]), lines(losses, "nats", "step")),
        (
            "Scores of the validation text, greedy search",
            legend(["BLEU", "chrF"]),
            lines(scores, "", "step", from_zero=True),
        ),
        ("Learning rate", Markup(""), lines(rate, "", "step", from_zero=True)),
    ]


def _training_rows(overview: Overview) -> list[list[str]]:
    trained, speed = overview.trained, overview.speed
    rows = [["steps", _number(trained.get("steps"))], ["best step", _number(trained.get("best_step"))]]
    if overview.log and overview.log[-1].epoch is not None:
        rows.append(["passes over the text", f"{overview.log[-1].epoch:.1f}"])
    if speed.training_seconds:
        rows.append(["time", _duration(speed.training_seconds)])
    if speed.training_tokens:
        rows.append(["target tokens a second", f"{speed.training_tokens:,.0f}"])
    return rows


def _corpus(overview: Overview) -> list[Table]:
    prepared = overview.prepared
    facts = [[f"{name} pairs", _number(count)] for name, count in prepared.get("pairs", {}).items()]
    facts.append(["pairs read", _number(prepared.get("pairs_read"))])
    facts += [
        [f"left out: {reason}", _number(count)]
        for reason, count in prepared.get("dropped", {}).items()
        if count
    ]
    facts += [
        [f"training pairs in {part}", _number(count)]
        for part, count in prepared.get("train_pairs_in", {}).items()
    ]
    sides = []
    for name, key in (
        ("vocabulary", "vocabulary_sizes"),
        ("tokens of training", "tokens"),
        ("types in use", "types"),
    ):
        sides.append([name, *(_number(prepared.get(key, {}).get(side)) for side in ("source", "target"))])
    lengths = prepared.get("length_percentiles", {})
    for percent in lengths.get("source", {}):
        name = "longest sentence" if percent == "max" else f"length at {percent}%"
        sides.append([name, *(_number(lengths.get(side, {}).get(percent)) for side in ("source", "target"))])
    shares = prepared.get("fallback_share", {})
    sides.append(
        ["unknown or spelt in bytes", *(f"{shares.get(side, 0.0):.2%}" for side in ("source", "target"))]
    )
    note = (
        f"A {prepared.get('vocabulary', '')} vocabulary, {prepared.get('tokenizer', '')}; lengths in tokens."
    )
    languages = [prepared["source_language"], prepared["target_language"]]
    return [Table("Pairs", "", ["", "number"], facts), Table("Sides", note, ["", *languages], sides)]


def _machine(overview: Overview) -> list[Table]:
    speed = overview.speed
    rates = [
        ["translating, lines a second", f"{speed.lines:,.0f}"],
        ["translating, output tokens a second", f"{speed.tokens:,.0f}"],
        ["largest memory, MB", f"{speed.peak_bytes / MEGA:,.0f}"],
    ]
    sizes = [[name, f"{size / MEGA:,.1f}"] for name, size in overview.sizes.items()]
    return [
        Table("Speed", f"By {overview.engine}, when this page was made.", ["", ""], rates),
        Table("Folders", "", ["folder", "MB"], sizes),
    ]


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _large(number: int) -> str:
    """1.9 M."""
    return f"{number / MEGA:.1f} M" if number >= MEGA else f"{number / 1e3:.0f} k"


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
