"""What `mtkit prepare` prints: its report, or with --dry-run what of each kind there is."""

from rich.table import Table
from rich.text import Text

from mtkit.data.cleaner import INVALID
from mtkit.data.prepare import PrepareReport
from mtkit.data.preview import PairsOfKind, Preview
from mtkit.reporter import Reporter
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import visible

# Letters of a side of an example.
SHOWN_LETTERS = 160


def show_preview(preview: Preview, rejects: str | None, reporter: Reporter) -> None:
    """What of each kind there is, with examples."""
    table = Table("kind", title=f"{preview.read:,} pairs", title_justify="left")
    for name in ("pairs", "share", "alone", "dropped"):
        table.add_column(name, justify="right")
    for kind, pairs in preview.kinds.items():
        is_dropped = kind in (INVALID, *preview.dropped)
        style = "bold" if is_dropped and pairs.count else ""
        table.add_row(*_kind_row(kind, pairs, preview.read, is_dropped=is_dropped), style=style)
    reporter.show(table)
    for kind, pairs in preview.kinds.items():
        if pairs.count:
            reporter.say(f"{kind}, for example", style="bold")
        for pair in pairs.examples:
            reporter.say(_example(pair))
    for kind, why in preview.passed_over.items():
        reporter.say(f"note: not looked for: {kind}: {why}")
    written = "Nothing was written."
    if rejects:
        written = f"All of the above are in {rejects}; nothing else was written."
    reporter.say(
        f"{preview.left:,} pairs stay; length and ratio are counted in tokens, when these are made. {written}"
    )


def _kind_row(kind: str, pairs: PairsOfKind, read: int, *, is_dropped: bool) -> tuple[str, ...]:
    share = pairs.count / max(1, read)
    return kind, f"{pairs.count:,}", f"{share:.2%}", f"{pairs.alone:,}", "yes" if is_dropped else "no"


def _example(pair: SentencePair) -> str:
    return visible(f"  {pair.file}:{pair.line}: {_shortened(pair.source)} ||| {_shortened(pair.target)}")


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_LETTERS else text[:SHOWN_LETTERS] + "…"


def show_report(report: PrepareReport, reporter: Reporter) -> None:
    """What was read, dropped and stored, and what may be wrong with it."""
    reporter.show(_pairs_table(report))
    if len(report.corpora) > 1 or report.corpora[0]["weight"] != 1 or report.corpora[0]["tag"]:
        reporter.show(_mixture_table(report))
    reporter.show(_sides_table(report))
    reporter.say(
        f"batches of {report.batch_tokens:,} target tokens: {len(report.bucket_boundaries)} buckets of target"
        f" length up to {', '.join(map(str, report.bucket_boundaries))}; {report.padding_share:.1%} padding"
    )
    for warning in _warnings(report):
        reporter.warn(warning)


def _pairs_table(report: PrepareReport) -> Table:
    title = f"{report.source_language} to {report.target_language}"
    table = Table("pairs", title=title, title_justify="left")
    table.add_column("", justify="right")
    table.add_row("read", f"{report.pairs_read:,}")
    for reason, count in report.dropped.items():
        table.add_row(f"  dropped: {reason}", f"{count:,}")
    for part, count in report.pairs.items():
        name = f"{part} (split off)" if part in report.split_off else part
        table.add_row(name, f"{count:,}", style="bold")
    if report.context:
        table.add_row("  train, behind another sentence", f"{report.following:,}")
    return table


def _mixture_table(report: PrepareReport) -> Table:
    table = Table("corpus", "tag")
    for name in ("weight", "read", "pairs in train"):
        table.add_column(name, justify="right")
    for corpus in report.corpora:
        name = Text(visible(corpus["corpus"]))
        counts = f"{corpus['read']:,}", f"{corpus['pairs']:,}"
        table.add_row(name, corpus["tag"], f"{corpus['weight']:g}", *counts)
    return table


def _sides_table(report: PrepareReport) -> Table:
    table = Table("training text")
    for language in (report.source_language, report.target_language):
        table.add_column(language, justify="right")
    _add_sides(table, "tokens", report.tokens)
    _add_sides(table, "different tokens", report.types)
    _add_sides(table, f"vocabulary ({report.vocabulary}, {report.tokenizer})", report.vocabulary_sizes)
    for percent in report.length_percentiles["source"]:
        name = "longest" if percent == "max" else f"length, {percent}% are up to"
        lengths = {side: lengths[percent] for side, lengths in report.length_percentiles.items()}
        _add_sides(table, name, lengths)
    if report.fallback_share:
        _add_sides(table, "spelled in bytes or unknown, in valid", report.fallback_share, ".2%")
    return table


def _add_sides(table: Table, name: str, values: dict[str, float], form: str = ",") -> None:
    """A row with a number of each side."""
    table.add_row(name, *(format(value, form) for value in values.values()))


def _warnings(report: PrepareReport) -> list[str]:
    warnings = [
        f"no pair of {visible(corpus['corpus'])} is in the training text"
        for corpus in report.corpora
        if corpus["read"] and not corpus["pairs"]
    ]
    if all(corpus["tag"] for corpus in report.corpora):
        warnings.append(
            "every corpus has a tag, so nothing teaches the model to translate without one, as valid is"
            " translated; leave the tag of the best corpus out"
        )
    if report.context and not report.following:
        warnings.append(
            "no pair of the training text stands behind another in a document, so the model learns to use no"
            " context; --context is for files of lines and tables that are in order"
        )
    for part, count in report.train_pairs_in.items():
        if count:
            warnings.append(
                f"{count:,} training pairs also occur in {part}, which flatters its score; --drop leaked"
                " takes them out"
            )
    if "valid" not in report.pairs:
        warnings.append("no validation text; add --valid CORPUS or a number of pairs to split off")
    return warnings
