"""What a checkpoint directory is, how it was made and what it can do: all that a page about it shows."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.engines.registry import engine_kind
from mtkit.errors import MtkitError
from mtkit.machine import peak_bytes
from mtkit.reporter import Reporter
from mtkit.scoring.buckets import Bucket, LineFacts, buckets
from mtkit.scoring.counts import check_tokenization
from mtkit.scoring.evaluation_text import EvaluationText, loaded, prepared_text
from mtkit.scoring.history import recall
from mtkit.scoring.systems import System, score_systems
from mtkit.scoring.training_text import TrainingText
from mtkit.settings.score import ReportSettings, ScoreSettings
from mtkit.settings.search import Search, search_of
from mtkit.training.log import Validation, read_log
from mtkit.translating.heatmap import AttentionMap, map_of
from mtkit.translating.reach import measured_reach
from mtkit.translating.translation import Translation
from mtkit.translating.translator import Translator

# Sentences whose attention is shown, where none are named: so many, of no more words, and no fewer.
MAPS = 3
MOST_WORDS, LEAST_WORDS = 14, 4
FOLDERS = ("weights", "export", "ctranslate2", "argos", "vocab", "data", "training", "scores")


@dataclass(frozen=True)
class ScoredLine:
    """A line of the text with its translation.

    Attributes:
        number: from 1.
        score: chrF of the line.
    """

    number: int
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
        reach: what was measured of how long lines may be; empty where nothing was.
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
    reach: dict[str, Any]
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
    maps: list[AttentionMap]
    without_maps: str
    speed: Speed
    history: list[dict[str, Any]]


def overview(checkpoint: Checkpoint, settings: ReportSettings, reporter: Reporter | None = None) -> Overview:
    """Translate and score a text with a trained checkpoint directory, and gather what is known of it.

    Changes nothing.

    Raises:
        SettingsError: a tokenization whose package is not installed.
        CheckpointError: not prepared, not trained, or damaged.
    """
    reporter = reporter or Reporter()
    prepared, trained = checkpoint.require_stage("prepare"), checkpoint.require_stage("train")
    check_tokenization(settings.tokenize)
    text = prepared_text(checkpoint, settings.split)
    translator = loaded(checkpoint, settings, reporter)
    plan = translator.plan(search_of(settings))
    reporter.say(f"translating {text.lines} lines of {text.title}")
    began = time.perf_counter()
    translations = plan.translate(text.sources)
    seconds = time.perf_counter() - began
    hypotheses = [translation.text for translation in translations]
    scoring = ScoreSettings(
        tokenize=settings.tokenize,
        lowercase=settings.lowercase,
        bootstrap_samples=settings.bootstrap_samples,
        seed=settings.seed,
    )
    named = [(str(checkpoint.directory), hypotheses)]
    (system,) = score_systems(named, text.references, scoring, reporter)
    lines = lines_by_score(text, system)
    log = read_log(checkpoint)
    maps, without_maps = attention_maps(
        translator, plan.search, settings.sentence or telling_sentences(lines)
    )
    training = TrainingText(checkpoint)
    without_frequencies = training.why_unknown(["source"])
    return Overview(
        name=checkpoint.directory.resolve().name,
        prepared=prepared,
        trained=trained,
        reach=measured_reach(checkpoint, settings.weights),
        settings=checkpoint.settings(),
        log=log,
        weights=count_weights(checkpoint, settings.weights),
        sizes=folder_sizes(checkpoint),
        text=text,
        system=system,
        engine=engine_kind(plan.engine).title,
        buckets=buckets_of_page(text, training, without_frequencies),
        without_frequencies=without_frequencies,
        best=lines[::-1][: settings.examples],
        worst=lines[: settings.examples],
        maps=maps,
        without_maps=without_maps,
        speed=speed_of(translations, seconds, log),
        history=recall(checkpoint, reporter),
    )


def speed_of(translations: Sequence[Translation], seconds: float, log: Sequence[Validation]) -> Speed:
    """How fast it translated, and was trained."""
    tokens = sum(len(translation.best.tokens) for translation in translations if translation.best)
    rates = [row.target_tokens_per_second for row in log if row.target_tokens_per_second]
    return Speed(
        lines=len(translations) / seconds,
        tokens=tokens / seconds,
        training_tokens=statistics.median(rates) if rates else None,
        training_seconds=log[-1].seconds if log else None,
        peak_bytes=peak_bytes(),
    )


def lines_by_score(text: EvaluationText, system: System) -> list[ScoredLine]:
    """The lines that have a source, the worst first."""
    scores = system.counts["chrf"].sentence_scores()
    rows = zip(text.sources, text.references[0], system.hypotheses, scores, strict=True)
    lines = [ScoredLine(number, *row) for number, row in enumerate(rows, 1)]
    with_source = [line for line in lines if line.source.strip()]
    return sorted(with_source, key=lambda line: (line.score, line.number))


def telling_sentences(lines: Sequence[ScoredLine]) -> list[str]:
    """Short sentences, of bad, middling and good translations.

    Args:
        lines: the worst first.
    """
    short = [line.source for line in lines if LEAST_WORDS <= len(line.source.split()) <= MOST_WORDS]
    sentences = short or [line.source for line in lines]
    if not sentences:
        return []
    # The middle of each of as many parts as there are to be.
    places = [len(sentences) * (2 * part + 1) // (2 * MAPS) for part in range(MAPS)]
    return [sentences[place] for place in places]


def attention_maps(
    translator: Translator, search: Search, sentences: Sequence[str]
) -> tuple[list[AttentionMap], str]:
    """(attention of the sentences' translations, why there is none)"""
    try:
        plan = translator.plan(search, keep=("attention",))
        # One by one: they stand in no document.
        translations = [plan.translate([sentence])[0] for sentence in dict.fromkeys(sentences)]
        maps = [map_of(translation) for translation in translations]
    except MtkitError as error:
        return [], str(error)
    return [attention for attention in maps if attention], ""


def count_weights(checkpoint: Checkpoint, name: str) -> int | None:
    """Trained numbers in the model; None where its weights are damaged, or not here (a small directory)."""
    try:
        arrays, _ = load_arrays(checkpoint.weights_files(name)[0])
    except MtkitError:
        return None
    return sum(array.size for array in arrays.values())


def buckets_of_page(text: EvaluationText, training: TrainingText, without_frequencies: str) -> list[Bucket]:
    """The lines by length, and by rare words where these can be counted."""
    facts = LineFacts(text.references[0], text.sources, None, training)
    ways = ["length"] if without_frequencies else ["length", "frequency"]
    return list(chain.from_iterable(buckets(by, facts) for by in ways))


def folder_sizes(checkpoint: Checkpoint) -> dict[str, int]:
    """The bytes of each folder that holds any."""
    sizes = {name: folder_size(checkpoint.directory / name) for name in FOLDERS}
    return {name: size for name, size in sizes.items() if size}


def folder_size(folder: Path) -> int:
    """The bytes of all its files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
