"""JSON lines: an object a line, which has both sides of a pair; streamed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtkit.errors import InputError
from mtkit.formats.format import Format, PairOptions
from mtkit.formats.table_rows import columns_of
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import open_text, read_lines
from mtkit.writing import HALF_OF_A_CHARACTER


@dataclass(frozen=True)
class JsonLinesPairs:
    """The pairs of JSON lines, whose keys name both sides as the head of a table does. They may stand in an
    object of their own under "translation".
    """

    path: Path
    options: PairOptions

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line unless `keep_lines`.

        Raises:
            InputError: a line that is no such object; names file and line.
        """
        name = str(self.path)
        is_empty = True
        with open_text(self.path) as file:
            for number, line in read_lines(file, name, self.options.invalid_utf8):
                if line.strip():
                    is_empty = False
                    source, target = self._sides(line, f"{name}:{number}")
                    yield SentencePair.maybe_damaged(
                        self.options.shaped(source), self.options.shaped(target), name, number
                    )
        if is_empty:
            raise InputError(f"{name} is empty; it has an object on each line")

    def _sides(self, line: str, where: str) -> tuple[str, str]:
        fields = _object(line, where)
        names = list(fields)
        languages = self.options.languages
        columns = columns_of(names, languages)
        if columns is None:
            raise InputError(
                f"{where}: no keys for {languages[0]} and {languages[1]}, nor source and target; it has:"
                f" {', '.join(names)[:200]}"
            )
        source, target = fields[names[columns.source]], fields[names[columns.target]]
        if not isinstance(source, str) or not isinstance(target, str):
            raise InputError(f"{where}: a side is no text")
        # What JSON may name, and no text can hold; in the line itself it is a byte that is not UTF-8.
        if HALF_OF_A_CHARACTER.search(source + target) and not HALF_OF_A_CHARACTER.search(line):
            raise InputError(f"{where}: half of a character, as \\ud83d by itself")
        return source, target


def _object(line: str, where: str) -> dict[str, Any]:
    """The object of a line that has the sides."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: no JSON; a line of a .jsonl file is an object") from None
    if isinstance(fields, dict) and isinstance(fields.get("translation"), dict):
        return fields["translation"]
    if not isinstance(fields, dict):
        raise InputError(f"{where}: no object; a line of a .jsonl file is an object with both sides")
    return fields


JSON_LINES = Format(read_pairs=JsonLinesPairs)
