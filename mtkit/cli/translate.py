"""`mtkit translate`."""

import contextlib
import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtkit.checkpoint import Checkpoint, sha256
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.cli.translate_document import is_document, refuse_what_is_ignored, translate_document
from mtkit.cli.translate_streams import MOST_NAMED, STDIN, demands, files_beside, output, progress, read, warn
from mtkit.errors import InputError, SettingsError
from mtkit.settings import TranslateSettings, as_table
from mtkit.writing import write_all

if TYPE_CHECKING:
    from mtkit.translating.glossary import TermUse
    from mtkit.translating.translation import Translation
    from mtkit.translating.translator import Translator

# Settings of [translate] that change no translation.
NOT_IN_THE_OUTPUT = ("weights", "threads", "batch_tokens", "chunk_lines", "output", "journal")


@settings_command("translate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def translate(checkpoint_dir, config_file, files, **flags):
    """Translate FILES (- is stdin), or stdin, to stdout: N lines in, N lines out, in the same order.

    A line of several sentences is translated sentence by sentence. A blank line gives a blank line. Only a
    newline ends a line. From a terminal each line is answered at once.

    A file ending in .po, .xlf, .xliff, .sdlxliff or .tmx is filled instead: what is empty in it is translated
    and marked as a machine's, and nothing else of it changes. Likewise the empty cells of a .csv or .tsv, and
    all texts of a .srt, .vtt, .json or .md.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("prepare")
    checkpoint.require_stage("train")
    (settings,) = resolve_settings(flags, config_file, "translate")
    beside = [Path(name) for name in files_beside(settings).values()]
    for file in (*files, *beside):
        if file != STDIN and not file.exists():
            raise InputError(f"{file} does not exist")
    if settings.n_best > 1 and settings.format == "text":
        raise SettingsError("--n-best gives several translations a line; use --format tsv or jsonl")
    if settings.signals and (settings.format == "text" or settings.force_reference):
        raise SettingsError(
            "--signals needs --format tsv or jsonl, and goes with translations, not with --force-reference"
        )
    if settings.explain and (settings.n_best > 1 or settings.force_reference or settings.format != "text"):
        raise SettingsError(
            "--explain is about the best translation: leave --n-best, --force-reference and --format out"
        )
    if settings.wrapped and (not files or STDIN in files):
        raise SettingsError("--wrapped is about a file: name it, since stdin is translated line by line")
    if settings.wrapped or any(is_document(file) for file in files):
        refuse_what_is_ignored(files, flags)
        return translate_document(checkpoint, files, settings)
    if flags["memory"] or flags["fuzzy"]:
        raise SettingsError("--memory and --fuzzy are for a file that is filled, such as .po or .xlf")
    files = files or (STDIN,)
    if [*files, *beside].count(STDIN) > 1:
        raise InputError("stdin can be read once: only one of the files may be -")
    if settings.journal:
        for file in beside:
            if not file.is_file():
                raise InputError(f"{file} is read twice with --journal, and must be a file")
    typed = files == (STDIN,) and sys.stdin.isatty()
    if typed:
        click.echo("loading; then type a sentence and Enter, Ctrl-D to end", err=True)

    from mtkit.translating.lines import translate_lines
    from mtkit.translating.loading import load_translator

    translator = load_translator(checkpoint, settings, warn, demands(settings))
    forms = ways_to_write(settings, translator)
    lines, given = read(files), Counterpart(settings.force_reference or settings.prefixes)
    done, notes = 0, Notes(searched=not settings.force_reference)
    with contextlib.ExitStack() as opened:
        streams = [opened.enter_context(output(name)) for name in forms]
        journal = (
            opened.enter_context(open_journal(checkpoint, translator.settings)) if settings.journal else None
        )
        say = opened.enter_context(progress(settings.output, typed))

        def take(count: int) -> list[str]:
            return list(itertools.islice(lines, count))

        def write(chunk: list[str], texts: list[bytes]) -> int:
            for text, stream in zip(texts, streams, strict=True):
                write_all(stream, text)
            return len(chunk)

        for chunk, texts in journal.replay(take) if journal else ():
            given.take(chunk)
            done += write(chunk, texts)
        while chunk := take(1 if typed else settings.chunk_lines):
            translations = translate_lines(translator, chunk, done, given.take(chunk))
            notes.add(translations, done)
            texts = [form(translations, done) for form in forms.values()]
            if journal:
                journal.add(chunk, texts)
            done += write(chunk, texts)
            say(done)
        given.end()
    for line in notes.lines():
        click.echo(line, err=True)


class Notes:
    """What is told when all is translated: how demands fared, and which lines went wrong at first sight.

    Args:
        searched: whether the translations are the model's own.
    """

    def __init__(self, searched: bool):
        self.searched = searched
        self.uses: list[tuple[int, TermUse]] = []
        self.changed: list[tuple[int, str]] = []
        self.faults: dict[str, list[int]] = {}

    def add(self, translations: Sequence["Translation"], before: int) -> None:
        """Look at translations with so many lines before them."""
        from mtkit.translating.signals import faults

        for number, translation in enumerate(translations, before + 1):
            self.uses += [(number, use) for use in translation.terms]
            self.changed += [(number, text) for text in translation.changed]
            for fault in faults(translation) if self.searched else ():
                self.faults.setdefault(fault, []).append(number)

    def lines(self) -> Iterator[str]:
        """What there is to say."""
        from mtkit.text.lines import named
        from mtkit.translating.glossary import report

        yield from report(self.uses)
        for number, text in self.changed[:MOST_NAMED]:
            yield f"note: line {number}: its translation does not have {text!r} as often as it"
        if len(self.changed) > MOST_NAMED:
            yield f"note: and {len(self.changed) - MOST_NAMED} more texts that were to stay"
        for fault, numbers in self.faults.items():
            yield f"note: {fault}: {len(numbers)} translations ({named(numbers)})"


def ways_to_write(settings: TranslateSettings, translator: "Translator") -> dict[str | None, Callable]:
    """What is written to each file (None is stdout): (translations, number of lines before) -> bytes.

    Raises:
        SettingsError: two of the files are the same.
    """
    from mtkit.translating.alignment import alignment_of, pharaoh
    from mtkit.translating.explain import explain
    from mtkit.translating.heatmap import HeatMaps
    from mtkit.translating.output import render, render_forced

    def main(translations, before: int) -> bytes:
        if settings.force_reference:
            return "".join(render_forced(found, settings.format) for found in translations).encode()
        if settings.explain:
            return "".join(explain(translator, found) for found in translations).encode()
        numbered = enumerate(translations, before + 1)
        form = functools.partial(
            render, form=settings.format, n_best=settings.n_best, with_signals=settings.signals
        )
        return "".join(form(found, number=number) for number, found in numbered).encode()

    def alignments(translations, before: int) -> bytes:
        return "".join(pharaoh(alignment_of(found)) + "\n" for found in translations).encode()

    forms = {settings.output: main}
    if settings.alignments:
        forms[settings.alignments] = alignments
    if settings.attention:
        forms[settings.attention] = HeatMaps(settings.attention).add
    names = (settings.output, settings.alignments, settings.attention, settings.journal)
    written = [Path(name).resolve() for name in names if name]
    if len(set(written)) < len(written):
        raise SettingsError(
            "--output, --alignments, --attention and --journal: two of them name the same file"
        )
    return forms


def open_journal(checkpoint: Checkpoint, settings: TranslateSettings):
    """The journal: of an output that depends on the settings, the weights and the content of the files beside
    the input.
    """
    from mtkit.translating.journal import Journal
    from mtkit.translating.loading import weights_checksums

    facts = {name: value for name, value in as_table(settings).items() if name not in NOT_IN_THE_OUTPUT}
    facts |= {name: sha256(Path(file)) for name, file in files_beside(settings).items()}
    return Journal(Path(settings.journal), {**facts, "models": weights_checksums(checkpoint, settings)})


class Counterpart:
    """Another file, each of whose lines goes with a line of the input; or none."""

    def __init__(self, name: str | None):
        self.name = name
        self.lines = read([Path(name)]) if name else None
        self.done = 0

    def take(self, chunk: list[str]) -> list[str] | None:
        """The lines beside the next ones of the input; None without a file."""
        if self.lines is None:
            return None
        found = list(itertools.islice(self.lines, len(chunk)))
        self.done += len(found)
        if len(found) < len(chunk):
            raise InputError(
                f"{self.name} has {self.done} lines, the input has more; each line needs its counterpart"
            )
        return found

    def end(self) -> None:
        """Raises InputError if there are more lines, when the input has come to its end."""
        if self.lines is not None and next(self.lines, None) is not None:
            raise InputError(
                f"the input has {self.done} lines, {self.name} has more; each line needs its counterpart"
            )
