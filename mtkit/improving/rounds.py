"""Back-translation (Sennrich et al. 2016, arXiv:1511.06709), round by round.

A round trains a reverse model, has it make source sentences, keeps what is good of them, trains a forward
model on them and the real pairs, and keeps that if it is better than the best so far. DIR/improve/round-N
holds all of it:

    reverse/          the reverse model, of the real pairs and, from round 2 on, of the synthetic ones that
    the round before kept:
                      it learns from itself what came back from a round trip (self-training, He et al. 2020,
                      arXiv:1909.13788)
    synthetic.jsonl   a row for each line that was asked for: what was made of it, by which weights, and
    whether it is kept kept.*.txt        the pairs that are
    forward/          the forward model
    report.json       how it compares
"""

import json
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mtkit.checkpoint import Checkpoint, locked
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError, InputError
from mtkit.improving.models import Recipe, make_model, mixed, recipe_of
from mtkit.improving.real_text import TAG, RealText, real_text
from mtkit.improving.record import FOLDER, Record, begin, discard, folder_of, record_of, weights_of
from mtkit.improving.sources import OWN, Maker, Text, kept_pairs, look_at, make_synthetic, told
from mtkit.reporter import Reporter
from mtkit.scoring.counts import usual_metric
from mtkit.scoring.evaluation_text import prepared_text, search_of, translated
from mtkit.scoring.report import Scoring
from mtkit.scoring.systems import score_systems
from mtkit.settings import ImproveSettings, ScoreSettings
from mtkit.settings.option import refuse_others
from mtkit.writing import atomic_directory, remove, write_json

REPORT, BEST = "report.json", "best"
# Validation pairs that can tell anything, and those that can tell what is worth telling.
LEAST_VALID, FEW_VALID = 20, 200


@dataclass(frozen=True)
class Round:
    """How a round ended.

    Attributes:
        kept: synthetic pairs.
        metric: "bleu" or "chrf".
        before, after: the score of the best model so far, and of the new one.
        p: how likely such a difference is by luck.
        won: whether the new one is kept.
    """

    number: int
    kept: int
    metric: str
    before: float
    after: float
    p: float
    won: bool


@dataclass(frozen=True)
class Improvement:
    """How an improvement ended: its rounds, and the folder of the best model, or None where that is the one
    it began with.
    """

    rounds: list[Round]
    best: Path | None


@dataclass(frozen=True)
class Work:
    """What all rounds work with.

    Attributes:
        base: the directory that is to be improved.
        folder: DIR/improve.
        tokenizers: of the base.
    """

    base: Checkpoint
    folder: Path
    record: Record
    settings: ImproveSettings
    recipe: Recipe
    tokenizers: Tokenizers
    real: RealText
    text: Text
    reporter: Reporter

    def round_folder(self, number: int) -> Path:
        return self.folder / f"round-{number}"

    def forward(self, number: int) -> Checkpoint:
        """The forward model of a round; of round 0 the one to begin with."""
        return Checkpoint(self.round_folder(number) / "forward") if number else self.base


def improve(
    checkpoint: Checkpoint, settings: ImproveSettings, force: bool, reporter: Reporter
) -> Improvement:
    """Improve the model of a trained directory, or go on with it. The directory itself stays as it is.

    Args:
        force: discard what was done before, and begin anew.

    Raises:
        KeyboardInterrupt: a signal; all that was done is kept.
        SettingsError, InputError, CheckpointError: settings that do not go together; what is there was begun
            with other settings, text or model; or text, or a directory, that cannot be used.
    """
    refuse_others(settings, OWN, "--sources", settings.sources)
    recipe, record = recipe_of(checkpoint, settings), record_of(checkpoint, settings)
    folder = folder_of(checkpoint)
    folder.mkdir(exist_ok=True)
    with locked(Checkpoint(folder)):
        begin(folder, record, force)
        real = real_text(checkpoint, folder / "real")
        if real.lossy:
            reporter.say(
                f"warning: {real.lossy:,} real pairs hold what the vocabulary lacks, and are left out",
                style="yellow",
            )
        if real.synthetic:
            reporter.say(
                f"note: {real.synthetic:,} pairs with the tag {TAG} are left out: they are no real ones"
            )
        if fine_tuned_from := checkpoint.settings().get("train", {}).get("from"):
            warning = (
                f"{checkpoint.directory} was fine-tuned from {fine_tuned_from}; the new models begin anew"
            )
            reporter.say(f"warning: {warning}", style="yellow")
        tokenizers = load_tokenizers(checkpoint)
        _see_that_valid_can_tell(checkpoint, reporter)
        try:
            text = look_at(
                settings,
                real,
                tokenizers.target,
                recipe.prepare.target_language,
                partial(reporter.say, style="yellow"),
            )
        except InputError:
            discard(folder)
            raise
        reporter.say(
            f"{real.pairs:,} real pairs; {text.fit:,} lines of text can be used, {text.wanted:,} are"
        )
        work = Work(checkpoint, folder, record, settings, recipe, tokenizers, real, text, reporter)
        best, rounds = 0, []
        for number in range(1, settings.rounds + 1):
            ended = one_round(work, number, best)
            best = number if ended.won else best
            rounds.append(ended)
        return Improvement(rounds, folder / BEST if _kept(folder) else None)


def one_round(work: Work, number: int, best: int) -> Round:
    """A round, or what it came to where it is over.

    Args:
        best: the round of the best forward model so far; 0 is the one to begin with.
    """
    folder = work.round_folder(number)
    if not (folder / REPORT).exists():
        folder.mkdir(exist_ok=True)
        for leftover in folder.glob(".*.tmp"):
            remove(leftover)
        run_round(work, number, best)
    ended = as_round(json.loads((folder / REPORT).read_text(encoding="utf-8")))
    if ended.won:
        keep_best(work, number)
    return ended


def run_round(work: Work, number: int, best: int) -> None:
    """All stages of a round, those that are over left out; writes its report."""
    folder, settings, say = work.round_folder(number), work.settings, work.reporter.say
    heading = f"round {number} of {settings.rounds}"
    before = work.round_folder(number - 1)
    earlier = kept_pairs(before)[0] if number > 1 else None
    backward = work.recipe.reversed()
    say(f"{heading}: the reverse model, {backward.languages}, in {folder / 'reverse'}", style="bold")
    text = mixed(work.real, earlier, before, settings.real_share, backward.swapped)
    reverse = make_model(Checkpoint(folder / "reverse"), backward, text, work.real)

    say(f"{heading}: source sentences", style="bold")
    maker = Maker(
        number,
        work.real.tag,
        settings,
        work.tokenizers,
        reverse,
        work.forward(best),
        work.recipe.train.threads,
        work.reporter,
    )
    make_synthetic(folder, maker, work.text)
    corpus, dropped = kept_pairs(folder)
    dropped = {**work.text.passed_over, **dropped}
    say(f"kept {corpus.pairs:,} pairs{f'; left out {told(dropped)}' if dropped else ''}")

    text = mixed(work.real, corpus, folder, settings.real_share, work.recipe.swapped)
    say(f"{heading}: the forward model, {work.recipe.languages}, in {folder / 'forward'}", style="bold")
    forward = make_model(work.forward(number), work.recipe, text, work.real)

    say(f"{heading}: the comparison", style="bold")
    if weights_of(work.base) != work.record.base:
        raise CheckpointError(
            f"{work.base.directory} was trained anew meanwhile; use --force to improve what is there now"
        )
    report = {
        "round": number,
        "best_before": best,
        "synthetic": {"kept": corpus.pairs, "dropped": dropped},
        "train": list(text),
        "weights": {
            "reverse": weights_of(reverse),
            "forward": weights_of(forward),
            "best_before": weights_of(work.forward(best)),
        },
        "trained": {"reverse": reverse.require_stage("train"), "forward": forward.require_stage("train")},
        **compared(work, number, best),
    }
    write_json(folder / REPORT, report)


def compared(work: Work, number: int, best: int) -> dict[str, Any]:
    """Whether the forward model of a round is better than the best so far, and the scores of both and of the
    one to begin with.

    All translate the validation text as `mtkit score` does; the first of the scores are those of the best so
    far.
    """
    settings = work.settings
    scoring = ScoreSettings(threads=work.recipe.train.threads, tokenize=settings.tokenize, tag=work.real.tag)
    text = prepared_text(work.base, "valid")
    named = []
    for which in dict.fromkeys((best, number, 0)):
        results, _ = translated(work.forward(which), search_of(scoring), text, work.reporter)
        named.append((str(work.forward(which).directory), [result.text for result in results]))
    systems = score_systems(named, text.references, scoring)
    metric = usual_metric(text.references[0]) if settings.metric == "auto" else settings.metric
    gained = systems[1].score(metric) - systems[0].score(metric)
    p = systems[1].p_values[metric]
    return {
        "metric": metric,
        "won": bool(gained > 0 and p < settings.max_p),
        "valid": Scoring(systems, about={"split": text.name}).as_dict(),
    }


def as_round(report: dict[str, Any]) -> Round:
    """The report of a round in short."""
    metric = report["metric"]
    after = report["valid"]["paired"][0]["scores"][metric]
    before = report["valid"]["scores"][metric]["score"]
    return Round(
        report["round"],
        report["synthetic"]["kept"],
        metric,
        before,
        after["score"],
        after["p"],
        report["won"],
    )


def keep_best(work: Work, number: int) -> None:
    """Copy the forward model of a round to DIR/improve/best, if neither it nor a later one is there.

    Raises:
        CheckpointError: its weights are not those that were compared; or what is there is being improved
            itself.
    """
    place, kept, report = work.folder / BEST, _kept(work.folder), work.round_folder(number) / REPORT
    compared = json.loads(report.read_text(encoding="utf-8"))["weights"]["forward"]
    if kept and (kept["round"] > number or (kept["round"], kept["weights"]) == (number, compared)):
        return
    if weights_of(work.forward(number)) != compared:
        raise CheckpointError(
            f"{work.forward(number).directory} is not the model of {report}; use --force to begin anew"
        )
    if (place / FOLDER).exists():
        raise CheckpointError(
            f"{place} is to be replaced, and holds an improvement of its own; move it elsewhere first"
        )
    with atomic_directory(place) as temporary:
        shutil.copytree(work.forward(number).directory, temporary, dirs_exist_ok=True)
    write_json(work.folder / f"{BEST}.json", {"round": number, "weights": compared})


def _kept(folder: Path) -> dict[str, Any] | None:
    """The round of DIR/improve/best and its weights, or None where there is no such directory."""
    mark = folder / f"{BEST}.json"
    return (
        json.loads(mark.read_text(encoding="utf-8")) if mark.exists() and (folder / BEST).exists() else None
    )


def _see_that_valid_can_tell(checkpoint: Checkpoint, reporter: Reporter) -> None:
    """Raise CheckpointError where there is so little validation text that any difference would look sure;
    warn of little.
    """
    lines = checkpoint.require_stage("prepare")["pairs"].get("valid", 0)
    what = f"the validation text of {checkpoint.directory} has {lines} pairs"
    if lines < LEAST_VALID:
        raise CheckpointError(
            f"{what}, too few to tell which model is better; prepare and train with --valid 1000"
        )
    if lines < FEW_VALID:
        reporter.say(f"warning: {what}, so that only large differences can be told", style="yellow")
