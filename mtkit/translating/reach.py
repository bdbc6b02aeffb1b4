"""How long the texts are that a model translates well: what was measured, or told by its training text."""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.data.line_counts import LINE_COUNTS
from mtkit.engines.model_source import EXPORT, weights_checksum
from mtkit.errors import CheckpointError, DamagedFileError
from mtkit.search.hypothesis import Ranking
from mtkit.text.counted_lines import LineCounts
from mtkit.text.lengths import Lengths
from mtkit.text.line_ends import LineEnds
from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.compatibility import keeps_lines_whole
from mtkit.translating.demands import Demands
from mtkit.translating.splitting import Splitter

# The stage that holds what was measured at the end of a training.
REACH = "reach"
# A longer sentence is split, whatever the training text has; a shorter one is not.
MOST_SOURCE_TOKENS, LEAST_SOURCE_TOKENS = 250, 50


@dataclass(frozen=True)
class Reach:
    """What is known of the lengths that a model translates well.

    Attributes:
        whole_tokens: source tokens up to which a line of several sentences is translated whole.
        longest_tokens: source tokens from which on a sentence is translated in parts.
        line_ends: where sentences of the training text end; None where that was not counted.
        lengths: how long translations are, in tokens; None where that was not counted.
    """

    whole_tokens: int = 0
    longest_tokens: int = MOST_SOURCE_TOKENS
    line_ends: LineEnds | None = None
    lengths: Lengths | None = None

    @property
    def most_tokens(self) -> int:
        """Source tokens of the longest text that is translated in one piece."""
        return max(self.whole_tokens, self.longest_tokens)


def new_splitter(
    tokenizer: Tokenizer,
    ranking: Ranking,
    demands: Demands,
    reach: Reach,
    in_use: Collection[str],
    most_context: int = 0,
) -> Splitter:
    """The step that splits lines into what the model reaches, or as is demanded.

    Args:
        in_use: the options that are not at rest; some are about whole lines.
        most_context: sentences before each that the model reads too.
    """
    most = demands.max_source_tokens
    if demands.whole_lines or most == 0 or keeps_lines_whole(in_use):
        whole_tokens = None
    else:
        whole_tokens = reach.whole_tokens if most is None else most
    sentences = SentenceSplitter(
        tokenizer, reach.line_ends, most_tokens=reach.most_tokens if most is None else most
    )
    return Splitter(sentences, ranking, whole_tokens, reach.lengths, most_context)


def known_reach(checkpoints: Sequence[Checkpoint], tokenizer: Tokenizer, weights: str) -> Reach:
    """The reach of models that translate together: no further than the least of them.

    Args:
        checkpoints: of the models; the text of the first tells where sentences end.
        tokenizer: of the source.
        weights: their name: best, last, average or a step number.

    Raises:
        CheckpointError: a directory is damaged.
    """
    reach = reach_of_text(checkpoints[0], tokenizer)
    whole, longest = [], []
    for checkpoint in checkpoints:
        measured = measured_reach(checkpoint, weights)
        with readable(checkpoint):
            whole.append(int(measured.get("whole_tokens", 0)))
            longest.append(longest_tokens(checkpoint.require_stage("prepare")))
    return replace(reach, whole_tokens=min(whole), longest_tokens=min(longest))


def measured_reach(checkpoint: Checkpoint, weights: str) -> dict[str, Any]:
    """What was measured at the end of a training, or an export, of these very weights; empty if nothing.

    Args:
        weights: their name: best, last, average or a step number.
    """
    measured = checkpoint.manifest()["stages"].get(REACH, {}).get("report", {})
    is_theirs = measured and measured.get("sha256") == weights_checksum(checkpoint, weights, EXPORT)
    return measured if is_theirs else {}


def reach_of_text(checkpoint: Checkpoint, tokenizer: Tokenizer) -> Reach:
    """What the prepared text alone tells of the reach of a model, none of which was measured.

    Raises:
        CheckpointError: the directory is damaged.
    """
    report = checkpoint.require_stage("prepare")
    with readable(checkpoint):
        usual = report.get("usual_lengths")
        lengths = Lengths(float(usual["ratio"]), float(usual["variance"])) if usual else None
        longest = longest_tokens(report)
    return Reach(longest_tokens=longest, line_ends=learned_line_ends(checkpoint, tokenizer), lengths=lengths)


@contextlib.contextmanager
def readable(checkpoint: Checkpoint) -> Iterator[None]:
    """While in the block, what a report should hold and does not is damage; raises CheckpointError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CheckpointError(
            f"{checkpoint.manifest_file} is damaged; copy the checkpoint directory again, or run 'mtkit"
            " prepare --force'"
        ) from None


def longest_tokens(report: dict[str, Any]) -> int:
    """The source tokens from which on a sentence is too long.

    Args:
        report: of `prepare`.
    """
    lengths = report["length_percentiles"]["source"]
    usual = int(lengths.get("99.9", lengths["max"]))
    return min(max(usual, LEAST_SOURCE_TOKENS), MOST_SOURCE_TOKENS)


def learned_line_ends(checkpoint: Checkpoint, tokenizer: Tokenizer) -> LineEnds | None:
    """Where sentences of the training text end; None where an older mtkit prepared it.

    Raises:
        CheckpointError: what was counted is damaged.
        InputError: it cannot be read.
    """
    path = checkpoint.vocab / LINE_COUNTS
    if not path.exists():
        return None
    try:
        counts = LineCounts.from_arrays(load_arrays(path)[0])
        is_whole = counts.is_of(tokenizer.size)
    except (DamagedFileError, KeyError):
        is_whole = False
    if not is_whole:
        raise CheckpointError(
            f"{path} is damaged; copy the checkpoint directory again or run 'mtkit prepare --force'"
        )
    return LineEnds(counts, tokenizer.tagged(""))
