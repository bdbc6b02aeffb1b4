"""The family and size of the model, by the text and by the time that real updates take."""

from types import SimpleNamespace

import pytest

from mtkit.errors import SettingsError
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training import model_choice
from mtkit.training.cluster import Cluster
from mtkit.training.model_choice import Workplace, choose_model, epoch_flops, is_enough, possible_models
from tests.support.listener import Listener

TOKENIZERS = SimpleNamespace(joint=True, source=SimpleNamespace(size=500), target=SimpleNamespace(size=500))


class Corpus:
    """So many pairs of twelve tokens."""

    def __init__(self, pairs):
        self.pairs, self.tokens = pairs, {"source": 12 * pairs, "target": 12 * pairs}

    def __len__(self):
        return self.pairs


def chosen(pairs, seconds=None, rate=1e11, **settings):
    """(family and preset, what was said), where every model trains with so many operations a second."""
    text = SimpleNamespace(
        corpus=Corpus(pairs), tokenizers=TOKENIZERS, steps_per_epoch=13 * pairs / 2048, sources=["a"] * 1000
    )
    budget = f"{seconds:.0f}s" if seconds else None
    workplace = Workplace(TrainSettings(budget=budget, precision="float32"), text, 1, Cluster())
    tried = []

    def trial(built, workplace, seconds_left):
        tried.append((built.settings.model, built.settings.preset))
        return epoch_flops(built.model, text) / rate / text.steps_per_epoch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_choice, "trial", trial)
        patch.setattr(model_choice, "usual_gemm_rate", lambda precision, parallel: 2e11)
        reporter = Listener()
        left = (lambda: seconds) if seconds else None
        built = choose_model(ModelSettings(**settings), workplace, reporter, left)
    return (built.settings.model, built.settings.preset), reporter.said, tried


def test_without_a_budget_the_text_decides():
    assert chosen(5_000) == (("rnn", "tiny"), ["rnn, preset tiny: for 5,000 pairs"], [])
    model, said, _ = chosen(29_000)
    assert (model, said) == (("transformer", "tiny"), ["transformer, preset tiny: for 29,000 pairs"])


def test_with_a_budget_real_updates_decide():
    model, said, tried = chosen(29_000, seconds=3600.0)
    assert model == ("transformer", "tiny") and tried == [model], "the first that fits is taken"
    assert said[0].startswith("transformer, preset tiny: about ")
    assert said[0].endswith(" passes over 29,000 pairs fit into 3600s")
    # By its matrix products a Transformer would do; with the other work on this machine it does not.
    model, _, tried = chosen(29_000, seconds=900.0, rate=2e10)
    assert model == ("rnn", "small") and tried == [("transformer", "tiny"), model]
    # What even the products rule out is not tried.
    model, _, tried = chosen(29_000, seconds=20.0, rate=1e10)
    assert model == ("rnn", "tiny") and tried == [model]


def test_a_trial_counts_what_an_update_takes_when_its_first_luck_is_over(monkeypatch):
    """Two updates compile, four are quick, all others take what they will take; weights are as before."""
    now, weight = [0.0], Weight(7.0)

    def update(batches, number, rate):
        now[0] += 9.0 if number < 2 else 0.2 if number < 6 else 0.5
        weight.assign(number)
        return [1.0]

    step = SimpleNamespace(update=update, optimizer=SimpleNamespace(variables=[]), averages=[])
    built = SimpleNamespace(model=SimpleNamespace(weights=[weight]), step=step)
    ready = SimpleNamespace(batches=[])
    monkeypatch.setattr(model_choice, "upcoming", lambda text, cluster, first: [ready] * 1000)
    monkeypatch.setattr(model_choice.time, "monotonic", lambda: now[0])
    workplace = SimpleNamespace(text=None, cluster=Cluster())
    assert model_choice.trial(built, workplace, 240.0) == pytest.approx(0.5)
    assert now[0] == pytest.approx(2 * 9.0 + 4.8, abs=0.5), "a fiftieth of the time"
    assert weight.value == 7.0


class Weight:
    """A weight of one number."""

    def __init__(self, value):
        self.value = value

    def numpy(self):
        return self.value

    def assign(self, value):
        self.value = value


def test_what_is_named_stays():
    assert chosen(29_000, model="rnn")[0] == ("rnn", "small")
    assert chosen(29_000, attention="dot")[0] == ("rnn", "small")
    assert chosen(5_000, model="transformer", preset="base") == (("transformer", "base"), [], [])
    assert chosen(29_000, seconds=1.0, preset="base", model="rnn") == (("rnn", "base"), [], [])
    with pytest.raises(SettingsError, match="--heads"):
        chosen(29_000, cell="gru", heads=2)


def test_the_order_of_what_is_possible():
    def names(pairs, **settings):
        choices = possible_models(ModelSettings(**settings), pairs)
        return [f"{choice.model} {choice.preset}" for choice in choices]

    assert names(5_000) == ["rnn tiny"]
    assert names(29_000) == ["transformer tiny", "rnn small", "rnn tiny"]
    assert names(400_000, model="rnn") == ["rnn base", "rnn small", "rnn tiny"]
    assert names(400_000, preset="tiny") == ["transformer tiny", "rnn tiny"]


@pytest.mark.parametrize(
    ("passes", "steps_per_epoch", "enough"),
    [(2.9, 2000.0, [False, True, False]), (3.1, 500.0, [False, False, True]), (3.1, 1000.0, [True] * 3)],
)
def test_passes_and_steps_that_are_enough(passes, steps_per_epoch, enough):
    """A larger model needs passes over the text, a Transformer steps; the smallest RNN makes do."""
    choices = possible_models(ModelSettings(), 400_000)
    asked = [choices[0], choices[1], choices[3]]
    assert [choice.model for choice in choices] == ["transformer"] * 2 + ["rnn"] * 3
    assert [is_enough(choice, passes, choices, steps_per_epoch) for choice in asked] == enough
    assert is_enough(choices[-1], 0.1, choices, steps_per_epoch)
