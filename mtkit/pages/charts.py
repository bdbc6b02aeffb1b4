"""Charts as SVG that takes its colours from the page: bars, lines, and scores with their intervals.

Every mark carries its value as a title, which a browser shows where one points at it, and a screen reader
reads.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup, escape

from mtkit.scoring.buckets import Bucket
from mtkit.scoring.systems import System

WIDTH = 520
LEFT, RIGHT, TOP, BOTTOM = 42, 10, 12, 38
# As many colours as style.css has.
COLOURS = 6
# Wide marks are ugly.
MOST_BAR = 30.0
# Letters of a name beside a row.
LONGEST = 26


class Series(NamedTuple):
    """Values with a name; `x` for lines alone. What is not known is None."""

    name: str
    y: Sequence[float | None]
    x: Sequence[float] = ()


def bars(groups: Sequence[tuple[str, str]], series: Sequence[Series], unit: str, height: int = 220) -> Markup:
    """A group of bars for each (name, what is written below it), a bar of each series in it; from 0."""
    axis = Axis.over([value for one in series for value in one.y if value is not None] + [0.0])
    plot = height - TOP - BOTTOM
    step = (WIDTH - LEFT - RIGHT) / max(1, len(groups))
    width = min(MOST_BAR, step * 0.8 / max(1, len(series)))
    parts = [axis.horizontal(plot)]
    for place, (group, below) in enumerate(groups):
        middle = LEFT + step * (place + 0.5)
        parts += [_text(middle, height - 22, group), _text(middle, height - 8, below)]
        for number, one in enumerate(series):
            value = one.y[place]
            if value is None:
                continue
            x, y = middle + (number - len(series) / 2) * width, axis.place(value, plot)
            title = f"{one.name}, {group}: {value:.4g} {unit}".rstrip()
            size = f'width="{width - 2:.1f}" height="{max(0.0, TOP + plot - y):.1f}"'
            parts.append(
                f'<rect class="s{number % COLOURS}" x="{x + 1:.1f}" y="{y:.1f}" {size}'
                f' rx="2">{_title(title)}</rect>'
            )
    return _svg(parts, height, f"{unit} by group")


def bucket_charts(buckets: Sequence[Bucket], systems: Sequence[System]) -> list[tuple[str, Markup]]:
    """(what lines are told apart by, BLEU of each bucket and system) for each way."""
    charts = []
    for by, found in groupby(buckets, key=lambda bucket: bucket.by):
        own = list(found)
        series = [
            Series(one.name, [bucket.scores(one.counts, ["bleu"])["bleu"] for bucket in own])
            for one in systems
        ]
        charts.append((by, bars([(bucket.name, f"{bucket.size:,}") for bucket in own], series, "BLEU")))
    return charts


def lines(
    series: Sequence[Series], unit: str, x_unit: str, height: int = 220, from_zero: bool = False
) -> Markup:
    """A line of each series over x."""
    values = [value for one in series for value in one.y if value is not None and math.isfinite(value)]
    places = [x for one in series for x in one.x]
    if not values or not places:
        return Markup("")
    axis, ground = Axis.over(values + [0.0] * from_zero), Axis.over(places)
    plot, span = height - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    parts = [axis.horizontal(plot)]
    for tick in ground.ticks:
        parts.append(_text(LEFT + span * ground.share(tick), height - 22, _number(tick)))
    parts.append(_text(LEFT + span / 2, height - 6, x_unit))
    for number, one in enumerate(series):
        points = [
            (LEFT + span * ground.share(x), axis.place(y, plot), x, y)
            for x, y in zip(one.x, one.y, strict=True)
            if y is not None and math.isfinite(y)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
        colour = f"s{number % COLOURS}"
        parts.append(f'<polyline class="line {colour}" points="{path}"/>')
        for x, y, at, value in points:
            title = _title(f"{one.name}: {value:.4g} {unit} at {x_unit} {_number(at)}")
            parts.append(
                f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}"'
                f' r="{3 if len(points) < 60 else 2}">{title}</circle>'
            )
    return _svg(parts, height, f"{unit} over {x_unit}")


def intervals(rows: Sequence[tuple[str, float, float | None, float | None]], unit: str) -> Markup:
    """A row for each (name, score, low, high): a dot on the line of its interval."""
    known = [value for _, *numbers in rows for value in numbers if value is not None]
    axis = Axis.over(known, pad=0.08)
    label = 10 + 6.6 * min(LONGEST, max(len(name) for name, *_ in rows))
    span, height = WIDTH - label - 56, 24 * len(rows) + 26

    def place(value: float) -> float:
        return label + span * axis.share(value)

    parts = []
    for tick in axis.ticks:
        x = place(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="6" y2="{height - 22}"/>')
        parts.append(_text(x, height - 8, _number(tick)))
    for number, (name, score, low, high) in enumerate(rows):
        y, colour = 20 + 24 * number, f"s{number % COLOURS}"
        title = f"{name}: {score:.2f}" + (
            "" if low is None else f", 95% of resamplings from {low:.2f} to {high:.2f}"
        )
        shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        parts.append(_text(label - 8, y + 4, shown, "end"))
        if low is not None and high is not None:
            ends = f'x1="{place(low):.1f}" x2="{place(high):.1f}" y1="{y}" y2="{y}"'
            parts.append(f'<line class="span {colour}" {ends}>{_title(title)}</line>')
        parts.append(
            f'<circle class="{colour}" cx="{place(score):.1f}" cy="{y}" r="5">{_title(title)}</circle>'
        )
        parts.append(_text(WIDTH - 4, y + 4, f"{score:.2f}", "end"))
    return _svg(parts, height, f"{unit} with 95% intervals")


def legend(names: Sequence[str]) -> Markup:
    """Which colour is whose."""
    keys = "".join(
        f'<span><i class="s{number % COLOURS}"></i>{escape(name)}</span>' for number, name in enumerate(names)
    )
    return Markup(f'<p class="legend">{keys}</p>')


class Axis(NamedTuple):
    """A range of values with round numbers to write at it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def over(cls, values: Sequence[float], pad: float = 0.0) -> "Axis":
        low, high = min(values), max(values)
        margin = (high - low) * pad or (0.0 if high > low else abs(high) * 0.1 or 1.0)
        low, high = (low if low == 0 else low - margin), high + margin
        step = _round_step((high - low) / 4)
        first = math.ceil(low / step - 1e-9)
        ticks = tuple(step * count for count in range(first, math.floor(high / step + 1e-9) + 1))
        return cls(low, high, ticks)

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def place(self, value: float, plot: float) -> float:
        """From above, of a plot of this height."""
        return TOP + plot * (1 - self.share(value))

    def horizontal(self, plot: float) -> str:
        parts = []
        for tick in self.ticks:
            y = self.place(tick, plot)
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
