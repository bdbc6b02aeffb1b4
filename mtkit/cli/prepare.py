"""`mtkit prepare`: parse, check, call the stage, print its report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import directory_flag, resolve_settings, settings_command

if TYPE_CHECKING:
    from mtkit.data.prepare import PrepareReport
    from mtkit.data.preview import Preview
    from mtkit.reporter import Reporter

# Letters of a side of an example.
SHOWN_LETTERS = 160


@settings_command("prepare")
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; show what of each kind there is, with examples."
)
@click.option(
    "--force", is_flag=True, help="Prepare again where prepared text stands; this discards the trained model."
)
def prepare(checkpoint_dir, config_file, dry_run, force, **flags):
    """Clean and tokenize parallel text, build the vocabulary, store token arrays.

    \b
    mtkit prepare --train corpus --valid 1000 --source-language en --target-language de
    """
    (settings,) = resolve_settings(flags, config_file, "prepare")
    if settings.from_:
        from mtkit.data.vocabulary import settled_by

        settled = settled_by(Checkpoint(Path(settings.from_)))
        (settings,) = resolve_settings(flags, config_file, "prepare", stored={"prepare": settled})
    if not settings.train:
        raise click.UsageError(
            "no training text: add --train CORPUS, for example --train data/train for data/train.en and .de"
        )
    if not settings.source_language or not settings.target_language:
        raise click.UsageError(
            "no languages: add --source-language CODE and --target-language CODE, for example en and de"
        )

    for part in ("valid", "test"):
        if flags["train"] and getattr(settings, part) and not flags[part]:
            named = " ".join(getattr(settings, part))
            click.echo(
                f"note: --train is from the command line, but {part} ({named}) from the settings file",
                err=True,
            )

    from mtkit.data.prepare import prepare as run
    from mtkit.reporter import TerminalReporter

    reporter = TerminalReporter()
    phase = ""

    def progress(what: str, done: int, total: int | None) -> None:
        nonlocal phase
        if what != phase or reporter.due():
            reporter.line(f"{what}: {done:,}{f' of {total:,}' if total else ''} pairs" if done else what)
        phase = what

    if dry_run:
        from mtkit.data.preview import preview

        try:
            found = preview(settings, progress)
        finally:
            reporter.pause()
        _show(found, settings.rejects, reporter)
        return
    try:
        report = run(settings, Checkpoint(checkpoint_dir), force, progress)
    finally:
        reporter.pause()
    _print(report, reporter)
    click.echo(f"next: mtkit train{directory_flag(checkpoint_dir)}", err=True)


def _show(found: "Preview", rejects: str | None, reporter: "Reporter") -> None:
    from rich.table import Table

    from mtkit.data.cleaner import INVALID
    from mtkit.text.lines import visible

    kinds = Table("kind", title=f"{found.read:,} pairs", title_justify="left")
    for name in ("pairs", "share", "alone", "dropped"):
        kinds.add_column(name, justify="right")
    for kind, own in found.kinds.items():
        drops = kind in (INVALID, *found.dropped)
        row = (
            kind,
            f"{own.count:,}",
            f"{own.count / max(1, found.read):.2%}",
            f"{own.besides:,}",
            "yes" if drops else "no",
        )
        kinds.add_row(*row, style="bold" if drops and own.count else "")
    reporter.show(kinds)
    for kind, own in found.kinds.items():
        if own.count:
            reporter.say(f"{kind}, for example", style="bold")
        for pair in own.examples:
            sides = pair.source, pair.target
            source, target = (
                side if len(side) <= SHOWN_LETTERS else side[:SHOWN_LETTERS] + "…" for side in sides
            )
            reporter.say(visible(f"  {pair.file}:{pair.line}: {source} ||| {target}"))
    for kind, why in found.passed_over.items():
        reporter.say(f"note: not looked for: {kind}: {why}")
    reporter.say(
        f"{found.left:,} pairs stay; length and ratio are counted in tokens, when these are made. "
        + (
            f"All of the above are in {rejects}; nothing else was written."
            if rejects
            else "Nothing was written."
        )
    )


def _print(report: "PrepareReport", reporter: "Reporter") -> None:
    from rich.table import Table
    from rich.text import Text

    from mtkit.text.lines import visible

    pairs = Table(
        "pairs", title=f"{report.source_language} to {report.target_language}", title_justify="left"
    )
    pairs.add_column("", justify="right")
    pairs.add_row("read", f"{report.pairs_read:,}")
    for reason, count in report.dropped.items():
        pairs.add_row(f"  dropped: {reason}", f"{count:,}")
    for part, count in report.pairs.items():
        pairs.add_row(part + (" (split off)" if part in report.split_off else ""), f"{count:,}", style="bold")
    reporter.show(pairs)
    tags = {row["tag"] for row in report.corpora}
    if len(report.corpora) > 1 or report.corpora[0]["weight"] != 1 or tags != {""}:
        mixed = Table("corpus", "tag")
        for name in ("weight", "read", "pairs in train"):
            mixed.add_column(name, justify="right")
        for row in report.corpora:
            mixed.add_row(
                Text(visible(row["corpus"])),
                row["tag"],
                f"{row['weight']:g}",
                f"{row['read']:,}",
                f"{row['pairs']:,}",
            )
        reporter.show(mixed)

    sides = Table("training text")
    for language in (report.source_language, report.target_language):
        sides.add_column(language, justify="right")
    for name, values in {"tokens": report.tokens, "different tokens": report.types}.items():
        sides.add_row(name, *(f"{count:,}" for count in values.values()))
    sides.add_row(
        f"vocabulary ({report.vocabulary}, {report.tokenizer})",
        *(f"{n:,}" for n in report.vocabulary_sizes.values()),
    )
    for percent in next(iter(report.length_percentiles.values())):
        name = "longest" if percent == "max" else f"length, {percent}% are up to"
        sides.add_row(name, *(f"{lengths[percent]:,}" for lengths in report.length_percentiles.values()))
    if report.fallback_share:
        sides.add_row(
            "spelled in bytes or unknown, in valid",
            *(f"{share:.2%}" for share in report.fallback_share.values()),
        )
    reporter.show(sides)
    reporter.say(
        f"batches of {report.batch_tokens:,} target tokens: {len(report.bucket_boundaries)} buckets of target"
        f" length up to {', '.join(map(str, report.bucket_boundaries))}; {report.padding_share:.1%} padding"
    )
    for row in report.corpora:
        if row["read"] and not row["pairs"]:
            reporter.say(
                f"warning: no pair of {visible(row['corpus'])} is in the training text", style="yellow"
            )
    if "" not in tags:
        what = (
            "warning: every corpus has a tag, so nothing teaches the model to translate without one, as valid"
            " is translated"
        )
        reporter.say(f"{what}; leave the tag of the best corpus out", style="yellow")
    for part, count in report.train_pairs_in.items():
        if count:
            what = f"warning: {count:,} training pairs also occur in {part}, which flatters its score"
            reporter.say(f"{what}; --drop leaked takes them out", style="yellow")
    if "valid" not in report.pairs:
        reporter.say(
            "warning: no validation text; add --valid CORPUS or a number of pairs to split off",
            style="yellow",
        )
