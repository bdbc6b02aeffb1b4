"""What goes into `mtkit translate` and comes out of it: lines, files beside them, the output."""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtkit.checkpoint import Checkpoint
from mtkit.reporter import Reporter, TerminalReporter
from mtkit.settings.translate import TranslateSettings
from mtkit.writing import output_file

if TYPE_CHECKING:
    from mtkit.translating.demands import Demands
    from mtkit.translating.translator import Translator

STDIN = Path("-")
# Settings that name a file beside the input.
BESIDE = ("ban", "glossary", "replace_unknown", "prefixes", "force_reference")
COPY = "copy"
# Texts that were lost or left, and are named one by one.
MOST_NAMED = 20


def files_beside(settings: TranslateSettings) -> dict[str, str]:
    """The files beside the input, by the setting that names them."""
    named = {name: getattr(settings, name) for name in BESIDE}
    copies = named["replace_unknown"] == COPY
    return {name: value for name, value in named.items() if value and not (copies and value == COPY)}


def loaded(checkpoint: Checkpoint, settings: TranslateSettings) -> "Translator":
    """The translator that the settings ask for."""
    from mtkit.translating.loading import load

    return load(
        checkpoint.directory,
        engine=settings.engine,
        precision=settings.precision,
        weights=settings.weights,
        threads=settings.threads,
        tag=settings.tag,
        context=settings.context,
        ensemble=settings.ensemble,
        batch_tokens=settings.batch_tokens,
        chunk_lines=settings.chunk_lines,
        reporter=TerminalReporter(),
    )


def demands_of(settings: TranslateSettings) -> "Demands":
    """What the files beside the input and the options ask of translations.

    Raises:
        InputError: a file that is not as it should be.
        SettingsError: a regular expression that is none.
    """
    from mtkit.translating.demands import Demands
    from mtkit.translating.glossary import Glossary
    from mtkit.translating.protect import Protection
    from mtkit.translating.unknown import Replacement

    beside = files_beside(settings)
    files = {name: read([Path(file)]) for name, file in beside.items()}
    replacement = None
    if settings.replace_unknown:
        replacement = Replacement.read(files.get("replace_unknown", ()), settings.replace_unknown)
    banned = [line.strip() for line in files.get("ban", ())]
    return Demands(
        whole_lines=settings.whole_lines,
        max_source_tokens=settings.max_source_tokens,
        banned=tuple(filter(None, banned)),
        glossary=Glossary.read(files["glossary"], settings.glossary) if settings.glossary else None,
        protection=Protection.of(settings.protect) if settings.protect else None,
        replacement=replacement,
    )


def read(files: Sequence[Path]) -> Iterator[str]:
    """The lines of all files in turn; - is stdin. A carriage return before the newline is left out."""
    from mtkit.text.lines import open_text, read_lines

    for file in files:
        if file == STDIN:
            yield from (line for _, line in read_lines(sys.stdin.buffer, "stdin"))
            continue
        with open_text(file) as stream:
            yield from (line for _, line in read_lines(stream, str(file)))


def output(name: str | None):
    """The stream to write to: stdout, or a file that appears when all is written."""
    return contextlib.nullcontext(sys.stdout.buffer) if name is None else output_file(name)


def progress(output_name: str | None, *, typed: bool) -> Reporter:
    """What says how far it is, where someone watches stderr and the translations go elsewhere."""
    if typed or not sys.stderr.isatty() or (output_name is None and sys.stdout.isatty()):
        return Reporter()
    return TerminalReporter()


def count_lines(reporter: Reporter, lines: int) -> None:
    """Say how many lines are done, and how fast."""
    rate = lines / (time.monotonic() - reporter.began)
    reporter.line(f"translated {lines:,} lines, {rate:,.0f} lines/s")
