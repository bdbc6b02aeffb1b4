"""A comparison of systems as a page."""

from mtkit.pages.charts import Series, bars, bucket_charts, intervals, legend
from mtkit.pages.page import PageTable, render
from mtkit.scoring.comparison import Comparison
from mtkit.scoring.counts import NAMES
from mtkit.scoring.tables import (
    bucket_table,
    distinctive_tables,
    frequency_table,
    habits_table,
    orders_table,
    runs,
    scores_table,
)


def comparison_page(comparison: Comparison) -> str:
    """The page, as HTML."""
    systems = comparison.systems
    names = [system.name for system in systems]
    tables = {
        "scores": scores_table(comparison),
        "buckets": bucket_table(comparison),
        "frequencies": frequency_table(comparison),
        "orders": orders_table(comparison),
        "habits": habits_table(comparison),
    }
    distinctive = [table for pair in comparison.pairs for table in distinctive_tables(comparison, pair)]
    return render(
        "comparison.html",
        title=f"Comparison of {', '.join(names[:-1])} and {names[-1]}",
        text=comparison.text,
        first=names[0],
        legend=legend(names),
        score_charts=[(name, intervals(_intervals(comparison, key), name)) for key, name in NAMES.items()],
        signatures=list(systems[0].scores.metrics.values()),
        bucket_charts=bucket_charts(comparison.buckets, systems),
        frequency_chart=_frequency_chart(comparison),
        distinctive=[PageTable.of(table) for table in distinctive],
        examples=[(pair.other.name, [*pair.wins, *pair.losses]) for pair in comparison.pairs],
        runs=runs,
        **{name: PageTable.of(table) for name, table in tables.items()},
    )


def _intervals(comparison: Comparison, key: str) -> list[tuple[str, float, float | None, float | None]]:
    rows = []
    for system in comparison.systems:
        metric = system.scores.metrics[key]
        spread = metric.interval
        rows.append(
            (system.name, metric.score, spread.low if spread else None, spread.high if spread else None)
        )
    return rows


def _frequency_chart(comparison: Comparison):
    groups = comparison.frequency_names
    kept = [place for place in range(len(groups)) if comparison.frequencies[0][place].reference]
    series = [
        Series(system.name, [accuracies[place].f1 for place in kept])
        for system, accuracies in zip(comparison.systems, comparison.frequencies, strict=True)
    ]
    return bars(
        [(groups[place], f"{comparison.frequencies[0][place].reference:,}") for place in kept], series, "F1"
    )
