"""One training of one checkpoint directory: all that stays the same from step to step."""

import time
from dataclasses import dataclass
from functools import partial

from mtkit.checkpoint import Checkpoint
from mtkit.engines.choice import OneEngine
from mtkit.engines.keras_engine import keras_functions
from mtkit.engines.step_engine import StepEngine
from mtkit.model.base import TranslationModel
from mtkit.reporter import Reporter
from mtkit.settings.search import Search
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.auto_settings import decide_training, with_metric, with_rates
from mtkit.training.cluster import Cluster
from mtkit.training.limits import RunLimits, slowness
from mtkit.training.model_choice import Workplace, choose_model
from mtkit.training.progress import Progress
from mtkit.training.run_text import RunText, load_text
from mtkit.training.schedule import steps_between_validations
from mtkit.training.step import TrainStep
from mtkit.translating.plan import Plan
from mtkit.translating.reach import reach_of_text
from mtkit.translating.translator import Translator


@dataclass
class Run:
    """What the loop works with.

    Attributes:
        settings, model_settings: with nothing left open.
        parallel: parts of a batch, or batches, that are done at the same time.
        cluster: the processes that train together.
        step: the updates of the model's weights.
        plan: how validation text is translated: as `mtkit translate` does, with a beam of 1.
        stop_signal: the signal that asked to save and leave, or None.
    """

    checkpoint: Checkpoint
    settings: TrainSettings
    model_settings: ModelSettings
    reporter: Reporter
    parallel: int
    cluster: Cluster
    text: RunText
    model: TranslationModel
    step: TrainStep
    plan: Plan
    stop_signal: int | None = None

    @property
    def validation_interval(self) -> int:
        """Steps between validations."""
        return steps_between_validations(self.settings, self.text.steps_per_epoch)


def new_run(
    checkpoint: Checkpoint,
    model_settings: ModelSettings,
    settings: TrainSettings,
    reporter: Reporter,
    parallel: int = 1,
    cluster: Cluster | None = None,
) -> Run:
    """A run of a prepared checkpoint directory, its model untrained.

    Args:
        reporter: a budget begins with it.

    Raises:
        InputError, CheckpointError: no text to train on, or to validate with.
        SettingsError: settings that do not go together.
    """
    cluster = cluster or Cluster()
    settings = decide_training(settings, parallel, cluster)
    text = load_text(checkpoint, settings)
    workplace = Workplace(settings, text, parallel, cluster)
    seconds_left = partial(seconds_for_steps, settings, text, reporter) if settings.budget else None
    built = choose_model(model_settings, workplace, reporter, seconds_left)
    engine = StepEngine(keras_functions(built.model), parallel)
    reach = reach_of_text(checkpoint, text.tokenizers.source)
    context = text.context.most_sentences if text.context else 0
    translator = Translator(text.tokenizers, OneEngine(engine), reach=reach, context=context)
    return Run(
        checkpoint=checkpoint,
        settings=with_metric(with_rates(settings, built.settings.model), text.references),
        model_settings=built.settings,
        reporter=reporter,
        parallel=parallel,
        cluster=cluster,
        text=text,
        model=built.model,
        step=built.step,
        plan=translator.plan(Search(beam=1)),
    )


def seconds_for_steps(settings: TrainSettings, text: RunText, reporter: Reporter) -> float:
    """What is left of a budget for steps and validations, before the first step."""
    return limits_now(settings, text, reporter).seconds_for_steps(Progress())


def limits_now(settings: TrainSettings, text: RunText, reporter: Reporter) -> RunLimits:
    """The limits of a run, where what is over since the reporter began is over of a budget."""
    seconds, busy = time.monotonic() - reporter.began, time.process_time() - reporter.busy_before
    return RunLimits(settings, text.steps_per_epoch, seconds, slowness(seconds, busy))
