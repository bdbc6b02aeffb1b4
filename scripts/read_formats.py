"""Reads every file of a folder as `mtkit prepare` would; prints what was read, or the sentence that it was refused with.

    python scripts/read_formats.py FOLDER --languages en de

Exit code 1 if one of them ends in anything else: a traceback, or more than --seconds.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from mtkit.errors import MtkitError
from mtkit.formats.opening import open_corpus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", nargs=2, default=["en", "de"])
    parser.add_argument("--seconds", type=float, default=20.0, help="more for one file is too long")
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    for path in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
        began = time.monotonic()
        try:
            outcome, said = "read", f"{sum(1 for _ in open_corpus(str(path), *arguments.languages)):,} pairs"
        except MtkitError as error:
            outcome, said = "refused", str(error).replace(str(path), path.name)
        except Exception as error:
            outcome, said = "FAILED", f"{type(error).__name__}: {error}"
        if time.monotonic() - began > arguments.seconds:
            outcome = "SLOW"
        outcomes[outcome] += 1
        print(f"{outcome:<8}{path.relative_to(arguments.folder)}\t{said}")
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()), file=sys.stderr)
    sys.exit(1 if outcomes["FAILED"] or outcomes["SLOW"] else 0)


if __name__ == "__main__":
    main()
