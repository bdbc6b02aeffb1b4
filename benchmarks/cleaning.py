"""How often each kind of `prepare --drop` is found in text that people take for clean, and in text that was
spoilt on purpose.

    python benchmarks/cleaning.py multi30k/train tatoeba/train:en:fr libreoffice/train --pairs 20000

A corpus is PREFIX, or PREFIX:SOURCE:TARGET (en and de else). For each kind a copy of every pair is spoilt in
the way that the kind is for, one way at a time: the share of these that is found is the recall. Prints a
Markdown table.
"""

import argparse
import random
from collections.abc import Callable
from itertools import islice

from mtkit.data.cleaner import BY_CORPUS, Cleaner
from mtkit.formats.opening import open_corpus
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths

KINDS = ("copy", "wrong-script", "wrong-language", "symbols", "numbers", "tags", "near-duplicate")


def pair(source: str, target: str) -> SentencePair:
    return SentencePair(source, target, "", 1)


def spoilt(kind: str, one: SentencePair, chance: random.Random) -> SentencePair | None:
    """A pair spoilt in the way of a kind; None where it has nothing to spoil."""
    words = one.target.split()
    if kind == "copy":
        return pair(one.source, one.source.upper() if chance.random() < 0.5 else one.source + ".")
    if kind == "wrong-script":
        return pair(
            one.source,
            "".join(chr(0x430 + ord(letter) % 32) if letter.isalpha() else letter for letter in one.target),
        )
    if kind == "wrong-language":
        return pair(one.target, one.target)
    if kind == "symbols":
        return pair(one.source, " ".join("§$" + word[0] + "|%" for word in words))
    if kind == "numbers":
        digits = [
            place
            for place, letter in enumerate(one.target)
            if letter.isdecimal() and one.target[place - 1].isdecimal()
        ]
        if not digits:
            return None
        place = chance.choice(digits)
        return pair(
            one.source, one.target[:place] + str((int(one.target[place]) + 1) % 10) + one.target[place + 1 :]
        )
    if kind == "tags":
        return (
            pair(one.source, one.target.replace(">", " ", 1))
            if "<" in one.target and ">" in one.target
            else None
        )
    return pair(one.source.upper(), one.target + "!")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="+")
    parser.add_argument("--pairs", type=int, default=20_000)
    arguments = parser.parse_args()
    names, clean, recall = [], [], []
    for spec in arguments.corpora:
        name, source, target = [*spec.split(":"), "en", "de"][:3] if ":" in spec else (spec, "en", "de")
        pairs = list(islice(open_corpus(name, source, target), arguments.pairs))
        names.append(name)
        usual = Lengths.of(pairs)
        found = share(lambda one, usual=usual: usual.unusual(one), pairs)
        halved = [
            pair(one.source, one.target[: len(one.target) // 2]) for one in pairs if len(one.target) > 80
        ]
        clean.append({BY_CORPUS: found})
        recall.append({BY_CORPUS: share(lambda one, usual=usual: usual.unusual(one), halved)})
        for kind in KINDS:
            chance = random.Random(1)
            judged = Cleaner([kind], (source, target), {}).kinds(pairs)
            clean[-1][kind] = sum(map(bool, judged)) / len(pairs)
            worse = [one for one in (spoilt(kind, one, chance) for one in pairs) if one]
            if kind == "near-duplicate":
                both = Cleaner([kind], (source, target), {}).kinds([*pairs, *worse])[len(pairs) :]
            else:
                both = Cleaner([kind], (source, target), {}).kinds(worse)
            recall[-1][kind] = sum(map(bool, both)) / len(both) if both else None
    print(f"| kind | {' | '.join(f'{name}: found, recall' for name in names)} |\n|---|{'---|' * len(names)}")
    for kind in (*KINDS, BY_CORPUS):
        shares = [(own[kind], again[kind]) for own, again in zip(clean, recall, strict=True)]
        cells = [f"{own:.2%}, {'-' if again is None else f'{again:.1%}'}" for own, again in shares]
        print(f"| {kind} | {' | '.join(cells)} |")


def share(applies: Callable[[SentencePair], bool], pairs: list[SentencePair]) -> float:
    return sum(map(applies, pairs)) / max(1, len(pairs))


if __name__ == "__main__":
    main()
