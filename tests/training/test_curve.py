"""The picture of a training."""

from mtkit.checkpoint import Checkpoint
from mtkit.training.curve import draw_curve
from mtkit.training.log import Validation


def test_equal_trainings_have_equal_pictures(tmp_path):
    log = [Validation(step, train_loss=3.0, valid_loss=2.0, bleu=9.0, best=True) for step in (2, 4)]
    pictures = []
    for name in ("one", "other"):
        checkpoint = Checkpoint(tmp_path / name)
        assert draw_curve(checkpoint, log) is None
        pictures.append((checkpoint.training / "curve.svg").read_bytes())
    assert pictures[0] == pictures[1]
