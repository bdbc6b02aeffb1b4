"""Text in the target language: which of its lines are asked a source sentence for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from mtkit.checkpoint import sha256
from mtkit.data.spool import chunks, is_drawn
from mtkit.errors import InputError, MtkitError
from mtkit.improving.real_text import RealText
from mtkit.reporter import Reporter
from mtkit.settings.improve import ImproveSettings
from mtkit.table import count_text
from mtkit.text.cleaning import SeenHashes, is_among, near_text_hashes
from mtkit.text.lines import open_text, read_lines
from mtkit.text.rules import is_of_another_language
from mtkit.text.tokenizer import Tokenizer

# Lines that are translated, and written, together. A kill loses no more.
BLOCK_LINES = 1024
# Lines whose language is looked at.
LANGUAGE_LINES = 1000


@dataclass(frozen=True)
class TargetLine:
    """A line of the text.

    Attributes:
        file, number: where it stands, the number from 1.
        place: among the lines of all files, from 0.
        reason: why no source sentence is made for it (see `filtering.REASONS`), or nothing.
    """

    file: str
    number: int
    place: int
    text: str
    reason: str = ""


@dataclass(frozen=True)
class KnownText:
    """Hashes of what a line must not be (see `cleaning.near_text_hashes`): uint64, sorted, each once.

    Attributes:
        held_out: the target side of the validation and test text.
        real: that of the training text.
        source: its source side.
    """

    held_out: np.ndarray
    real: np.ndarray
    source: np.ndarray


def checksums(files: tuple[str, ...]) -> list[str]:
    """The SHA-256 of each file.

    Raises:
        InputError: one is not there, or no file that can be read twice.
    """
    for name in files:
        open_text(Path(name)).close()
        if not Path(name).is_file():
            raise InputError(f"{name} is read more than once, and must be a file")
    return [sha256(Path(name)) for name in files]


def blocks(
    files: tuple[str, ...], known: KnownText, tokenizer: Tokenizer, max_length_tokens: int
) -> Iterator[list[TargetLine]]:
    """The lines of all files in blocks of `BLOCK_LINES`, the last shorter, with the reasons that a line by
    itself gives.

    Raises:
        InputError: a file is not UTF-8.
    """
    seen = SeenHashes()
    for block in chunks(lines_of_files(files), BLOCK_LINES):
        texts = [line.text for line in block]
        reasons = line_reasons(texts, seen, known, tokenizer, max_length_tokens)
        yield [replace(line, reason=reason) for line, reason in zip(block, reasons, strict=True)]


def drawn(
    judged: Iterable[list[TargetLine]], wanted: int, total: int, first: int = 0
) -> Iterator[list[TargetLine]]:
    """The blocks, where so many lines are wanted of all that have no reason.

    Args:
        first: counts that many further lines before them, so that others are drawn.
    """
    index = first
    for block in judged:
        lines = []
        for line in block:
            if not line.reason:
                is_wanted = is_drawn(index % total, wanted, total)
                index += 1
                line = line if is_wanted else replace(line, reason="not drawn")
            lines.append(line)
        yield lines


def lines_of_files(files: tuple[str, ...]) -> Iterator[TargetLine]:
    """All lines of all files."""
    place = 0
    for name in files:
        with open_text(Path(name)) as stream:
            for number, text in read_lines(stream, name):
                yield TargetLine(name, number, place, text)
                place += 1


def line_reasons(
    texts: list[str], seen: SeenHashes, known: KnownText, tokenizer: Tokenizer, max_length_tokens: int
) -> Iterator[str]:
    """Why no source sentence is made for each of some lines, or nothing.

    Args:
        seen: the lines before, to which these are added.
    """
    hashes = near_text_hashes(texts)
    tests = {
        "empty": [not text.strip() for text in texts],
        "held out": is_among(hashes, known.held_out),
        "real": is_among(hashes, known.real),
        "source side": is_among(hashes, known.source),
        "repeated": ~seen.add(hashes),
    }
    if max_length_tokens:
        tests["length"] = [len(ids) > max_length_tokens for ids in tokenizer.encode(texts)]
    for row in range(len(texts)):
        yield next((reason for reason, is_so in tests.items() if is_so[row]), "")


@dataclass(frozen=True)
class MonolingualText:
    """The text in the target language.

    Attributes:
        tokenizer: of the target side.
        fit: lines that could be used.
        wanted: those of them that are, at most.
        passed_over: all other lines, by reason.
    """

    settings: ImproveSettings
    known: KnownText
    tokenizer: Tokenizer
    fit: int = 0
    wanted: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)

    def judged(self) -> Iterator[list[TargetLine]]:
        """All lines in blocks, with the reasons that a line by itself gives."""
        return blocks(self.settings.monolingual, self.known, self.tokenizer, self.settings.max_length_tokens)

    def asked(self, number: int) -> Iterator[list[TargetLine]]:
        """The lines that are used in a round, in blocks; of more than are wanted each round takes others."""
        lines = chain.from_iterable(drawn(self.judged(), self.wanted, self.fit, number - 1))
        return chunks((line for line in lines if not line.reason), BLOCK_LINES)


def look_at(
    settings: ImproveSettings, real: RealText, tokenizer: Tokenizer, language: str, reporter: Reporter
) -> MonolingualText:
    """Read the text once, before the long work.

    Args:
        tokenizer: of the target side.
        language: of that side.

    Raises:
        InputError: no line of it can be used, or one is not UTF-8, or it is in another language.
    """
    text = MonolingualText(settings, known_text(real), tokenizer)
    reasons: Counter[str] = Counter()
    sample: list[str] = []
    for block in text.judged():
        reasons.update(line.reason for line in block)
        usable = [line.text for line in block if not line.reason]
        sample += usable[: LANGUAGE_LINES - len(sample)]
    fit = reasons.pop("", 0)
    names = ", ".join(settings.monolingual)
    if reasons["source side"] > fit:
        raise InputError(
            f"most of {names} stands in the source side of the real text; it is to be in {language}, the"
            " target language"
        )
    if not fit:
        raise InputError(f"no line of {names} can be used: {reasons_text(reasons) or 'there is none'}")
    if is_strange(sample, language):
        reporter.warn(f"most of {names} does not look like {language}, the target language")
    most = max(1, round(settings.max_synthetic * real.pairs)) if settings.max_synthetic else fit
    wanted = min(fit, most)
    not_drawn = {"not drawn": fit - wanted} if fit > wanted else {}
    return replace(text, fit=fit, wanted=wanted, passed_over={**reasons, **not_drawn})


def known_text(real: RealText) -> KnownText:
    """The hashes of the real text."""
    return KnownText(
        held_out=np.unique(near_text_hashes(real.evaluation_lines("target"))),
        real=np.unique(near_text_hashes(real.training_lines("target"))),
        source=np.unique(near_text_hashes(real.training_lines("source"))),
    )


def is_strange(lines: Sequence[str], language: str) -> bool:
    """Whether most lines are of another language; False where nothing here can tell."""
    try:
        judge = is_of_another_language(language)
    except MtkitError:
        return False
    return 2 * sum(map(judge, lines)) > len(lines)


def reasons_text(reasons: Mapping[str, int]) -> str:
    """'12 empty, 3 copy'."""
    return ", ".join(f"{count_text(count)} {reason}" for reason, count in reasons.items())
