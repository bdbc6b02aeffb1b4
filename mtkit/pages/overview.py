"""What a checkpoint directory is, how it was made and what it can do: all that a page about it shows."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.errors import MtkitError
from mtkit.machine import peak_bytes
from mtkit.scoring.buckets import Bucket, Known, buckets
from mtkit.scoring.evaluation_text import EvaluationText, prepared_text, search_of
from mtkit.scoring.history import recall
from mtkit.scoring.significance import Tick, silent
from mtkit.scoring.systems import System, score_systems
from mtkit.scoring.words import training_frequencies, why_no_frequencies
from mtkit.settings import ReportSettings, ScoreSettings, TranslateSettings
from mtkit.text.tokenizer import Tokenizer
from mtkit.training.log import Validation, read_log
from mtkit.translating.heatmap import Map, map_of
from mtkit.translating.lines import translate_lines
from mtkit.translating.loading import load_translator

# Sentences whose attention is shown, where none are named: so many, of no more words, and no fewer.
MAPS = 3
MOST_WORDS, LEAST_WORDS = 14, 4
FOLDERS = ("weights", "export", "ctranslate2", "argos", "vocab", "data", "training", "scores")


@dataclass(frozen=True)
class ScoredLine:
    """A line of the text with its translation.

    Attributes:
        line: its number, from 1.
        score: chrF of the line.
    """

    line: int
    source: str
    reference: str
    hypothesis: str
    score: float


@dataclass(frozen=True)
class Speed:
    """How fast it is here, and was in training. Rates are per second of wall time.

    Attributes:
        lines, tokens: translated of the text, tokens of output; the start of the engine not counted.
        training_tokens: target tokens trained on; None where that is not known.
        training_seconds: of the whole training; likewise.
        peak_bytes: largest resident memory of this process.
    """

    lines: float
    tokens: float
    training_tokens: float | None
    training_seconds: float | None
    peak_bytes: int


@dataclass(frozen=True)
class Overview:
    """All that a page shows.

    Attributes:
        prepared, trained: the reports of these stages.
        settings: the resolved settings, a table a stage.
        log: the validations of the training.
        weights: trained numbers in the model; None where they are not here.
        sizes: bytes of each folder.
        system: its translations of the text and their scores.
        engine: what translated.
        without_frequencies: why the lines are not told apart by frequency, or nothing.
        best, worst: lines by their score.
        maps: attention for some sentences.
        without_maps: why there is none, or nothing.
        history: earlier scorings.
    """

    name: str
    prepared: dict[str, Any]
    trained: dict[str, Any]
    settings: dict[str, dict[str, Any]]
    log: list[Validation]
    weights: int | None
    sizes: dict[str, int]
    text: EvaluationText
    system: System
    engine: str
    buckets: list[Bucket]
    without_frequencies: str
    best: list[ScoredLine]
    worst: list[ScoredLine]
    maps: list[Map]
    without_maps: str
    speed: Speed
    history: list[dict[str, Any]]


def overview(
    checkpoint: Checkpoint,
    settings: ReportSettings,
    say: Callable[[str], None] = lambda message: None,
    tick: Tick = silent,
) -> Overview:
    """Translate and score a text with a trained checkpoint directory, and gather what is known of it. Changes
    nothing.

    Args:
        say: told what goes on, and what damaged is passed over for something else.
        tick: told what share of the resampling is done.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
    """
    prepared, trained = checkpoint.require_stage("prepare"), checkpoint.require_stage("train")
    text = prepared_text(checkpoint, settings.split)
    search = search_of(settings)
    translator = load_translator(checkpoint, search, say)
    say(f"translating {text.lines} lines of {text.title}")
    began = time.perf_counter()
    results = translate_lines(translator, text.sources)
    seconds = time.perf_counter() - began
    scoring = ScoreSettings(
        tokenize=settings.tokenize,
        lowercase=settings.lowercase,
        bootstrap_samples=settings.bootstrap_samples,
        seed=settings.seed,
    )
    name = str(checkpoint.directory)
    (system,) = score_systems([(name, [result.text for result in results])], text.references, scoring, tick)
    lines = _by_score(text, system)
    log = read_log(checkpoint)
    rates = [row.target_tokens_per_second for row in log if row.target_tokens_per_second]
    tokens = sum(len(result.best.tokens) for result in results if result.best)
    maps, without = _maps(checkpoint, search, settings.sentence or _chosen(lines))
    tokenizer = translator.tokenizers.source
    return Overview(
        name=checkpoint.directory.resolve().name,
        prepared=prepared,
        trained=trained,
        settings=checkpoint.settings(),
        log=log,
        weights=_weights(checkpoint, settings.weights),
        sizes=_sizes(checkpoint),
        text=text,
        system=system,
        engine=_engine_name(translator),
        buckets=_buckets(checkpoint, text, tokenizer),
        without_frequencies=why_no_frequencies(checkpoint, tokenizer),
        best=lines[::-1][: settings.examples],
        worst=lines[: settings.examples],
        maps=maps,
        without_maps=without,
        speed=Speed(
            text.lines / seconds,
            tokens / seconds,
            statistics.median(rates) if rates else None,
            log[-1].seconds if log else None,
            peak_bytes(),
        ),
        history=recall(checkpoint, say),
    )


def _by_score(text: EvaluationText, system: System) -> list[ScoredLine]:
    """The lines that have a source, the worst first."""
    scores = system.counts["chrf"].sentence_scores()
    rows = zip(text.sources, text.references[0], system.hypotheses, scores, strict=True)
    lines = [ScoredLine(number, *row) for number, row in enumerate(rows, 1)]
    return sorted((line for line in lines if line.source.strip()), key=lambda line: (line.score, line.line))


def _chosen(lines: list[ScoredLine]) -> list[str]:
    """Short sentences, of bad, middling and good translations."""
    fit = [line.source for line in lines if LEAST_WORDS <= len(line.source.split()) <= MOST_WORDS] or [
        one.source for one in lines
    ]
    return [fit[len(fit) * (2 * place + 1) // (2 * MAPS)] for place in range(MAPS)] if fit else []


def _maps(
    checkpoint: Checkpoint, search: TranslateSettings, sentences: list[str] | tuple[str, ...]
) -> tuple[list[Map], str]:
    """(attention of the sentences' translations, why there is none)"""
    try:
        translator = load_translator(checkpoint, replace(search, attention="page.html"))
        found = [map_of(result) for result in translate_lines(translator, list(dict.fromkeys(sentences)))]
    except MtkitError as error:
        return [], str(error)
    return [one for one in found if one], ""


def _weights(checkpoint: Checkpoint, name: str) -> int | None:
    """Trained numbers in the model; None where its weights are not here (a directory made small), or
    damaged.
    """
    try:
        return sum(array.size for array in load_arrays(checkpoint.weights_files(name)[0])[0].values())
    except MtkitError:
        return None


def _buckets(checkpoint: Checkpoint, text: EvaluationText, tokenizer: Tokenizer) -> list[Bucket]:
    known = Known(
        text.sources,
        True,
        None,
        lambda: training_frequencies(checkpoint, "source", tokenizer),
        lambda: tokenizer,
    )
    ways = ("length",) if why_no_frequencies(checkpoint, tokenizer) else ("length", "frequency")
    return [bucket for by in ways for bucket in buckets(by, known)]


def _engine_name(translator) -> str:
    """What runs the model, in a word."""
    if translator.settings.engine == "ctranslate2":
        return "CTranslate2"
    return "ONNX Runtime" if type(translator.engine.functions).__name__ == "OnnxFunctions" else "Keras"


def _sizes(checkpoint: Checkpoint) -> dict[str, int]:
    sizes = {}
    for name in FOLDERS:
        sizes[name] = sum(
            file.stat().st_size for file in (checkpoint.directory / name).rglob("*") if file.is_file()
        )
    return {name: size for name, size in sizes.items() if size}
