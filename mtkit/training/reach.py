"""The end of a training, and of an export: how long the lines may be that the model translates whole."""

import math
from dataclasses import asdict

from mtkit.checkpoint import Checkpoint
from mtkit.engines.model_source import exported
from mtkit.errors import MtkitError
from mtkit.reporter import Reporter
from mtkit.scoring.reach_curve import ReachCurve, measure_reach
from mtkit.text.lines import read_text
from mtkit.translating.loading import load
from mtkit.translating.reach import REACH, measured_reach


def record_reach(
    checkpoint: Checkpoint, weights: str, reporter: Reporter, threads: int = 0, seconds: float = math.inf
) -> None:
    """Measure the reach of exported weights with the validation text, and record it with their checksum.

    Nothing happens where they are not exported, there is no such text, or it was measured before; that it
    cannot be measured undoes nothing.

    Args:
        weights: their name: best, last, average or a step number.
        threads: of the processor; 0 all.
        seconds: how long it may take, about.
    """
    report, folder = exported(checkpoint, weights), checkpoint.data / "valid"
    if not report or not (folder / "source.txt").exists():
        return
    if measured_reach(checkpoint, weights):
        return
    try:
        translator = load(checkpoint.directory, engine="onnx", weights=weights, threads=threads)
        sources, references = read_text(folder / "source.txt"), read_text(folder / "target.txt")
        curve = measure_reach(translator, sources, references, reporter, seconds)
    except (MtkitError, OSError) as error:
        reporter.warn(f"how long lines may be was not measured: {error}; 'mtkit export' tries again")
        return
    measured = {"sha256": report["sha256"], "weights": weights, "whole_tokens": curve.whole_tokens}
    checkpoint.record_stage(REACH, {**measured, **asdict(curve)}, [])
    reporter.say(said(curve))


def said(curve: ReachCurve) -> str:
    """What a curve means, in words."""
    if not curve.whole_tokens:
        return "lines of several sentences are translated sentence by sentence"
    return (
        f"lines of several sentences are translated whole up to {curve.whole_tokens} tokens, longer ones"
        " sentence by sentence"
    )
