"""What the settings leave open, decided by machine, text and budget: precision, schedule, metric, size of the
model.
"""

import dataclasses
import math
from collections.abc import Sequence

from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import Tokenizers
from mtkit.errors import SettingsError
from mtkit.model.build import FAMILIES, SIZES, build_model, family_of, fill_in, preset_for
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import PRECISIONS, faster_precision, gemm_rate
from mtkit.reporter import Reporter
from mtkit.scoring.counts import usual_metric
from mtkit.settings import ModelSettings, TrainSettings
from mtkit.training.cluster import Cluster

# A budget chooses the largest model that sees the training text so often; less teaches a larger model less
# than a smaller one.
LEAST_EPOCHS = 3.0
# A Transformer is better than an RNN from so many steps on, and if the text has so many pairs
# (docs/benchmarks.md).
TRANSFORMER_STEPS, TRANSFORMER_PAIRS = 2_000, 20_000
# What training reaches of the speed of one large matrix product, validations included (docs/benchmarks.md),
# and a little less.
SHARE_OF_GEMM = 0.4

# Of training, by family of the model.
RATES = {
    "rnn": {"learning_rate": 0.002, "warmup_steps": 200},
    "transformer": {"learning_rate": 0.005, "warmup_steps": 400},
}


def decide_training(settings: TrainSettings, parallel: int, cluster: Cluster) -> TrainSettings:
    """Settings with precision and schedule decided.

    Raises:
        SettingsError: a schedule without the end it needs.
    """
    if settings.precision == "auto":
        precision = cluster.chiefs_choice(PRECISIONS, faster_precision(parallel))
        settings = dataclasses.replace(settings, precision=precision)
    if settings.schedule == "auto":
        settings = dataclasses.replace(
            settings, schedule="cosine" if settings.budget else "inverse-square-root"
        )
    limits = (settings.max_steps, settings.max_epochs, settings.max_minutes, settings.budget)
    if settings.schedule == "cosine" and not any(limits):
        raise SettingsError(
            "schedule cosine falls to 0 at the end of the run: give it one, with --budget or --max-steps"
        )
    return settings


def with_rates(settings: TrainSettings, family: str) -> TrainSettings:
    """Settings with the learning rate of a family where they leave it open."""
    return dataclasses.replace(
        settings, **{name: one for name, one in RATES[family].items() if getattr(settings, name) is None}
    )


def with_metric(settings: TrainSettings, references: Sequence[str]) -> TrainSettings:
    """Settings with what the best weights are best in decided, by the validation text."""
    return (
        dataclasses.replace(settings, best_metric=usual_metric(references))
        if settings.best_metric == "auto"
        else settings
    )


def decide_model(
    model_settings: ModelSettings,
    settings: TrainSettings,
    corpus: TokenCorpus,
    tokenizers: Tokenizers,
    reporter: Reporter,
    parallel: int,
    cluster: Cluster,
    seconds: float | None,
) -> ModelSettings:
    """Settings with nothing left open; says which family and preset were chosen, and why.

    Args:
        seconds: what is left of the budget; None without one.

    Raises:
        SettingsError: values that do not go together.
    """
    operations = (
        None if seconds is None else seconds * gemm_rate(settings.precision, parallel) * SHARE_OF_GEMM
    )

    def best_of(family: str) -> tuple[ModelSettings, float]:
        return affordable(dataclasses.replace(model_settings, model=family), corpus, tokenizers, operations)

    family = family_of(model_settings)
    left_open = not family or model_settings.preset == "auto"
    if not family:
        steps = best_of("transformer")[1] * (corpus.tokens["target"] + len(corpus)) / settings.batch_tokens
        family = cluster.chiefs_choice([*FAMILIES], better_family(len(corpus), steps))
    model_settings, epochs = best_of(family)
    model_settings = dataclasses.replace(
        model_settings, preset=cluster.chiefs_choice([*SIZES], model_settings.preset)
    )
    if left_open:
        pairs = f"{len(corpus):,} pairs"
        reason = (
            f"for {pairs}"
            if operations is None
            else f"about {epochs:.1f} passes over {pairs} fit into {settings.budget}"
        )
        reporter.say(f"{family}, preset {model_settings.preset}: {reason}")
    return fill_in(model_settings, tokenizers.joint)


def better_family(pairs: int, steps: float) -> str:
    """The better family for so many pairs, and steps that a Transformer has time for."""
    return "transformer" if pairs >= TRANSFORMER_PAIRS and steps >= TRANSFORMER_STEPS else "rnn"


def affordable(
    model_settings: ModelSettings, corpus: TokenCorpus, tokenizers: Tokenizers, operations: float | None
) -> tuple[ModelSettings, float]:
    """Settings with the largest preset that so many operations train well, up to that for the text, else the
    smallest.

    A preset that is named stays.

    Returns:
        (settings, passes over the text that fit; infinite without a limit).
    """
    wanted, named = preset_for(len(corpus), model_settings.model), model_settings.preset != "auto"
    choices = [model_settings.preset] if named else SIZES[SIZES.index(wanted) :: -1]
    for preset in choices:
        settings = dataclasses.replace(model_settings, preset=preset)
        epochs = math.inf
        if operations is not None:
            epochs = operations / epoch_flops(fill_in(settings, tokenizers.joint), corpus, tokenizers)
        if epochs >= LEAST_EPOCHS:
            break
    return settings, epochs


def epoch_flops(model_settings: ModelSettings, corpus: TokenCorpus, tokenizers: Tokenizers) -> float:
    """Operations of a pass over the training text."""
    model = build_model(model_settings, tokenizers.source.size, tokenizers.target.size)
    source, target = (corpus.tokens[side] + len(corpus) for side in SIDES)
    return TRAINING_PASSES * forward_flops(model, source, target, source * target // len(corpus))
