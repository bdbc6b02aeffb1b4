"""What training chooses by itself: its metric and its learning rate."""

from mtkit.settings.train import TrainSettings
from mtkit.training.auto_settings import with_metric, with_rates


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
    assert {family: (rate.learning_rate, rate.warmup_steps) for family, rate in rates.items()} == {
        "rnn": (0.002, 200),
        "transformer": (0.005, 400),
    }
    given = with_rates(TrainSettings(learning_rate=0.0, warmup_steps=0), "transformer")
    assert (given.learning_rate, given.warmup_steps) == (0.0, 0)
