"""Gettext catalogues (.po): their finished translations, and catalogues to fill."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.catalogue import Catalogue, Entry, escaped
from mtkit.formats.document import Document, Unit
from mtkit.formats.format import FillOptions, Format, PairOptions
from mtkit.formats.plural import Plurals
from mtkit.formats.text_file import Change, lacking
from mtkit.text.corpus import SentencePair


@dataclass(frozen=True)
class GettextPairs:
    """The finished translations of a catalogue: no empty ones, no fuzzy ones, none that are obsolete.

    Of an entry with plural forms the singular and the form for one thing are a pair, and the plural and the
    form for most numbers; the plural alone where that is the same form. Forms that do not fit the rule in the
    header are passed over.
    """

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line unless `keep_lines`.

        Raises:
            InputError: no catalogue, or of another language; names file and line.
        """
        catalogue = Catalogue.read(self.path, self.options.languages[1])
        plurals = catalogue.plurals
        is_empty = True
        for entry in catalogue.entries:
            for source, target in [] if entry.fuzzy else _couples(entry, plurals):
                if source.strip() and target.strip():
                    is_empty = False
                    texts = [self.options.shaped(text) for text in (source, target)]
                    yield SentencePair(*texts, str(self.path), entry.line)
        if is_empty:
            raise InputError(
                f"{self.path} has no finished translation: every entry is empty, fuzzy or obsolete"
            )


def _couples(entry: Entry, plurals: Plurals) -> list[tuple[str, str]]:
    """The texts of an entry, each with its translation, which may be empty."""
    forms = entry.translations
    if entry.plural is None:
        return [(entry.text, forms.get(0, ""))]
    if sorted(forms) != list(range(plurals.count)):
        return []
    texts = {plurals.one: entry.text, plurals.many: entry.plural}
    return [(text, forms[form]) for form, text in texts.items()]


@dataclass(frozen=True)
class _OpenEntry:
    """An entry to fill, and for each of its forms the number of the unit that it is made of."""

    entry: Entry
    units: tuple[int, ...]


class GettextDocument(Document):
    """An opened catalogue."""

    # What steers a terminal is no text either.
    codes: ClassVar[tuple[str, ...]] = (
        *Document.codes,
        r"\x1b\[[0-9;]*[A-Za-z]",
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    )

    def __init__(self, path: Path, options: FillOptions):
        catalogue = Catalogue.read(path, options.languages[1])
        self.file = catalogue.file
        self.units: list[Unit] = []
        self.kept = 0
        self._open: list[_OpenEntry] = []
        for entry in catalogue.entries:
            # Of plural forms one that a person wrote keeps the others open, and a remark between them too.
            is_doubtful = options.fuzzy and entry.fuzzy
            if entry.remarked or (entry.is_translated and not is_doubtful):
                self.kept += 1
            else:
                self._add(entry, catalogue.plurals)

    def _add(self, entry: Entry, plurals: Plurals) -> None:
        """An entry to fill."""
        first = len(self.units)
        where = f"{self.file.path}:{entry.line}"
        self.units.append(Unit(entry.text, where))
        made_of = (first,)
        if entry.plural is not None:
            self.units.append(Unit(entry.plural, where))
            made_of = tuple(first + (not plurals.is_singular(form)) for form in range(plurals.count))
        self._open.append(_OpenEntry(entry, made_of))

    def fault(self, number: int, text: str) -> str:
        """A catalogue can hold any text that its encoding can."""
        lacked = lacking(self.file.encoding, text)
        why = (
            f"its translation has {lacked!r}, which {self.file.encoding} cannot write: msgconv -t UTF-8 makes"
            " a file that can"
        )
        return why if lacked else ""

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes: list[Change] = []
        for opened in self._open:
            texts = [translations[unit] for unit in opened.units]
            if None not in texts:
                changes += self._changes(opened.entry, texts)
        return self.file.replaced(changes)

    def _changes(self, entry: Entry, texts: list[str]) -> Iterator[Change]:
        """What to write for an entry: the flag, and its translations."""
        newline = "\r\n" if self._ends_with_carriage_return(entry.head) else "\n"
        if not entry.fuzzy:
            yield self._flag(entry, newline)
        keywords = ["msgstr"] if entry.plural is None else [f"msgstr[{form}]" for form in range(len(texts))]
        lines = [f'{keyword} "{escaped(text)}"' for keyword, text in zip(keywords, texts, strict=True)]
        yield Change(entry.start, entry.stop, newline.join(lines))

    def _flag(self, entry: Entry, newline: str) -> Change:
        """The flag "fuzzy", before other flags, or in a line of its own."""
        if entry.flags is None:
            return Change(entry.head, entry.head, f"#, fuzzy{newline}")
        begin = entry.flags + len("#,")
        text = self.file.text
        stop = next(place for place in range(begin, len(text)) if text[place] not in " \t")
        return Change(begin, stop, " fuzzy, ")

    def _ends_with_carriage_return(self, place: int) -> bool:
        """Whether the line that a place is in does."""
        return self.file.text[self.file.text.index("\n", place) - 1] == "\r"


GETTEXT = Format(read_pairs=GettextPairs, open_document=GettextDocument, has_states=True)
