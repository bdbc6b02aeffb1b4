"""One training of one checkpoint directory: all that stays the same from step to step, and where it begins."""

import dataclasses
import math
import time
from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import Batches
from mtkit.data.store import TokenCorpus
from mtkit.decoding.engines import KerasEngine
from mtkit.decoding.translator import Tokenizers, Translator, load_tokenizers
from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.model.build import PRESETS, Seq2Seq, fill_in, preset_for
from mtkit.model.embeddings import read_vectors
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import faster_precision, gemm_rate, use_threads
from mtkit.reporter import Reporter
from mtkit.settings import TABLES, ModelSettings, TrainSettings, TranslateSettings, as_table
from mtkit.text.sampling import SubwordSampler
from mtkit.training.schedule import parse_time, steps_between_validations
from mtkit.training.state import Progress, load_state
from mtkit.training.step import TrainStep

# Settings of [train] that shape what was learnt so far or the order of the data; all of [model] do.
FIXED = ("batch_tokens", "accumulate_batches", "optimizer", "seed", "average_decay")

# A budget chooses the largest model that sees the training text so often; less teaches a larger model less than a smaller one.
LEAST_EPOCHS = 3.0
# What training reaches of the speed of one large matrix product, validations included; measured 0.4 to 0.5 (docs/benchmarks.md).
SHARE_OF_GEMM = 0.4
VALIDATION_MARGIN = 1.2
FIRST_VALIDATION_SECONDS = 10.0
# Writing the last state, the average of the weights and the picture.
FINISH_SECONDS = 3.0


@dataclass(frozen=True)
class Limit:
    """An end of the run: its option, how far progress is, and how far it may come; in steps, or else in seconds."""

    name: str
    reached: float
    end: float
    in_steps: bool = False


class Run:
    """What the loop works with.

    Attributes:
        workers: parts of a batch, or batches, that are done at the same time.
        steps_per_epoch: updates in a pass over the training text; no whole number where an update takes several batches.
        every: steps between validations.
        sources, references: the validation text, its first `validation_lines` lines.
        stop_signal: the signal that asked to save and leave, or None.
    """

    def __init__(self, checkpoint: Checkpoint, model_settings: ModelSettings, settings: TrainSettings, reporter: Reporter):
        self.workers = use_threads(settings.threads)
        settings = dataclasses.replace(
            settings,
            precision=faster_precision(self.workers) if settings.precision == "auto" else settings.precision,
            schedule=("cosine" if settings.budget else "inverse-square-root") if settings.schedule == "auto" else settings.schedule,
        )
        limits = (settings.max_steps, settings.max_epochs, settings.max_minutes, settings.budget)
        if settings.schedule == "cosine" and not any(limits):
            raise SettingsError("schedule cosine falls to 0 at the end of the run: give it one, with --budget or --max-steps")
        self.budget_seconds = parse_time(settings.budget) if settings.budget else None
        # What a budget must leave room for beside the steps: the start of the command, which is over now, and a last validation.
        self.overhead_seconds = time.monotonic() - reporter.began
        self.checkpoint, self.settings, self.reporter = checkpoint, settings, reporter
        self.tokenizers: Tokenizers = load_tokenizers(checkpoint)
        self.corpus = TokenCorpus(checkpoint.data / "train")
        self.batches = Batches(self.corpus, settings.batch_tokens, settings.seed, self.samplers())
        if not self.batches.per_epoch:
            raise InputError("the prepared training text is empty; run 'mtkit prepare --force' with another --train")
        self.valid = TokenCorpus(checkpoint.data / "valid") if (checkpoint.data / "valid").exists() else None
        if self.valid is None:
            raise CheckpointError(
                "no validation text was prepared; run 'mtkit prepare --force --valid CORPUS', or --valid N to split off N pairs"
            )
        if model_settings.preset == "auto":
            preset, reason = self.choose_preset(model_settings)
            model_settings = dataclasses.replace(model_settings, preset=preset)
            reporter.say(f"preset {preset}: {reason}")
        self.model_settings = fill_in(model_settings, self.tokenizers.joint)
        self.model = Seq2Seq(
            self.model_settings, self.tokenizers.source.size, self.tokenizers.target.size, settings.seed, settings.precision
        )
        self.step = TrainStep(self.model, settings, self.workers)
        self.translator = Translator(KerasEngine(self.model, self.workers), self.tokenizers, TranslateSettings(beam=1))
        self.steps_per_epoch = self.batches.per_epoch / settings.accumulate_batches
        self.every = steps_between_validations(settings, math.ceil(self.steps_per_epoch))
        lines = settings.validation_lines
        self.sources = read_text(checkpoint.data / "valid" / "source.txt")[:lines]
        self.references = read_text(checkpoint.data / "valid" / "target.txt")[:lines]
        self.stop_signal: int | None = None

    def samplers(self) -> dict[str, SubwordSampler] | None:
        """What splits the words of each side anew in every batch, or None."""
        rate = self.settings.subword_sampling
        if not rate:
            return None
        kind = self.checkpoint.require_stage("prepare")["tokenizer"]
        source = SubwordSampler(self.tokenizers.source, kind, rate)
        return {"source": source, "target": source if self.tokenizers.joint else SubwordSampler(self.tokenizers.target, kind, rate)}

    def limits(self, progress: Progress) -> list[Limit]:
        """The limits that were set and that progress comes nearer to with every step."""
        settings = self.settings
        every = [
            Limit(f"--max-steps {settings.max_steps}", progress.step, settings.max_steps, in_steps=True),
            Limit(f"--max-epochs {settings.max_epochs}", progress.step, settings.max_epochs * self.steps_per_epoch, in_steps=True),
            Limit(f"--max-minutes {settings.max_minutes:g}", progress.seconds, settings.max_minutes * 60),
        ]
        if self.budget_seconds:
            every.append(Limit(f"--budget {settings.budget}", progress.seconds, max(1.0, self.seconds_for_steps(progress))))
        return [limit for limit in every if limit.end]

    def limit_reached(self, progress: Progress) -> str | None:
        """Which limit ends the run here, or None."""
        for limit in self.limits(progress):
            if limit.reached >= limit.end:
                return limit.name
        patience = self.settings.patience
        return f"--patience {patience} (best at step {progress.best_step})" if 0 < patience <= progress.stalled else None

    def share_done(self, progress: Progress) -> float:
        """How much of the run is over, by its nearest limit; patience, which nobody can foresee, left out."""
        return max((limit.reached / limit.end for limit in self.limits(progress)), default=0.0)

    def seconds_left(self, progress: Progress, steps_per_second: float) -> float | None:
        """Estimate of the time to the nearest limit that can be foreseen."""
        left = [(limit.end - limit.reached) / (steps_per_second if limit.in_steps else 1.0) for limit in self.limits(progress)]
        return max(0.0, min(left)) if left else None

    def seconds_for_steps(self, progress: Progress) -> float:
        """How long a budget lets training go on before its last validation."""
        validation = VALIDATION_MARGIN * (progress.validation_seconds or FIRST_VALIDATION_SECONDS)
        return self.budget_seconds - self.overhead_seconds - validation - FINISH_SECONDS

    def choose_preset(self, model_settings: ModelSettings) -> tuple[str, str]:
        """The size of the model for the training text and the budget, and why."""
        pairs, seconds = len(self.corpus), self.budget_seconds
        wanted = preset_for(pairs)
        if not seconds:
            return wanted, f"for {pairs:,} pairs"
        rate = gemm_rate(self.settings.precision, self.workers) * SHARE_OF_GEMM
        epochs = 0.0
        for preset in [*PRESETS][[*PRESETS].index(wanted) :: -1]:
            epochs = (seconds - self.overhead_seconds) * rate / self.epoch_flops(dataclasses.replace(model_settings, preset=preset))
            if epochs >= LEAST_EPOCHS:
                break
        return preset, f"about {epochs:.1f} passes over {pairs:,} pairs fit into {self.settings.budget}"

    def epoch_flops(self, model_settings: ModelSettings) -> float:
        """Operations of a pass over the training text."""
        filled = fill_in(model_settings, self.tokenizers.joint)
        model = Seq2Seq(filled, self.tokenizers.source.size, self.tokenizers.target.size)
        source, target = (self.corpus.tokens[side] + len(self.corpus) for side in ("source", "target"))
        return TRAINING_PASSES * forward_flops(model, source, target, source * target // len(self.corpus))


def begin(run: Run, force: bool) -> Progress:
    """Where to go on from: the newest saved state that is whole, or the beginning.

    Args:
        force: discard what there is and begin anew; nothing is discarded where a setting does not fit.

    Raises:
        SettingsError: a setting that cannot change differs from the one the training began with.
        CheckpointError: states were saved, and none of them is whole.
    """
    now = {"model": as_table(run.model_settings), "train": as_table(run.settings)}
    states = [] if force else run.checkpoint.states()
    if not states:
        if run.checkpoint.has_stage("train") and not force:
            raise CheckpointError(
                f"{run.checkpoint.directory} holds a trained model, but {run.checkpoint.training} no state to go on from; copy "
                "that folder here too, or use --force to discard the model and start again"
            )
        load_pretrained(run)
        run.checkpoint.discard_training()
        run.checkpoint.write_settings(**now)
        return Progress()
    before = run.checkpoint.settings()
    for table, name in [("model", name) for name in now["model"]] + [("train", name) for name in FIXED]:
        # A setting newer than the directory: it began with the default.
        old = before.get(table, {}).get(name, getattr(TABLES[table], name))
        if old != now[table].get(name):
            raise SettingsError(
                f"this training began with {name} = {old}, now it is {now[table].get(name)}; "
                "leave it out to go on, or use --force to start again"
            )
    progress = newest_whole(run, states)
    if progress.validated_step >= 0:
        record(run, progress)
    run.checkpoint.write_settings(**now)
    run.reporter.say(f"going on from step {progress.step:,}")
    return progress


def record(run: Run, progress: Progress) -> None:
    """Write down that there is a trained model."""
    report = {"steps": progress.step, "best_step": progress.best_step, "best_score": progress.best_score}
    run.checkpoint.record_stage("train", {**report, "best_metric": run.settings.best_metric}, [])


def newest_whole(run: Run, states: list[Path]) -> Progress:
    """Load the first of these states that is not damaged; a damaged one is said and removed."""
    for state in states:
        try:
            return load_state(state, run.step)
        except CheckpointError as error:
            if state == states[-1]:
                raise CheckpointError(f"{error}; run 'mtkit train --force' to start again") from None
            run.reporter.say(f"warning: {error}; going back to the state before it", style="yellow")
            state.unlink(missing_ok=True)
    raise AssertionError("no states")


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


def read_text(path: Path) -> list[str]:
    """Lines of a text that prepare stored; only a newline ends a line."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")
