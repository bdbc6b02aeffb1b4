"""Source sentences for text in the target language (back-translation, Sennrich et al. 2016,
arXiv:1511.06709), and which are kept.

The rows grow in made.jsonl, a block of lines at a time; when all are there, synthetic.jsonl takes its place,
in which the least likely are marked as well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import SIDES
from mtkit.data.tokenizers import Tokenizers
from mtkit.errors import InputError
from mtkit.improving.filtering import REASONS, likelihood_limit, pair_reason
from mtkit.improving.lineage import GrowingFile, SyntheticPair, read_pairs, write_pairs
from mtkit.improving.monolingual import BLOCK_LINES, MonolingualText, TargetLine, reasons_text
from mtkit.improving.real_text import PairFiles, side_file, write_lines
from mtkit.improving.record import weights_of
from mtkit.reporter import Reporter
from mtkit.scoring.counts import count_corpus
from mtkit.settings.improve import ImproveSettings
from mtkit.settings.search import Search
from mtkit.translating.loading import load
from mtkit.translating.plan import Plan
from mtkit.translating.translator import Translator
from mtkit.writing import atomic_file

MADE, SYNTHETIC, KEPT = "made.jsonl", "synthetic.jsonl", "kept"
# Settings that are about one way to make source sentences.
SETTINGS_OF_WAYS = {"beam": ("beam",), "sample": ("top_k", "temperature", "seed")}


@dataclass(frozen=True)
class Maker:
    """Makes source sentences, and translates them back.

    Attributes:
        number: of the round.
        tag: of the corpus whose manner is asked for, where every real one has a tag.
        tokenizers: that lengths are counted with.
        reverse, forward: trained directories, one for each direction.
    """

    number: int
    tag: str
    settings: ImproveSettings
    tokenizers: Tokenizers
    reverse: Checkpoint
    forward: Checkpoint
    threads: int
    reporter: Reporter

    @property
    def seed(self) -> int | None:
        """Each round draws anew."""
        return self.settings.seed + self.number - 1 if self.settings.sources == "sample" else None

    @cached_property
    def weights(self) -> dict[str, str]:
        """The checksums of both models."""
        return {"reverse": weights_of(self.reverse), "forward": weights_of(self.forward)}

    @cached_property
    def back(self) -> Plan:
        """How to translate from the target language to the source language."""
        settings = self.settings
        search = Search(beam=settings.beam)
        if self.seed is not None:
            search = replace(
                search, sample=True, top_k=settings.top_k, temperature=settings.temperature, seed=self.seed
            )
        # With scores, as they are shown: no engine whose scores are not quite those of the model.
        return self._loaded(self.reverse).plan(search, keep=("score",))

    @cached_property
    def there(self) -> Plan:
        """How to translate on round trips."""
        return self._loaded(self.forward).plan(Search(beam=1))

    def _loaded(self, checkpoint: Checkpoint) -> Translator:
        return load(checkpoint.directory, threads=self.threads, tag=self.tag, reporter=self.reporter)

    def pairs(self, lines: Sequence[TargetLine]) -> Iterator[SyntheticPair]:
        """The pair made of each line, with the reason for which it is not kept."""
        targets = [line.text for line in lines]
        translations = self.back.translate(targets, [line.place for line in lines])
        sources = [translation.text for translation in translations]
        returned = [translation.text for translation in self.there.translate(sources)]
        likeness = count_corpus(returned, [targets], keys=["chrf"])["chrf"].sentence_scores()
        source_tokens = map(len, self.tokenizers.source.encode(sources))
        target_tokens = map(len, self.tokenizers.target.encode(targets))
        lengths = zip(source_tokens, target_tokens, strict=True)
        for line, translation, chrf, tokens in zip(lines, translations, likeness, lengths, strict=True):
            hypothesis = translation.best.hypothesis
            reason = pair_reason(
                line.text,
                translation.text,
                tokens,
                self.settings,
                complete=hypothesis.complete,
                round_trip=chrf,
            )
            count = max(1, len(hypothesis.token_log_probabilities))
            yield SyntheticPair(
                self.number,
                line.file,
                line.number,
                line.text,
                translation.text,
                **self.weights,
                seed=self.seed,
                log_probability=round(hypothesis.log_probability / count, 4),
                round_trip=round(chrf, 2),
                reason=reason,
            )


def make_synthetic(folder: Path, maker: Maker, text: MonolingualText) -> None:
    """Write synthetic.jsonl into the folder of a round, or go on with it."""
    made, reporter = folder / MADE, maker.reporter
    if (folder / SYNTHETIC).exists():
        made.unlink(missing_ok=True)
        return
    with GrowingFile(made, BLOCK_LINES) as growing:
        for number, block in enumerate(text.asked(maker.number)):
            if number * BLOCK_LINES >= growing.rows:
                growing.add(list(maker.pairs(block)))
            reporter.count("making source sentences", growing.rows, text.wanted)
    reporter.pause()
    mark_least_likely(made, folder / SYNTHETIC, maker.settings.least_likely)
    made.unlink()


def mark_least_likely(made: Path, path: Path, share: float) -> None:
    """Write the rows of a file to another, where the least likely share of those that were kept is marked."""
    limit = likelihood_limit([pair.log_probability for pair in read_pairs(made) if pair.kept], share)
    write_pairs(path, (marked_if_unlikely(pair, limit) for pair in read_pairs(made)))


def marked_if_unlikely(pair: SyntheticPair, limit: float) -> SyntheticPair:
    """A pair, not kept where it is less likely than this, in nats a token."""
    unlikely = pair.kept and pair.log_probability < limit
    return replace(pair, reason="least likely") if unlikely else pair


def kept_pairs(folder: Path) -> tuple[PairFiles, dict[str, int]]:
    """The pairs of the synthetic.jsonl in a folder that are kept, as files there; and how many are not.

    Returns:
        The files, and {reason: how many lines}.

    Raises:
        InputError: none is kept.
    """
    path = folder / SYNTHETIC
    reasons = Counter(pair.reason for pair in read_pairs(path))
    count = reasons.pop("", 0)
    dropped = {reason: reasons[reason] for reason in REASONS if reasons[reason]}
    if not count:
        raise InputError(
            f"no synthetic pair is left: {reasons_text(dropped)}; see {path}, and begin anew with --force and"
            " other limits, such as --min-round-trip 0"
        )
    for side in SIDES:
        with atomic_file(side_file(folder, KEPT, side)) as temporary:
            write_lines(temporary, (getattr(pair, side) for pair in read_pairs(path) if pair.kept))
    return PairFiles(KEPT, count), dropped
