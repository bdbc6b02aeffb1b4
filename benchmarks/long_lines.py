"""What a model keeps of its quality where lines are joined to longer ones.

    python benchmarks/long_lines.py checkpoint multi30k/test2016.en multi30k/test2016.de

For 1, 2, 4, 8 and 16 lines joined, source and reference: BLEU of the joined lines translated as
`mtkit translate` does it by default, whole, and with the sentences known (each line by itself, joined
afterwards), the share of it that the first two keep, and seconds. Prints a Markdown table.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import mtkit
from mtkit.formats.wrapping import joined
from mtkit.scoring.metrics import bleu
from mtkit.text.lines import read_text

WAYS = {"default": mtkit.Demands(), "whole": mtkit.Demands(whole_lines=True)}


def joined_by(lines: list[str], count: int) -> list[str]:
    """Lines, so many of them on each."""
    return [joined(lines[start : start + count]) for start in range(0, len(lines), count)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--lines", type=int, default=None, help="the first so many of the text")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--tokenize", default="13a")
    parser.add_argument("--strip", default="", help="characters to take away at the end of each source line")
    parser.add_argument("--boldness", type=float, help="what a cut is worth beside its odds, in nats")
    parser.add_argument("--ways", nargs="+", choices=tuple(WAYS), default=list(WAYS))
    arguments = parser.parse_args()

    sources = [line.rstrip(arguments.strip) for line in read_text(arguments.source)[: arguments.lines]]
    references = read_text(arguments.reference)[: arguments.lines]
    translator = mtkit.load(arguments.checkpoint)
    if arguments.boldness is not None:
        line_ends = translator.reach.line_ends.with_boldness(arguments.boldness)
        translator.reach = replace(translator.reach, line_ends=line_ends)
    search = mtkit.Search(beam=arguments.beam)
    singly = [
        translation.text for translation in translator.translate(sources, search, demands=WAYS["whole"])
    ]
    reach = translator.reach
    print(f"lines up to {reach.whole_tokens} tokens whole, sentences up to {reach.most_tokens}\n")
    print(f"| lines joined | known | {' | '.join(arguments.ways)} | seconds |")
    print("|---|---|" + "---|" * (len(arguments.ways) + 1))
    for count in arguments.counts:
        texts, wanted = joined_by(sources, count), joined_by(references, count)
        known = bleu(joined_by(singly, count), wanted, arguments.tokenize)
        cells, seconds = [], []
        for way in arguments.ways:
            began = time.perf_counter()
            translations = translator.translate(texts, search, demands=WAYS[way])
            seconds.append(f"{time.perf_counter() - began:.1f}")
            score = bleu([translation.text for translation in translations], wanted, arguments.tokenize)
            cells.append(f"{score:.2f} ({score / known:.1%})")
        print(f"| {count} | {known:.2f} | {' | '.join(cells)} | {' / '.join(seconds)} |", flush=True)


if __name__ == "__main__":
    main()
