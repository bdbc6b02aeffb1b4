"""Write the sample English-French corpus: python scripts/make_sample_corpus.py [--output DIR] [--seed N]."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sample_corpus.corpus import Corpus, build, english_words, french_words, write

DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "data" / "sample"
DEFAULT_SEED = 2024


def summary(corpus: Corpus) -> str:
    """Describe a corpus in a few lines."""
    lines = []
    for split in ("train", "valid", "test"):
        pairs = getattr(corpus, split)
        english = [word for sentence in pairs for word in english_words(sentence.english)]
        french = [word for sentence in pairs for word in french_words(sentence.french)]
        lines.append(
            f"{split}: {len(pairs)} pairs; "
            f"English {len(set(english))} words, {len(english) / len(pairs):.1f} a sentence; "
            f"French {len(set(french))} words, {len(french) / len(pairs):.1f} a sentence"
        )
    lines.append(f"held out of train: {len(corpus.held_out)} word pairs")
    return "\n".join(lines)


def main() -> None:
    """Read the command line, write the files, print a summary on stderr."""
    parser = argparse.ArgumentParser(description="Write the sample English-French corpus.")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder for the six files")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="whole number (default %(default)s)")
    arguments = parser.parse_args()
    corpus = build(arguments.seed)
    write(corpus, arguments.output)
    print(summary(corpus), file=sys.stderr)


if __name__ == "__main__":
    main()
