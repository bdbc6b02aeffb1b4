"""A comparison as tables and marked lines: for the terminal, as Markdown, and what a page is made of."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from mtkit.scoring.comparison import Comparison, Example, SystemPair
from mtkit.scoring.counts import NAMES
from mtkit.scoring.report import json_text
from mtkit.scoring.score_tables import systems_table
from mtkit.scoring.words import marked
from mtkit.table import Markdown, PlainText, Table, count_text, score_text, share_text

# Metrics of buckets, of which there are many.
OF_BUCKETS = ("bleu", "chrf")


def tables(comparison: Comparison) -> Iterator[Table]:
    """Everything but the lines to read."""
    yield scores_table(comparison)
    yield buckets_table(comparison)
    yield orders_table(comparison)
    yield frequency_table(comparison)
    yield habits_table(comparison)
    for pair in comparison.pairs:
        yield from distinctive_tables(comparison, pair)


def scores_table(comparison: Comparison) -> Table:
    """The four scores of each system."""
    table = systems_table(comparison.systems)
    first = comparison.first.name
    if "p" in table.head:
        differences = f"from {first}; p is how often chance alone would make one as large."
    else:
        differences = f"from {first}."
    return replace(table, title="Scores", note=f"Differences are {differences} Of TER less is better.")


def buckets_table(comparison: Comparison) -> Table:
    """The scores of some of the lines of each system."""
    head = ["by", "bucket", "lines"]
    for key in OF_BUCKETS:
        head += [f"{NAMES[key]} {system.name}" for system in comparison.systems]
    rows = []
    for bucket in comparison.buckets:
        scores = [bucket.scores(system.counts, OF_BUCKETS) for system in comparison.systems]
        row = [bucket.by, bucket.name, str(bucket.size)]
        for key in OF_BUCKETS:
            row += [score_text(system_scores[key]) for system_scores in scores]
        rows.append(row)
    note = (
        "Length in words, frequency of the rarest source word in the training text. Few lines have a score of"
        " much chance."
    )
    return Table(head, rows, "Scores of some of the lines", note)


def orders_table(comparison: Comparison) -> Table:
    """How many sequences of words are right."""
    head = ["words"]
    for kind in ("precision", "recall"):
        head += [f"{kind} {system.name}" for system in comparison.systems]
    rows = []
    for order, accuracies in enumerate(zip(*comparison.orders, strict=True), 1):
        precisions = [share_text(accuracy.precision) for accuracy in accuracies]
        recalls = [share_text(accuracy.recall) for accuracy in accuracies]
        rows.append([str(order), *precisions, *recalls])
    note = (
        "Precision: what share of a system's sequences is in the reference; recall: what share of the"
        " reference's it has."
    )
    return Table(head, rows, "Sequences of words", note)


def frequency_table(comparison: Comparison) -> Table:
    """How many words are right, by how often they are elsewhere."""
    head = ["frequency", "in the reference", *(f"F1 {system.name}" for system in comparison.systems)]
    by_frequency = zip(*comparison.frequencies, strict=True)
    rows = []
    for name, accuracies in zip(comparison.frequency_names, by_frequency, strict=True):
        words = accuracies[0].reference
        if words:
            rows.append([name, str(words), *(share_text(accuracy.f1) for accuracy in accuracies)])
    note = (
        f"F1 of words by how often they stand in the {comparison.counted_in}: their harmonic mean of"
        " precision and recall."
    )
    return Table(head, rows, "Words by frequency", note)


def habits_table(comparison: Comparison) -> Table:
    """What each system does again and again; without copies where the sources are not known."""
    rows = []
    for system, habits in zip(comparison.systems, comparison.habits, strict=True):
        copies = "" if habits.copies is None else str(habits.copies)
        length = share_text(habits.length_ratio)
        rows.append([system.name, length, str(habits.empty), copies, str(habits.repetitive)])
    note = (
        "Length: its words for each of the reference. Copies: lines left as their source. Repetitive: lines"
        " that say three words again, and more often than the reference."
    )
    return Table(["system", "length", "empty", "copies", "repetitive"], rows, "Habits", note).without_empty()


def distinctive_tables(comparison: Comparison, pair: SystemPair) -> Iterator[Table]:
    """What each of two systems has right more often; nothing of that which has nothing."""
    first, other = comparison.first.name, pair.other.name
    for better, ngrams in ((other, pair.gained), (first, pair.lost)):
        if ngrams:
            rows = [[ngram.words, str(ngram.ours), str(ngram.theirs)] for ngram in ngrams]
            yield Table(["words", other, first], rows, f"What {better} has right more often")


def headed_examples(comparison: Comparison, pair: SystemPair) -> Iterator[tuple[str, list[Example]]]:
    """(title, lines) of the lines that the other system does better, and of those that it does worse."""
    first, other = comparison.first.name, pair.other.name
    if pair.wins:
        yield f"Where {other} does better than {first}", pair.wins
    if pair.losses:
        yield f"Where {first} does better than {other}", pair.losses


class WordRun(NamedTuple):
    """Words that stand together in a translation, and are all in their place in the reference, or none is."""

    right: bool
    words: str


def runs(hypothesis: str, reference: str) -> Iterator[WordRun]:
    """The words of a translation, in order."""
    for right, words in groupby(marked(hypothesis, reference), key=lambda word: word[1]):
        yield WordRun(right, " ".join(word for word, _ in words))


def comparison_text(comparison: Comparison) -> str:
    """The comparison as plain text."""
    legend = "[Words in brackets] are not in their place in the reference.\n"
    return tables_and_lines(comparison, PlainText()) + (legend if has_examples(comparison) else "")


def comparison_markdown(comparison: Comparison) -> str:
    """The same as Markdown."""
    style = Markdown()
    names = ", ".join(style.escape(system.name) for system in comparison.systems)
    text = comparison.text
    title = f"# Comparison of {names}\n\n"
    subtitle = f"{count_text(text.lines)} lines of {style.escape(text.title)}.\n\n"
    legend = "Words in **bold** are not in their place in the reference.\n\n"
    metrics = comparison.first.scores.metrics.values()
    parts = [
        title,
        subtitle,
        tables_and_lines(comparison, style),
        legend if has_examples(comparison) else "",
        *(f"- {metric.name}: `{metric.signature}`\n" for metric in metrics),
    ]
    return "".join(parts)


def comparison_json(comparison: Comparison) -> str:
    """The same as JSON."""
    return json_text(comparison.as_dict())


def tables_and_lines(comparison: Comparison, style: PlainText) -> str:
    """All tables, and the lines to read."""
    parts = [style.table(table) for table in tables(comparison)]
    for pair in comparison.pairs:
        names = (comparison.first.name, pair.other.name)
        for title, examples in headed_examples(comparison, pair):
            listings = [example_listing(example, names, style) for example in examples]
            parts.append(style.part(title, listings))
    return "".join(parts)


def has_examples(comparison: Comparison) -> bool:
    """Whether there are lines to read."""
    return any(pair.wins or pair.losses for pair in comparison.pairs)


def example_listing(example: Example, names: tuple[str, str], style: PlainText) -> str:
    """Source, reference and both hypotheses of a line, in which strange words are marked.

    Args:
        names: of the first system and of the other.
    """
    before, after = (f"{score:.1f}" for score in example.scores)
    rows = [] if example.source is None else [("source", style.escape(example.source))]
    rows.append(("reference", style.escape(example.reference)))
    for name, hypothesis in zip(names, example.hypotheses, strict=True):
        rows.append((name, marked_text(hypothesis, example.reference, style)))
    return style.listing(f"line {example.line}, chrF {before} {style.arrow} {after}", rows)


def marked_text(hypothesis: str, reference: str, style: PlainText) -> str:
    """A translation in which words that are not in their place in the reference are marked."""
    opening, closing = style.mark
    parts = []
    for run in runs(hypothesis, reference):
        words = style.escape(run.words)
        parts.append(words if run.right else f"{opening}{words}{closing}")
    return " ".join(parts)
