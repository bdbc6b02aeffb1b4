"""What the user names as a corpus or a document: plain text in lines, or a file of translators, told by its
ending.
"""

from collections.abc import Iterable
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.document import Document
from mtkit.formats.format import FillOptions, PairOptions
from mtkit.formats.registry import FORMATS, format_of
from mtkit.text.corpus import Corpus, SentencePair


def open_document(path: Path, languages: tuple[str, str] = ("", ""), *, fuzzy: bool = False) -> Document:
    """Open a file to fill it.

    Args:
        languages, fuzzy: see `FillOptions`.

    Raises:
        InputError: it cannot be read, is in other languages, or of a kind that is not filled; names file and
            line.
    """
    file_format = format_of(path)
    if not (file_format and file_format.open_document):
        raise InputError(f"{path} is not of a kind that mtkit fills")
    return file_format.open_document(path, FillOptions(languages, fuzzy))


def open_corpus(
    spec: str,
    source_language: str,
    target_language: str,
    *,
    invalid_utf8: str = "stop",
    keep_codes: bool = False,
    keep_lines: bool = False,
) -> Iterable[SentencePair]:
    """Find the files of a corpus given on the command line.

    Args:
        spec: PREFIX (PREFIX.en and PREFIX.de, plain or .gz), SOURCE,TARGET (two files), or a file of a known
            ending, plain or .gz.
        source_language, target_language: the endings of PREFIX, and the languages to take from a file.
        invalid_utf8, keep_codes, keep_lines: see `PairOptions`.

    Raises:
        InputError: no such files; names those that were tried.
    """
    path = Path(spec)
    if "," not in spec or path.is_file():
        file_format = format_of(path)
        if file_format and file_format.read_pairs:
            if not path.exists():
                raise InputError(f"{spec} does not exist")
            languages = source_language, target_language
            options = PairOptions(languages, keep_codes, keep_lines, invalid_utf8)
            return file_format.read_pairs(path, options)
    return lines_corpus(spec, source_language, target_language, invalid_utf8)


def lines_corpus(spec: str, source_language: str, target_language: str, invalid_utf8: str) -> Corpus:
    """A corpus of two files of lines: PREFIX, or SOURCE,TARGET.

    Raises:
        InputError: they are not there; names those that were tried.
    """
    sides = {language: _side(spec, language) for language in (source_language, target_language)}
    source, target = sides[source_language], sides[target_language]
    if source and target:
        return Corpus(source, target, invalid_utf8)
    files = _two_files(spec)
    if files:
        return Corpus(*files, invalid_utf8)
    endings = ", ".join(kind for kind in FORMATS if format_of(f"a{kind}").read_pairs)
    advice = f"give PREFIX, SOURCE,TARGET, or a file that ends in {endings}"
    if Path(spec).is_file():
        raise InputError(f"{spec} is of a kind that is not read; {advice}")
    tried = [f"{spec}.{language}[.gz]" for language, file in sides.items() if not file]
    raise InputError(
        f"no corpus {spec!r}: {' and '.join(tried)} {'does' if len(tried) == 1 else 'do'} not exist; {advice}"
    )


def _side(prefix: str, language: str) -> Path | None:
    """The file of one side, plain or .gz; None where there is none."""
    candidates = (Path(f"{prefix}.{language}"), Path(f"{prefix}.{language}.gz"))
    return next((path for path in candidates if path.exists()), None)


def _two_files(spec: str) -> tuple[Path, Path] | None:
    """The files of SOURCE,TARGET, whose names may have commas too; None where it is none.

    Raises:
        InputError: one of them does not exist.
    """
    commas = [place for place, character in enumerate(spec) if character == ","]
    for comma in commas:
        files = Path(spec[:comma]), Path(spec[comma + 1 :])
        missing = next((file for file in files if not file.exists()), None)
        if missing is None:
            return files
        if len(commas) == 1:
            raise InputError(f"{missing} does not exist (one of the two files of {spec!r})")
    return None
