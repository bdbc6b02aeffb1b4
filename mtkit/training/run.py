"""One training of one checkpoint directory: all that stays the same from step to step, and how far it goes."""

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
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import PRECISIONS, faster_precision, gemm_rate
from mtkit.reporter import Reporter
from mtkit.settings import ModelSettings, TrainSettings, TranslateSettings
from mtkit.text.sampling import SubwordSampler
from mtkit.training.cluster import Cluster
from mtkit.training.schedule import parse_time, steps_between_validations
from mtkit.training.state import Progress
from mtkit.training.step import TrainStep

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
        parallel: parts of a batch, or batches, that are done at the same time.
        cluster: the processes that train together.
        steps_per_epoch: updates in a pass over the training text; no whole number where an update takes several batches.
        every: steps between validations.
        sources, references: the validation text, its first `validation_lines` lines.
        stop_signal: the signal that asked to save and leave, or None.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        model_settings: ModelSettings,
        settings: TrainSettings,
        reporter: Reporter,
        parallel: int = 1,
        cluster: Cluster | None = None,
    ):
        self.parallel, self.cluster = parallel, cluster or Cluster()
        if settings.precision == "auto":
            settings = dataclasses.replace(settings, precision=self.chiefs_choice([*PRECISIONS], faster_precision(parallel)))
        if settings.schedule == "auto":
            settings = dataclasses.replace(settings, schedule="cosine" if settings.budget else "inverse-square-root")
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
            preset = self.chiefs_choice([*PRESETS], preset)
            model_settings = dataclasses.replace(model_settings, preset=preset)
            reporter.say(f"preset {preset}: {reason}")
        self.model_settings = fill_in(model_settings, self.tokenizers.joint)
        self.model = Seq2Seq(
            self.model_settings, self.tokenizers.source.size, self.tokenizers.target.size, settings.seed, settings.precision
        )
        self.step = TrainStep(self.model, settings, parallel, self.cluster)
        self.translator = Translator(KerasEngine(self.model, parallel), self.tokenizers, TranslateSettings(beam=1))
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

    def chiefs_choice(self, choices: list[str], mine: str) -> str:
        """What the chief chose by what it measured, for all workers."""
        return choices[int(self.cluster.from_chief(choices.index(mine)))]

    def choose_preset(self, model_settings: ModelSettings) -> tuple[str, str]:
        """The size of the model for the training text and the budget, and why."""
        pairs, seconds = len(self.corpus), self.budget_seconds
        wanted = preset_for(pairs)
        if not seconds:
            return wanted, f"for {pairs:,} pairs"
        rate = gemm_rate(self.settings.precision, self.parallel) * SHARE_OF_GEMM
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


def read_text(path: Path) -> list[str]:
    """Lines of a text that prepare stored; only a newline ends a line."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")
