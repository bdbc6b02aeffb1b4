"""A comparison of systems as a page."""

from itertools import chain

from markupsafe import Markup

from mtkit.pages.charts import ScoreRow, Series, bars, bucket_charts, intervals, legend
from mtkit.pages.page import render
from mtkit.scoring.comparison import Comparison
from mtkit.scoring.comparison_tables import (
    buckets_table,
    distinctive_tables,
    frequency_table,
    habits_table,
    orders_table,
    runs,
    scores_table,
)
from mtkit.scoring.counts import NAMES
from mtkit.table import count_text


def comparison_page(comparison: Comparison) -> str:
    """The page, as HTML."""
    systems = comparison.systems
    names = [system.name for system in systems]
    distinctive = chain.from_iterable(distinctive_tables(comparison, pair) for pair in comparison.pairs)
    return render(
        "comparison.html",
        title=f"Comparison of {', '.join(names[:-1])} and {names[-1]}",
        text=comparison.text,
        first=names[0],
        legend=legend(names),
        score_charts=[(name, score_chart(comparison, key)) for key, name in NAMES.items()],
        scores=scores_table(comparison),
        signatures=list(comparison.first.scores.metrics.values()),
        bucket_charts=bucket_charts(comparison.buckets, systems),
        buckets=buckets_table(comparison),
        frequency_chart=frequency_chart(comparison),
        frequencies=frequency_table(comparison),
        orders=orders_table(comparison),
        distinctive=list(distinctive),
        habits=habits_table(comparison),
        examples=[(pair.other.name, [*pair.wins, *pair.losses]) for pair in comparison.pairs],
        runs=runs,
    )


def score_chart(comparison: Comparison, key: str) -> Markup:
    """The score of each system by a metric, with its interval."""
    rows = []
    for system in comparison.systems:
        metric = system.scores.metrics[key]
        low, high = (metric.interval.low, metric.interval.high) if metric.interval else (None, None)
        rows.append(ScoreRow(system.name, metric.score, low, high))
    return intervals(rows, NAMES[key])


def frequency_chart(comparison: Comparison) -> Markup:
    """How many of the words of each frequency are right, of those that the reference has."""
    words = [accuracy.reference for accuracy in comparison.frequencies[0]]
    places = [place for place, count in enumerate(words) if count]
    groups = [(comparison.frequency_names[place], count_text(words[place])) for place in places]
    series = []
    for system, accuracies in zip(comparison.systems, comparison.frequencies, strict=True):
        series.append(Series(system.name, [accuracies[place].f1 for place in places]))
    return bars(groups, series, "F1")
