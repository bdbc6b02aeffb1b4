"""`mtkit compare`: which of several systems is better, where, and why."""

import io
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.errors import InputError
from mtkit.settings import CompareSettings
from mtkit.writing import check_output

if TYPE_CHECKING:
    from mtkit.scoring.comparison import Comparison, OfTraining
    from mtkit.scoring.evaluation_text import EvaluationText


@settings_command("compare")
@click.argument("systems", nargs=-1, required=True, metavar="A B [C ...]")
def compare(systems: tuple[str, ...], checkpoint_dir: Path, config_file: Path | None, **flags):
    """Compare systems: which is better, where, and why.

    A system is a checkpoint directory, or a file with a translation on each line. The others are compared
    with the first one: on the test text of the first checkpoint directory, or on that of --source and
    --reference.
    """
    (settings,) = resolve_settings(flags, config_file, "compare")
    _check(systems, settings)
    for name in settings.output:
        check_output(name)
    found = [Checkpoint(Path(name)) if Path(name).is_dir() else None for name in systems]
    for one in found:
        if one:
            one.require_stage("prepare")
            one.require_stage("train")
    base = next((one for one in found if one), None)
    given = click.get_current_context().get_parameter_source("checkpoint_dir") != ParameterSource.DEFAULT
    if not base and (given or not settings.reference):
        base = Checkpoint(checkpoint_dir)
        base.require_stage("prepare")

    from mtkit.cli.progress import resampling
    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.comparison import compare as run
    from mtkit.scoring.counts import metric_scorer
    from mtkit.scoring.evaluation_text import prepared_text, text_of_files
    from mtkit.scoring.report import print_json
    from mtkit.scoring.tables import as_json, print_comparison, short_names

    metric_scorer("bleu", settings.tokenize, False)  # whether its tokenization can be had: before the work
    text = (
        text_of_files(settings.source, settings.reference)
        if settings.reference
        else prepared_text(base, settings.split)
    )
    of_training = _of_training(base) if base else None
    hypotheses = _hypotheses(systems, found, settings, text)
    paths = [os.fsencode(name).decode("utf-8", "replace") for name in systems]
    about = {"compared": paths, "reference": list(settings.reference), "source": settings.source}
    if any(found):
        about |= {name: getattr(settings, name) for name in ("weights", "beam", "length_penalty")}
    with TerminalReporter() as reporter:
        named = list(zip(short_names(paths), hypotheses, strict=True))
        comparison = run(text, named, settings, of_training, partial(resampling, reporter), about)
    for name in settings.output:
        _write(name, comparison)
        click.echo(f"wrote {name}", err=True)
    if settings.json:
        print_json(as_json(comparison), sys.stdout)
    elif not settings.output:
        print_comparison(comparison, sys.stdout)


def _check(systems: tuple[str, ...], settings: CompareSettings) -> None:
    """Raise UsageError for what does not go together."""
    if len(systems) < 2:
        raise click.UsageError("there is one system, and nothing to compare it with: name two or more")
    if len(set(systems)) < len(systems):
        raise click.UsageError("a system is named twice")
    if [*systems, settings.source, *settings.reference].count("-") > 1:
        raise click.UsageError("stdin can be read once: only one file can be -")
    if settings.source and not settings.reference:
        raise click.UsageError("--source is one side of the text: give --reference FILE too")
    if settings.split and settings.reference:
        raise click.UsageError("--split names prepared text; leave it out when --reference is given")
    for name in settings.output:
        if Path(name).suffix not in (".html", ".md", ".json") or name.endswith("/"):
            raise click.UsageError(
                f"--output takes a file that ends in .html, .md or .json. Received: {name}"
            )


def _hypotheses(
    systems: tuple[str, ...],
    found: list[Checkpoint | None],
    settings: CompareSettings,
    text: "EvaluationText",
) -> list[list[str]]:
    """The translations of each system; what can be wrong with a file comes to light before a checkpoint
    translates.
    """
    from mtkit.scoring.evaluation_text import check_lines, prepared_text, read_file, search_of, translated

    hypotheses = {}
    for name, checkpoint in zip(systems, found, strict=True):
        if not checkpoint:
            hypotheses[name] = read_file(name)
            wanted = settings.reference[0] if settings.reference else text.title
            check_lines(name, hypotheses[name], wanted, text.references[0])
        elif text.sources is None:
            raise click.UsageError(
                f"{name} is a checkpoint directory, and needs something to translate: give --source FILE too"
            )
        elif not settings.reference and prepared_text(checkpoint, text.name) != text:
            raise InputError(
                f"the {text.name} text of {name} is not that of the first checkpoint directory; name one for"
                " all with --source and --reference"
            )
    for name, checkpoint in zip(systems, found, strict=True):
        if checkpoint:
            click.echo(f"translating {text.lines} lines with {name}", err=True)
            results, _ = translated(checkpoint, search_of(settings), text, _warn)
            hypotheses[name] = [result.text for result in results]
    return [hypotheses[name] for name in systems]


def _warn(message: str) -> None:
    click.echo(f"warning: {message}", err=True)


def _of_training(base: Checkpoint) -> "OfTraining | None":
    """What is known of a training text, if there is one."""
    from mtkit.data.tokenizers import load_tokenizers
    from mtkit.scoring.comparison import OfTraining
    from mtkit.scoring.words import training_frequencies, why_no_frequencies

    tokenizers = load_tokenizers(base)
    why = why_no_frequencies(base, tokenizers.source) or why_no_frequencies(base, tokenizers.target)
    if why:
        click.echo(f"note: {why}", err=True)
        return None
    return OfTraining(
        str(base.directory),
        lambda: tokenizers.source,
        lambda side: training_frequencies(base, side, getattr(tokenizers, side)),
    )


def _write(name: str, comparison: "Comparison") -> None:
    """Write a comparison to a file, in the form that its ending says."""
    from mtkit.scoring.report import print_json
    from mtkit.scoring.tables import as_json, print_markdown
    from mtkit.writing import output_file

    stream = io.StringIO()
    ending = Path(name).suffix
    if ending == ".html":
        from mtkit.pages.comparison_page import comparison_page

        stream.write(comparison_page(comparison))
    elif ending == ".md":
        print_markdown(comparison, stream)
    else:
        print_json(as_json(comparison), stream)
    with output_file(name) as file:
        file.write(stream.getvalue().encode())
