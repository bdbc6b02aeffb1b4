"""The test sets that sacreBLEU knows: from this disk, or from where they are published."""

import socket

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
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        files = [data.get_source_file(languages), *data.get_reference_files(languages)]
    except (Exception, SystemExit) as error:
        raise InputError(
            f"the test set {name} is not on this disk ({data._outdir}), and fetching it failed ({error});"
            f" where there is a network run 'sacrebleu --download {name} --language-pair {languages}', and"
            " copy the folder"
        ) from None
    finally:
        socket.setdefaulttimeout(before)
    source, *references = (read_file(file) for file in files)
    for file, lines in zip(files[1:], references, strict=True):
        check_lines(files[0], source, file, lines)
    return EvaluationText(name.replace("/", "-"), source, references)
