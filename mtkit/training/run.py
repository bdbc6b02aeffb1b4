"""One training of one checkpoint directory: all that stays the same from step to step, and how far it
goes.
"""

import math
import time
from dataclasses import dataclass

from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import Batches
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.engines.choice import OneEngine
from mtkit.engines.keras_engine import keras_functions
from mtkit.engines.step_engine import StepEngine
from mtkit.errors import CheckpointError, InputError
from mtkit.model.build import build_model
from mtkit.reporter import Reporter
from mtkit.settings import ModelSettings, Search, TrainSettings
from mtkit.text.lines import read_text
from mtkit.text.sampling import SubwordSampler
from mtkit.training.auto_settings import decide_model, decide_training, with_metric, with_rates
from mtkit.training.cluster import Cluster
from mtkit.training.compiled_step import train_step
from mtkit.training.schedule import parse_time, steps_between_validations
from mtkit.training.state import Progress
from mtkit.translating.translator import Translator

VALIDATION_MARGIN = 1.2
FIRST_VALIDATION_SECONDS = 10.0
# Writing the last state, the average of the weights and the picture; exporting.
FINISH_SECONDS = 3.0
EXPORT_SECONDS = 10.0


@dataclass(frozen=True)
class Limit:
    """An end of the run: its option, how far progress is, and how far it may come; in steps, or else in
    seconds.
    """

    name: str
    reached: float
    end: float
    in_steps: bool = False


class Run:
    """What the loop works with.

    Attributes:
        parallel: parts of a batch, or batches, that are done at the same time.
        cluster: the processes that train together.
        steps_per_epoch: updates in a pass over the training text; no whole number where an update takes
            several batches.
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
        self.checkpoint, self.reporter, self.parallel, self.cluster = (
            checkpoint,
            reporter,
            parallel,
            cluster or Cluster(),
        )
        self.settings = settings = decide_training(settings, parallel, self.cluster)
        self.budget_seconds = parse_time(settings.budget) if settings.budget else None
        # What a budget must leave room for beside the steps: the start of the command, which is over now, and
        # a last validation.
        self.overhead_seconds = time.monotonic() - reporter.began
        self.tokenizers: Tokenizers = load_tokenizers(checkpoint)
        self.corpus = TokenCorpus(checkpoint.data / "train")
        self.batches = Batches(self.corpus, settings.batch_tokens, settings.seed, self.samplers())
        if not self.batches.per_epoch:
            raise InputError(
                "the prepared training text is empty; run 'mtkit prepare --force' with another --train"
            )
        if not (checkpoint.data / "valid").exists():
            raise CheckpointError(
                "no validation text was prepared; run 'mtkit prepare --force --valid CORPUS', or --valid N to"
                " split off N pairs"
            )
        self.valid = TokenCorpus(checkpoint.data / "valid")
        left = self.budget_seconds - self.overhead_seconds if self.budget_seconds else None
        self.model_settings = decide_model(
            model_settings, settings, self.corpus, self.tokenizers, reporter, parallel, self.cluster, left
        )
        lines = settings.validation_lines
        self.sources = read_text(checkpoint.data / "valid" / "source.txt")[:lines]
        self.references = read_text(checkpoint.data / "valid" / "target.txt")[:lines]
        self.settings = settings = with_metric(
            with_rates(settings, self.model_settings.model), self.references
        )
        self.model = build_model(
            self.model_settings,
            self.tokenizers.source.size,
            self.tokenizers.target.size,
            settings.seed,
            settings.precision,
        )
        self.step = train_step(self.model, settings, parallel, self.cluster)
        engine = StepEngine(keras_functions(self.model), parallel)
        translator = Translator(self.tokenizers, OneEngine(engine))
        # How validation text is translated: as `mtkit translate` does, with a beam of 1.
        self.plan = translator.plan(Search(beam=1))
        self.steps_per_epoch = self.batches.per_epoch / settings.accumulate_batches
        self.every = steps_between_validations(settings, math.ceil(self.steps_per_epoch))
        self.stop_signal: int | None = None

    def samplers(self) -> dict[str, SubwordSampler] | None:
        """What splits the words of each side anew in every batch, or None."""
        rate = self.settings.subword_sampling
        if not rate:
            return None
        kind = self.checkpoint.require_stage("prepare")["tokenizer"]
        source = SubwordSampler(self.tokenizers.source, kind, rate)
        return {
            "source": source,
            "target": source if self.tokenizers.joint else SubwordSampler(self.tokenizers.target, kind, rate),
        }

    def limits(self, progress: Progress) -> list[Limit]:
        """The limits that were set and that progress comes nearer to with every step."""
        settings = self.settings
        every = [
            Limit(f"--max-steps {settings.max_steps}", progress.step, settings.max_steps, in_steps=True),
            Limit(
                f"--max-epochs {settings.max_epochs}",
                progress.step,
                settings.max_epochs * self.steps_per_epoch,
                in_steps=True,
            ),
            Limit(f"--max-minutes {settings.max_minutes:g}", progress.seconds, settings.max_minutes * 60),
        ]
        if self.budget_seconds:
            every.append(
                Limit(
                    f"--budget {settings.budget}",
                    progress.seconds,
                    max(1.0, self.seconds_for_steps(progress)),
                )
            )
        return [limit for limit in every if limit.end]

    def limit_reached(self, progress: Progress) -> str | None:
        """Which limit ends the run here, or None."""
        for limit in self.limits(progress):
            if limit.reached >= limit.end:
                return limit.name
        patience = self.settings.patience
        return (
            f"--patience {patience} (best at step {progress.best_step})"
            if 0 < patience <= progress.stalled
            else None
        )

    def share_done(self, progress: Progress) -> float:
        """How much of the run is over, by its nearest limit; patience, which nobody can foresee, left out."""
        return max((limit.reached / limit.end for limit in self.limits(progress)), default=0.0)

    def seconds_left(self, progress: Progress, steps_per_second: float) -> float | None:
        """Estimate of the time to the nearest limit that can be foreseen."""
        left = [
            (limit.end - limit.reached) / (steps_per_second if limit.in_steps else 1.0)
            for limit in self.limits(progress)
        ]
        return max(0.0, min(left)) if left else None

    def seconds_for_steps(self, progress: Progress) -> float:
        """How long a budget lets training go on before its last validation."""
        validation = VALIDATION_MARGIN * (progress.validation_seconds or FIRST_VALIDATION_SECONDS)
        finish = FINISH_SECONDS + EXPORT_SECONDS * self.settings.export
        return self.budget_seconds - self.overhead_seconds - validation - finish
