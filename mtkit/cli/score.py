"""`mtkit score`: compare hypotheses with references, or translate a text and score that."""

import dataclasses
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.errors import InputError
from mtkit.settings import ScoreSettings, TranslateSettings
from mtkit.writing import check_output

if TYPE_CHECKING:
    from mtkit.scoring.buckets import Bucket
    from mtkit.scoring.evaluation_text import EvaluationText


@settings_command("score")
def score(checkpoint_dir: Path, config_file: Path | None, **flags):
    """Score translations: BLEU, chrF, chrF++ and TER, each with its sacreBLEU signature and a 95% confidence
    interval.

    With --hypothesis and --reference it compares files and needs no checkpoint directory. Without
    --hypothesis it translates and scores the test text that 'mtkit prepare' stored (or the validation text,
    if there is no test text; or another text, with --source and --reference), and keeps the translations and
    the scores under scores/ in the checkpoint directory.
    """
    (settings,) = resolve_settings(flags, config_file, "score")
    checkpoint = Checkpoint(checkpoint_dir)
    if settings.history:
        return _print_history(checkpoint, settings)
    _check(settings)
    if settings.sentence_scores:
        check_output(settings.sentence_scores)
    text = _text(checkpoint, settings)

    from mtkit.cli.progress import resampling
    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.evaluation_text import check_lines, read_file
    from mtkit.scoring.history import remember
    from mtkit.scoring.perplexity import perplexity
    from mtkit.scoring.report import (
        Scoring,
        as_dict,
        file_name,
        print_json,
        print_scoring,
        write_files,
        write_sentence_scores,
    )
    from mtkit.scoring.systems import score_systems

    # All that can be wrong with what is asked comes to light before the work.
    groups = _buckets(checkpoint, settings, text)
    others = [(name, read_file(name)) for name in settings.paired]
    wanted = settings.reference[0] if settings.reference else text.title
    for name, lines in others:
        check_lines(name, lines, wanted, text.references[0])
    if settings.hypothesis:
        name, hypotheses = settings.hypothesis, read_file(settings.hypothesis)
        check_lines(name, hypotheses, wanted, text.references[0])
        about = {"hypothesis": name, **_origin(settings, text)}
    else:
        checkpoint.scores.mkdir(exist_ok=True)
        name, (hypotheses, search) = str(checkpoint_dir), _translated(checkpoint, settings, text)
        # The text of ctranslate2 may differ: not one file with that of the others.
        settings = dataclasses.replace(settings, engine=search.engine)
        about = {**_origin(settings, text), "weights": settings.weights, "beam": settings.beam}
        about["length_penalty"] = settings.length_penalty
        about |= {"tag": settings.tag} if settings.tag else {}
        if settings.weights == "best":
            about["step"] = checkpoint.require_stage("train").get("best_step")
    _note_what_misleads(hypotheses, text.references[0], settings)
    with TerminalReporter() as reporter:
        systems = score_systems(
            [(name, hypotheses), *others], text.references, settings, partial(resampling, reporter)
        )
    found = perplexity(checkpoint, search, text.sources, text.references[0]) if settings.perplexity else None
    scoring = Scoring(systems, groups, found)
    report = as_dict(scoring, **about)
    if not settings.hypothesis:
        kept = file_name(settings, text.file_name)
        write_files(checkpoint, kept, hypotheses, report)
        remember(checkpoint, kept, report)
        click.echo(f"wrote {checkpoint.scores / kept}.json and .txt", err=True)
    if settings.sentence_scores:
        write_sentence_scores(settings.sentence_scores, scoring)
    if settings.json:
        print_json(report, sys.stdout)
    else:
        print_scoring(scoring, sys.stdout)


def _origin(settings: ScoreSettings, text: "EvaluationText") -> dict[str, Any]:
    """Where a text is from, for JSON."""
    if settings.test_set:
        return {"test_set": settings.test_set}
    if settings.reference:
        return {
            "reference": list(settings.reference),
            **({"source": settings.source} if settings.source else {}),
        }
    return {"split": text.name}


def _check(settings: ScoreSettings) -> None:
    """Raise UsageError for what does not go together."""
    files = {
        "--hypothesis": settings.hypothesis,
        "--reference": settings.reference,
        "--source": settings.source,
    }
    named = " and ".join(name for name, value in files.items() if value)
    if settings.test_set and (settings.reference or settings.source or settings.split):
        raise click.UsageError(
            "--test-set names sources and references: leave --reference, --source and --split out"
        )
    if settings.language_pair and not settings.test_set:
        raise click.UsageError("--language-pair is about --test-set NAME: give that too")
    if settings.hypothesis and not (settings.reference or settings.test_set):
        raise click.UsageError("--hypothesis needs something to compare with: give --reference FILE too")
    if settings.reference and not (settings.hypothesis or settings.source):
        raise click.UsageError(
            "--reference needs something to compare: give --hypothesis FILE too (- is stdin), or --source"
            " FILE to translate"
        )
    if settings.source and not settings.reference:
        raise click.UsageError(
            "--source needs something to compare its translation with: give --reference FILE too"
        )
    if settings.split and named:
        raise click.UsageError(
            f"--split names prepared text to translate; leave it out when {named} are given"
        )
    if [
        settings.hypothesis,
        settings.source,
        settings.documents,
        *settings.reference,
        *settings.paired,
    ].count("-") > 1:
        raise click.UsageError("stdin can be read once: only one file can be -")
    if settings.perplexity and settings.hypothesis:
        raise click.UsageError("--perplexity is what a model makes of the references: leave --hypothesis out")
    if settings.paired and settings.test == "bootstrap" and not settings.bootstrap_samples:
        raise click.UsageError(
            "--bootstrap-samples 0 leaves nothing to test with: leave it out, or take --test randomisation"
        )
    if settings.documents and "document" not in settings.by:
        raise click.UsageError("--documents is for --by document: give that too")


def _text(checkpoint: Checkpoint, settings: ScoreSettings) -> "EvaluationText":
    from mtkit.scoring.evaluation_text import prepared_text, text_of_files

    if not settings.hypothesis:
        checkpoint.require_stage("prepare")
        checkpoint.require_stage("train")
    if settings.test_set:
        from mtkit.scoring.known_sets import load_known_set

        pair = settings.language_pair
        if not pair and not checkpoint.has_stage("prepare"):
            raise click.UsageError("--test-set needs the languages: give --language-pair too, such as en-de")
        if not pair:
            report = checkpoint.require_stage("prepare")
            pair = f"{report['source_language']}-{report['target_language']}"
        return load_known_set(settings.test_set, pair)
    if settings.reference:
        return text_of_files(settings.source, settings.reference)
    return prepared_text(checkpoint, settings.split)


def _translated(
    checkpoint: Checkpoint, settings: ScoreSettings, text: "EvaluationText"
) -> tuple[list[str], TranslateSettings]:
    """The text translated by the checkpoint, and how."""
    from mtkit.scoring.counts import metric_scorer
    from mtkit.scoring.evaluation_text import search_of, translated

    metric_scorer("bleu", settings.tokenize, False)  # whether its tokenization can be had: before the work
    click.echo(f"translating {text.lines} lines of {text.title}", err=True)
    results, search = translated(
        checkpoint, search_of(settings), text, lambda message: click.echo(f"warning: {message}", err=True)
    )
    return [result.text for result in results], search


def _note_what_misleads(hypotheses: list[str], references: list[str], settings: ScoreSettings) -> None:
    """Note what makes a BLEU that compares with nothing."""
    from mtkit.scoring.counts import usual_metric

    tokenized = sum(line.endswith(" .") for line in hypotheses)
    if tokenized >= 100 and settings.tokenize != "none":
        click.echo(
            f"note: {tokenized} hypotheses end in ' .', as tokenized text does; scores compare only on plain"
            " (detokenized) text",
            err=True,
        )
    if settings.tokenize in ("13a", "none", "intl") and usual_metric(references) == "chrf":
        click.echo(
            f"note: the references are written without spaces, and --tokenize {settings.tokenize} takes a"
            " clause for a word; take zh, ja-mecab or char, or quote chrF",
            err=True,
        )


def _buckets(checkpoint: Checkpoint, settings: ScoreSettings, text: "EvaluationText") -> "list[Bucket]":
    """The lines apart, in the ways that are asked for."""
    from mtkit.scoring.buckets import Known, buckets, check_documents
    from mtkit.scoring.evaluation_text import read_file

    if not settings.by:
        return []
    documents = None
    if settings.documents:
        documents = read_file(settings.documents)
        check_documents(documents, text.lines, settings.documents)
    of_training: dict[str, Any] = {}
    if checkpoint.has_stage("prepare"):
        from mtkit.data.tokenizers import load_tokenizers
        from mtkit.scoring.words import training_frequencies

        def tokenizer():
            return load_tokenizers(checkpoint).source

        of_training = {
            "tokenizer": tokenizer,
            "frequencies": lambda: training_frequencies(checkpoint, "source", tokenizer()),
        }
    has_sources = text.sources is not None
    known = Known(text.sources if has_sources else text.references[0], has_sources, documents, **of_training)
    return [bucket for by in settings.by for bucket in buckets(by, known)]


def _print_history(checkpoint: Checkpoint, settings: ScoreSettings) -> None:
    others = {
        "--hypothesis": settings.hypothesis,
        "--reference": settings.reference,
        "--source": settings.source,
        "--by": settings.by,
        "--paired": settings.paired,
        "--test-set": settings.test_set,
        "--perplexity": settings.perplexity,
    }
    if any(others.values()):
        given = ", ".join(name for name, value in others.items() if value)
        raise click.UsageError(f"--history scores nothing: leave {given} out")
    from mtkit.scoring.history import recall
    from mtkit.scoring.report import history_rows, print_aligned, print_json

    if not checkpoint.manifest()["stages"] and not checkpoint.scores.exists():
        raise InputError(f"{checkpoint.directory} is no checkpoint directory; name it with -C")
    rows = recall(checkpoint, lambda message: click.echo(f"warning: {message}", err=True))
    if not rows:
        raise InputError(f"nothing was scored in {checkpoint.directory} yet; run 'mtkit score' first")
    if settings.json:
        print_json(rows, sys.stdout)
    else:
        print_aligned(history_rows(rows), sys.stdout)
