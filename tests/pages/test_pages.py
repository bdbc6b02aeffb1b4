"""Pages that stand alone: nothing from the network, nothing that a text could smuggle in, charts that show
what they say.
"""

import re

import pytest
from markupsafe import Markup

from mtkit.pages.charts import Axis, ScoreRow, Series, bars, intervals, legend, lines
from mtkit.pages.comparison_page import comparison_page
from mtkit.scoring.compare import compare_hypotheses
from mtkit.scoring.evaluation_text import EvaluationText
from mtkit.settings.score import CompareSettings
from tests.support.pages import check

VOID = {"meta", "br", "circle", "rect", "polyline", "line"}
EVIL = "</td><script>alert(1)</script> & <b>"


@pytest.fixture(scope="module")
def page():
    text = EvaluationText(EVIL, [EVIL, "a 1", "b"], [["c d e f", "g h", EVIL]])
    systems = [(EVIL, ["c d x f", EVIL, "y"]), ("two", ["c d e f", "g h", ""]), ("three", ["", "", EVIL])]
    return comparison_page(compare_hypotheses(text, systems, CompareSettings(bootstrap_samples=20)))


def test_a_comparison_stands_alone(page):
    tags = check(page)
    assert tags.count("script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>" not in page
    assert tags.count("svg") >= 6


def test_lines_of_each_pair_can_be_sorted(page):
    assert page.count('<table class="data sortable lines">') == 2
    assert "<mark>x</mark>" in page


def test_bars_say_their_values():
    chart = bars([("few", "3"), ("many", "9")], [Series("A", [1.0, 4.0]), Series("B", [2.0, None])], "BLEU")
    assert isinstance(chart, Markup)
    assert re.findall("<title>(.*?)</title>", chart) == [
        "A, few: 1 BLEU",
        "B, few: 2 BLEU",
        "A, many: 4 BLEU",
    ]
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', chart)]
    assert heights[2] == pytest.approx(4 * heights[0], abs=0.3)
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.3)


def test_lines_leave_out_what_is_not_known():
    chart = lines([Series("loss", [3.0, None, float("nan"), 1.0], [0, 10, 20, 30])], "nats", "step")
    assert re.findall("<title>(.*?)</title>", chart) == ["loss: 3 nats at step 0", "loss: 1 nats at step 30"]
    assert lines([Series("loss", [], [])], "nats", "step") == ""
    assert lines([Series("loss", [None], [1.0])], "nats", "step") == ""
    assert "<circle" in lines([Series("loss", [2.0], [5.0])], "nats", "step")


def test_intervals():
    chart = intervals([ScoreRow("A", 30.0, 28.0, 32.0), ScoreRow(EVIL, 40.0)], "BLEU")
    assert "A: 30.00, 95% of resamplings from 28.00 to 32.00" in chart
    assert chart.count('class="span') == 1
    assert "<script" not in chart
    places = [float(x) for x in re.findall(r'<circle [^>]*cx="([\d.]+)"', chart)]
    ends = [float(x) for x in re.findall(r'class="span s0" x1="([\d.]+)" x2="([\d.]+)"', chart)[0]]
    assert ends[0] < places[0] < ends[1] < places[1]
    assert "<script" not in legend([EVIL])


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0, 10), (0, 5, 10)),
        ((0, 1), (0, 0.5, 1)),
        ((38, 43), (38, 40, 42)),
        ((0, 1e-5), None),
        ((7, 7), None),
        ((0, 0), None),
    ],
)
def test_round_numbers_at_axes(values, ticks):
    axis = Axis.over([float(value) for value in values])
    assert axis.low <= values[0] <= values[1] <= axis.high
    assert axis.ticks
    if ticks:
        assert axis.ticks == pytest.approx(ticks)
