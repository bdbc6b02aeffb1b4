"""Gettext catalogues (.po), read by polib (MIT)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from mtkit.errors import InputError
from mtkit.formats.languages import fit
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import BYTE_ORDER_MARK, open_text

_LINE = re.compile(r"\(line (?P<line>\d+)\)(?:: (?P<why>.*))?\Z", re.DOTALL)


@dataclass(frozen=True)
class PoCorpus:
    """The finished translations of a catalogue: no empty ones, no fuzzy ones, none that are obsolete.

    Of an entry with plural forms the singular and its first form are a pair, and the plural and its last form.
    """

    path: Path
    source_language: str
    target_language: str

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line.

        Raises:
            InputError: no catalogue, or of another language; names file and line.
        """
        catalogue = read_catalogue(self.path)
        own = catalogue.metadata.get("Language", "")
        if own and not fit(self.target_language, own):
            raise InputError(f"{self.path} is a translation into {own}, and {self.target_language} is asked for")
        pairs = 0
        for entry in catalogue:
            if entry.obsolete or entry.fuzzy or not entry.msgid:
                continue
            forms = [text for _, text in sorted(entry.msgstr_plural.items())]
            couples = [(entry.msgid, entry.msgstr)] if not entry.msgid_plural else [(entry.msgid, forms[0] if forms else "")]
            if entry.msgid_plural and len(forms) > 1:
                couples.append((entry.msgid_plural, forms[-1]))
            for source, target in couples:
                if source.strip() and target.strip():
                    pairs += 1
                    yield SentencePair(" ".join(source.split()), " ".join(target.split()), str(self.path), entry.linenum)
        if not pairs:
            raise InputError(f"{self.path} has no finished translation: every entry is empty, fuzzy or obsolete")


def read_catalogue(path: Path) -> polib.POFile:
    """A catalogue; see `decoded` and `parsed`."""
    return parsed(decoded(path)[0], path)


def decoded(path: Path) -> tuple[str, str, bytes]:
    """(text, encoding, byte order mark) of a catalogue: in the encoding that its header names, UTF-8 where it names none.

    Raises:
        InputError: it is not in that encoding; names file and line.
    """
    with open_text(path) as file:
        content = file.read()
    mark = BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK) else b""
    encoding = "utf-8" if mark else polib.detect_encoding(content)
    try:
        return content[len(mark) :].decode(encoding), encoding, mark
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not in the encoding that its header names, {encoding} ({error})") from None


def parsed(text: str, path: Path) -> polib.POFile:
    """The entries of a catalogue.

    Raises:
        InputError: it is none; names file and line.
    """
    try:
        # polib takes a text without a line end for the name of a file.
        return polib.pofile(text if "\n" in text else text + "\n")
    except (OSError, ValueError, IndexError, KeyError, AttributeError, UnicodeError) as error:
        # polib says "Syntax error in po file NAME (line N): why", and takes the text itself for the name.
        said = _LINE.search(str(error))
        where, why = (said["line"], said["why"]) if said else (1, type(error).__name__)
        why = why or "a keyword or a quotation mark is missing"
        raise InputError(f"{path}:{where}: no gettext catalogue ({why})") from None
