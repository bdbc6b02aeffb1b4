"""The test sets that sacreBLEU knows: from this disk, or from where they are published."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtkit.errors import InputError, SettingsError
from mtkit.scoring.evaluation_text import EvaluationText, check_lines, read_file
from mtkit.settings.option import nearest

_SECONDS = 20.0


def load_known_set(name: str, languages: str) -> EvaluationText:
    """A test set, in the form in which sacreBLEU keeps it.

    Args:
        name: sacreBLEU's, such as "wmt14".
        languages: such as "en-de".

    Raises:
        SettingsError: no such test set, or not for these languages.
        InputError: it is neither on this disk nor can it be fetched.
    """
    from sacrebleu.dataset import DATASETS

    if name not in DATASETS:
        close = nearest(name, list(DATASETS))
        raise SettingsError(
            f"sacreBLEU knows no test set {name!r} ('sacrebleu --list' names them all){close}"
        )
    data = DATASETS[name]
    if languages not in data.langpairs:
        raise SettingsError(
            f"the test set {name} is not for {languages}; it has {', '.join(sorted(data.langpairs))}"
        )
    files = files_of(data, languages)
    source, *references = (read_file(file) for file in files)
    for file, lines in zip(files[1:], references, strict=True):
        check_lines(files[0], source, file, lines)
    return EvaluationText(name.replace("/", "-"), source, references)


def files_of(data: Any, languages: str) -> list[str]:
    """The files of a data set of sacreBLEU, source first; fetched where they are not here.

    Raises:
        InputError: they cannot be fetched.
    """
    here = [data._get_txt_file_path(languages, field) for field in data.fieldnames(languages)]
    waiting = contextlib.nullcontext() if all(Path(file).exists() for file in here) else patience(_SECONDS)
    try:
        with waiting:
            return [data.get_source_file(languages), *data.get_reference_files(languages)]
    except (Exception, SystemExit) as error:
        raise InputError(
            f"the test set {data.name} is not on this disk ({data._outdir}), and fetching it failed"
            f" ({error}); where there is a network run 'sacrebleu --download {data.name} --language-pair"
            f" {languages}', and copy the folder"
        ) from None


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """No connection is waited for longer. sacreBLEU takes no limit, so that of all sockets is set."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
