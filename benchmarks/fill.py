"""How much of a catalogue mtkit fills, and how near to what people wrote: empties a finished .po, has it
filled, and scores it.

    python benchmarks/fill.py writer.de.po -C checkpoint --work runs/fill
    python benchmarks/fill.py writer.de.po -C checkpoint --work runs/fill -- --memory libreoffice

The catalogue must not be in the training text: prepare with `--test writer.de.po --drop leaked`. What follows
-- goes to `mtkit translate`. Leaves app.po and app.de.po in the work folder.
"""

import argparse
import sys
import time
from pathlib import Path

import polib
from commands import mtkit


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument(
        "-C", dest="directory", type=Path, required=True, help="a trained checkpoint directory"
    )
    parser.add_argument("--work", type=Path, required=True)
    ours = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    more = sys.argv[len(ours) + 2 :]
    arguments = parser.parse_args(ours)
    arguments.work.mkdir(parents=True, exist_ok=True)
    before, empty, filled = arguments.catalogue, arguments.work / "app.po", arguments.work / "app.de.po"
    emptied(before).save(str(empty))

    began = time.monotonic()
    mtkit("translate", "-C", arguments.directory, empty, "-o", filled, *more)
    print(f"{time.monotonic() - began:.1f} seconds")
    pairs = [
        (" ".join(one.msgstr.split()), " ".join(other.msgstr.split()))
        for one, other in zip(polib.pofile(str(before)), polib.pofile(str(filled)), strict=True)
        if one.msgstr and other.msgstr and not one.fuzzy
    ]
    same = sum(one == other for one, other in pairs)
    print(f"{len(pairs):,} messages of both, {same:,} of them the same ({same / max(1, len(pairs)):.0%})")
    for name, side in (("reference", 0), ("hypothesis", 1)):
        (arguments.work / name).write_text("".join(pair[side] + "\n" for pair in pairs), encoding="utf-8")
    print(
        mtkit(
            "score",
            "--hypothesis",
            arguments.work / "hypothesis",
            "--reference",
            arguments.work / "reference",
        ),
        end="",
    )


def emptied(path: Path) -> polib.POFile:
    """A catalogue without its translations and marks."""
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    return catalogue


if __name__ == "__main__":
    main()
