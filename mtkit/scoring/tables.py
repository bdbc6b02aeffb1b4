"""A comparison as tables and marked lines: for the terminal, as Markdown, and what a page is made of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TextIO

from mtkit import __version__
from mtkit.scoring.comparison import Comparison, Example, Pair
from mtkit.scoring.counts import NAMES
from mtkit.scoring.report import (
    bucket_dict,
    compared_dict,
    metric_dict,
    print_aligned,
    printable,
    systems_rows,
    without_empty,
)
from mtkit.scoring.words import Accuracy, marked

# Metrics of buckets, of which there are many.
OF_BUCKETS = ("bleu", "chrf")


@dataclass(frozen=True)
class Table:
    """A table with what it is about.

    Attributes:
        note: how to read it; may be empty.
    """

    title: str
    note: str
    head: list[str]
    rows: list[list[str]]


def tables(comparison: Comparison) -> Iterator[Table]:
    """Everything but the lines to read."""
    yield scores_table(comparison)
    yield bucket_table(comparison)
    yield orders_table(comparison)
    yield frequency_table(comparison)
    yield habits_table(comparison)
    for pair in comparison.pairs:
        yield from distinctive_tables(comparison, pair)


def scores_table(comparison: Comparison) -> Table:
    head, *rows = systems_rows(comparison.systems)
    first = comparison.systems[0].name
    note = f"Differences are from {first}. Of TER less is better."
    if "p" in head:
        note = (
            f"Differences are from {first}; p is how often chance alone would make one as large. Of TER less"
            " is better."
        )
    return Table("Scores", note, head, rows)


def bucket_table(comparison: Comparison) -> Table:
    head = [
        "by",
        "bucket",
        "lines",
        *(f"{NAMES[key]} {system.name}" for key in OF_BUCKETS for system in comparison.systems),
    ]
    rows = []
    for bucket in comparison.buckets:
        scores = [bucket.scores(system.counts, OF_BUCKETS) for system in comparison.systems]
        rows.append(
            [
                bucket.by,
                bucket.name,
                str(bucket.size),
                *(f"{own[key]:.2f}" for key in OF_BUCKETS for own in scores),
            ]
        )
    note = (
        "Length in words, frequency of the rarest source word in the training text. Few lines have a score of"
        " much chance."
    )
    return Table("Scores of some of the lines", note, head, rows)


def orders_table(comparison: Comparison) -> Table:
    note = (
        "Precision: what share of a system's sequences is in the reference; recall: what share of the"
        " reference's it has."
    )
    head = ["words"]
    for kind in ("precision", "recall"):
        head += [f"{kind} {system.name}" for system in comparison.systems]
    rows = []
    for place, accuracies in enumerate(zip(*comparison.orders, strict=True)):
        rows.append(
            [
                str(place + 1),
                *(_share(one.precision) for one in accuracies),
                *(_share(one.recall) for one in accuracies),
            ]
        )
    return Table("Sequences of words", note, head, rows)


def frequency_table(comparison: Comparison) -> Table:
    note = (
        f"F1 of words by how often they stand in the {comparison.counted_in}: their harmonic mean of"
        " precision and recall."
    )
    head = ["frequency", "in the reference", *(f"F1 {system.name}" for system in comparison.systems)]
    rows = []
    for name, accuracies in zip(
        comparison.frequency_names, zip(*comparison.frequencies, strict=True), strict=True
    ):
        if accuracies[0].reference:
            rows.append([name, str(accuracies[0].reference), *(_share(one.f1) for one in accuracies)])
    return Table("Words by frequency", note, head, rows)


def habits_table(comparison: Comparison) -> Table:
    note = (
        "Length: its words for each of the reference. Copies: lines left as their source. Repetitive: lines"
        " that say three words again, and more often than the reference."
    )
    rows = []
    for system, habits in zip(comparison.systems, comparison.habits, strict=True):
        copies = "" if habits.copies is None else str(habits.copies)
        rows.append(
            [system.name, f"{habits.length_ratio:.3f}", str(habits.empty), copies, str(habits.repetitive)]
        )
    head, *rows = without_empty([["system", "length", "empty", "copies", "repetitive"], *rows])
    return Table("Habits", note, head, rows)


def distinctive_tables(comparison: Comparison, pair: Pair) -> Iterator[Table]:
    first, other = comparison.systems[0].name, pair.other.name
    for found, better in ((pair.gained, other), (pair.lost, first)):
        rows = [[words, str(theirs), str(ours)] for words, theirs, ours in found]
        if rows:
            yield Table(f"What {better} has right more often", "", ["words", other, first], rows)


def _share(number: float) -> str:
    return f"{number:.3f}"


def print_comparison(comparison: Comparison, stream: TextIO) -> None:
    """Tables and lines as plain text."""
    for table in tables(comparison):
        stream.write(f"{printable(table.title)}\n")
        print_aligned([table.head, *table.rows], stream)
        stream.write(f"{printable(table.note)}\n\n" if table.note else "\n")
    for pair in comparison.pairs:
        for title, examples in headed_examples(comparison, pair):
            stream.write(f"{printable(title)}\n")
            for example in examples:
                scores = " -> ".join(f"{score:.1f}" for score in example.scores)
                stream.write(f"\nline {example.line}, chrF {scores}\n")
                print_aligned(_shown(comparison, pair, example, "[", "]"), stream)
            stream.write("\n")
    if _has_examples(comparison):
        stream.write("[Words in brackets] are not in their place in the reference.\n")


def print_markdown(comparison: Comparison, stream: TextIO) -> None:
    """The same as Markdown."""
    names = ", ".join(_plain(system.name) for system in comparison.systems)
    stream.write(
        f"# Comparison of {names}\n\n{comparison.text.lines:,} lines of {_plain(comparison.text.title)}.\n\n"
    )
    for table in tables(comparison):
        stream.write(f"## {_plain(table.title)}\n\n")
        stream.write(_markdown_row(map(_plain, table.head)) + "|---" * len(table.head) + "|\n")
        stream.writelines(_markdown_row(map(_plain, row)) for row in table.rows)
        stream.write(f"\n{_plain(table.note)}\n\n" if table.note else "\n")
    for pair in comparison.pairs:
        for title, examples in headed_examples(comparison, pair):
            stream.write(f"## {_plain(title)}\n\n")
            for example in examples:
                scores = " → ".join(f"{score:.1f}" for score in example.scores)
                stream.write(f"Line {example.line}, chrF {scores}\n\n")
                for name, line in _shown(comparison, pair, example, "**", "**", _plain):
                    stream.write(f"- {_plain(name)}: {line}\n")
                stream.write("\n")
    if _has_examples(comparison):
        stream.write("Words in **bold** are not in their place in the reference.\n\n")
    for metric in comparison.systems[0].scores.metrics.values():
        stream.write(f"- {metric.name}: `{metric.signature}`\n")


def _has_examples(comparison: Comparison) -> bool:
    return any(pair.wins or pair.losses for pair in comparison.pairs)


def headed_examples(comparison: Comparison, pair: Pair) -> Iterator[tuple[str, list[Example]]]:
    """(title, lines) of the lines that the other system does better, and of those that it does worse; where
    there are any.
    """
    first, other = comparison.systems[0].name, pair.other.name
    for examples, better, worse in ((pair.wins, other, first), (pair.losses, first, other)):
        if examples:
            yield f"Where {better} does better than {worse}", examples


def _shown(
    comparison: Comparison, pair: Pair, example: Example, begin: str, end: str, escaped=str
) -> list[list[str]]:
    """Rows of name and line: source, reference and both hypotheses, in which strange words are marked."""
    rows = [["source", escaped(example.source)]] if example.source is not None else []
    rows.append(["reference", escaped(example.reference)])
    for name, hypothesis in zip(
        (comparison.systems[0].name, pair.other.name), example.hypotheses, strict=True
    ):
        parts = []
        for right, words in runs(hypothesis, example.reference):
            parts.append(escaped(words) if right else f"{begin}{escaped(words)}{end}")
        rows.append([name, " ".join(parts)])
    return rows


def runs(hypothesis: str, reference: str) -> Iterator[tuple[bool, str]]:
    """Words of a translation that are in their place in the reference, or not, as many together as stand
    together.
    """
    for right, words in groupby(marked(hypothesis, reference), key=lambda word: word[1]):
        yield right, " ".join(word for word, _ in words)


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to read."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#&~$" else letter for letter in printable(text))


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything, for JSON."""
    first = comparison.systems[0]
    systems = []
    for place, system in enumerate(comparison.systems):
        if place:
            found = compared_dict(system, first)
        else:
            found = {
                "name": first.name,
                "scores": {key: metric_dict(one) for key, one in first.scores.metrics.items()},
            }
        found["by"] = [bucket_dict(bucket, system) for bucket in comparison.buckets]
        found["ngrams"] = [accuracy_dict(one) for one in comparison.orders[place]]
        named = zip(comparison.frequency_names, comparison.frequencies[place], strict=True)
        found["words_by_frequency"] = [{"frequency": name, **accuracy_dict(one)} for name, one in named]
        systems.append({**found, "habits": vars(comparison.habits[place])})
    pairs = []
    for pair in comparison.pairs:
        examples = {
            kind: [vars(one) for one in found]
            for kind, found in (("wins", pair.wins), ("losses", pair.losses))
        }
        pairs.append({"other": pair.other.name, "gained": pair.gained, "lost": pair.lost, **examples})
    return {
        **comparison.about,
        "mtkit": __version__,
        "text": comparison.text.name,
        "lines": comparison.text.lines,
        "references": len(comparison.text.references),
        "frequencies_in": comparison.counted_in,
        "systems": systems,
        "pairs": pairs,
    }


def accuracy_dict(one: Accuracy) -> dict[str, Any]:
    return {**vars(one), "precision": one.precision, "recall": one.recall, "f1": one.f1}


def short_names(names: Sequence[str]) -> list[str]:
    """Names that fit a table: the last part of the paths that tells them all apart, or the whole paths."""
    parts = [name.rstrip("/").split("/") for name in names]
    for place in range(1, min(map(len, parts)) + 1):
        short = [part[-place] for part in parts]
        if len(set(short)) == len(names):
            return short
    return list(names)
