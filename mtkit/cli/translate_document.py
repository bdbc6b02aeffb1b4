"""`mtkit translate` of a document, which is filled instead of translated line by line."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.translate_streams import MOST_NAMED, demands_of, loaded, output, progress
from mtkit.errors import InputError
from mtkit.settings.search import search_of
from mtkit.settings.translate import TranslateSettings
from mtkit.writing import check_output, write_all


def is_document(file: Path) -> bool:
    """Whether a file is one of those that are filled.

    Raises:
        InputError: it is packed, or a document of another kind.
    """
    from mtkit.formats.registry import ending, format_of, is_unknown_document

    known = format_of(file)
    if known and known.open_document:
        if file.suffix == ".gz":
            raise InputError(f"{file} is packed: unpack it first, and it can be filled")
        return True
    if ending(file) == ".pot":
        raise InputError(
            f"{file} is a template, of no language: msginit -l LANG -i {file} -o app.po makes a catalogue"
            " of it"
        )
    if known or is_unknown_document(file):
        raise InputError(
            f"{file} is not of a kind that mtkit fills: convert it to PO, XLIFF, JSON, CSV, SRT or Markdown,"
            " whichever is closest; if it is plain text, name it .txt"
        )
    return False


def check_files(files: Sequence[Path], settings: TranslateSettings, flags: Mapping[str, Any]) -> None:
    """Refuse what does not go with these files, one of which is a document or wrapped text.

    Args:
        flags: those of the command line; some settings of a file are for other documents.

    Raises:
        SettingsError: names the options.
    """
    from mtkit.formats.registry import format_of
    from mtkit.translating.compatibility import FILLED, SEVERAL, WITHOUT_STATES, check_together

    in_use = {
        FILLED: True,
        SEVERAL: len(files) > 1,
        WITHOUT_STATES: not all(is_document(file) and format_of(file).has_states for file in files),
        "--fuzzy": flags["fuzzy"],
        "--wrapped": flags["wrapped"] and any(map(is_document, files)),
        f"--format {settings.format}": True,
        "--n-best": settings.n_best > 1,
        "--journal": settings.journal,
        "--force-reference": settings.force_reference,
        "--prefixes": settings.prefixes,
        "--alignments": settings.alignments,
        "--attention": settings.attention,
        "--explain": settings.explain,
        "--signals": settings.signals,
    }
    check_together([name for name, value in in_use.items() if value])


def fill_document(checkpoint: Checkpoint, file: Path, settings: TranslateSettings) -> None:
    """Fill a file of translators, or translate the paragraphs of one of plain text."""
    if settings.output:
        check_output(settings.output)
    from mtkit.translating.documents import summary

    likeness = settings.memory_likeness
    if settings.memory and likeness < 1 and not find_spec("rapidfuzz"):
        click.echo(
            "note: texts like those of the memory are not named; for that pip install 'mtkit[memory]'",
            err=True,
        )
        likeness = 1.0
    with progress(settings.output, typed=False) as reporter:
        filled = loaded(checkpoint, settings).fill(
            file,
            memory=settings.memory,
            memory_likeness=likeness,
            fuzzy=settings.fuzzy,
            wrapped=settings.wrapped and not is_document(file),
            search=search_of(settings),
            demands=demands_of(settings),
            reporter=reporter,
        )
    with output(settings.output) as stream:
        write_all(stream, filled.content)
    for line in summary(filled, MOST_NAMED):
        click.echo(line, err=True)
