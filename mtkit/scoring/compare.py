"""The work of `mtkit compare`: read or translate what is compared, and find what sets it apart."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.errors import InputError, SettingsError
from mtkit.reporter import Reporter
from mtkit.scoring.buckets import FREQUENCIES, Bucket, LineFacts, buckets
from mtkit.scoring.comparison import Comparison, Example, Habits, SystemPair
from mtkit.scoring.counts import check_tokenization
from mtkit.scoring.evaluation_text import (
    EvaluationText,
    prepared_text,
    read_hypotheses,
    text_of_files,
    translated,
)
from mtkit.scoring.systems import System, score_systems
from mtkit.scoring.training_text import TrainingText
from mtkit.scoring.words import (
    accuracy_by_frequency,
    accuracy_by_order,
    copies_source,
    distinctive,
    is_repetitive,
    words_of,
)
from mtkit.settings.score import CompareSettings

# Lines are compared by this metric: BLEU says little of one line.
LINE_METRIC = "chrf"
MOST_DISTINCTIVE = 10
# How checkpoint directories translate, for JSON.
SEARCH = ("weights", "beam", "length_penalty")
Words = list[str]


def compare(
    names: Sequence[str],
    settings: CompareSettings,
    checkpoint: Checkpoint | None = None,
    reporter: Reporter | None = None,
) -> Comparison:
    """Compare systems: which is better, where, and why.

    Args:
        names: checkpoint directories, or files with a translation on each line; the others are compared with
            the first.
        checkpoint: whose training text words are counted in, and whose test text is the one to compare on,
            where no checkpoint directory is among the systems.

    Raises:
        SettingsError: settings that do not go together.
        InputError: a file is missing, or does not belong to the others line by line.
        CheckpointError: a directory is not trained, or damaged.
    """
    reporter = reporter or Reporter()
    check_systems(names, settings)
    directories = {name: trained_directory(name) for name in names if Path(name).is_dir()}
    base = next(iter(directories.values()), None) or checkpoint
    if base:
        base.require_stage("prepare")
    elif not settings.reference:
        raise SettingsError("there is no text to compare on: give --source FILE and --reference FILE")
    check_tokenization(settings.tokenize)
    if settings.reference:
        text = text_of_files(settings.source, settings.reference)
    else:
        text = prepared_text(base, settings.split)
    training = known_training_text(base, reporter) if base else None
    hypotheses = hypotheses_of(names, directories, settings, text, reporter)
    printable = [os.fsencode(name).decode("utf-8", "replace") for name in names]
    about = {"compared": printable, "reference": list(settings.reference), "source": settings.source}
    if directories:
        about |= {name: getattr(settings, name) for name in SEARCH}
    named = list(zip(short_names(printable), hypotheses, strict=True))
    return compare_hypotheses(text, named, settings, training, reporter, about)


def check_systems(names: Sequence[str], settings: CompareSettings) -> None:
    """Raise SettingsError for what does not go together."""
    if len(names) < 2:
        raise SettingsError("there is one system, and nothing to compare it with: name two or more")
    if len(set(names)) < len(names):
        raise SettingsError("a system is named twice")
    if [*names, settings.source, *settings.reference].count("-") > 1:
        raise SettingsError("stdin can be read once: only one file can be -")
    if settings.source and not settings.reference:
        raise SettingsError("--source is one side of the text: give --reference FILE too")
    if settings.split and settings.reference:
        raise SettingsError("--split names prepared text; leave it out when --reference is given")


def trained_directory(name: str) -> Checkpoint:
    """A checkpoint directory; raises CheckpointError where it is none that can translate."""
    checkpoint = Checkpoint(Path(name))
    checkpoint.require_stage("train")
    return checkpoint


def known_training_text(base: Checkpoint, reporter: Reporter) -> TrainingText | None:
    """What is known of a training text, if its words can be counted."""
    training = TrainingText(base)
    reason = training.why_unknown()
    if reason:
        reporter.say(f"note: {reason}")
        return None
    return training


def hypotheses_of(
    names: Sequence[str],
    directories: dict[str, Checkpoint],
    settings: CompareSettings,
    text: EvaluationText,
    reporter: Reporter,
) -> list[list[str]]:
    """The translations of each system.

    What can be wrong with a file comes to light before a checkpoint directory translates.
    """
    hypotheses = {}
    for name in names:
        if name in directories:
            check_translatable(name, directories[name], settings, text)
        else:
            hypotheses[name] = read_hypotheses(name, text, settings.reference)
    for name, checkpoint in directories.items():
        reporter.say(f"translating {text.lines} lines with {name}")
        hypotheses[name] = translated(checkpoint, settings, text, reporter).lines
    return [hypotheses[name] for name in names]


def check_translatable(
    name: str, checkpoint: Checkpoint, settings: CompareSettings, text: EvaluationText
) -> None:
    """Raise an error where a checkpoint directory has nothing, or something else, to translate."""
    if text.sources is None:
        raise SettingsError(
            f"{name} is a checkpoint directory, and needs something to translate: give --source FILE too"
        )
    if not settings.reference and prepared_text(checkpoint, text.name) != text:
        raise InputError(
            f"the {text.name} text of {name} is not that of the first checkpoint directory; name one for all"
            " with --source and --reference"
        )


def short_names(names: Sequence[str]) -> list[str]:
    """Names that fit a table: the last part of the paths that tells them all apart, or the whole paths."""
    parts = [name.rstrip("/").split("/") for name in names]
    for place in range(1, min(map(len, parts)) + 1):
        short = [part[-place] for part in parts]
        if len(set(short)) == len(names):
            return short
    return list(names)


@dataclass(frozen=True)
class SystemLines:
    """A system line by line.

    Attributes:
        words: of each hypothesis.
        scores: of each, by `LINE_METRIC`, float64 [lines].
    """

    system: System
    words: list[Words]
    scores: np.ndarray

    @classmethod
    def of(cls, system: System) -> "SystemLines":
        scores = np.array(system.counts[LINE_METRIC].sentence_scores())
        return cls(system, words_of_lines(system.hypotheses), scores)


def compare_hypotheses(
    text: EvaluationText,
    named: Sequence[tuple[str, Sequence[str]]],
    settings: CompareSettings,
    training: TrainingText | None = None,
    reporter: Reporter | None = None,
    about: dict[str, Any] | None = None,
) -> Comparison:
    """Compare systems' translations of a text.

    Args:
        named: (name, hypotheses) of each system; the others are compared with the first.
        training: the text of one of them; without it frequencies are those in the references.
        about: where it all is from, for JSON.
    """
    systems = list(map(SystemLines.of, score_systems(named, text.references, settings, reporter)))
    references = [words_of_lines(reference) for reference in text.references]
    reference = references[0]
    counts = training.frequencies("target") if training else Counter(chain.from_iterable(reference))
    return Comparison(
        text=text,
        systems=[lines.system for lines in systems],
        buckets=telling_buckets(text, training),
        orders=[accuracy_by_order(lines.words, reference) for lines in systems],
        frequencies=[accuracy_by_frequency(lines.words, reference, counts, FREQUENCIES) for lines in systems],
        counted_in=training.title if training else "references",
        habits=[habits_of(text, lines, references) for lines in systems],
        pairs=[pair_of(text, systems[0], other, reference, settings.examples) for other in systems[1:]],
        about=about or {},
    )


def words_of_lines(lines: Sequence[str]) -> list[Words]:
    """The words of each line."""
    return [words_of(line) for line in lines]


def telling_buckets(text: EvaluationText, training: TrainingText | None) -> list[Bucket]:
    """The buckets of each way to tell the lines apart that finds more than one."""
    if text.sources is None:
        ways = ["length"]
    elif training is None:
        ways = ["length", "number"]
    else:
        ways = ["length", "frequency", "unknown", "number"]
    facts = LineFacts(text.references[0], text.sources, None, training)
    by_way = [buckets(by, facts) for by in ways]
    return list(chain.from_iterable(groups for groups in by_way if len(groups) > 1))


def habits_of(text: EvaluationText, lines: SystemLines, references: Sequence[Sequence[Words]]) -> Habits:
    """What a system does again and again.

    Args:
        references: the words of each line of each reference.
    """
    hypotheses = lines.system.hypotheses
    line_references = list(zip(*text.references, strict=True))
    copies = None
    if text.sources is not None:
        copies = sum(map(copies_source, text.sources, hypotheses, line_references))
    wanted = sum(map(len, references[0]))
    return Habits(
        length_ratio=sum(map(len, lines.words)) / wanted if wanted else 0.0,
        empty=sum(map(is_left_empty, hypotheses, line_references)),
        copies=copies,
        repetitive=sum(map(is_repetitive, lines.words, zip(*references, strict=True))),
    )


def is_left_empty(hypothesis: str, references: Sequence[str]) -> bool:
    """Whether there is no translation, though a reference has something."""
    return not hypothesis.strip() and any(map(str.strip, references))


def pair_of(
    text: EvaluationText, first: SystemLines, other: SystemLines, reference: Sequence[Words], most: int
) -> SystemPair:
    """The first system beside another.

    Args:
        reference: the words of each line.
        most: lines of each kind.
    """
    gained, lost = distinctive(other.words, first.words, reference, MOST_DISTINCTIVE)
    differences = other.scores - first.scores
    order = np.argsort(differences, kind="stable").tolist()
    wins = [line for line in order[::-1][:most] if differences[line] > 0]
    losses = [line for line in order[:most] if differences[line] < 0]
    return SystemPair(
        other=other.system,
        gained=gained,
        lost=lost,
        wins=[example(text, first, other, line) for line in wins],
        losses=[example(text, first, other, line) for line in losses],
    )


def example(text: EvaluationText, first: SystemLines, other: SystemLines, line: int) -> Example:
    """A line of both systems.

    Args:
        line: its place, from 0.
    """
    return Example(
        line=line + 1,
        source=None if text.sources is None else text.sources[line],
        reference=text.references[0][line],
        hypotheses=(first.system.hypotheses[line], other.system.hypotheses[line]),
        scores=(float(first.scores[line]), float(other.scores[line])),
    )
