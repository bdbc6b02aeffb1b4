"""Reads every file of a folder as `mtkit prepare` would; prints what was read, or the sentence that it was
refused with.

    python scripts/read_formats.py FOLDER --languages en de
    python scripts/read_formats.py FOLDER --languages en de --fill

With --fill it opens those that `mtkit translate` fills, and fills them with their own texts: all around these
must stay. Those that say themselves which languages they are in are filled whichever these are.

Exit code 1 if one of them ends in anything else: a traceback, or more than --seconds.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mtkit.errors import MtkitError
from mtkit.formats.opening import open_corpus, open_document
from mtkit.formats.registry import format_of
from mtkit.translating.protect import Protection


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", nargs=2, default=["en", "de"])
    parser.add_argument("--seconds", type=float, default=20.0, help="more for one file is too long")
    parser.add_argument("--fill", action="store_true")
    arguments = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {}
    for path in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
        file_format = format_of(path)
        if arguments.fill and not (file_format and file_format.open_document):
            continue
        began = time.monotonic()
        try:
            outcome, said = (fill if arguments.fill else read)(path, arguments.languages)
        except MtkitError as error:
            outcome, said = "refused", str(error).replace(str(path), path.name)
        except Exception as error:
            outcome, said = "FAILED", f"{type(error).__name__}: {error}"
        if time.monotonic() - began > arguments.seconds:
            outcome = "SLOW"
        outcomes.setdefault(path.suffix.lower(), Counter())[outcome] += 1
        print(f"{outcome:<8}{path.relative_to(arguments.folder)}\t{said}")
    for ending, counts in sorted(outcomes.items()):
        print(
            f"{ending:<12}" + ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()),
            file=sys.stderr,
        )
    sys.exit(1 if any(counts["FAILED"] or counts["SLOW"] for counts in outcomes.values()) else 0)


def read(path: Path, languages: list[str]) -> tuple[str, str]:
    """(outcome, what was read)"""
    return "read", f"{sum(1 for _ in open_corpus(str(path), *languages)):,} pairs"


def fill(path: Path, languages: list[str]) -> tuple[str, str]:
    """(outcome, what was filled): with nothing it must be the same file, with its own texts one in which
    nothing is open.
    """
    asked = ("", "") if path.suffix.lower() in (".po", ".xlf", ".xliff", ".sdlxliff") else tuple(languages)
    content, document = path.read_bytes(), open_document(path, asked)
    texts = [unit.text for unit in document.units]
    if document.filled([None] * len(texts)) != content:
        return "FAILED", "the file changes where nothing is filled"
    protection = Protection.of(document.codes)
    for text in texts:
        protection.find(text)
    faults = Counter(filter(None, (document.fault(number, text) for number, text in enumerate(texts))))
    filled = document.filled(
        [None if document.fault(number, text) else text for number, text in enumerate(texts)]
    )
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / path.name
        again.write_bytes(filled)
        left = open_document(again, asked)
    marked = filled != content  # else the file has no marks, and all its texts are made each time
    if marked and len(left.units) != faults.total():
        return "FAILED", f"{len(left.units)} units are open where {faults.total()} were left"
    said = "".join(f"; {count} left: {fault}" for fault, count in faults.items())
    return "filled", f"{len(texts) - faults.total():,} units, {document.kept:,} kept{said}"


if __name__ == "__main__":
    main()
