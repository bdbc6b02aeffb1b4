"""What the settings leave open, decided by machine, text and budget: precision, schedule, size of the model."""

import dataclasses

from mtkit.data.store import SIDES, TokenCorpus
from mtkit.decoding.translator import Tokenizers
from mtkit.errors import SettingsError
from mtkit.model.build import SIZES, build_model, fill_in, preset_for
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import PRECISIONS, faster_precision, gemm_rate
from mtkit.reporter import Reporter
from mtkit.settings import ModelSettings, TrainSettings
from mtkit.training.cluster import Cluster

# A budget chooses the largest model that sees the training text so often; less teaches a larger model less than a smaller one.
LEAST_EPOCHS = 3.0
# What training reaches of the speed of one large matrix product, validations included (docs/benchmarks.md), and a little less.
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
        settings = dataclasses.replace(settings, schedule="cosine" if settings.budget else "inverse-square-root")
    limits = (settings.max_steps, settings.max_epochs, settings.max_minutes, settings.budget)
    if settings.schedule == "cosine" and not any(limits):
        raise SettingsError("schedule cosine falls to 0 at the end of the run: give it one, with --budget or --max-steps")
    return settings


def with_rates(settings: TrainSettings, family: str) -> TrainSettings:
    """Settings with the learning rate of a family where they leave it open."""
    return dataclasses.replace(settings, **{name: one for name, one in RATES[family].items() if getattr(settings, name) is None})


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
    """Settings with nothing left open; says which preset was chosen, and why.

    Args:
        seconds: what is left of the budget; None without one.

    Raises:
        SettingsError: values that do not go together.
    """
    if model_settings.preset == "auto":
        wanted, pairs = preset_for(len(corpus)), f"{len(corpus):,} pairs"
        reason = f"for {pairs}"
        if seconds is not None:
            operations = seconds * gemm_rate(settings.precision, parallel) * SHARE_OF_GEMM
            wanted, epochs = affordable_preset(wanted, model_settings, corpus, tokenizers, operations)
            reason = f"about {epochs:.1f} passes over {pairs} fit into {settings.budget}"
        model_settings = dataclasses.replace(model_settings, preset=cluster.chiefs_choice([*SIZES], wanted))
        reporter.say(f"preset {model_settings.preset}: {reason}")
    return fill_in(model_settings, tokenizers.joint)


def affordable_preset(
    wanted: str, model_settings: ModelSettings, corpus: TokenCorpus, tokenizers: Tokenizers, operations: float
) -> tuple[str, float]:
    """The largest preset, up to `wanted`, that so many operations train well, else the smallest; passes over the text that fit."""
    epochs = 0.0
    for preset in SIZES[SIZES.index(wanted) :: -1]:
        filled = fill_in(dataclasses.replace(model_settings, preset=preset), tokenizers.joint)
        epochs = operations / epoch_flops(filled, corpus, tokenizers)
        if epochs >= LEAST_EPOCHS:
            break
    return preset, epochs


def epoch_flops(model_settings: ModelSettings, corpus: TokenCorpus, tokenizers: Tokenizers) -> float:
    """Operations of a pass over the training text."""
    model = build_model(model_settings, tokenizers.source.size, tokenizers.target.size)
    source, target = (corpus.tokens[side] + len(corpus) for side in SIDES)
    return TRAINING_PASSES * forward_flops(model, source, target, source * target // len(corpus))
