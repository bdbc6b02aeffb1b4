"""`mtkit doctor`: what is wrong with a checkpoint directory, or will be, and what to do. Changes nothing."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from mtkit import __version__
from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.data.cleaner import BY_TOKENS
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import load_tokenizers
from mtkit.errors import MtkitError
from mtkit.machine import available_threads
from mtkit.reporter import Reporter
from mtkit.scoring.counts import NAMES
from mtkit.text.lines import read_text
from mtkit.training.log import Validation, read_log
from mtkit.translating.reach import longest_tokens

LEVELS = ("error", "warning", "note")
# What is more, or less, is told of.
MOST_FALLBACK, MOST_DROPPED, MOST_SAME, MOST_SPLIT, MOST_WAITING = 0.01, 0.2, 0.1, 0.001, 0.1
LENGTHS = (0.5, 2.0)
STATES_ROOM = 4
LEAST_LINES = 20
LEAST_VALIDATIONS = 5
# A model that has learnt anything scores more.
LEAST_SCORE = {"bleu": 1.0, "chrf": 5.0}
# A trained model is not to be lost for a look.
WHERE_SEEN = "see them with 'mtkit prepare --dry-run --rejects FILE', which changes nothing here"
WHERE_LENGTHS_ARE_SEEN = (
    "see them with 'mtkit prepare -C OTHER --rejects FILE', which changes nothing here (a dry run counts no"
    " tokens)"
)
THREAD_VARIABLES = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """Something to know.

    Attributes:
        level: "error", what does not work; "warning", what most likely is not meant; "note", what one may
            want to know.
        problem: what it is.
        fix: what to do.
        about: the part of the directory; filled in by `diagnose`.
    """

    level: str
    problem: str
    fix: str
    about: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"level": self.level, "about": self.about, "what": self.problem, "fix": self.fix}


@dataclass(frozen=True)
class Diagnosis:
    """All findings, the worst first, and the parts of the directory in which nothing was found."""

    findings: list[Finding]
    well: list[str]

    @property
    def ill(self) -> bool:
        """Whether there is an error or a warning."""
        return any(finding.level != "note" for finding in self.findings)


Check = Callable[[Checkpoint], Iterator[Finding]]


def diagnose(checkpoint: Checkpoint, reporter: Reporter | None = None) -> Diagnosis:
    """Look at a checkpoint directory.

    Raises:
        CheckpointError: nothing prepared there, so that there is nothing to look at.
    """
    reporter = reporter or Reporter()
    checkpoint.require_stage("prepare")
    findings, well = [], []
    for about, checks in CHECKS.items():
        if reporter.moving:
            reporter.line(f"looking at {about}")
        part_findings = list(chain.from_iterable(look(checkpoint, check) for check in checks))
        findings += [replace(finding, about=about) for finding in part_findings]
        if not part_findings:
            well.append(about)
    return Diagnosis(sorted(findings, key=lambda finding: LEVELS.index(finding.level)), well)


def look(checkpoint: Checkpoint, check: Check) -> Iterator[Finding]:
    """What a check finds; also that it came to no end, where that is so."""
    try:
        yield from check(checkpoint)
    except Exception as error:  # a damaged file may give any
        reason = str(error) if isinstance(error, (MtkitError, OSError)) else repr(error)
        problem = f"the check for {check.__name__.replace('_', ' ')} came to no end: {reason}"
        yield Finding("error", problem, "copy the directory again")


def damaged_files(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Every file that a stage wrote against its hash."""
    for stage in checkpoint.manifest()["stages"]:
        for name in checkpoint.files(stage):
            try:
                checkpoint.verify(stage, name)
            except MtkitError as error:
                problem, _, advice = str(error).partition("; ")
                yield Finding("error", problem, advice)


def missing_weights(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether there are weights to train on with."""
    if not checkpoint.has_stage("train"):
        yield Finding("note", "there is no trained model yet", "run 'mtkit train'")
    elif not checkpoint.weights.exists():
        problem = "the weights are not here: this directory can translate, but not train on"
        yield Finding("note", problem, "copy the whole one for that")


def damaged_weights(checkpoint: Checkpoint) -> Iterator[Finding]:
    """The weights against their checksums, and whether they are numbers."""
    if not checkpoint.has_stage("train"):
        return
    for path in sorted(checkpoint.weights.glob("*.safetensors")):
        try:
            arrays, _ = load_arrays(path)
        except MtkitError as error:
            advice = "copy the directory again; other weights can be used with --weights"
            yield Finding("error", str(error), advice)
            continue
        if not all(np.isfinite(array).all() for array in arrays.values()):
            problem = f"{path} holds numbers that are none"
            yield Finding("error", problem, "train again with a lower --learning-rate")


def other_version(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Which mtkit wrote the directory."""
    wrote = checkpoint.manifest().get("mtkit")
    if wrote != __version__:
        problem = f"mtkit {wrote} wrote this directory, and this is {__version__}"
        yield Finding("note", problem, "nothing, as long as all else is well")


def other_vocabulary(checkpoint: Checkpoint) -> Iterator[Finding]:
    """The size of each vocabulary against what was prepared."""
    tokenizers = load_tokenizers(checkpoint)
    recorded = checkpoint.require_stage("prepare")["vocabulary_sizes"]
    for side in SIDES:
        size = getattr(tokenizers, side).size
        if size != recorded[side]:
            problem = f"the {side} vocabulary has {size} tokens, and {recorded[side]} were prepared"
            yield Finding("error", problem, "copy the directory again")


def uncovered_text(checkpoint: Checkpoint) -> Iterator[Finding]:
    """How well the vocabularies cover the validation text."""
    tokenizers = load_tokenizers(checkpoint)
    shares = checkpoint.require_stage("prepare").get("fallback_share", {})
    advice = (
        "is it of the same kind as the training text? Else a larger --vocabulary-size, or"
        " --character-coverage 1"
    )
    for side in SIDES:
        share = shares.get(side, 0.0)
        if share > MOST_FALLBACK:
            kind = "unknown" if getattr(tokenizers, side).has_unknown else "spelt in bytes"
            problem = f"{share:.1%} of the {side} tokens of the validation text are {kind}"
            yield Finding("warning", problem, advice)


def dropped_pairs(checkpoint: Checkpoint) -> Iterator[Finding]:
    """What was left out of the training text."""
    report = checkpoint.require_stage("prepare")
    read = report["pairs_read"]
    for reason, count in report["dropped"].items():
        if count > MOST_DROPPED * read:
            problem = f"{count / read:.0%} of the pairs read were left out: {reason}"
            yield Finding("warning", problem, WHERE_LENGTHS_ARE_SEEN if reason in BY_TOKENS else WHERE_SEEN)


def leaked_pairs(checkpoint: Checkpoint) -> Iterator[Finding]:
    """How much of the text that models are judged by is in the training text."""
    for part, count in checkpoint.require_stage("prepare").get("train_pairs_in", {}).items():
        if count:
            problem = f"{count:,} training pairs are in the {part} text too, which flatters its score"
            yield Finding("warning", problem, f"prepare with --drop leaked, or name another --{part}")


def no_validation_text(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether training can be judged."""
    if "valid" not in checkpoint.require_stage("prepare")["pairs"]:
        problem = "there is no validation text, so that training cannot tell the best weights"
        yield Finding("warning", problem, "prepare with --valid")


def unequal_sides(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether the sides of the training text are about equally long."""
    folder = checkpoint.data / "train"
    if not (folder / "store.json").exists():
        return
    lengths = TokenCorpus(folder).lengths
    ratio = lengths["target"].sum() / max(1, lengths["source"].sum())
    if not LENGTHS[0] <= ratio <= LENGTHS[1]:
        problem = f"the target text has {ratio:.1f} times the tokens of the source text"
        yield Finding("warning", problem, "do the files belong together?")


def long_sentences(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Validation sentences that are longer than what is translated in one piece."""
    path, most = checkpoint.data / "valid" / "source.txt", longest_tokens(checkpoint.require_stage("prepare"))
    if not path.exists():
        return
    lengths = [len(ids) for ids in load_tokenizers(checkpoint).source.encode(read_text(path))]
    long = sum(length > most for length in lengths)
    if long > MOST_SPLIT * len(lengths):
        yield Finding(
            "warning",
            f"{long} of {len(lengths)} validation sentences have more than {most} tokens, and are split",
            "give one sentence on each line, or raise --max-length-tokens of prepare",
        )


def missing_log(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether there is a log of the training."""
    if checkpoint.has_stage("train") and not read_log(checkpoint):
        problem = "the log of the training is not here"
        yield Finding("note", problem, "nothing, unless you want to see the learning curve")


def skipped_steps(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Steps whose gradient made no sense."""
    for last in read_log(checkpoint)[-1:]:
        if last.skipped_steps:
            problem = f"{last.skipped_steps} steps made no sense and were skipped"
            yield Finding("warning", problem, "a lower --learning-rate, or --precision float32")


def waiting(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether training waited for its batches."""
    for last in read_log(checkpoint)[-1:]:
        share = last.input_wait_share or 0.0
        if share > MOST_WAITING:
            problem = f"training waited for its batches {share:.0%} of the time"
            yield Finding("warning", problem, "is the disk slow?")


def learning(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether the score of the validation text rose, and rises still."""
    log, metric = read_log(checkpoint), judging_metric(checkpoint)
    scores = scores_of(log, metric)
    if not scores:
        return
    best = max(scores)
    if len(log) >= LEAST_VALIDATIONS and best < LEAST_SCORE[metric]:
        problem = f"the best {NAMES[metric]} of {len(log)} validations is {best:.2f}"
        yield Finding("warning", problem, "do line n of both sides belong together?")
    elif scores.index(best) == len(scores) - 1:
        problem = "the last validation is the best: longer training would most likely help"
        yield Finding("note", problem, "run 'mtkit train' with a higher limit")


def judging_metric(checkpoint: Checkpoint) -> str:
    """What validations are judged by here: "bleu" or "chrf"."""
    trained = checkpoint.require_stage("train") if checkpoint.has_stage("train") else {}
    return "chrf" if trained.get("best_metric") == "chrf" else "bleu"


def scores_of(log: Sequence[Validation], metric: str) -> list[float]:
    """The score of each validation."""
    return [getattr(validation, metric) or 0.0 for validation in log]


def repeated_output(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether most of what was translated here last is the same."""
    texts = sorted(checkpoint.scores.glob("*.txt"), key=lambda path: path.stat().st_mtime)
    lines = read_text(texts[-1]) if texts else []
    if len(lines) < LEAST_LINES:
        return
    (commonest, times), *_ = Counter(lines).most_common(1)
    if times > MOST_SAME * len(lines):
        yield Finding(
            "warning",
            f"{times} of {len(lines)} lines of {texts[-1]} are the same: {commonest[:80]!r}",
            "the model has learnt little of its source: train longer, and see that line n of both sides"
            " belong together",
        )


def full_disk(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Room for the next states of a training."""
    largest = max((path.stat().st_size for path in checkpoint.states()), default=0)
    free = shutil.disk_usage(checkpoint.directory).free
    if free < STATES_ROOM * largest:
        room, state = f"{free / 1e6:,.0f} MB", f"{largest / 1e6:,.0f} MB"
        problem = f"{room} are free, and each state of the training takes {state}"
        yield Finding("warning", problem, "free some space")


def too_many_threads(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Whether there are as many threads as it was trained with."""
    threads = checkpoint.settings().get("train", {}).get("threads", 0)
    if threads > available_threads():
        yield Finding(
            "warning",
            f"trained with --threads {threads}, and there are {available_threads()} here",
            "a training goes on exactly only with the same number; leave --threads out otherwise",
        )


def threads_held_back(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Variables that keep some of the processor from being used."""
    for name in THREAD_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdigit() and 0 < int(value) < available_threads():
            problem = f"{name}={value} may hold back some of the {available_threads()} threads"
            yield Finding("note", problem, f"unset {name}, and use --threads")


CHECKS: dict[str, tuple[Check, ...]] = {
    "files": (damaged_files,),
    "weights": (missing_weights, damaged_weights),
    "versions": (other_version,),
    "vocabulary": (other_vocabulary, uncovered_text),
    "corpus": (dropped_pairs, leaked_pairs, no_validation_text, unequal_sides),
    "sentences": (long_sentences,),
    "training": (missing_log, skipped_steps, waiting, learning),
    "output": (repeated_output,),
    "disk": (full_disk,),
    "threads": (too_many_threads, threads_held_back),
}
