"""Back-translation (Sennrich et al. 2016, arXiv:1511.06709), round by round.

A round trains a reverse model, has it make source sentences, keeps what is good of them, trains a forward
model on them and the real pairs, and keeps that if it is better than the best so far. DIR/improve/round-N
holds all of it:

    reverse/          the reverse model, of the real pairs and, from round 2 on, of the synthetic ones that
                      the round before kept: it learns from itself what came back from a round trip
                      (self-training, He et al. 2020, arXiv:1909.13788)
    synthetic.jsonl   a row for each line that was asked for: what was made of it, by which weights, and
                      whether it is kept
    kept.*.txt        the pairs that are kept
    forward/          the forward model
    report.json       how it compares
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtkit.checkpoint import Checkpoint, locked
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError, InputError
from mtkit.improving.models import Recipe, make_model, mixed, recipe_of
from mtkit.improving.monolingual import MonolingualText, look_at, reasons_text
from mtkit.improving.real_text import TAG, RealText, real_text
from mtkit.improving.record import FOLDER, Record, begin, discard, folder_of, record_of, weights_of
from mtkit.improving.sources import SETTINGS_OF_WAYS, Maker, kept_pairs, make_synthetic
from mtkit.reporter import Reporter
from mtkit.scoring.counts import usual_metric
from mtkit.scoring.evaluation_text import prepared_text, translated
from mtkit.scoring.report import Scoring
from mtkit.scoring.systems import score_systems
from mtkit.settings.improve import ImproveSettings
from mtkit.settings.option import refuse_others
from mtkit.settings.score import ScoreSettings
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
    """How an improvement ended.

    Attributes:
        best: the folder of the best model; None where that is the one it began with.
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
    text: MonolingualText
    reporter: Reporter

    def round_folder(self, number: int) -> Path:
        """Where all of a round is."""
        return self.folder / f"round-{number}"

    def forward(self, number: int) -> Checkpoint:
        """The forward model of a round; of round 0 the one to begin with."""
        return Checkpoint(self.round_folder(number) / "forward") if number else self.base

    def maker(self, number: int, reverse: Checkpoint, best: int) -> Maker:
        """What makes the source sentences of a round.

        Args:
            best: the round of the best forward model so far.
        """
        return Maker(
            number=number,
            tag=self.real.tag,
            settings=self.settings,
            tokenizers=self.tokenizers,
            reverse=reverse,
            forward=self.forward(best),
            threads=self.recipe.train.threads,
            reporter=self.reporter,
        )


def improve(
    checkpoint: Checkpoint,
    settings: ImproveSettings,
    *,
    force: bool = False,
    reporter: Reporter | None = None,
) -> Improvement:
    """Improve the model of a trained directory, or go on with it. The directory itself stays as it is.

    Args:
        force: discard what was done before, and begin anew.

    Raises:
        KeyboardInterrupt: a signal; all that was done is kept.
        SettingsError, InputError, CheckpointError: settings that do not go together; what is there was begun
            with other settings, text or model; or text, or a directory, that cannot be used.
    """
    reporter = reporter or Reporter()
    refuse_others(settings, SETTINGS_OF_WAYS, "--sources", settings.sources)
    recipe, record = recipe_of(checkpoint, settings), record_of(checkpoint, settings)
    folder = folder_of(checkpoint)
    folder.mkdir(exist_ok=True)
    with locked(Checkpoint(folder)):
        begin(folder, record, force=force)
        work = begin_work(checkpoint, folder, record, settings, recipe, reporter)
        best, rounds = 0, []
        for number in range(1, settings.rounds + 1):
            ended = make_round(work, number, best)
            best = number if ended.won else best
            rounds.append(ended)
        return Improvement(rounds, folder / BEST if kept_best(folder) else None)


def begin_work(
    checkpoint: Checkpoint,
    folder: Path,
    record: Record,
    settings: ImproveSettings,
    recipe: Recipe,
    reporter: Reporter,
) -> Work:
    """Look at all that the rounds work with; warn of what is odd."""
    real = real_text(checkpoint, folder / "real")
    warn_of_what_is_left_out(real, reporter)
    if fine_tuned_from := checkpoint.settings().get("train", {}).get("from"):
        reporter.warn(
            f"{checkpoint.directory} was fine-tuned from {fine_tuned_from}; the new models begin anew"
        )
    tokenizers = load_tokenizers(checkpoint)
    check_that_valid_can_tell(checkpoint, reporter)
    try:
        text = look_at(settings, real, tokenizers.target, recipe.prepare.target_language, reporter)
    except InputError:
        discard(folder)
        raise
    reporter.say(f"{real.pairs:,} real pairs; {text.fit:,} lines of text can be used, {text.wanted:,} are")
    return Work(checkpoint, folder, record, settings, recipe, tokenizers, real, text, reporter)


def warn_of_what_is_left_out(real: RealText, reporter: Reporter) -> None:
    """Say how many of the real pairs are not used."""
    if real.lossy:
        reporter.warn(f"{real.lossy:,} real pairs hold what the vocabulary lacks, and are left out")
    if real.synthetic:
        reporter.say(f"note: {real.synthetic:,} pairs with the tag {TAG} are left out: they are no real ones")


def make_round(work: Work, number: int, best: int) -> Round:
    """A round, or what it came to where it is over.

    Args:
        best: the round of the best forward model so far; 0 is the one to begin with.
    """
    folder = work.round_folder(number)
    if not (folder / REPORT).exists():
        folder.mkdir(exist_ok=True)
        for leftover in folder.glob(".*.tmp"):
            remove(leftover)
        run_stages(work, number, best)
    ended = as_round(json.loads((folder / REPORT).read_text(encoding="utf-8")))
    if ended.won:
        keep_best(work, number)
    return ended


def run_stages(work: Work, number: int, best: int) -> None:
    """All stages of a round, those that are over left out; writes its report."""
    folder, settings, reporter = work.round_folder(number), work.settings, work.reporter
    heading = f"round {number} of {settings.rounds}"
    recipe, reverse_recipe = work.recipe, work.recipe.reversed()

    reverse_folder = folder / "reverse"
    reporter.say(
        f"{heading}: the reverse model, {reverse_recipe.languages}, in {reverse_folder}", style="bold"
    )
    earlier = work.round_folder(number - 1)
    earlier_pairs = kept_pairs(earlier)[0] if number > 1 else None
    text = mixed(work.real, earlier_pairs, earlier, settings.real_share, swapped=True)
    reverse = make_model(Checkpoint(reverse_folder), reverse_recipe, text, work.real, reporter)

    reporter.say(f"{heading}: source sentences", style="bold")
    make_synthetic(folder, work.maker(number, reverse, best), work.text)
    pairs, dropped = kept_pairs(folder)
    dropped = {**work.text.passed_over, **dropped}
    left_out = f"; left out {reasons_text(dropped)}" if dropped else ""
    reporter.say(f"kept {pairs.pairs:,} pairs{left_out}")

    reporter.say(f"{heading}: the forward model, {recipe.languages}, in {folder / 'forward'}", style="bold")
    text = mixed(work.real, pairs, folder, settings.real_share, swapped=False)
    forward = make_model(work.forward(number), recipe, text, work.real, reporter)

    reporter.say(f"{heading}: the comparison", style="bold")
    if weights_of(work.base) != work.record.base:
        raise CheckpointError(
            f"{work.base.directory} was trained anew meanwhile; use --force to improve what is there now"
        )
    report = {
        "round": number,
        "best_before": best,
        "synthetic": {"kept": pairs.pairs, "dropped": dropped},
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
    """Whether the forward model of a round is better than the best so far, and what all score.

    All translate the validation text as `mtkit score` does; the first of the scores are those of the best so
    far, the last those of the model to begin with.
    """
    settings = work.settings
    scoring = ScoreSettings(threads=work.recipe.train.threads, tokenize=settings.tokenize, tag=work.real.tag)
    text = prepared_text(work.base, "valid")
    named = []
    for round_number in dict.fromkeys((best, number, 0)):
        model = work.forward(round_number)
        named.append((str(model.directory), translated(model, scoring, text, work.reporter).lines))
    systems = score_systems(named, text.references, scoring)
    before, after = systems[0], systems[1]
    metric = usual_metric(text.references[0]) if settings.metric == "auto" else settings.metric
    is_better = after.score(metric) > before.score(metric)
    return {
        "metric": metric,
        "won": is_better and bool(after.p_values[metric] < settings.max_p),
        "valid": Scoring(systems, about={"split": text.name}).as_dict(),
    }


def as_round(report: dict[str, Any]) -> Round:
    """The report of a round in short."""
    metric = report["metric"]
    before = report["valid"]["scores"][metric]
    after = report["valid"]["paired"][0]["scores"][metric]
    return Round(
        number=report["round"],
        kept=report["synthetic"]["kept"],
        metric=metric,
        before=before["score"],
        after=after["score"],
        p=after["p"],
        won=report["won"],
    )


def keep_best(work: Work, number: int) -> None:
    """Copy the forward model of a round to DIR/improve/best, if neither it nor a later one is there.

    Raises:
        CheckpointError: its weights are not those that were compared; or what is there is being improved
            itself.
    """
    place, model = work.folder / BEST, work.forward(number)
    report = work.round_folder(number) / REPORT
    weights = json.loads(report.read_text(encoding="utf-8"))["weights"]["forward"]
    kept = kept_best(work.folder)
    if kept and (kept["round"] > number or (kept["round"], kept["weights"]) == (number, weights)):
        return
    if weights_of(model) != weights:
        raise CheckpointError(f"{model.directory} is not the model of {report}; use --force to begin anew")
    if (place / FOLDER).exists():
        raise CheckpointError(
            f"{place} is to be replaced, and holds an improvement of its own; move it elsewhere first"
        )
    with atomic_directory(place) as temporary:
        shutil.copytree(model.directory, temporary, dirs_exist_ok=True)
    write_json(work.folder / f"{BEST}.json", {"round": number, "weights": weights})


def kept_best(folder: Path) -> dict[str, Any] | None:
    """The round of DIR/improve/best and its weights, or None where there is no such directory."""
    mark = folder / f"{BEST}.json"
    if not mark.exists() or not (folder / BEST).exists():
        return None
    return json.loads(mark.read_text(encoding="utf-8"))


def check_that_valid_can_tell(checkpoint: Checkpoint, reporter: Reporter) -> None:
    """Raise CheckpointError for so little validation text that any difference looks sure; warn of little."""
    lines = checkpoint.require_stage("prepare")["pairs"].get("valid", 0)
    size = f"the validation text of {checkpoint.directory} has {lines} pairs"
    if lines < LEAST_VALID:
        raise CheckpointError(
            f"{size}, too few to tell which model is better; prepare and train with --valid 1000"
        )
    if lines < FEW_VALID:
        reporter.warn(f"{size}, so that only large differences can be told")
