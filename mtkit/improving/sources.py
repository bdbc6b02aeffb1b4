"""Source sentences for text in the target language (back-translation, Sennrich et al. 2016,
arXiv:1511.06709), and which are kept.

The rows grow in made.jsonl, a block of lines at a time; when all are there, synthetic.jsonl takes its place,
in which the least likely are marked as well.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.spool import chunks
from mtkit.data.store import SIDES
from mtkit.data.tokenizers import Tokenizers
from mtkit.errors import InputError, MtkitError
from mtkit.improving import lineage
from mtkit.improving.filtering import REASONS, likelihood_limit, pair_reason
from mtkit.improving.lineage import Growing, Synthetic
from mtkit.improving.monolingual import BLOCK_LINES, Known, Line, blocks, drawn
from mtkit.improving.real_text import Corpus, RealText, write_lines
from mtkit.improving.record import weights_of
from mtkit.reporter import Reporter
from mtkit.scoring.counts import count_corpus
from mtkit.settings import ImproveSettings, TranslateSettings
from mtkit.text.cleaning import near_text_hashes
from mtkit.text.rules import is_of_another_language
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.loading import load_translator
from mtkit.writing import atomic_file

MADE, SYNTHETIC, KEPT = "made.jsonl", "synthetic.jsonl", "kept"
# Settings that are about one way to make source sentences.
OWN = {"beam": ("beam",), "sample": ("top_k", "temperature", "seed")}
# Lines whose language is looked at.
LANGUAGE_LINES = 1000


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
        return {"reverse": weights_of(self.reverse), "forward": weights_of(self.forward)}

    @cached_property
    def back(self):
        """The translator from the target language to the source language."""
        settings = self.settings
        # With scores, as they are shown: no engine whose scores are not quite those of the model.
        search = TranslateSettings(beam=settings.beam, threads=self.threads, format="jsonl", tag=self.tag)
        if self.seed is not None:
            search = replace(
                search, sample=True, top_k=settings.top_k, temperature=settings.temperature, seed=self.seed
            )
        return load_translator(self.reverse, search, self.reporter.say)

    @cached_property
    def there(self):
        """The translator of round trips."""
        return load_translator(
            self.forward, TranslateSettings(beam=1, threads=self.threads, tag=self.tag), self.reporter.say
        )

    def pairs(self, lines: Sequence[Line]) -> Iterator[Synthetic]:
        """The pair made of each line, with the reason for which it is not kept."""
        targets = [line.text for line in lines]
        found = self.back.translate(targets, [line.place for line in lines])
        sources = [one.text for one in found]
        returned = [one.text for one in self.there.translate(sources)]
        likeness = count_corpus(returned, [targets], keys=["chrf"])["chrf"].sentence_scores()
        encoded = self.tokenizers.source.encode(sources), self.tokenizers.target.encode(targets)
        lengths = zip(*(map(len, ids) for ids in encoded), strict=True)
        for line, one, chrf, tokens in zip(lines, found, likeness, lengths, strict=True):
            hypothesis = one.best.hypothesis
            reason = pair_reason(line.text, one.text, tokens, hypothesis.complete, chrf, self.settings)
            each = hypothesis.log_probability / max(1, len(hypothesis.token_log_probabilities))
            yield Synthetic(
                self.number,
                line.file,
                line.number,
                line.text,
                one.text,
                **self.weights,
                seed=self.seed,
                log_probability=round(each, 4),
                round_trip=round(chrf, 2),
                reason=reason,
            )


@dataclass(frozen=True)
class Text:
    """The text in the target language.

    Attributes:
        fit: lines that could be used.
        wanted: those of them that are, at most.
        passed_over: all other lines, by reason.
    """

    settings: ImproveSettings
    known: Known
    tokenizer: Tokenizer
    fit: int = 0
    wanted: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)

    def judged(self) -> Iterator[list[Line]]:
        """All lines in blocks, with the reasons that a line by itself gives."""
        return blocks(self.settings.monolingual, self.known, self.tokenizer, self.settings.max_length_tokens)

    def asked(self, number: int) -> Iterator[list[Line]]:
        """The lines that are used in a round, in blocks; of more than are wanted each round takes others."""
        lines = drawn(self.judged(), self.wanted, self.fit, number - 1)
        return chunks((line for block in lines for line in block if not line.reason), BLOCK_LINES)


def look_at(
    settings: ImproveSettings, real: RealText, tokenizer: Tokenizer, language: str, say: Callable[[str], None]
) -> Text:
    """Read the text once, before the long work.

    Args:
        tokenizer: of the target side.
        language: of that side.
        say: told what is odd.

    Raises:
        InputError: no line of it can be used, or one is not UTF-8, or it is in another language.
    """
    held_out = near_text_hashes(real.lines("target", True))
    known = Known(
        *(
            np.unique(one)
            for one in (held_out, *(near_text_hashes(real.lines(side)) for side in ("target", "source")))
        )
    )
    text = Text(settings, known, tokenizer)
    reasons: Counter[str] = Counter()
    sample: list[str] = []
    for block in text.judged():
        reasons.update(line.reason for line in block)
        sample += [line.text for line in block if not line.reason][: max(0, LANGUAGE_LINES - len(sample))]
    names = ", ".join(settings.monolingual)
    fit = reasons.pop("", 0)
    if reasons["source side"] > fit:
        what = f"most of {names} stands in the source side of the real text"
        raise InputError(f"{what}; it is to be in {language}, the target language")
    if not fit:
        raise InputError(f"no line of {names} can be used: {told(reasons) or 'there is none'}")
    try:
        judge = is_of_another_language(language)
    except MtkitError:
        pass  # nothing here can tell
    else:
        if 2 * sum(map(judge, sample)) > len(sample):
            say(f"warning: most of {names} does not look like {language}, the target language")
    wanted = min(fit, max(1, round(settings.max_synthetic * real.pairs))) if settings.max_synthetic else fit
    passed_over = {**reasons, **({"not drawn": fit - wanted} if fit > wanted else {})}
    return replace(text, fit=fit, wanted=wanted, passed_over=passed_over)


def make_synthetic(folder: Path, maker: Maker, text: Text) -> None:
    """Write synthetic.jsonl into the folder of a round, or go on with it."""
    if (folder / SYNTHETIC).exists():
        (folder / MADE).unlink(missing_ok=True)
        return
    with Growing(folder / MADE, BLOCK_LINES) as growing:
        for number, block in enumerate(text.asked(maker.number)):
            if number * BLOCK_LINES >= growing.rows:
                growing.add(list(maker.pairs(block)))
            if maker.reporter.due():
                maker.reporter.line(f"making source sentences: {growing.rows:,} of {text.wanted:,}")
    maker.reporter.pause()
    mark_least_likely(folder / MADE, folder / SYNTHETIC, maker.settings.least_likely)
    (folder / MADE).unlink()


def mark_least_likely(made: Path, path: Path, share: float) -> None:
    """Write the rows of a file to another, where the least likely share of those that were kept is marked."""
    limit = likelihood_limit([one.log_probability for one in lineage.read(made) if one.kept], share)

    def marked(one: Synthetic) -> Synthetic:
        return replace(one, reason="least likely") if one.kept and one.log_probability < limit else one

    lineage.write(path, map(marked, lineage.read(made)))


def kept_pairs(folder: Path) -> tuple[Corpus, dict[str, int]]:
    """The pairs of the synthetic.jsonl in a folder that are kept, as a corpus there; and how many lines are
    not, by reason.

    Raises:
        InputError: none is kept.
    """
    reasons = Counter(one.reason for one in lineage.read(folder / SYNTHETIC))
    count = reasons.pop("", 0)
    dropped = {reason: reasons[reason] for reason in REASONS if reasons[reason]}
    if not count:
        raise InputError(
            f"no synthetic pair is left: {told(dropped)}; see {folder / SYNTHETIC}, and begin anew with"
            " --force and other limits, such as --min-round-trip 0"
        )
    corpus = Corpus(KEPT, count)
    for side in SIDES:
        with atomic_file(folder / f"{KEPT}.{side}.txt") as temporary:
            write_lines(
                temporary, (getattr(one, side) for one in lineage.read(folder / SYNTHETIC) if one.kept)
            )
    return corpus, dropped


def told(reasons: dict[str, int]) -> str:
    """'12 empty, 3 copy'."""
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
