"""How fast this machine trains a model and translates with it, and what share that is of all it can do."""

import statistics
import time
from dataclasses import dataclass
from importlib.util import find_spec

from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import Batch
from mtkit.engines.choice import OneEngine
from mtkit.engines.engine_kind import EngineKind
from mtkit.engines.model_source import exported
from mtkit.engines.registry import engine_kinds
from mtkit.machine import peak_bytes
from mtkit.model.base import TranslationModel
from mtkit.model.flops import TRAINING_PASSES, forward_flops
from mtkit.model.hardware import PRECISIONS, gemm_rate, use_threads
from mtkit.model.trained import load_first_whole
from mtkit.reporter import Reporter
from mtkit.settings import resolve
from mtkit.settings.search import Search
from mtkit.settings.train import BenchSettings, ModelSettings, TrainSettings
from mtkit.text.special import PAD_ID
from mtkit.training.run import Run, new_run
from mtkit.training.run_text import upcoming
from mtkit.translating.loading import load
from mtkit.translating.plan import Plan
from mtkit.translating.translator import Translator

# The first steps trace and compile; they are not measured.
WARM_UP_STEPS = 5
WARM_UP_LINES = 64
UNTRAINED_LENGTH_FACTOR = 0.1


@dataclass(frozen=True)
class BenchReport:
    """What was measured. Rates are per second of wall time.

    Attributes:
        weights: trained numbers in the model.
        trained: whether the decoding used trained weights; those of an untrained model run to their longest
            length.
        gemm_flops: speed of a matrix product, by precision.
        training_tokens: real target tokens trained on, over all measured steps together.
        step_seconds: median, shortest and longest time of a step.
        training_flops: operations that the model needs (padding not counted), over all measured steps
            together.
        gemm_share: training_flops over gemm_flops of the precision used.
        input_wait_share: share of the time in which training waited for batches.
        sentences: source sentences translated, by search and engine: "beam 5, keras", "greedy, onnx int8".
        output_tokens: tokens of the hypotheses, likewise.
        peak_bytes: largest resident memory of the process after training, and after decoding.
    """

    preset: str
    precision: str
    weights: int
    trained: bool
    gemm_flops: dict[str, float]
    training_tokens: float
    step_seconds: dict[str, float]
    training_flops: float
    gemm_share: float
    input_wait_share: float
    sentences: dict[str, float]
    output_tokens: dict[str, float]
    peak_bytes: dict[str, int]


@dataclass(frozen=True)
class TrainingSpeed:
    """The fields of `BenchReport` that speak of training."""

    training_tokens: float
    step_seconds: dict[str, float]
    training_flops: float
    input_wait_share: float


@dataclass(frozen=True)
class DecodingSpeed:
    """Sentences translated, and tokens of their translations, a second."""

    sentences: float
    tokens: float


def bench(checkpoint: Checkpoint, settings: BenchSettings, reporter: Reporter) -> BenchReport:
    """Measure the model of a checkpoint directory, or a preset, on its prepared text. Writes nothing.

    Raises:
        CheckpointError: nothing prepared there.
    """
    checkpoint.require_stage("prepare")
    trained = settings.preset is None and checkpoint.has_stage("train")
    run = measured_run(checkpoint, settings, reporter, trained=trained)
    precision = run.settings.precision
    reporter.say("measuring matrix products")
    rates = {name: gemm_rate(name, run.parallel) for name in dict.fromkeys((*PRECISIONS, precision))}

    reporter.say(f"training {settings.steps} steps of the {run.model_settings.preset} model in {precision}")
    training = measure_training(run, settings.steps)
    peak = {"training": peak_bytes()}
    if trained:
        load_first_whole(run.model, checkpoint.weights_files("best"), reporter)
    decoding = {}
    sources = run.text.sources[: settings.lines]
    for name, plan in plans(run, checkpoint, settings, trained=trained).items():
        reporter.say(f"translating {len(sources)} lines, {name}")
        decoding[name] = measure_decoding(plan, sources)
    return BenchReport(
        preset=run.model_settings.preset,
        precision=precision,
        weights=run.model.count_params(),
        trained=trained,
        gemm_flops=rates,
        gemm_share=training.training_flops / rates[precision],
        sentences={name: speed.sentences for name, speed in decoding.items()},
        output_tokens={name: speed.tokens for name, speed in decoding.items()},
        peak_bytes={**peak, "decoding": peak_bytes()},
        **vars(training),
    )


def measured_run(
    checkpoint: Checkpoint, settings: BenchSettings, reporter: Reporter, *, trained: bool
) -> Run:
    """The run that trained the model, or one that would train a new one."""
    stored = checkpoint.settings() if trained else {}
    asked = {"preset": settings.preset or "auto", "model": settings.model}
    model_settings: ModelSettings = resolve("model", asked, stored.get("model", {}))
    train_settings: TrainSettings = resolve(
        "train", stored.get("train", {}), {"precision": settings.precision}
    )
    return new_run(checkpoint, model_settings, train_settings, reporter, use_threads(settings.threads))


def measure_training(run: Run, steps: int) -> TrainingSpeed:
    """The speed of so many steps; the first ones, which compile, are left out."""
    tokens = flops = waited = 0.0
    seconds: list[float] = []
    began = time.perf_counter()
    for number, ready in enumerate(upcoming(run.text, run.cluster, 0)):
        update = run.step.update(ready.batches, number, 1e-4)
        tokens_here = float(update.tokens)  # waits for the update
        ended = time.perf_counter()
        if number >= WARM_UP_STEPS:
            seconds.append(ended - began)
            tokens += tokens_here
            flops += TRAINING_PASSES * sum(batch_flops(run.model, batch) for batch in ready.batches)
            waited += ready.waited
        began = time.perf_counter()
        if len(seconds) == steps:
            break
    total = sum(seconds)
    return TrainingSpeed(
        training_tokens=tokens / total,
        step_seconds={
            "median": statistics.median(seconds),
            "shortest": min(seconds),
            "longest": max(seconds),
        },
        training_flops=flops / total,
        input_wait_share=waited / total,
    )


def batch_flops(model: TranslationModel, batch: Batch) -> float:
    """Operations of a forward pass over the real tokens of a batch."""
    source, target = ((ids != PAD_ID).sum(axis=1) for ids in (batch.source, batch.target_out))
    return forward_flops(model, int(source.sum()), int(target.sum()), int((source * target).sum()))


def plans(run: Run, checkpoint: Checkpoint, settings: BenchSettings, *, trained: bool) -> dict[str, Plan]:
    """What can translate, by search and engine: the model, and what was exported of a trained one."""
    factor = Search.max_length_factor if trained else UNTRAINED_LENGTH_FACTOR
    searches = {
        f"beam {settings.beam}": Search(beam=settings.beam, max_length_factor=factor),
        "greedy": Search(beam=1, max_length_factor=factor),
    }
    in_training = Translator(run.text.tokenizers, OneEngine(run.plan.searcher.engine))
    by_name = {f"{name}, keras": in_training.plan(search) for name, search in searches.items()}
    for kind in exported_engines(checkpoint) if trained else ():
        for precision in ("float32", "int8"):
            translator = load(
                checkpoint.directory, engine=kind.name, precision=precision, threads=settings.threads
            )
            for name, search in searches.items():
                by_name[f"{name}, {kind.name} {precision}"] = translator.plan(search)
    return by_name


def exported_engines(checkpoint: Checkpoint) -> list[EngineKind]:
    """The engines that the best weights were exported for, and that are installed."""
    return [
        kind
        for kind in engine_kinds()
        if exported(checkpoint, "best", kind.stage) and find_spec(kind.package)
    ]


def measure_decoding(plan: Plan, sources: list[str]) -> DecodingSpeed:
    """The speed of translating some lines."""
    plan.translate(sources[:WARM_UP_LINES])
    began = time.perf_counter()
    results = plan.translate(sources)
    seconds = time.perf_counter() - began
    tokens = sum(len(result.best.tokens) for result in results if result.best)
    return DecodingSpeed(len(sources) / seconds, tokens / seconds)
