"""`mtkit translate`."""

import contextlib
import itertools
import sys
import time
from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_options
from mtkit.errors import InputError
from mtkit.writing import output_file, write_all

STDIN = Path("-")


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
    for file in files:
        if file != STDIN and not file.exists():
            raise InputError(f"{file} does not exist")
    files = files or (STDIN,)
    typed = files == (STDIN,) and sys.stdin.isatty()
    if typed:
        click.echo("loading; then type a sentence and Enter, Ctrl-D to end", err=True)

    from mtkit.decoding.output import render
    from mtkit.decoding.translator import load_translator

    translator = load_translator(checkpoint, settings, lambda message: click.echo(f"warning: {message}", err=True))
    with output(settings.output) as stream, progress(settings.output, typed) as say:
        lines, done = read(files), 0
        while chunk := list(itertools.islice(lines, 1 if typed else settings.chunk_lines)):
            text = "".join(render(translation, settings.format) + "\n" for translation in translator.translate(chunk))
            write_all(stream, text.encode("utf-8"))
            done += len(chunk)
            say(done)


def read(files):
    """The lines of all files in turn; - is stdin."""
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
