"""The training run, from top to bottom: batches in, updates, validation, weights out, until it ends."""

import contextlib
import dataclasses
import math
import signal
import threading
import time
from dataclasses import dataclass

import numpy as np

from mtkit.checkpoint import Checkpoint, locked
from mtkit.errors import MtkitError
from mtkit.export.targets import export
from mtkit.model.hardware import enough_memory, use_threads
from mtkit.reporter import Reporter
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.curve import draw_curve
from mtkit.training.display import duration, perplexity
from mtkit.training.limits import RunLimits
from mtkit.training.log import read_log
from mtkit.training.progress import SKIPS_TO_HALVE, SKIPS_TO_STOP, Progress, Window, after_update
from mtkit.training.reach import record_reach
from mtkit.training.resume import begin, check_agreement, check_same_training, record
from mtkit.training.run import Run, limits_now, new_run
from mtkit.training.run_text import ReadyBatches, upcoming
from mtkit.training.schedule import learning_rate
from mtkit.training.state import save_state
from mtkit.training.validation import save_average, validate
from mtkit.training.workers import join_workers

# Ctrl-C, a polite kill, a terminal that is closed (where the system knows that).
STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        reason: why, in words.
        progress: where the training stands.
        interrupted: whether a signal, or another worker, ended it.
        chief: whether this process was the chief.
        to_go_on: options of 'mtkit train' with which it trains on, where a limit ended it.
    """

    reason: str
    progress: Progress
    interrupted: bool = False
    chief: bool = True
    to_go_on: str = ""


def train(
    checkpoint: Checkpoint,
    model_settings: ModelSettings,
    settings: TrainSettings,
    *,
    force: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train, or go on training, the model of a checkpoint directory.

    Args:
        force: discard what was trained there and begin anew.
        reporter: told how it goes; a budget begins with it.

    Raises:
        CheckpointError: nothing prepared, a damaged file, or another command at work here.
        SettingsError: settings that do not go together, or that differ from those the training began with.
        MtkitError: the loss is no longer a number, or the memory is not enough.
    """
    reporter = reporter or Reporter()
    checkpoint.require_stage("prepare")
    parallel = use_threads(settings.threads)
    cluster = join_workers(reporter)
    if not cluster.chief:
        reporter.say("the chief, worker 0, says how it goes")
        reporter = Reporter()
    hold = locked(checkpoint) if cluster.chief else contextlib.nullcontext()
    with cluster.watched(), enough_memory(), hold:
        checkpoint.verify("prepare")
        run = new_run(checkpoint, model_settings, settings, reporter, parallel, cluster)
        check_same_training(run, force=force)
        progress = begin(run, force=force)
        check_agreement(run, {"saved state": progress.step})
        reporter.say(
            f"{run.model_settings.preset} model, {run.model.count_params():,} weights,"
            f" {run.settings.precision}; {len(run.text.corpus):,} pairs,"
            f" {math.ceil(run.text.steps_per_epoch):,} steps an epoch;"
            f" validation every {run.validation_interval:,} steps"
        )
        limits = limits_now(run.settings, run.text, reporter)
        reached = limits.reached(progress)
        if cluster.any(cluster.chief and bool(reached)):
            reason = f"already trained to step {progress.step}: {reached} is reached"
            return Outcome(reason, progress, chief=cluster.chief, to_go_on=limits.to_go_on(progress))
        with StopSignals(run):
            return Loop(run, limits, progress).run_to_end()


class Loop:
    """Updates, validates and saves until a limit or a signal.

    Of several workers the chief alone validates and saves.

    Attributes:
        progress: where the training stands.
        log: the validations so far.
        window: the training since the last of them.
        rate: the learning rate of the last step.
    """

    def __init__(self, run: Run, limits: RunLimits, progress: Progress):
        self.run, self.limits, self.progress = run, limits, progress
        # Later validations were undone by a kill, and will be made again.
        log = read_log(run.checkpoint, run.reporter)
        self.log = [validation for validation in log if validation.step <= progress.step]
        self.window, self.rate = Window(), 0.0
        self._began, self._seconds_before = time.monotonic(), progress.seconds

    def run_to_end(self) -> Outcome:
        """Train; returns when all is written."""
        run, cluster, chief = self.run, self.run.cluster, self.run.cluster.chief
        reached = None
        if run.settings.from_ and self.progress.validated_step < 0 and chief:
            self._validate_and_save()  # fine-tuning must be better than what it began with
        for ready in upcoming(run.text, cluster, self.progress.step):
            self._update(ready)
            if chief and self.progress.step % run.validation_interval == 0:
                self._validate_and_save()
            reached = self.limits.reached(self.progress) if chief else None
            if cluster.any(bool(reached or run.stop_signal)):
                break
        run.reporter.pause()
        outcome = self._finish(reached) if chief else self._leave()
        cluster.any(flag=False)  # nobody leaves before all is written
        return outcome

    def _seconds(self) -> float:
        """Of training, all sessions together."""
        return self._seconds_before + time.monotonic() - self._began

    def _update(self, ready: ReadyBatches) -> None:
        run, step = self.run, self.progress.step
        self.rate = run.cluster.from_chief(self._next_rate())
        negative, tokens, sound = map(np.asarray, run.step.update(ready.batches, step, self.rate))
        self.window.add(float(negative) if sound else 0.0, float(tokens) if sound else 0.0, ready.waited)
        self.progress = after_update(self.progress, sound=bool(sound), seconds=self._seconds())
        if not sound:
            mind_unsound(run.reporter, self.progress)
        if run.reporter.due():
            run.reporter.line(self._line())

    def _next_rate(self) -> float:
        progress, done = self.progress, self.limits.share_done(self.progress)
        rate = learning_rate(self.run.settings, progress.step, progress.plateau_factor, done)
        return rate * progress.rate_factor

    def _line(self) -> str:
        """How far it is, as the progress line says it."""
        progress, window = self.progress, self.window
        speed = window.steps / window.seconds
        left = self.limits.seconds_left(progress, speed)
        expected = "" if left is None else f" of about {round_steps(progress.step + left * speed):,}"
        return (
            f"step {progress.step:,}{expected}  epoch {progress.step / self.run.text.steps_per_epoch:.1f}"
            f"  loss {window.loss:.3f}  ppl {perplexity(window.loss):.1f}"
            f"  {window.tokens / window.seconds:,.0f} target tokens/s  rate {self.rate:.2g}"
            f"  {duration(progress.seconds)}  eta {'-' if left is None else duration(left)}"
        )

    def _validate_and_save(self) -> None:
        before = self.progress.seconds
        progress = validate(self.run, self.progress, self.log, self.window, self.rate)
        seconds = self._seconds()
        self.progress = dataclasses.replace(progress, seconds=seconds, validation_seconds=seconds - before)
        save(self.run, self.progress)
        self.window = Window()

    def _finish(self, reached: str | None) -> Outcome:
        """Validate once more where a limit was reached, and write everything."""
        run = self.run
        if reached and self.progress.validated_step != self.progress.step:
            self.progress = validate(run, self.progress, self.log, self.window, self.rate)
        progress = self.progress
        save(run, progress)
        if not reached:
            name = signal.Signals(run.stop_signal).name if run.stop_signal else "another worker"
            reason = f"stopped by {name} at step {progress.step}, which is saved"
            return Outcome(reason, progress, interrupted=True)
        save_average(run)
        hint = draw_curve(run.checkpoint, self.log)
        if hint:
            run.reporter.say(hint)
        if run.settings.export:
            export_best(run)
            seconds = self.limits.seconds_of_budget(time.monotonic() - run.reporter.began)
            record_reach(run.checkpoint, "best", run.reporter, run.settings.threads, seconds)
        return Outcome(
            f"reached {reached} at step {progress.step} after {duration(progress.seconds)}",
            progress,
            to_go_on=self.limits.to_go_on(progress),
        )

    def _leave(self) -> Outcome:
        """The end for a worker that is not the chief."""
        stopped_by = self.run.stop_signal
        name = signal.Signals(stopped_by).name if stopped_by else ""
        reason = f"stopped by {name}" if name else "the chief ended the training"
        return Outcome(reason, self.progress, interrupted=bool(stopped_by), chief=False)


def round_steps(steps: float) -> int:
    """An estimate without digits that mean nothing: two of them count."""
    digits = max(0, len(str(int(steps))) - 2)
    return round(int(steps), -digits)


def export_best(run: Run) -> None:
    """Export the best weights; that this fails does not undo the training."""
    try:
        export(run.checkpoint, "onnx", "best", run.reporter)
    except (MtkitError, OSError) as error:
        run.reporter.warn(f"nothing was exported: {error}; 'mtkit export' tries again")


def save(run: Run, progress: Progress) -> None:
    """Write the state, and then that there is a trained model: where the second is, the first is."""
    save_state(run.checkpoint, run.step, progress)
    if progress.validated_step >= 0:
        record(run, progress)


def mind_unsound(reporter: Reporter, progress: Progress) -> None:
    """Say that a step was skipped because its loss or gradient made no sense.

    Raises:
        MtkitError: so were many before it, in a row.
    """
    in_a_row = progress.skipped_in_a_row
    halved = in_a_row % SKIPS_TO_HALVE == 0
    if in_a_row == 1 or halved:
        consequence = f" ({in_a_row} in a row); the learning rate is halved" if halved else ""
        reporter.warn(f"step {progress.step:,} was skipped, its loss makes no sense{consequence}")
    if in_a_row >= SKIPS_TO_STOP:
        raise MtkitError(
            f"the loss made no sense for {in_a_row} steps in a row, up to step {progress.step}; the weights"
            " saved last are whole. Run 'mtkit train' again with a lower --learning-rate or --clip-norm"
        )


class StopSignals:
    """While in the block, Ctrl-C, SIGTERM and a closed terminal ask the run to save and leave.

    A second one leaves at once. Only the main thread of a program hears signals; in others nothing changes.
    """

    def __init__(self, run: Run):
        self.run, self.before = run, {}

    def __enter__(self):
        if threading.current_thread() is not threading.main_thread():
            return
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
