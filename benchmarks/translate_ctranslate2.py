"""Decoding a Transformer with mtkit beside CTranslate2: the same weights and lines, in turns; and how much of
the text is equal.

    mtkit export -C model && mtkit export -C model --to ctranslate2
    python benchmarks/translate_ctranslate2.py model multi30k/tok/test2016.en

Decoding alone, models loaded before. CTranslate2 has a worker of one thread for each processor and gets
pieces; mtkit makes them itself. Both rank by log-probability over length (`--length-penalty-form power`), and
neither says <pad>, <unk> or <s>. CTranslate2 ends a search earlier than where no open hypothesis can win;
with twice its patience it hardly does.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import ctranslate2

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.settings.search import Search
from mtkit.text.special import FORBIDDEN_IDS
from mtkit.translating.loading import load

BATCH_SENTENCES = 64


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    checkpoint = Checkpoint(arguments.checkpoint)
    lines = arguments.source.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    for beam in (5, 1):
        ways = {f"mtkit {precision}": ours(checkpoint, precision, beam) for precision in ("float32", "int8")}
        ways |= {
            f"CTranslate2 {precision}{word}": theirs(checkpoint, precision, beam, patience)
            for precision in ("float32", "int8")
            for word, patience in ((", patient", 2), ("", 1))
            if patience == 1 or beam > 1
        }
        outputs = {name: way(lines) for name, way in ways.items()}  # once to warm up
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(arguments.rounds):
            for name, way in ways.items():
                began = time.perf_counter()
                way(lines)
                seconds[name].append(time.perf_counter() - began)
        for name, found in seconds.items():
            middle, pieces = statistics.median(found), sum(map(len, outputs[name]))
            plain = outputs["mtkit " + name.split()[1].strip(",")]
            equal = sum(one == other for one, other in zip(outputs[name], plain, strict=True))
            same = f"  {equal} of {len(lines)} lines as mtkit" if "mtkit" not in name else ""
            rates = f"{len(lines) / middle:>7,.0f} sentences/s {pieces / middle:>8,.0f} pieces/s"
            print(f"beam {beam}  {name:<29} {middle:>6.2f} s {rates}{same}")


def ours(checkpoint: Checkpoint, precision: str, beam: int) -> Callable:
    """Lines to the pieces of their translations."""
    plan = load(checkpoint.directory, engine="onnx", precision=precision).plan(
        Search(beam=beam, length_penalty_form="power")
    )
    return lambda lines: [list(found.best.tokens) if found.best else [] for found in plan.translate(lines)]


def theirs(checkpoint: Checkpoint, precision: str, beam: int, patience: int) -> Callable:
    """Likewise."""
    tokenizers = load_tokenizers(checkpoint)
    tokenizer, never = tokenizers.source, [[piece] for piece in tokenizers.target.pieces(FORBIDDEN_IDS)]
    workers = os.cpu_count() or 1
    model = ctranslate2.Translator(
        str(checkpoint.ctranslate2 / precision), "cpu", inter_threads=workers, intra_threads=1
    )

    def translate(lines: list[str]) -> list[list[str]]:
        source = [tokenizer.pieces(ids) for ids in tokenizer.encode(lines)]
        found = model.translate_batch(
            source,
            beam_size=beam,
            patience=patience,
            max_batch_size=BATCH_SENTENCES,
            suppress_sequences=never,
            max_decoding_length=2 * max(map(len, source)) + 10,
        )
        return [one.hypotheses[0] for one in found]

    return translate


if __name__ == "__main__":
    main()
