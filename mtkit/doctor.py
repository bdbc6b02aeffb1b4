"""`mtkit doctor`: what is wrong with a checkpoint directory, or will be, and what to do about it. Changes
nothing.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mtkit import __version__
from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import load_tokenizers
from mtkit.errors import MtkitError
from mtkit.machine import available_threads
from mtkit.scoring.counts import NAMES
from mtkit.settings import TranslateSettings
from mtkit.text.lines import read_text
from mtkit.training.log import read_log

LEVELS = ("error", "warning", "note")
# What is more, or less, is told of.
MOST_FALLBACK, MOST_DROPPED, MOST_SAME, MOST_TRUNCATED = 0.01, 0.2, 0.1, 0.001
LENGTHS = (0.5, 2.0)
STATES_ROOM = 4
# A model that has learnt anything scores more.
LEAST_SCORE = {"bleu": 1.0, "chrf": 5.0}
THREAD_VARIABLES = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """Something to know.

    Attributes:
        level: "error", what does not work; "warning", what most likely is not meant; "note", what one may
            want to know.
        about: the check.
        what: it is.
        fix: what to do.
    """

    level: str
    about: str
    what: str
    fix: str


@dataclass(frozen=True)
class Diagnosis:
    """All findings, the worst first, and the checks that found nothing."""

    findings: list[Finding]
    well: list[str]

    @property
    def ill(self) -> bool:
        """Whether there is an error or a warning."""
        return any(finding.level != "note" for finding in self.findings)


def diagnose(checkpoint: Checkpoint, say: Callable[[str], None] = lambda message: None) -> Diagnosis:
    """Look at a checkpoint directory.

    Args:
        say: told what is looked at.

    Raises:
        CheckpointError: nothing prepared there, so that there is nothing to look at.
    """
    checkpoint.require_stage("prepare")
    findings, well = [], []
    for about, check in CHECKS.items():
        say(about)
        try:
            found = [Finding(level, about, what, fix) for level, what, fix in check(checkpoint)]
        except (MtkitError, OSError) as error:
            found = [Finding("error", about, f"it cannot be looked at: {error}", "copy the directory again")]
        findings += found
        if not found:
            well.append(about)
    return Diagnosis(sorted(findings, key=lambda finding: LEVELS.index(finding.level)), well)


Found = Iterator[tuple[str, str, str]]


def files(checkpoint: Checkpoint) -> Found:
    """Every file that a stage wrote against its hash."""
    for stage in checkpoint.manifest()["stages"]:
        for name in checkpoint.files(stage):
            try:
                checkpoint.verify(stage, name)
            except MtkitError as error:
                problem, _, advice = str(error).partition("; ")
                yield "error", problem, advice


def weights(checkpoint: Checkpoint) -> Found:
    """The weights against their checksums."""
    if not checkpoint.has_stage("train"):
        yield "note", "there is no trained model yet", "run 'mtkit train'"
        return
    if not checkpoint.weights.exists():
        yield (
            "note",
            "the weights are not here: this directory can translate, but not train on",
            "copy the whole one for that",
        )
        return
    for path in sorted(checkpoint.weights.glob("*.safetensors")):
        try:
            arrays, _ = load_arrays(path)
        except MtkitError as error:
            yield "error", str(error), "copy the directory again; other weights can be used with --weights"
            continue
        if not all(np.isfinite(array).all() for array in arrays.values()):
            yield "error", f"{path} holds numbers that are none", "train again with a lower --learning-rate"


def versions(checkpoint: Checkpoint) -> Found:
    """Which mtkit wrote the directory."""
    wrote = checkpoint.manifest().get("mtkit")
    if wrote != __version__:
        yield (
            "note",
            f"mtkit {wrote} wrote this directory, and this is {__version__}",
            "nothing, as long as all else is well",
        )


def vocabulary(checkpoint: Checkpoint) -> Found:
    """The tokenizers against what the stages recorded, and how well they cover the validation text."""
    report, tokenizers = checkpoint.require_stage("prepare"), load_tokenizers(checkpoint)
    for side, tokenizer in zip(SIDES, (tokenizers.source, tokenizers.target), strict=True):
        recorded = report["vocabulary_sizes"][side]
        if recorded != tokenizer.size:
            what = f"the {side} vocabulary has {tokenizer.size} tokens, and {recorded} were prepared"
            yield "error", what, "copy the directory again"
        share = report.get("fallback_share", {}).get(side, 0.0)
        if share > MOST_FALLBACK:
            kind = "unknown" if tokenizer.has_unknown else "spelt in bytes"
            yield (
                "warning",
                f"{share:.1%} of the {side} tokens of the validation text are {kind}",
                (
                    "is it of the same kind as the training text? Else a larger --vocabulary-size, or"
                    " --character-coverage 1"
                ),
            )


def corpus(checkpoint: Checkpoint) -> Found:
    """What was left out of the training text, and how much of the test text is in it."""
    report = checkpoint.require_stage("prepare")
    read, dropped = report["pairs_read"], report["dropped"]
    for reason, count in dropped.items():
        if count > MOST_DROPPED * read:
            what = f"{count / read:.0%} of the pairs read were left out: {reason}"
            yield "warning", what, "see them with 'mtkit prepare --rejects FILE'"
    for part, count in report.get("train_pairs_in", {}).items():
        if count:
            what = f"{count:,} training pairs are in the {part} text too, which flatters its score"
            yield "warning", what, f"prepare with --drop leaked, or name another --{part}"
    if "valid" not in report["pairs"]:
        yield (
            "warning",
            "there is no validation text, so that training cannot tell the best weights",
            "prepare with --valid",
        )
    folder = checkpoint.data / "train"
    if (folder / "store.json").exists():
        lengths = TokenCorpus(folder).lengths
        ratio = lengths["target"].sum() / max(1, lengths["source"].sum())
        if not LENGTHS[0] <= ratio <= LENGTHS[1]:
            yield (
                "warning",
                f"the target text has {ratio:.1f} times the tokens of the source text",
                "do the files belong together?",
            )


def truncation(checkpoint: Checkpoint) -> Found:
    """Validation sentences that are longer than what is translated in one piece."""
    path, most = checkpoint.data / "valid" / "source.txt", TranslateSettings.max_source_tokens
    if path.exists() and most:
        lengths = [len(ids) for ids in load_tokenizers(checkpoint).source.encode(read_text(path))]
        long = sum(length > most for length in lengths)
        if long > MOST_TRUNCATED * len(lengths):
            yield (
                "warning",
                f"{long} of {len(lengths)} validation sentences have more than {most} tokens, and are split",
                (
                    "give one sentence on each line; or raise --max-length-tokens of prepare and"
                    " --max-source-tokens of translate"
                ),
            )


def training(checkpoint: Checkpoint) -> Found:
    """The log of the training."""
    log = read_log(checkpoint)
    if checkpoint.has_stage("train") and not log:
        yield (
            "note",
            "the log of the training is not here",
            "nothing, unless you want to see the learning curve",
        )
    if not log:
        return
    last = log[-1]
    if last.skipped_steps:
        yield (
            "warning",
            f"{last.skipped_steps} steps made no sense and were skipped",
            "a lower --learning-rate, or --precision float32",
        )
    if (last.input_wait_share or 0) > 0.1:
        yield (
            "warning",
            f"training waited for its batches {last.input_wait_share:.0%} of the time",
            "is the disk slow?",
        )
    judged_by = (
        checkpoint.require_stage("train").get("best_metric") if checkpoint.has_stage("train") else None
    )
    metric = "chrf" if judged_by == "chrf" else "bleu"
    scores = [getattr(validation, metric) or 0.0 for validation in log]
    if len(log) >= 5 and max(scores) < LEAST_SCORE[metric]:
        what = f"the best {NAMES[metric]} of {len(log)} validations is {max(scores):.2f}"
        yield "warning", what, "do line n of both sides belong together?"
    elif scores and scores.index(max(scores)) == len(scores) - 1:
        what = "the last validation is the best: longer training would most likely help"
        yield "note", what, "run 'mtkit train' with a higher limit"


def output(checkpoint: Checkpoint) -> Found:
    """What was translated here last: the same again and again, or nothing."""
    texts = sorted(checkpoint.scores.glob("*.txt"), key=lambda path: path.stat().st_mtime)
    lines = read_text(texts[-1]) if texts else []
    if len(lines) < 20:
        return
    (commonest, times), *_ = Counter(lines).most_common(1)
    if times > MOST_SAME * len(lines):
        yield (
            "warning",
            f"{times} of {len(lines)} lines of {texts[-1]} are the same: {commonest[:80]!r}",
            (
                "the model has learnt little of its source: train longer, and see that line n of both sides"
                " belong together"
            ),
        )


def disk(checkpoint: Checkpoint) -> Found:
    """Room for the next states of a training."""
    states = [path.stat().st_size for path in checkpoint.states()]
    free = shutil.disk_usage(checkpoint.directory).free
    if states and free < STATES_ROOM * max(states):
        what = (
            f"{free / 1e6:,.0f} MB are free, and each state of the training takes {max(states) / 1e6:,.0f} MB"
        )
        yield "warning", what, "free some space"


def threads(checkpoint: Checkpoint) -> Found:
    """What keeps the processor from being used."""
    wanted = checkpoint.settings().get("train", {}).get("threads", 0)
    if wanted > available_threads():
        yield (
            "warning",
            f"trained with --threads {wanted}, and there are {available_threads()} here",
            "a training goes on exactly only with the same number; leave --threads out otherwise",
        )
    for name in THREAD_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdigit() and 0 < int(value) < available_threads():
            what = f"{name}={value} may hold back some of the {available_threads()} threads"
            yield "note", what, f"unset {name}, and use --threads"


CHECKS: dict[str, Callable[[Checkpoint], Found]] = {
    "files": files,
    "weights": weights,
    "versions": versions,
    "vocabulary": vocabulary,
    "corpus": corpus,
    "truncation": truncation,
    "training": training,
    "output": output,
    "disk": disk,
    "threads": threads,
}
