"""Gettext catalogues (.po), read by polib (MIT)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from mtkit.errors import InputError
from mtkit.formats.encodings import byte_order_mark
from mtkit.formats.languages import serves
from mtkit.formats.plural import Plurals
from mtkit.formats.po_lines import for_polib
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line, read_whole

# Characters that Python's splitlines breaks lines at, and private ones that stand in for them.
_HIDDEN = {
    ord(character): 0xF0000 + number
    for number, character in enumerate("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
}
_SHOWN = {private: character for character, private in _HIDDEN.items()}
_LINE = re.compile(r"\(line (?P<line>\d+)\)(?:: (?P<why>.*))?\Z", re.DOTALL)


@dataclass(frozen=True)
class PoCorpus:
    """The finished translations of a catalogue: no empty ones, no fuzzy ones, none that are obsolete.

    Of an entry with plural forms the singular and the form for one thing are a pair, and the plural and the
    form for most numbers; the plural alone where that is the same form. Forms that do not fit the rule in the
    header are passed over.
    """

    path: Path
    source_language: str
    target_language: str
    keep_lines: bool = False

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line unless `keep_lines`.

        Raises:
            InputError: no catalogue, or of another language; names file and line.
        """
        text, encoding, _ = decoded(self.path)
        catalogue = parsed(text, encoding, self.path, self.target_language)
        plurals = Plurals.read(catalogue.metadata.get("Plural-Forms", ""))
        pairs = 0
        for entry in catalogue:
            if entry.obsolete or entry.fuzzy or not entry.msgid:
                continue
            for source, target in _couples(entry, plurals):
                if source.strip() and target.strip():
                    pairs += 1
                    if not self.keep_lines:
                        source, target = one_line(source), one_line(target)
                    yield SentencePair(source, target, str(self.path), entry.linenum)
        if not pairs:
            raise InputError(
                f"{self.path} has no finished translation: every entry is empty, fuzzy or obsolete"
            )


def _couples(entry: polib.POEntry, plurals: Plurals) -> list[tuple[str, str]]:
    """The texts of an entry, each with its translation, which may be empty."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    forms = entry.msgstr_plural
    if sorted(forms) != list(range(plurals.count)):
        return []
    texts = {plurals.one: entry.msgid, plurals.many: entry.msgid_plural}
    return [(text, forms[form]) for form, text in texts.items()]


def decoded(path: Path) -> tuple[str, str, bytes]:
    """(text, encoding, byte order mark) of a catalogue: in the encoding that its header names, UTF-8 where it
    names none.

    Raises:
        InputError: it is not in that encoding, or its lines end in carriage returns alone; names file and
            line.
    """
    content = read_whole(path)
    mark, encoding = byte_order_mark(content)
    encoding = encoding or polib.detect_encoding(content)
    try:
        text = content[len(mark) :].decode(encoding)
        if text.encode(encoding) != content[len(mark) :]:
            raise UnicodeError("it can be written in more than one way")
    except (UnicodeError, LookupError) as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        raise InputError(
            f"{path}:{line}: cannot be read in the encoding that its header names, {encoding} ({error});"
            " convert it to UTF-8"
        ) from None
    lonely = re.search(r"\r(?!\n)", text)
    if lonely:
        line = text.count("\n", 0, lonely.start()) + 1
        raise InputError(f"{path}:{line}: a carriage return without a newline; end lines with a newline")
    return text, encoding, mark


def parsed(text: str, encoding: str, path: Path, language: str) -> polib.POFile:
    """The entries of a catalogue.

    Args:
        language: which it should be a translation into; nothing for any.

    Raises:
        InputError: it is none, or into another language; names file and line.
    """
    # polib takes more characters than a newline for ends of lines: it sees others in their places.
    hidden = for_polib(text, encoding, path).translate(_HIDDEN)
    try:
        # polib takes a text without a line end for the name of a file.
        catalogue = polib.pofile(hidden if "\n" in hidden else hidden + "\n")
    except (OSError, ValueError, IndexError, KeyError, AttributeError, UnicodeError) as error:
        # polib says "Syntax error in po file NAME (line N): why", and takes the text itself for the name.
        said = _LINE.search(str(error))
        where, why = (said["line"], said["why"]) if said else (1, type(error).__name__)
        why = why or "a keyword is missing, or not in its place"
        raise InputError(f"{path}:{where}: no gettext catalogue ({why})") from None
    own = catalogue.metadata.get("Language", "")
    if not serves(language, own):
        raise InputError(
            f"{path} is a translation into {own}, as its header says (Language), and {language} is asked for"
        )
    for entry in catalogue:
        entry.msgid, entry.msgid_plural, entry.msgstr = (
            one.translate(_SHOWN) if one else one for one in (entry.msgid, entry.msgid_plural, entry.msgstr)
        )
        entry.msgstr_plural = {form: one.translate(_SHOWN) for form, one in entry.msgstr_plural.items()}
    return catalogue
