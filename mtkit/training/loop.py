"""The training run, from top to bottom: batches in, updates, validation, weights out, until a limit is
reached.
"""

import contextlib
import dataclasses
import math
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mtkit.checkpoint import Checkpoint, locked
from mtkit.data.batching import Batch
from mtkit.errors import MtkitError
from mtkit.export.targets import export
from mtkit.model.hardware import use_threads
from mtkit.reporter import Reporter
from mtkit.settings import ModelSettings, TrainSettings
from mtkit.training.curve import draw_curve
from mtkit.training.log import Validation, read_log
from mtkit.training.progress import Window, duration, perplexity
from mtkit.training.resume import begin, check_agreement, record
from mtkit.training.run import Run
from mtkit.training.schedule import learning_rate
from mtkit.training.state import SKIPS_TO_HALVE, SKIPS_TO_STOP, Progress, after_update, save_state
from mtkit.training.validation import save_average, validate
from mtkit.training.workers import join_workers

# Ctrl-C, a polite kill, a terminal that is closed (where the system knows that).
STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: why, where it stands, whether a signal ended it, and whether this process was the
    chief.
    """

    reason: str
    progress: Progress
    interrupted: bool = False
    chief: bool = True


def train(
    checkpoint: Checkpoint,
    model_settings: ModelSettings,
    settings: TrainSettings,
    force: bool,
    reporter: Reporter,
) -> Outcome:
    """Train, or go on training, the model of a checkpoint directory.

    Raises:
        CheckpointError: nothing prepared, a damaged file, or another command at work here.
        SettingsError: settings that do not go together, or that differ from those the training began with.
        MtkitError: the loss is no longer a number.
    """
    checkpoint.require_stage("prepare")
    parallel = use_threads(settings.threads)
    cluster = join_workers(reporter)
    if not cluster.chief:
        reporter.say("the chief, worker 0, says how it goes")
        reporter = Reporter()
    with cluster.watched(), locked(checkpoint) if cluster.chief else contextlib.nullcontext():
        checkpoint.verify("prepare")
        run = Run(checkpoint, model_settings, settings, reporter, parallel, cluster)
        progress = begin(run, force)
        check_agreement(run, progress)
        reporter.say(
            f"{run.model_settings.preset} model, {run.model.count_params():,} weights,"
            f" {run.settings.precision}; {len(run.corpus):,} pairs, {math.ceil(run.steps_per_epoch):,} steps"
            f" an epoch; validation every {run.every:,} steps"
        )
        reached = run.limit_reached(progress)
        if cluster.any(cluster.chief and bool(reached)):
            return Outcome(f"already trained to step {progress.step}: {reached} is reached", progress)
        with signals(run):
            return loop(run, progress)


def loop(run: Run, progress: Progress) -> Outcome:
    """Update, validate and save until a limit or a signal. Of several workers the chief alone does the last
    three.
    """
    cluster = run.cluster
    # Later validations were undone by a kill, and will be made again.
    log = [row for row in read_log(run.checkpoint, run.reporter) if row.step <= progress.step]
    began, began_at = time.monotonic(), progress.seconds
    window = Window()
    reached = None

    def validate_and_save(progress: Progress) -> Progress:
        progress = validate(run, progress, log, window, rate)
        seconds = began_at + time.monotonic() - began
        progress = dataclasses.replace(
            progress, seconds=seconds, validation_seconds=seconds - progress.seconds
        )
        save(run, progress)
        return progress

    rate = 0.0
    if run.settings.from_ and progress.validated_step < 0 and cluster.chief:
        progress = validate_and_save(progress)  # fine-tuning must be better than what it began with
        window = Window()
    for batches, waited in upcoming(run, progress.step):
        rate = (
            learning_rate(run.settings, progress.step, progress.plateau_factor, run.share_done(progress))
            * progress.rate_factor
        )
        rate = cluster.from_chief(rate)
        negative, tokens, sound = (
            np.asarray(value) for value in run.step.update(batches, progress.step, rate)
        )
        window.add(float(negative) if sound else 0.0, float(tokens) if sound else 0.0, waited)
        progress = after_update(progress, bool(sound), began_at + time.monotonic() - began)
        if not sound:
            mind_unsound(run, progress)
        if run.reporter.due():
            run.reporter.line(progress_line(run, progress, window, rate))
        if cluster.chief and progress.step % run.every == 0:
            progress = validate_and_save(progress)
            window = Window()
        reached = run.limit_reached(progress) if cluster.chief else None
        if cluster.any(bool(reached or run.stop_signal)):
            break
    run.reporter.pause()
    reason = (
        f"stopped by {signal.Signals(run.stop_signal).name}"
        if run.stop_signal
        else "the chief ended the training"
    )
    outcome = Outcome(reason, progress, interrupted=bool(run.stop_signal), chief=False)
    if cluster.chief:
        outcome = finish(run, progress, log, window, rate, reached)
    cluster.any(False)  # nobody leaves before all is written
    return outcome


def finish(
    run: Run, progress: Progress, log: list[Validation], window: Window, rate: float, reached: str | None
) -> Outcome:
    """Validate once more where a limit was reached, and write everything."""
    if reached and progress.validated_step != progress.step:
        progress = validate(run, progress, log, window, rate)
    save(run, progress)
    if not reached:
        name = signal.Signals(run.stop_signal).name if run.stop_signal else "another worker"
        return Outcome(
            f"stopped by {name} at step {progress.step}, which is saved", progress, interrupted=True
        )
    save_average(run)
    hint = draw_curve(run.checkpoint, log)
    if hint:
        run.reporter.say(hint)
    if run.settings.export:
        try:
            export(run.checkpoint, "onnx", "best", run.reporter)
        except (MtkitError, OSError) as error:
            run.reporter.say(
                f"warning: nothing was exported: {error}; 'mtkit export' tries again", style="yellow"
            )
    return Outcome(f"reached {reached} at step {progress.step} after {duration(progress.seconds)}", progress)


def save(run: Run, progress: Progress) -> None:
    """Write the state, and then that there is a trained model: where the second is, the first is."""
    save_state(run.checkpoint, run.step, progress)
    if progress.validated_step >= 0:
        record(run, progress)


def upcoming(run: Run, step: int) -> Iterator[tuple[list[Batch], float]]:
    """The batches of each step from `step` on, made in the background while those before are used; and
    seconds waited for them.
    """
    count = run.settings.accumulate_batches

    def make(step: int) -> list[Batch]:
        cluster = run.cluster
        return [
            run.batches.batch(step * count + place, cluster.index, cluster.size) for place in range(count)
        ]

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(make, step)
        while True:
            began = time.monotonic()
            batches = following.result()
            waited = time.monotonic() - began
            step += 1
            following = pool.submit(make, step)
            yield batches, waited


def mind_unsound(run: Run, progress: Progress) -> None:
    """Say that a step was skipped because its loss or gradient made no sense; raises MtkitError after many in
    a row.
    """
    in_a_row = progress.skipped_in_a_row
    halved = in_a_row % SKIPS_TO_HALVE == 0
    if in_a_row == 1 or halved:
        consequence = f" ({in_a_row} in a row); the learning rate is halved" if halved else ""
        run.reporter.say(
            f"warning: step {progress.step:,} was skipped, its loss makes no sense{consequence}",
            style="yellow",
        )
    if in_a_row >= SKIPS_TO_STOP:
        raise MtkitError(
            f"the loss made no sense for {in_a_row} steps in a row, up to step {progress.step}; the weights"
            " saved last are whole. Run 'mtkit train' again with a lower --learning-rate or --clip-norm"
        )


def progress_line(run: Run, progress: Progress, window: Window, rate: float) -> str:
    left = run.seconds_left(progress, window.steps / window.seconds)
    return (
        f"step {progress.step:,}  epoch {progress.step / run.steps_per_epoch:.1f}  loss {window.loss:.3f}  "
        f"ppl {perplexity(window.loss):.1f}  {window.tokens / window.seconds:,.0f} target tokens/s  "
        f"rate {rate:.2g}  {duration(progress.seconds)}  eta {'-' if left is None else duration(left)}"
    )


class signals:
    """While in the block, Ctrl-C, SIGTERM and a closed terminal ask the run to save and leave; a second one
    leaves at once.
    """

    def __init__(self, run: Run):
        self.run = run

    def __enter__(self):
        # nohup ignores a closed terminal: leave that.
        heeded = [number for number in STOP_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self.before = {number: signal.signal(number, self.note) for number in heeded}

    def note(self, number, frame):
        if self.run.stop_signal:
            raise KeyboardInterrupt
        self.run.stop_signal = number

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)
