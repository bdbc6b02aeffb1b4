"""How far a run goes, and the options that let it go on."""

import pytest

from mtkit.settings.train import TrainSettings
from mtkit.training.limits import RunLimits, slowness
from mtkit.training.progress import Progress

STEPS_PER_EPOCH = 12.5


def limits(**settings):
    return RunLimits(TrainSettings(export=False, **settings), STEPS_PER_EPOCH, overhead_seconds=5.0)


def test_the_nearest_limit_counts():
    progress = Progress(step=25, seconds=30.0)
    run = limits(max_steps=100, max_epochs=4, max_minutes=1.0)
    assert run.reached(progress) is None
    assert run.share_done(progress) == 0.5
    assert run.seconds_left(progress, steps_per_second=0.5) == 30.0
    assert run.seconds_left(progress, steps_per_second=5.0) == 5.0
    assert limits().share_done(progress) == 0.0
    assert limits().seconds_left(progress, 1.0) is None


def test_a_budget_leaves_room_for_what_comes_after_the_steps():
    run = limits(budget="1m")
    assert run.seconds_for_steps(Progress()) == pytest.approx(60 - 5 - 12 - 3)
    assert run.seconds_for_steps(Progress(validation_seconds=5.0)) == pytest.approx(60 - 5 - 6 - 3)
    assert run.reached(Progress(seconds=39.9)) is None
    assert run.reached(Progress(seconds=40.0)) == "--budget 1m"
    assert limits(budget="1s").seconds_left(Progress(), 1.0) == 1.0, "something is learnt always"


def test_beside_other_work_more_room_is_left():
    run = RunLimits(TrainSettings(export=True, budget="4m"), STEPS_PER_EPOCH, 5.0, slowness=2.0)
    assert run.seconds_for_steps(Progress()) == pytest.approx(240 - 5 - 1.2 * 20 - 2 * 17)
    assert run.seconds_for_steps(Progress(validation_seconds=5.0)) == pytest.approx(240 - 5 - 6 - 2 * 17)
    assert [slowness(6.0, busy) for busy in (9.0, 6.0, 4.0, 1.0, 0.0)] == [1.0, 1.0, 1.5, 3.0, 3.0]


@pytest.mark.parametrize(
    ("settings", "progress", "options"),
    [
        ({"max_steps": 30}, Progress(step=30), "--max-steps 60"),
        ({"max_steps": 3}, Progress(step=30), "--max-steps 60"),
        ({"max_epochs": 2}, Progress(step=25), "--max-epochs 4"),
        ({"max_minutes": 0.5}, Progress(step=9, seconds=31.0), "--max-minutes 2"),
        ({"budget": "1m"}, Progress(step=9, seconds=41.0), "--budget 122s"),
        ({"patience": 3}, Progress(step=9, stalled=4), "--patience 8"),
        ({"max_steps": 30, "max_epochs": 9}, Progress(step=30), "--max-steps 60"),
        ({"max_steps": 30, "patience": 2}, Progress(step=30, stalled=2), "--max-steps 60 --patience 4"),
    ],
)
def test_options_to_go_on_with(settings, progress, options):
    assert limits(**settings).reached(progress)
    assert limits(**settings).to_go_on(progress) == options
    words = [option.split() for option in f" {options}".split(" --")[1:]]
    raised = {name.replace("-", "_"): value for name, value in words}
    raised = {name: value if name == "budget" else int(value) for name, value in raised.items()}
    assert limits(**{**settings, **raised}).reached(progress) is None
