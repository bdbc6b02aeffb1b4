"""`mtkit translate`."""

import contextlib
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtkit.checkpoint import Checkpoint, sha256
from mtkit.cli.options import resolve_settings, settings_options
from mtkit.errors import InputError, SettingsError
from mtkit.settings import TranslateSettings, as_table
from mtkit.writing import output_file, write_all

if TYPE_CHECKING:
    from mtkit.decoding.translator import Translation, Translator

STDIN = Path("-")
# Settings that name a file beside the input.
BESIDE = ("ban", "glossary", "prefixes", "force_reference")
# Settings of [translate] that change no translation.
NOT_IN_THE_OUTPUT = ("weights", "threads", "batch_tokens", "chunk_lines", "output", "journal")


@click.command(short_help="Translate lines from stdin or files.")
@settings_options("translate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def translate(checkpoint_dir, config_file, files, **flags):
    """Translate FILES (- is stdin), or stdin, one sentence a line, to stdout: N lines in, N lines out, in the same order.

    A blank line gives a blank line. Only a newline ends a line. From a terminal each line is answered at once.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("prepare")
    checkpoint.require_stage("train")
    (settings,) = resolve_settings(flags, config_file, "translate")
    beside = [Path(name) for name in (getattr(settings, setting) for setting in BESIDE) if name]
    for file in (*files, *beside):
        if file != STDIN and not file.exists():
            raise InputError(f"{file} does not exist")
    if settings.n_best > 1 and settings.format == "text":
        raise SettingsError("--n-best gives several translations a line; use --format tsv or jsonl")
    if settings.explain and (settings.n_best > 1 or settings.force_reference or settings.format != "text"):
        raise SettingsError("--explain is about the best translation: leave --n-best, --force-reference and --format out")
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

    from mtkit.decoding.glossary import Glossary, report
    from mtkit.decoding.loading import load_translator
    from mtkit.decoding.paragraphs import stay_whole, translate_lines
    from mtkit.text.lines import named

    if settings.paragraphs and stay_whole(settings):
        raise SettingsError(
            "--paragraphs splits lines: leave --n-best, --explain, --alignments, --attention, --prefixes and --force-reference out"
        )
    banned = [line.strip() for line in read([Path(settings.ban)]) if line.strip()] if settings.ban else []
    glossary = Glossary.read(read([Path(settings.glossary)]), settings.glossary) if settings.glossary else None
    translator = load_translator(checkpoint, settings, lambda text: click.echo(f"warning: {text}", err=True), banned, glossary)
    forms = ways_to_write(settings, translator)
    lines, given = read(files, settings.paragraphs), Counterpart(settings.force_reference or settings.prefixes)
    done, uses, cut_off = 0, [], []
    with contextlib.ExitStack() as opened:
        streams = [opened.enter_context(output(name)) for name in forms]
        journal = opened.enter_context(open_journal(checkpoint, settings)) if settings.journal else None
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
            uses += [(number, use) for number, found in enumerate(translations, done + 1) for use in found.terms]
            cut_off += [number for number, found in enumerate(translations, done + 1) if is_cut_off(found)]
            texts = [form(translations, done) for form in forms.values()]
            if journal:
                journal.add(chunk, texts)
            done += write(chunk, texts)
            say(done)
        given.end()
    for line in report(uses) if glossary else ():
        click.echo(line, err=True)
    if cut_off:
        click.echo(f"note: cut off at the longest length: {len(cut_off)} translations ({named(cut_off)})", err=True)


def is_cut_off(translation: "Translation") -> bool:
    """Whether the best translation has no end."""
    return bool(translation.best) and not translation.best.hypothesis.complete


def ways_to_write(settings: TranslateSettings, translator: "Translator") -> dict[str | None, Callable]:
    """What is written to each file (None is stdout): (translations, number of lines before) -> bytes.

    Raises:
        SettingsError: two of the files are the same.
    """
    from mtkit.decoding.alignment import alignment_of, pharaoh
    from mtkit.decoding.explain import explain
    from mtkit.decoding.heatmap import HeatMaps
    from mtkit.decoding.output import render, render_forced

    def main(translations, before: int) -> bytes:
        if settings.force_reference:
            return "".join(render_forced(found, settings.format) for found in translations).encode()
        if settings.explain:
            return "".join(explain(translator, found) for found in translations).encode()
        numbered = enumerate(translations, before + 1)
        return "".join(render(found, settings.format, number, settings.n_best) for number, found in numbered).encode()

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
        raise SettingsError("--output, --alignments, --attention and --journal: two of them name the same file")
    return forms


def open_journal(checkpoint: Checkpoint, settings: TranslateSettings):
    """The journal: of an output that depends on the settings, the weights and the content of the files beside the input."""
    from mtkit.decoding.journal import Journal
    from mtkit.decoding.loading import weights_checksums

    facts = {name: value for name, value in as_table(settings).items() if name not in NOT_IN_THE_OUTPUT}
    for name in BESIDE:
        if name in facts:
            facts[name] = sha256(Path(facts[name]))
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
            raise InputError(f"{self.name} has {self.done} lines, the input has more; each line needs its counterpart")
        return found

    def end(self) -> None:
        """Raises InputError if there are more lines, when the input has come to its end."""
        if self.lines is not None and next(self.lines, None) is not None:
            raise InputError(f"the input has {self.done} lines, {self.name} has more; each line needs its counterpart")


def read(files: Sequence[Path], keep_returns: bool = False) -> Iterator[str]:
    """The lines of all files in turn; - is stdin. A carriage return before the newline is left out, or kept."""
    from mtkit.text.lines import open_text, read_lines

    for file in files:
        if file == STDIN:
            yield from (line for _, line in read_lines(sys.stdin.buffer, "stdin", keep_returns))
            continue
        with open_text(file) as stream:
            yield from (line for _, line in read_lines(stream, str(file), keep_returns))


def output(name: str | None):
    """The stream to write to: stdout, or a file that appears when all is written."""
    return contextlib.nullcontext(sys.stdout.buffer) if name is None else output_file(name)


@contextlib.contextmanager
def progress(output_name: str | None, typed: bool):
    """A function that shows how many lines are done, where someone watches stderr and the translations go elsewhere."""
    if typed or not sys.stderr.isatty() or (output_name is None and sys.stdout.isatty()):
        yield lambda lines: None
        return
    from mtkit.reporter import Reporter

    reporter = Reporter()
    began = time.monotonic()
    try:
        yield lambda lines: reporter.line(f"translated {lines:,} lines, {lines / (time.monotonic() - began):,.0f} lines/s")
    finally:
        reporter.pause()
