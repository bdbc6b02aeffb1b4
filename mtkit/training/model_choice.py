"""Which model a run trains, where the settings leave its family or size open: by the text and by the time.

A budget is for the largest model that sees the text often enough in that time. How long an update takes
nobody knows before, for other work may go on here as well: so a model that may fit makes some updates, which
are forgotten, and the time that they take decides. What a matrix product takes only rules out models before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mtkit.data.store import SIDES
from mtkit.model.base import TranslationModel
from mtkit.model.build import SIZES, build_model, family_of, fill_in, preset_for
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import usual_gemm_rate
from mtkit.reporter import Reporter
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.auto_settings import with_rates
from mtkit.training.cluster import Cluster
from mtkit.training.compiled_step import train_step
from mtkit.training.run_text import RunText, upcoming
from mtkit.training.schedule import steps_between_validations
from mtkit.training.step import TrainStep

# Passes over the text; less teaches a larger model less than a smaller one.
LEAST_PASSES = 3.0
# A Transformer is better than an RNN from so many steps on, and if the text has so many pairs
# (docs/benchmarks.md).
TRANSFORMER_STEPS, TRANSFORMER_PAIRS = 2_000, 20_000
# The most that training reaches of the speed of large matrix products (docs/benchmarks.md).
SHARE_OF_GEMM = 0.6
# Updates of a trial: the first compile, and are not measured; then some for a share of the time that is left.
WARM_UP_STEPS, LEAST_STEPS = 2, 4
TRIAL_SHARE, LEAST_TRIAL_SECONDS, MOST_TRIAL_SECONDS = 0.02, 4.0, 15.0
# A line of the validation text takes about so many updates of the time, greedy search and scoring together.
STEPS_PER_VALIDATION_LINE = 0.015


@dataclass(frozen=True)
class BuiltModel:
    """A model that is ready to be trained.

    Attributes:
        settings: with nothing left open.
        step: the updates of its weights.
    """

    settings: ModelSettings
    model: TranslationModel
    step: TrainStep


@dataclass(frozen=True)
class Workplace:
    """Where a model would be trained, on what and how.

    Attributes:
        parallel: parts of a batch that are done at the same time.
        cluster: the processes that train together.
    """

    settings: TrainSettings
    text: RunText
    parallel: int
    cluster: Cluster

    def build(self, model_settings: ModelSettings) -> BuiltModel:
        """A new model; of its settings family and preset are chosen."""
        tokenizers = self.text.tokenizers
        filled = fill_in(model_settings, joint_vocabulary=tokenizers.joint)
        settings = with_rates(self.settings, filled.model)
        model = build_model(
            filled, tokenizers.source.size, tokenizers.target.size, settings.seed, settings.precision
        )
        return BuiltModel(filled, model, train_step(model, settings, self.parallel, self.cluster))


def choose_model(
    model_settings: ModelSettings,
    workplace: Workplace,
    reporter: Reporter,
    seconds_left: Callable[[], float] | None,
) -> BuiltModel:
    """The model to train; says which family and preset were chosen where these were open, and why.

    Args:
        seconds_left: tells what is left of the budget for steps and validations; None without a budget.

    Raises:
        SettingsError: values that do not go together.
    """
    pairs = len(workplace.text.corpus)
    choices = possible_models(model_settings, pairs)
    left_open = not family_of(model_settings) or model_settings.preset == "auto"
    if not left_open or seconds_left is None:
        built = workplace.build(choices[0])
        reason = f"for {pairs:,} pairs"
    else:
        built, passes = affordable(choices, workplace, seconds_left)
        reason = f"about {passes:.1f} passes over {pairs:,} pairs fit into {workplace.settings.budget}"
    if left_open:
        reporter.say(f"{built.settings.model}, preset {built.settings.preset}: {reason}")
    return built


def possible_models(model_settings: ModelSettings, pairs: int) -> list[ModelSettings]:
    """Settings with family and preset chosen, the best for so many pairs first, the others for less time.

    What is named stays.
    """
    named = family_of(model_settings)
    families = ["transformer", "rnn"] if pairs >= TRANSFORMER_PAIRS else ["rnn"]
    choices = []
    for family in [named] if named else families:
        settings = replace(model_settings, model=family)
        choices += [replace(settings, preset=preset) for preset in presets(settings, family, pairs)]
    return choices


def presets(model_settings: ModelSettings, family: str, pairs: int) -> list[str]:
    """The named preset; or that for so many pairs and the smaller ones, the largest first."""
    if model_settings.preset != "auto":
        return [model_settings.preset]
    return list(SIZES[SIZES.index(preset_for(pairs, family)) :: -1])


def affordable(
    choices: list[ModelSettings], workplace: Workplace, seconds_left: Callable[[], float]
) -> tuple[BuiltModel, float]:
    """The first of some models that sees the text often enough in the time there is, or else the last.

    Args:
        choices: the best first; see `possible_models`.
        seconds_left: tells what is left for steps and validations.

    Returns:
        (model, passes over the text that it has time for).
    """
    rate = SHARE_OF_GEMM * usual_gemm_rate(workplace.settings.precision, workplace.parallel)
    for choice in choices:
        built, is_last = workplace.build(choice), choice is choices[-1]
        if not is_last:
            hoped_for = passes_in(seconds_left(), epoch_flops(built.model, workplace.text) / rate, workplace)
            if not is_enough(choice, hoped_for, choices, workplace.text.steps_per_epoch):
                continue
        epoch_seconds = trial(built, workplace, seconds_left()) * workplace.text.steps_per_epoch
        passes = passes_in(seconds_left(), epoch_seconds, workplace)
        if is_last or is_enough(choice, passes, choices, workplace.text.steps_per_epoch):
            break
    return built, passes


def is_enough(
    choice: ModelSettings, passes: float, choices: list[ModelSettings], steps_per_epoch: float
) -> bool:
    """Whether after so many passes over the text a choice is better than those that come after it."""
    following = choices[choices.index(choice) + 1 :]
    families = {other.model for other in following}
    if choice.model in families and passes < LEAST_PASSES:
        return False
    has_rival = choice.model == "transformer" and "rnn" in families
    return not has_rival or passes * steps_per_epoch >= TRANSFORMER_STEPS


def passes_in(seconds: float, epoch_seconds: float, workplace: Workplace) -> float:
    """Passes over the text that so much time is for, validations among it; the same for all workers.

    Args:
        epoch_seconds: of the updates of a pass.
    """
    text = workplace.text
    interval = steps_between_validations(workplace.settings, text.steps_per_epoch)
    validations = STEPS_PER_VALIDATION_LINE * len(text.sources) / interval
    return workplace.cluster.from_chief(max(0.0, seconds) / (epoch_seconds * (1.0 + validations)))


def epoch_flops(model: TranslationModel, text: RunText) -> float:
    """Operations of a pass over the training text."""
    corpus = text.corpus
    source, target = (corpus.tokens[side] + len(corpus) for side in SIDES)
    return TRAINING_PASSES * forward_flops(model, source, target, source * target // len(corpus))


def trial(built: BuiltModel, workplace: Workplace, seconds_left: float) -> float:
    """Seconds that an update takes here and now; the model is afterwards as it was.

    The latter half of some updates counts: beside other work a program is quicker at first, since what has
    waited is served before what has run.
    """
    seconds = min(MOST_TRIAL_SECONDS, max(LEAST_TRIAL_SECONDS, TRIAL_SHARE * seconds_left))
    step, cluster = built.step, workplace.cluster
    variables = [*built.model.weights, *step.optimizer.variables, *step.averages]
    before = [np.array(variable.numpy()) for variable in variables]
    ends: list[float] = []
    for number, ready in enumerate(upcoming(workplace.text, cluster, 0)):
        negative, *_ = step.update(ready.batches, number, 0.0)
        float(negative)  # waits for it
        ends.append(time.monotonic())
        measured = ends[WARM_UP_STEPS - 1 :]
        if len(measured) <= LEAST_STEPS:
            continue
        if cluster.any(cluster.chief and measured[-1] - measured[0] >= seconds):
            break
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    latter = measured[len(measured) // 2 :]
    return (latter[-1] - latter[0]) / (len(latter) - 1)
