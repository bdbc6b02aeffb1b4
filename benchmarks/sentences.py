"""How well the ends of sentences are found, beside sentencex where that is installed, and how fast.

    python benchmarks/sentences.py tatoeba/valid.fr:fr libreoffice/train.de.gz:de tanaka/train.ja.gz:ja
    python benchmarks/sentences.py --checkpoint checkpoint --lines-as all bare lower multi30k/test2016.en:en

Lines are joined, five at a time (Chinese and Japanese without a space): where two met a sentence ends. They
are those that end as a sentence does, or as `--lines-as` says. With a prepared directory the ends that its
training text tells are looked for too. Prints a Markdown table: precision, recall, the share of the lines
that are cut where they stand alone, and lines a second (median of three runs).
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.text.lines import open_text, read_lines
from mtkit.text.seams import is_unspaced_language
from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.text.sentences import CLOSING, ENDS, WIDE_ENDS, Sentence, sentence_ends
from mtkit.translating.reach import learned_line_ends

JOINED_LINES = 5
RUNS = 3
# Lines of a program's text that are shorter are labels.
SHORTEST = 10

# A language and texts -> the places in each text where a sentence but the last ends.
Finder = Callable[[str, list[str]], list[list[int]]]


def by_marks(language: str, texts: list[str]) -> list[list[int]]:
    return [list(sentence_ends(text)) for text in texts]


def sentencex_ends(language: str, texts: list[str]) -> list[list[int]]:
    return [sentencex_ends_of(language, text) for text in texts]


def sentencex_ends_of(language: str, text: str) -> list[int]:
    import sentencex

    segments = sentencex.segment(language, text)
    assert "".join(segments) == text
    ends = accumulate(map(len, segments))
    return [len(text[:end].rstrip()) for end in ends][:-1]


def learned(checkpoint: Path, boldness: float | None) -> Finder:
    """Finds ends by marks, and by what the training text of a prepared directory tells."""
    directory = Checkpoint(checkpoint)
    tokenizer = load_tokenizers(directory).source
    line_ends = learned_line_ends(directory, tokenizer)
    if boldness is not None:
        line_ends = line_ends.with_boldness(boldness)
    splitter = SentenceSplitter(tokenizer, line_ends)

    def ends(language: str, texts: list[str]) -> list[list[int]]:
        return [ends_of(split.sentences) for split in splitter.split(texts)]

    return ends


def ends_of(sentences: list[Sentence]) -> list[int]:
    """Where all sentences but the last end."""
    ends = accumulate(len(before) + len(text) for before, text in sentences[:-1])
    return list(ends)[:-1]


def ends_as_a_sentence(line: str) -> bool:
    return len(line) >= SHORTEST and line.rstrip(CLOSING)[-1:] in ENDS + WIDE_ENDS


# What is made of the lines of a file.
LINES_AS = {
    "sentences": lambda lines: [line for line in lines if ends_as_a_sentence(line)],
    "all": lambda lines: lines,
    "lower": lambda lines: [line.lower() for line in lines],
    "bare": lambda lines: [line.rstrip(ENDS + WIDE_ENDS + CLOSING + " ") for line in lines],
    "bare and lower": lambda lines: [line.rstrip(ENDS + WIDE_ENDS + CLOSING + " ").lower() for line in lines],
}


def lines_of(path: Path, lines_as: str, most: int) -> list[str]:
    """The first lines of a file, each once."""
    with open_text(path) as file:
        lines = dict.fromkeys(line.strip() for _, line in read_lines(file, str(path)))
    made = dict.fromkeys(LINES_AS[lines_as](list(lines)))
    return list(filter(None, made))[:most]


def joined(lines: list[str], gap: str) -> Iterator[tuple[str, set[int]]]:
    """Texts of several lines, each with the places where a line but the last ends."""
    for start in range(0, len(lines), JOINED_LINES):
        group = lines[start : start + JOINED_LINES]
        ends = accumulate([len(line) for line in group], lambda end, length: end + len(gap) + length)
        yield gap.join(group), set(list(ends)[:-1])


def measure(finder: Finder, language: str, texts: list[tuple[str, set[int]]], lines: list[str]) -> str:
    """A cell of the table."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        results = [set(ends) for ends in finder(language, [text for text, _ in texts])]
        seconds.append(time.perf_counter() - began)
    right = sum(len(result & ends) for result, (_, ends) in zip(results, texts, strict=True))
    given = sum(map(len, results))
    wanted = sum(len(ends) for _, ends in texts)
    cut_alone = sum(bool(ends) for ends in finder(language, lines))
    figures = [right / max(1, given), right / max(1, wanted), cut_alone / len(lines)]
    shares = ", ".join(f"{figure:.1%}" for figure in figures)
    return f"{shares}, {len(lines) / statistics.median(seconds):,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE:LANGUAGE")
    parser.add_argument("--lines", type=int, default=30_000)
    parser.add_argument("--lines-as", nargs="+", choices=tuple(LINES_AS), default=["sentences"])
    parser.add_argument("--boldness", type=float, help="what a cut is worth beside its odds, in nats")
    parser.add_argument("--checkpoint", type=Path, help="a directory that was prepared with such text")
    arguments = parser.parse_args()
    finders: dict[str, Finder] = {"by marks": by_marks}
    if arguments.checkpoint:
        finders["and as the text tells"] = learned(arguments.checkpoint, arguments.boldness)
    try:
        import sentencex  # noqa: F401

        finders["sentencex"] = sentencex_ends
    except ModuleNotFoundError:
        pass
    print(f"| text | lines | {' | '.join(finders)} |\n|---|---|{'---|' * len(finders)}")
    for name in arguments.files:
        path, _, language = name.rpartition(":")
        for lines_as in arguments.lines_as:
            lines = lines_of(Path(path), lines_as, arguments.lines)
            texts = list(joined(lines, "" if is_unspaced_language(language) else " "))
            cells = [measure(finder, language, texts, lines) for finder in finders.values()]
            print(f"| {name} | {lines_as} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
