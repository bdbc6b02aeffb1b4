"""The prepared text that a run trains on and validates with."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import Batch, Batches
from mtkit.data.context import Context
from mtkit.data.joining import Joining
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.settings.train import TrainSettings
from mtkit.text.lines import read_text
from mtkit.text.sampling import SubwordSampler
from mtkit.text.seams import inner_tokens
from mtkit.training.cluster import Cluster


@dataclass(frozen=True)
class RunText:
    """Text to train on, and to validate with.

    Attributes:
        corpus: the training text.
        batches: of it.
        per_step: batches that make an update together.
        valid: the validation text.
        context: what is read before the sources; None reads nothing.
        sources, references: its first lines, which are translated.
    """

    tokenizers: Tokenizers
    corpus: TokenCorpus
    batches: Batches
    per_step: int
    valid: TokenCorpus
    sources: list[str]
    references: list[str]
    context: Context | None = None

    @property
    def steps_per_epoch(self) -> float:
        """Updates in a pass over the training text; no whole number where an update takes several batches."""
        return self.batches.per_epoch / self.per_step

    def of_step(self, cluster: Cluster, step: int) -> list[Batch]:
        """The batches of an update, of each the share of this worker."""
        first = step * self.per_step
        return [
            self.batches.batch(number, cluster.index, cluster.size)
            for number in range(first, first + self.per_step)
        ]


@dataclass(frozen=True)
class ReadyBatches:
    """The batches of a step, and the seconds that were waited for them."""

    batches: list[Batch]
    waited: float


def upcoming(text: RunText, cluster: Cluster, step: int) -> Iterator[ReadyBatches]:
    """The batches of each step from `step` on, made in the background while those before are used."""
    make = partial(text.of_step, cluster)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(make, step)
        while True:
            began = time.monotonic()
            batches = following.result()
            waited = time.monotonic() - began
            step += 1
            following = pool.submit(make, step)
            yield ReadyBatches(batches, waited)


def load_text(checkpoint: Checkpoint, settings: TrainSettings) -> RunText:
    """The text of a prepared checkpoint directory.

    Raises:
        InputError: no training text.
        CheckpointError: no validation text.
        SettingsError: pairs are to be joined, and have context.
    """
    tokenizers = load_tokenizers(checkpoint)
    corpus = TokenCorpus(checkpoint.data / "train")
    samplers = subword_samplers(checkpoint, settings, tokenizers)
    joining = joining_of(checkpoint, settings, tokenizers)
    context = context_of(checkpoint, settings, tokenizers)
    batches = Batches(corpus, settings.batch_tokens, settings.seed, samplers, joining, context)
    if not batches.per_epoch:
        raise InputError(
            "the prepared training text is empty; run 'mtkit prepare --force' with another --train"
        )
    folder = checkpoint.data / "valid"
    if not folder.exists():
        raise CheckpointError(
            "no validation text was prepared; run 'mtkit prepare --force --valid CORPUS', or --valid N to"
            " split off N pairs"
        )
    lines = settings.validation_lines
    return RunText(
        tokenizers,
        corpus,
        batches,
        settings.accumulate_batches,
        TokenCorpus(folder),
        read_text(folder / "source.txt")[:lines],
        read_text(folder / "target.txt")[:lines],
        context,
    )


def subword_samplers(
    checkpoint: Checkpoint, settings: TrainSettings, tokenizers: Tokenizers
) -> dict[str, SubwordSampler] | None:
    """What splits the words of each side anew in every batch, or None."""
    if not settings.subword_sampling:
        return None
    kind = checkpoint.require_stage("prepare")["tokenizer"]
    source = SubwordSampler(tokenizers.source, kind, settings.subword_sampling)
    if tokenizers.joint:
        return {"source": source, "target": source}
    target = SubwordSampler(tokenizers.target, kind, settings.subword_sampling)
    return {"source": source, "target": target}


def joining_of(checkpoint: Checkpoint, settings: TrainSettings, tokenizers: Tokenizers) -> Joining | None:
    """How pairs are joined to longer examples, or None."""
    if not settings.join:
        return None
    prepared = checkpoint.require_stage("prepare")
    inner = {side: inner_tokens(getattr(tokenizers, side), prepared[f"{side}_language"]) for side in SIDES}
    return Joining(settings.join, inner, tuple(tokenizers.source.tags.values()))


def context_of(checkpoint: Checkpoint, settings: TrainSettings, tokenizers: Tokenizers) -> Context | None:
    """What is read before the sources, or None; raises SettingsError where examples are joined too."""
    # An older mtkit prepared no context.
    sentences = checkpoint.require_stage("prepare").get("context", 0)
    if not sentences:
        return None
    if settings.join:
        raise SettingsError(
            "--join joins the sentences that --context of 'mtkit prepare' reads one before the other: leave"
            " --join out, or prepare without --context"
        )
    return Context(sentences, tokenizers.source.context_mark)
