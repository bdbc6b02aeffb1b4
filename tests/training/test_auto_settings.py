"""What training chooses by itself: the family and size of the model, its learning rate."""

import math
from types import SimpleNamespace

import pytest

from mtkit.errors import SettingsError
from mtkit.settings import ModelSettings, TrainSettings
from mtkit.training import auto_settings
from mtkit.training.auto_settings import affordable, better_family, decide_model, with_metric, with_rates
from mtkit.training.cluster import Cluster

TOKENIZERS = SimpleNamespace(joint=True, source=SimpleNamespace(size=500), target=SimpleNamespace(size=500))


class Corpus:
    """So many pairs of twelve tokens."""

    def __init__(self, pairs):
        self.pairs, self.tokens = pairs, {"source": 12 * pairs, "target": 12 * pairs}

    def __len__(self):
        return self.pairs


def chosen(pairs, seconds=None, budget=None, **settings):
    """(settings of the model, what was said)."""
    said = []
    reporter = SimpleNamespace(say=said.append)
    train = TrainSettings(budget=budget, precision="float32")
    return decide_model(
        ModelSettings(**settings), train, Corpus(pairs), TOKENIZERS, reporter, 1, Cluster(), seconds
    ), said


def test_family_and_size_by_text_and_time(monkeypatch):
    monkeypatch.setattr(auto_settings, "gemm_rate", lambda precision, parallel: 1e11)
    found, said = chosen(5_000)
    assert (found.model, found.preset, said) == ("rnn", "tiny", ["rnn, preset tiny: for 5,000 pairs"])
    found, said = chosen(29_000)
    assert (found.model, found.preset, said) == (
        "transformer",
        "tiny",
        ["transformer, preset tiny: for 29,000 pairs"],
    )
    found, said = chosen(29_000, seconds=20.0, budget="20s")
    assert (found.model, found.preset) == ("rnn", "tiny")
    assert said[0].startswith("rnn, preset tiny: about ") and said[0].endswith(
        " passes over 29,000 pairs fit into 20s"
    )
    assert chosen(29_000, seconds=3600.0, budget="1h")[0].model == "transformer"


def test_what_is_named_stays(monkeypatch):
    assert chosen(29_000, model="rnn")[0].preset == "small"
    assert chosen(29_000, attention="dot")[0].model == "rnn"
    found, said = chosen(5_000, model="transformer", preset="base")
    assert (found.model, found.preset, said) == ("transformer", "base", [])
    monkeypatch.setattr(auto_settings, "gemm_rate", lambda precision, parallel: 1e9)
    assert chosen(29_000, seconds=1.0, budget="1s", preset="base")[0].preset == "base"
    with pytest.raises(SettingsError, match="--heads"):
        chosen(29_000, cell="gru", heads=2)


def test_the_largest_size_that_time_allows():
    corpus = Corpus(400_000)
    sizes = [
        affordable(ModelSettings(model="rnn"), corpus, TOKENIZERS, 10.0**power)[0].preset
        for power in (10, 14.5, 17)
    ]
    assert sizes == ["tiny", "small", "base"]
    assert affordable(ModelSettings(model="rnn"), corpus, TOKENIZERS, None)[1] == math.inf
    few, many = (
        affordable(ModelSettings(model="transformer"), corpus, TOKENIZERS, 10.0**power)[1]
        for power in (13, 14)
    )
    assert few < many


def test_better_family():
    assert [better_family(pairs, math.inf) for pairs in (1_000, 100_000)] == ["rnn", "transformer"]
    assert [better_family(100_000, steps) for steps in (500, 5_000)] == ["rnn", "transformer"]


def test_the_metric_by_the_text():
    chinese, english = "一只黑狗在雪地里跑 2020。", "A black dog runs in the snow."
    assert [
        with_metric(TrainSettings(), text).best_metric
        for text in ([english], [chinese], [chinese, english * 3])
    ] == [
        "bleu",
        "chrf",
        "bleu",
    ]
    assert with_metric(TrainSettings(best_metric="loss"), [chinese]).best_metric == "loss"


def test_rates_by_family():
    rates = {family: with_rates(TrainSettings(), family) for family in ("rnn", "transformer")}
    assert {family: (one.learning_rate, one.warmup_steps) for family, one in rates.items()} == {
        "rnn": (0.002, 200),
        "transformer": (0.005, 400),
    }
    given = with_rates(TrainSettings(learning_rate=0.0, warmup_steps=0), "transformer")
    assert (given.learning_rate, given.warmup_steps) == (0.0, 0)
