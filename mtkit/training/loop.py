"""The training run, from top to bottom: batches in, updates, validation, weights out, until a limit is reached."""

import dataclasses
import json
import math
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint, atomic_file, locked
from mtkit.data.batching import Batches
from mtkit.data.store import TokenCorpus
from mtkit.decoding.engines import KerasEngine
from mtkit.decoding.translator import Tokenizers, Translator, load_tokenizers
from mtkit.errors import CheckpointError, InputError, MtkitError, SettingsError
from mtkit.model.build import Seq2Seq, fill_in
from mtkit.model.embeddings import read_vectors
from mtkit.model.weights import model_arrays, save_arrays
from mtkit.reporter import Reporter
from mtkit.scoring.metrics import bleu, chrf
from mtkit.settings import ModelSettings, TrainSettings, TranslateSettings, as_table
from mtkit.training.progress import duration, perplexity, show_validation
from mtkit.training.schedule import learning_rate, steps_between_validations
from mtkit.training.state import Progress, after_validation, load_state, save_state
from mtkit.training.step import TrainStep, write_scalars

VALIDATION_BATCH_TOKENS = 4096


@dataclass(frozen=True)
class Outcome:
    """How a run ended: why, where it stands, and whether a signal ended it."""

    reason: str
    progress: Progress
    interrupted: bool = False


class Run:
    """One training of one checkpoint directory: what stays the same from step to step."""

    def __init__(self, checkpoint: Checkpoint, model_settings: ModelSettings, settings: TrainSettings, reporter: Reporter):
        self.checkpoint, self.settings, self.reporter = checkpoint, settings, reporter
        self.tokenizers: Tokenizers = load_tokenizers(checkpoint)
        self.corpus = TokenCorpus(checkpoint.data / "train")
        self.batches = Batches(self.corpus, settings.batch_tokens, settings.seed)
        if not self.batches.per_epoch:
            raise InputError("the prepared training text is empty; run 'mtkit prepare --force' with another --train")
        self.valid = TokenCorpus(checkpoint.data / "valid") if (checkpoint.data / "valid").exists() else None
        if self.valid is None:
            raise CheckpointError(
                "no validation text was prepared; run 'mtkit prepare --force --valid CORPUS', or --valid N to split off N pairs"
            )
        self.model_settings = fill_in(model_settings, len(self.corpus), self.tokenizers.joint)
        self.model = Seq2Seq(
            self.model_settings, self.tokenizers.source.size, self.tokenizers.target.size, settings.seed, settings.precision
        )
        self.step = TrainStep(self.model, settings)
        self.translator = Translator(KerasEngine(self.model), self.tokenizers, TranslateSettings(beam=1))
        self.every = steps_between_validations(settings, self.batches.per_epoch)
        lines = settings.validation_lines
        self.sources = read_text(checkpoint.data / "valid" / "source.txt")[:lines]
        self.references = read_text(checkpoint.data / "valid" / "target.txt")[:lines]
        self.stop_signal: int | None = None

    def limit_reached(self, progress: Progress) -> str | None:
        """Which limit ends the run here, or None."""
        settings = self.settings
        epochs = progress.step / self.batches.per_epoch
        if settings.max_steps and progress.step >= settings.max_steps:
            return f"--max-steps {settings.max_steps}"
        if settings.max_epochs and epochs >= settings.max_epochs:
            return f"--max-epochs {settings.max_epochs}"
        if settings.max_minutes and progress.seconds >= settings.max_minutes * 60:
            return f"--max-minutes {settings.max_minutes:g}"
        if settings.patience and progress.stalled >= settings.patience:
            return f"--patience {settings.patience} (best at step {progress.best_step})"
        return None

    def seconds_left(self, progress: Progress, steps_per_second: float) -> float | None:
        """Estimate of the time to the nearest limit that can be foreseen."""
        settings = self.settings
        estimates = []
        if settings.max_steps:
            estimates.append((settings.max_steps - progress.step) / steps_per_second)
        if settings.max_epochs:
            estimates.append((settings.max_epochs * self.batches.per_epoch - progress.step) / steps_per_second)
        if settings.max_minutes:
            estimates.append(settings.max_minutes * 60 - progress.seconds)
        return max(0.0, min(estimates)) if estimates else None


def train(
    checkpoint: Checkpoint, model_settings: ModelSettings, settings: TrainSettings, force: bool, reporter: Reporter
) -> Outcome:
    """Train, or go on training, the model of a checkpoint directory.

    Raises:
        CheckpointError: nothing prepared, or a damaged file.
        SettingsError: settings that do not go together, or that differ from those the training began with.
        MtkitError: the loss is no longer a number.
    """
    checkpoint.require_stage("prepare")
    with locked(checkpoint):
        checkpoint.verify("prepare")
        if force:
            checkpoint.forget_stages("train")
            for folder in (checkpoint.weights, checkpoint.training):
                shutil.rmtree(folder, ignore_errors=True)
        run = Run(checkpoint, model_settings, settings, reporter)
        progress = begin(run)
        reporter.say(
            f"{run.model_settings.preset} model, {run.model.count_params():,} weights; {len(run.corpus):,} pairs, "
            f"{run.batches.per_epoch:,} steps an epoch; validation every {run.every:,} steps"
        )
        reached = run.limit_reached(progress)
        if reached:
            return Outcome(f"already trained to step {progress.step}, where {reached} was reached", progress)
        with signals(run):
            return loop(run, progress)


def begin(run: Run) -> Progress:
    """Progress to go on from: that of the saved state, or the beginning."""
    state = run.checkpoint.training / "state.safetensors"
    if not state.exists():
        load_pretrained(run)
        run.checkpoint.write_settings(model=as_table(run.model_settings), train=as_table(run.settings))
        return Progress()
    before = run.checkpoint.settings()
    now = {"model": as_table(run.model_settings), "train": as_table(run.settings)}
    fixed = [("model", name) for name in now["model"]]
    fixed += [("train", name) for name in ("batch_tokens", "optimizer", "seed", "average_decay")]
    for table, name in fixed:
        if before.get(table, {}).get(name) != now[table].get(name):
            raise SettingsError(
                f"this training began with {name} = {before.get(table, {}).get(name)}, now it is {now[table].get(name)}; "
                "leave it out to go on, or use --force to start again"
            )
    progress = load_state(state, run.step)
    run.checkpoint.write_settings(**now)
    run.reporter.say(f"going on from step {progress.step:,}")
    return progress


def load_pretrained(run: Run) -> None:
    """Put pretrained embeddings in place."""
    settings, width = run.model_settings, run.model_settings.embedding_width
    for name, tokenizer, variable in (
        (settings.source_embeddings, run.tokenizers.source, run.model.source_embeddings),
        (settings.target_embeddings, run.tokenizers.target, run.model.target_embeddings),
    ):
        if not name:
            continue
        found = read_vectors(Path(name), tokenizer.pieces(list(range(tokenizer.size))), width)
        table = variable.numpy()
        for token, vector in found.items():
            table[token] = vector / math.sqrt(width)
        variable.assign(table)
        run.reporter.say(f"{name}: vectors for {len(found):,} of {tokenizer.size:,} pieces")
    for variable, average in zip(run.model.trainable_variables, run.step.averages, strict=False):
        average.assign(variable)


def loop(run: Run, progress: Progress) -> Outcome:
    """Update, validate and save until a limit or a signal."""
    log = read_log(run, progress)
    began, began_at = time.monotonic(), progress.seconds
    window = Window()
    reached = None
    for batch in upcoming(run.batches, progress.step):
        rate = learning_rate(run.settings, progress.step, progress.plateau_factor)
        negative, tokens, norm = (float(value) for value in run.step.update(batch, progress.step, rate))
        if not math.isfinite(negative) or not math.isfinite(norm):
            raise MtkitError(
                f"the loss at step {progress.step} is no longer a number; the weights saved last are whole. "
                "Run again with a lower --learning-rate or --clip-norm"
            )
        window.add(negative, tokens)
        progress = dataclasses.replace(progress, step=progress.step + 1, seconds=began_at + time.monotonic() - began)
        if run.reporter.due():
            run.reporter.line(progress_line(run, progress, window, rate))
        if progress.step % run.every == 0:
            progress = validate(run, progress, log, window, rate)
            window = Window()
            progress = dataclasses.replace(progress, seconds=began_at + time.monotonic() - began)
            save_state(run.checkpoint.training / "state.safetensors", run.step, progress)
        reached = run.limit_reached(progress)
        if reached or run.stop_signal:
            break
    run.reporter.pause()
    if reached and progress.validated_step != progress.step:
        progress = validate(run, progress, log, window, rate)
    save_state(run.checkpoint.training / "state.safetensors", run.step, progress)
    if run.stop_signal and not reached:
        name = signal.Signals(run.stop_signal).name
        return Outcome(f"stopped by {name} at step {progress.step}, which is saved", progress, interrupted=True)
    return Outcome(f"reached {reached} at step {progress.step} after {duration(progress.seconds)}", progress)


@dataclass
class Window:
    """Sums since the last validation."""

    negative: float = 0.0
    tokens: float = 0.0
    steps: int = 0
    began: float = dataclasses.field(default_factory=time.monotonic)

    def add(self, negative: float, tokens: float) -> None:
        self.negative += negative
        self.tokens += tokens
        self.steps += 1

    @property
    def loss(self) -> float:
        return self.negative / max(1.0, self.tokens)

    @property
    def seconds(self) -> float:
        return max(1e-9, time.monotonic() - self.began)


def upcoming(batches: Batches, step: int) -> Iterator:
    """Batches from a step on, each made in the background while the one before is used."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(batches.batch, step)
        while True:
            batch = following.result()
            step += 1
            following = pool.submit(batches.batch, step)
            yield batch


def progress_line(run: Run, progress: Progress, window: Window, rate: float) -> str:
    left = run.seconds_left(progress, window.steps / window.seconds)
    return (
        f"step {progress.step:,}  epoch {progress.step / run.batches.per_epoch:.1f}  loss {window.loss:.3f}  "
        f"ppl {perplexity(window.loss):.1f}  {window.tokens / window.seconds:,.0f} target tokens/s  "
        f"rate {rate:.2g}  {duration(progress.seconds)}  eta {'-' if left is None else duration(left)}"
    )


def validate(run: Run, progress: Progress, log: list[dict], window: Window, rate: float) -> Progress:
    """Score the averaged weights on the validation text, save them, and write the log."""
    run.step.swap_averages()
    try:
        batches = Batches(run.valid, VALIDATION_BATCH_TOKENS, 0)
        sums = [run.step.evaluate(batches.batch(step)) for step in range(batches.per_epoch)]
        loss = sum(negative for negative, _ in sums) / sum(tokens for _, tokens in sums)
        hypotheses = [translation.text for translation in run.translator.translate(run.sources)]
        scores = {"bleu": bleu(hypotheses, run.references), "chrf": chrf(hypotheses, run.references), "loss": -loss}
        before = progress
        progress = after_validation(progress, scores[run.settings.best_metric], run.settings.plateau_patience)
        best = progress.best_step == progress.step and progress.best_score != before.best_score
        save_weights(run, progress.step, best)
    finally:
        run.step.swap_averages()
    entry = {
        "step": progress.step, "epoch": round(progress.step / run.batches.per_epoch, 3), "seconds": round(progress.seconds, 1),
        "train_loss": window.loss, "target_tokens_per_second": round(window.tokens / window.seconds, 1), "learning_rate": rate,
        "valid_loss": loss, "valid_perplexity": perplexity(loss), "bleu": scores["bleu"],
        "chrf": scores["chrf"], "best": best,
    }
    log.append(entry)
    with atomic_file(run.checkpoint.training / "log.jsonl") as temporary:
        temporary.write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    if run.settings.tensorboard:
        write_scalars(run.checkpoint.training, entry["step"], {name: entry[name] for name in entry if name not in ("step", "best")})
    shown = list(zip(run.sources, run.references, hypotheses, strict=True))[: run.settings.examples]
    show_validation(run.reporter, log, shown)
    report = {"steps": progress.step, "best_step": progress.best_step, "best_score": progress.best_score}
    run.checkpoint.record_stage("train", {**report, "best_metric": run.settings.best_metric}, [])
    return progress


def save_weights(run: Run, step: int, best: bool) -> None:
    """Write the weights of this step, also as the best if they are, and remove the oldest."""
    arrays = model_arrays(run.model)
    folder = run.checkpoint.weights
    save_arrays(folder / f"step-{step:08d}.safetensors", arrays, {"step": str(step)})
    if best:
        save_arrays(folder / "best.safetensors", arrays, {"step": str(step)})
    for old in sorted(folder.glob("step-*.safetensors"))[: -run.settings.keep_weights]:
        old.unlink()


def read_log(run: Run, progress: Progress) -> list[dict]:
    """The validations up to here; later ones were undone by a kill and will be made again."""
    path = run.checkpoint.training / "log.jsonl"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["step"] <= progress.step]


def read_text(path: Path) -> list[str]:
    """Lines of a text that prepare stored; only a newline ends a line."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


class signals:
    """While in the block, SIGINT and SIGTERM ask the run to save and leave; a second one leaves at once."""

    def __init__(self, run: Run):
        self.run = run

    def __enter__(self):
        self.before = {number: signal.signal(number, self.note) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(self, number, frame):
        if self.run.stop_signal:
            raise KeyboardInterrupt
        self.run.stop_signal = number

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)
