"""What the user names as a corpus: plain text in lines, or a file of translators, told by its ending."""

from collections.abc import Iterable
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.gettext import PoCorpus
from mtkit.formats.tables import CsvCorpus, JsonCorpus, is_headed
from mtkit.formats.tmx import TmxCorpus
from mtkit.formats.xliff import XliffCorpus
from mtkit.text.corpus import Corpus, SentencePair

FORMATS = {
    ".tmx": TmxCorpus,
    ".xlf": XliffCorpus,
    ".xliff": XliffCorpus,
    ".sdlxliff": XliffCorpus,
    ".po": PoCorpus,
    ".csv": CsvCorpus,
    ".jsonl": JsonCorpus,
}
# What a reader may be told to keep.
KEEPING = {TmxCorpus: "keep_codes", XliffCorpus: "keep_codes", PoCorpus: "keep_lines"}
ENDINGS = ", ".join([".tsv", *FORMATS])


def ending(name: str) -> str:
    """The ending that tells the format, in small letters, without .gz: ".tmx" of "A.TMX.gz"."""
    return Path(name.lower().removesuffix(".gz")).suffix


def open_corpus(
    spec: str,
    source_language: str,
    target_language: str,
    invalid_utf8: str = "stop",
    keep_codes: bool = False,
    keep_lines: bool = False,
) -> Iterable[SentencePair]:
    """Find the files of a corpus given on the command line.

    Args:
        spec: PREFIX (PREFIX.en and PREFIX.de, plain or .gz), SOURCE,TARGET (two files), or a file ending in
            .tsv, or in one of `FORMATS`, plain or .gz.
        source_language, target_language: the endings of PREFIX, and the languages to take from a file.
        invalid_utf8: "stop" or "drop".
        keep_codes: whether the inline codes of TMX and XLIFF become tags (see `codes`); else they are
            dropped.
        keep_lines: whether the texts of a catalogue keep their white space and line ends; else they are on
            one line.

    Raises:
        InputError: no such files; names those that were tried.
    """
    kind = ending(spec)
    if ("," not in spec or Path(spec).is_file()) and (kind == ".tsv" or kind in FORMATS):
        path = Path(spec)
        if not path.exists():
            raise InputError(f"{spec} does not exist")
        # A pipe can be read once: no look at its first line.
        if kind == ".tsv" and not (path.is_file() and is_headed(path, source_language, target_language)):
            return Corpus(path, None, invalid_utf8)
        reader = FORMATS.get(kind, CsvCorpus)
        kept = {"keep_codes": keep_codes, "keep_lines": keep_lines}
        own = [kept[KEEPING[reader]]] if reader in KEEPING else []
        return reader(path, source_language, target_language, *own)
    return lines_corpus(spec, source_language, target_language, invalid_utf8)


def lines_corpus(spec: str, source_language: str, target_language: str, invalid_utf8: str) -> Corpus:
    """A corpus of two files of lines: PREFIX, or SOURCE,TARGET. Raises InputError where they are not
    there.
    """
    source, target = (
        next(
            (path for path in (Path(f"{spec}.{language}"), Path(f"{spec}.{language}.gz")) if path.exists()),
            None,
        )
        for language in (source_language, target_language)
    )
    if source and target:
        return Corpus(source, target, invalid_utf8)
    commas = [place for place, character in enumerate(spec) if character == ","]
    for comma in commas:
        files = Path(spec[:comma]), Path(spec[comma + 1 :])
        if len(commas) == 1 or all(file.exists() for file in files):
            for file in files:
                if not file.exists():
                    raise InputError(f"{file} does not exist (one of the two files of {spec!r})")
            return Corpus(*files, invalid_utf8)
    if Path(spec).is_file():
        raise InputError(
            f"{spec} is of a kind that is not read; give PREFIX, SOURCE,TARGET, or a file that ends in"
            f" {ENDINGS}"
        )
    tried = [
        f"{spec}.{language}[.gz]"
        for language, found in ((source_language, source), (target_language, target))
        if not found
    ]
    raise InputError(
        f"no corpus {spec!r}: {' and '.join(tried)} {'does' if len(tried) == 1 else 'do'} not exist; "
        f"give PREFIX, SOURCE,TARGET, or a file that ends in {ENDINGS}"
    )
