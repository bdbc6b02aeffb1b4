"""`mtkit translate`."""

from collections.abc import Sequence
from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.cli.translate_document import check_files, fill_document, is_document
from mtkit.cli.translate_lines import translate_lines
from mtkit.cli.translate_streams import STDIN, files_beside
from mtkit.errors import InputError
from mtkit.settings.translate import TranslateSettings


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
    checkpoint.require_stage("train")
    # Python 3.11 takes 30 ms less to import numpy here than below what is imported next, deeper in the stack.
    import numpy  # noqa: F401

    from mtkit.translating.compatibility import LINES, check_together
    from mtkit.translating.compatibility import STDIN as FROM_STDIN

    (settings,) = resolve_settings(flags, config_file, "translate")
    require_files(files, settings)
    if settings.wrapped and (not files or STDIN in files):
        check_together(["--wrapped", FROM_STDIN])
    if settings.wrapped or any(map(is_document, files)):
        check_files(files, settings, flags)
        fill_document(checkpoint, files[0], settings)
    else:
        check_together([LINES, *(f"--{name}" for name in ("memory", "fuzzy") if flags[name])])
        translate_lines(checkpoint, files or (STDIN,), settings)


def require_files(files: Sequence[Path], settings: TranslateSettings) -> None:
    """Raise InputError for files that are not there."""
    beside = [Path(name) for name in files_beside(settings).values()]
    for file in (*files, *beside):
        if file != STDIN and not file.exists():
            raise InputError(f"{file} does not exist")
