"""`mtkit score`: compare hypotheses with references, or translate prepared text and score that."""

import dataclasses
import sys
from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_options
from mtkit.errors import CheckpointError, InputError
from mtkit.settings import ScoreSettings, TranslateSettings


@click.command()
@settings_options("score")
def score(checkpoint_dir: Path, config_file: Path | None, **flags):
    """Score translations: BLEU, chrF, chrF++ and TER, each with its sacreBLEU signature and a 95% confidence interval.

    With --hypothesis and --reference it compares files and needs no checkpoint directory. Without them it translates the test
    text that 'mtkit prepare' stored (or the validation text, if there is no test text), scores that, and keeps the
    translations and the scores under scores/ in the checkpoint directory.
    """
    (settings,) = resolve_settings(flags, config_file, "score")
    if settings.hypothesis or settings.reference:
        _score_files(settings)
    else:
        _score_checkpoint(Checkpoint(checkpoint_dir), settings)


def _score_files(settings: ScoreSettings) -> None:
    if not settings.reference:
        raise click.UsageError("--hypothesis needs something to compare with: give --reference FILE too")
    if not settings.hypothesis:
        raise click.UsageError("--reference needs something to compare: give --hypothesis FILE too (- is stdin)")
    if settings.split:
        raise click.UsageError("--split names prepared text to translate; leave it out when --hypothesis and --reference are given")
    if [settings.hypothesis, *settings.reference].count("-") > 1:
        raise click.UsageError("stdin can be read once: only one of --hypothesis and --reference can be -")
    hypotheses = _read(settings.hypothesis)
    references = [_read(name) for name in settings.reference]
    for name, reference in zip(settings.reference, references, strict=True):
        if len(reference) != len(hypotheses):
            counts = f"{settings.hypothesis} has {len(hypotheses)} lines but {name} has {len(reference)}"
            raise InputError(f"{counts}; each line needs its counterpart")
    _report(hypotheses, references, settings, hypothesis=settings.hypothesis, reference=list(settings.reference))


def _score_checkpoint(checkpoint: Checkpoint, settings: ScoreSettings) -> None:
    checkpoint.require_stage("prepare")
    checkpoint.require_stage("train")
    split = _split(checkpoint, settings)
    checkpoint.verify("prepare", f"data/{split}/")
    sources = _read(checkpoint.data / split / "source.txt")
    references = _read(checkpoint.data / split / "target.txt")

    from mtkit.decoding.loading import load_translator
    from mtkit.scoring.metrics import check_tokenization

    search = TranslateSettings(
        weights=settings.weights, beam=settings.beam, length_penalty=settings.length_penalty, threads=settings.threads,
        engine=settings.engine, precision=settings.precision,
    )
    check_tokenization(settings.tokenize)
    translator = load_translator(checkpoint, search, lambda message: click.echo(f"warning: {message}", err=True))
    click.echo(f"translating {len(sources)} lines of the {split} text", err=True)
    hypotheses = [result.text for result in translator.translate(sources)]
    # The text of ctranslate2 may differ: not one file with that of the others.
    settings = dataclasses.replace(settings, engine=translator.settings.engine)
    _report(
        hypotheses, [references], settings, checkpoint,
        split=split, weights=settings.weights, beam=settings.beam, length_penalty=settings.length_penalty,
    )


def _split(checkpoint: Checkpoint, settings: ScoreSettings) -> str:
    """The part of the prepared text to score."""
    wanted = [settings.split] if settings.split else ["test", "valid"]
    for split in wanted:
        if (checkpoint.data / split / "source.txt").exists():
            return split
    raise CheckpointError(
        f"{checkpoint.directory} holds no {' or '.join(wanted)} text; prepare it with --{wanted[0]}, "
        "or score files with --hypothesis and --reference"
    )


def _report(
    hypotheses: list[str], references: list[list[str]], settings: ScoreSettings, checkpoint: Checkpoint | None = None, **about
) -> None:
    from mtkit.scoring.metrics import score_corpus
    from mtkit.scoring.report import as_dict, file_name, print_json, print_table, write_files

    tokenized = sum(line.endswith(" .") for line in hypotheses)
    if tokenized >= 100 and settings.tokenize != "none":
        click.echo(
            f"note: {tokenized} hypotheses end in ' .', as tokenized text does; scores compare only on plain (detokenized) text",
            err=True,
        )
    scores = score_corpus(
        hypotheses, references, settings.tokenize, settings.lowercase, settings.bootstrap_samples, settings.seed
    )
    report = as_dict(scores, **about)
    if checkpoint:
        name = file_name(settings, about["split"])
        write_files(checkpoint, name, hypotheses, report)
        click.echo(f"wrote {checkpoint.scores / name}.json and .txt", err=True)
    if settings.json:
        print_json(report, sys.stdout)
    else:
        print_table(scores, sys.stdout)


def _read(name: str | Path) -> list[str]:
    from mtkit.text.lines import open_text, read_lines

    if name == "-":
        return [line for _, line in read_lines(sys.stdin.buffer, "stdin")]
    with open_text(Path(name)) as stream:
        return [line for _, line in read_lines(stream, str(name))]
