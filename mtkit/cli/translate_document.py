"""`mtkit translate` of a document, which is filled instead of translated line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.translate_streams import MOST_NAMED, demands, output, progress, warn
from mtkit.errors import InputError, SettingsError
from mtkit.settings import TranslateSettings
from mtkit.writing import check_output, write_all

if TYPE_CHECKING:
    from mtkit.translating.translation import Translation


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


def refuse_what_is_ignored(files: Sequence[Path], flags: Mapping[str, Any]) -> None:
    """Refuse options of the command line that would do nothing with these files.

    Raises:
        SettingsError: names the option.
    """
    from mtkit.formats.registry import format_of

    for file in files:
        if flags["wrapped"] and is_document(file):
            raise SettingsError(
                f"--wrapped is about plain text, and {file} is none: leave it out, and the file is filled"
            )
        if flags["fuzzy"] and not (is_document(file) and format_of(file).has_states):
            raise SettingsError(
                f"--fuzzy is for files that say which translations are doubtful; {file} does not: leave"
                " it out"
            )


def translate_document(checkpoint: Checkpoint, files: Sequence[Path], settings: TranslateSettings) -> None:
    """Fill a file of translators, or translate the paragraphs of one of plain text.

    Raises:
        SettingsError: options that are about lines.
    """
    about_lines = {
        "--format": settings.format != "text",
        "--n-best": settings.n_best > 1,
        "--journal": settings.journal,
        "--force-reference": settings.force_reference,
        "--prefixes": settings.prefixes,
        "--alignments": settings.alignments,
        "--attention": settings.attention,
        "--explain": settings.explain,
        "--signals": settings.signals,
    }
    in_the_way = [name for name, value in about_lines.items() if value]
    if len(files) > 1:
        raise SettingsError(
            f"{files[0]} and others: a file that is filled is translated by itself, one in a command"
        )
    if in_the_way:
        raise SettingsError(
            f"{files[0]} is filled, not translated line by line: leave {', '.join(in_the_way)} out"
        )
    if settings.output:
        check_output(settings.output)
    from mtkit.formats.opening import open_document
    from mtkit.formats.text_document import TextDocument
    from mtkit.formats.translation_memory import TranslationMemory
    from mtkit.translating.documents import fill, summary
    from mtkit.translating.lines import translate_lines
    from mtkit.translating.loading import load_translator

    report = checkpoint.require_stage("prepare")
    languages = report["source_language"], report["target_language"]
    plain = settings.wrapped and not is_document(files[0])
    document = TextDocument(files[0]) if plain else open_document(files[0], languages, fuzzy=settings.fuzzy)
    memory, likeness = None, settings.memory_likeness
    if settings.memory:
        if likeness < 1 and not find_spec("rapidfuzz"):
            click.echo(
                "note: texts like those of the memory are not named; for that pip install 'mtkit[memory]'",
                err=True,
            )
            likeness = 1.0
        memory = TranslationMemory.read(settings.memory, *languages)
    settings = replace(settings, protect=(*document.codes, *settings.protect))
    translator = load_translator(checkpoint, settings, warn, demands(settings))
    with progress(settings.output, typed=False) as say:

        def run(lines: list[str]) -> list["Translation"]:
            found = []
            for start in range(0, len(lines), settings.chunk_lines):
                found += translate_lines(translator, lines[start : start + settings.chunk_lines], start)
                say(len(found))
            return found

        filled = fill(document, run, translator.protection, memory, likeness)
    with output(settings.output) as stream:
        write_all(stream, filled.content)
    for line in summary(filled, MOST_NAMED):
        click.echo(line, err=True)
