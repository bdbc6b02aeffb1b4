"""Charts as SVG that takes its colours from the page: bars, lines, and scores with their intervals.

Every mark carries its value as a title, which a browser shows where one points at it, and a screen reader
reads.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from markupsafe import Markup, escape

from mtkit.scoring.buckets import Bucket
from mtkit.scoring.systems import System
from mtkit.table import count_text, score_text

WIDTH, HEIGHT = 520, 220
LEFT, RIGHT, TOP, BOTTOM = 42, 10, 12, 38
# What is left for marks.
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
ROW_HEIGHT = 24
# As many colours as style.css has.
COLOURS = 6
# Wide marks are ugly.
MOST_BAR = 30.0
# Letters of a name beside a row, and their width.
LONGEST, LETTER_WIDTH = 26, 6.6
# Of more points than this the dots are smaller.
MANY_POINTS = 60


class Series(NamedTuple):
    """Values with a name; `x` for lines alone. What is not known is None."""

    name: str
    y: Sequence[float | None]
    x: Sequence[float] = ()


class ScoreRow(NamedTuple):
    """A score with a name, and the bounds of its interval where it has one."""

    name: str
    score: float
    low: float | None = None
    high: float | None = None


def bars(groups: Sequence[tuple[str, str]], series: Sequence[Series], unit: str) -> Markup:
    """A group of bars for each (name, what is written below it), a bar of each series in it; from 0."""
    values = chain.from_iterable(bar.y for bar in series)
    axis = Axis.over([0.0, *(value for value in values if value is not None)])
    step = PLOT_WIDTH / max(1, len(groups))
    width = min(MOST_BAR, step * 0.8 / max(1, len(series)))
    parts = [axis.horizontal()]
    for place, (group, below) in enumerate(groups):
        middle = LEFT + step * (place + 0.5)
        parts += [_text(middle, HEIGHT - 22, group), _text(middle, HEIGHT - 8, below)]
        for number, (name, heights, _) in enumerate(series):
            if heights[place] is not None:
                title = f"{name}, {group}: {heights[place]:.4g} {unit}".rstrip()
                x = middle + (number - len(series) / 2) * width
                parts.append(_bar(x, axis.place(heights[place]), width, _colour(number), title))
    return _svg(parts, HEIGHT, f"{unit} by group")


def _bar(x: float, y: float, width: float, colour: str, title: str) -> str:
    height = max(0.0, TOP + PLOT_HEIGHT - y)
    return (
        f'<rect class="{colour}" x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{height:.1f}"'
        f' rx="2">{_title(title)}</rect>'
    )


def bucket_charts(buckets: Sequence[Bucket], systems: Sequence[System]) -> list[tuple[str, Markup]]:
    """(what lines are told apart by, BLEU of each bucket and system) for each way."""
    charts = []
    for by, group in groupby(buckets, key=lambda bucket: bucket.by):
        group = list(group)
        series = []
        for system in systems:
            scores = [bucket.scores(system.counts, ["bleu"])["bleu"] for bucket in group]
            series.append(Series(system.name, scores))
        groups = [(bucket.name, count_text(bucket.size)) for bucket in group]
        charts.append((by, bars(groups, series, "BLEU")))
    return charts


def lines(series: Sequence[Series], unit: str, x_unit: str, *, from_zero: bool = False) -> Markup:
    """A line of each series over x."""
    values = [value for value in chain.from_iterable(line.y for line in series) if _is_known(value)]
    places = list(chain.from_iterable(line.x for line in series))
    if not values or not places:
        return Markup("")
    axis, ground = Axis.over([*values, 0.0] if from_zero else values), Axis.over(places)
    parts = [axis.horizontal()]
    for tick in ground.ticks:
        parts.append(_text(LEFT + PLOT_WIDTH * ground.share(tick), HEIGHT - 22, _number(tick)))
    parts.append(_text(LEFT + PLOT_WIDTH / 2, HEIGHT - 6, x_unit))
    for number, line in enumerate(series):
        parts += _line(line, axis, ground, _colour(number), (unit, x_unit))
    return _svg(parts, HEIGHT, f"{unit} over {x_unit}")


def _line(line: Series, axis: "Axis", ground: "Axis", colour: str, units: tuple[str, str]) -> Iterator[str]:
    """A line with a dot at each value.

    Args:
        units: of y and of x.
    """
    known = [(x, y) for x, y in zip(line.x, line.y, strict=True) if _is_known(y)]
    points = [(LEFT + PLOT_WIDTH * ground.share(x), axis.place(y)) for x, y in known]
    path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
    yield f'<polyline class="line {colour}" points="{path}"/>'
    radius = 3 if len(points) < MANY_POINTS else 2
    for (x, y), (across, down) in zip(known, points, strict=True):
        title = _title(f"{line.name}: {y:.4g} {units[0]} at {units[1]} {_number(x)}")
        yield f'<circle class="{colour}" cx="{across:.1f}" cy="{down:.1f}" r="{radius}">{title}</circle>'


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def intervals(rows: Sequence[ScoreRow], unit: str) -> Markup:
    """A row for each score: a dot on the line of its interval."""
    bounds = chain.from_iterable((row.score, row.low, row.high) for row in rows)
    axis = Axis.over([value for value in bounds if value is not None], pad=0.08)
    left = 10 + LETTER_WIDTH * min(LONGEST, max(len(row.name) for row in rows))
    width, height = WIDTH - left - 56, ROW_HEIGHT * len(rows) + 26

    def place(value: float) -> float:
        return left + width * axis.share(value)

    parts = []
    for tick in axis.ticks:
        x = place(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="6" y2="{height - 22}"/>')
        parts.append(_text(x, height - 8, _number(tick)))
    for number, (name, score, low, high) in enumerate(rows):
        y, colour = 20 + ROW_HEIGHT * number, _colour(number)
        title = f"{name}: {score_text(score)}"
        if low is not None:
            title += f", 95% of resamplings from {score_text(low)} to {score_text(high)}"
        shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        parts.append(_text(left - 8, y + 4, shown, "end"))
        if low is not None:
            ends = f'x1="{place(low):.1f}" x2="{place(high):.1f}" y1="{y}" y2="{y}"'
            parts.append(f'<line class="span {colour}" {ends}>{_title(title)}</line>')
        parts.append(
            f'<circle class="{colour}" cx="{place(score):.1f}" cy="{y}" r="5">{_title(title)}</circle>'
        )
        parts.append(_text(WIDTH - 4, y + 4, score_text(score), "end"))
    return _svg(parts, height, f"{unit} with 95% intervals")


def _colour(number: int) -> str:
    """The class of the colour of a series."""
    return f"s{number % COLOURS}"


def legend(names: Sequence[str]) -> Markup:
    """Which colour is whose."""
    keys = "".join(
        f'<span><i class="{_colour(number)}"></i>{escape(name)}</span>' for number, name in enumerate(names)
    )
    return Markup(f'<p class="legend">{keys}</p>')


class Axis(NamedTuple):
    """A range of values with round numbers to write at it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def over(cls, values: Sequence[float], pad: float = 0.0) -> "Axis":
        """The range of some values.

        Args:
            pad: share of it that is added at both ends.
        """
        low, high = min(values), max(values)
        margin = (high - low) * pad
        if low == high:
            margin = abs(high) * 0.1 or 1.0
        low, high = (low if low == 0 else low - margin), high + margin
        step = _round_step((high - low) / 4)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return cls(low, high, tuple(step * count for count in range(first, last + 1)))

    def share(self, value: float) -> float:
        """How far up the range it is, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    def place(self, value: float) -> float:
        """How far down it is in the chart."""
        return TOP + PLOT_HEIGHT * (1 - self.share(value))

    def horizontal(self) -> str:
        """Its numbers beside the plot, and lines across it."""
        parts = []
        for tick in self.ticks:
            y = self.place(tick)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(_text(LEFT - 6, y + 4, _number(tick), "end"))
        return "".join(parts)


def _round_step(wanted: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * 0.999)


def _number(value: float) -> str:
    if value and abs(value) < 0.001:
        return f"{value:.0e}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _svg(parts: Sequence[str], height: float, label: str) -> Markup:
    head = f'<svg class="chart" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {height}">'
    return Markup(head + "".join(parts) + "</svg>")
