"""Whether training costs the same a token, and starts as soon, on a corpus and on many copies of it.

python benchmarks/large_corpus.py multi30k/train en de --copies 1 110
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from commands import mtkit
from prepare_memory import write_lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prefix", help="PREFIX.SOURCE[.gz] and PREFIX.TARGET[.gz] are read")
    parser.add_argument("source_language")
    parser.add_argument("target_language")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 110])
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    languages = (arguments.source_language, arguments.target_language)
    print(f"{'pairs':>10} {'one step, s':>11} {'tokens/s':>9} {'waiting':>8} {'peak MB':>8}")
    for copies in arguments.copies:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pairs = write_lines(arguments.prefix, languages, folder / "train", copies)
            codes = ("--source-language", languages[0], "--target-language", languages[1])
            # One vocabulary size and model for all, or they would differ by that.
            mtkit(
                "prepare",
                "--train",
                "train",
                "--valid",
                100,
                "--vocabulary-size",
                4000,
                *codes,
                folder=folder,
            )
            began = time.monotonic()
            model = ("--model", "rnn", "--preset", "small", "--precision", "float32")
            mtkit("train", "--max-steps", 1, "--validation-lines", 1, *model, folder=folder)
            start = time.monotonic() - began
            options = ("--steps", arguments.steps, "--lines", 8, "--precision", "float32")
            report = json.loads(mtkit("bench", "--json", *options, folder=folder))
        peak, waiting = report["peak_bytes"]["training"] / 1e6, report["input_wait_share"]
        print(
            f"{pairs:>10,} {start:>11.1f} {report['training_tokens']:>9,.0f} {waiting:>8.2%} {peak:>8,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
