"""How well the ends of sentences are found, beside sentencex where that is installed, and how fast.

    python benchmarks/sentences.py tatoeba/valid.fr:fr libreoffice/train.de.gz:de tanaka/train.ja.gz:ja

Lines that end as a sentence does are joined, five at a time (Chinese and Japanese without a space): where two
met a sentence ends. Prints a Markdown table: precision, recall, and lines a second (median of three runs).
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from mtkit.text.lines import open_text, read_lines
from mtkit.text.sentences import CLOSING, ENDS, WIDE_ENDS, sentence_ends

JOINED_LINES = 5
RUNS = 3
# Lines of a program's text that are shorter are labels.
SHORTEST = 10
UNSPACED_LANGUAGES = ("ja", "zh")

Finder = Callable[[str, str], list[int]]


def here(language: str, text: str) -> list[int]:
    return list(sentence_ends(text))


def sentencex_ends(language: str, text: str) -> list[int]:
    import sentencex

    segments = sentencex.segment(language, text)
    assert "".join(segments) == text
    ends = accumulate(map(len, segments))
    return [len(text[:end].rstrip()) for end in ends][:-1]


def sentences(path: Path, most: int) -> list[str]:
    """The lines of a file, each once, that end as a sentence does."""
    with open_text(path) as file:
        lines = dict.fromkeys(line.strip() for _, line in read_lines(file, str(path)))
    whole = (
        line for line in lines if len(line) >= SHORTEST and line.rstrip(CLOSING)[-1:] in ENDS + WIDE_ENDS
    )
    return list(whole)[:most]


def joined(lines: list[str], gap: str) -> Iterator[tuple[str, set[int]]]:
    """Texts of several lines, each with the places where a line but the last ends."""
    for start in range(0, len(lines), JOINED_LINES):
        group = lines[start : start + JOINED_LINES]
        ends = accumulate([len(line) for line in group], lambda end, length: end + len(gap) + length)
        yield gap.join(group), set(list(ends)[:-1])


def measure(finder: Finder, language: str, texts: list[tuple[str, set[int]]], lines: int) -> str:
    """A cell of the table."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        results = [set(finder(language, text)) for text, _ in texts]
        seconds.append(time.perf_counter() - began)
    right = sum(len(result & ends) for result, (_, ends) in zip(results, texts, strict=True))
    given = sum(map(len, results))
    wanted = sum(len(ends) for _, ends in texts)
    speed = lines / statistics.median(seconds)
    return f"{right / max(1, given):.1%}, {right / max(1, wanted):.1%}, {speed:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE:LANGUAGE")
    parser.add_argument("--lines", type=int, default=30_000)
    arguments = parser.parse_args()
    finders: dict[str, Finder] = {"here": here}
    try:
        import sentencex  # noqa: F401

        finders["sentencex"] = sentencex_ends
    except ModuleNotFoundError:
        pass
    print(f"| text | {' | '.join(finders)} |\n|---|{'---|' * len(finders)}")
    for name in arguments.files:
        path, _, language = name.rpartition(":")
        lines = sentences(Path(path), arguments.lines)
        texts = list(joined(lines, "" if language in UNSPACED_LANGUAGES else " "))
        cells = [measure(finder, language, texts, len(lines)) for finder in finders.values()]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
