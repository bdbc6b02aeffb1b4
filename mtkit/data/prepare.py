"""The stage `prepare`: parallel text in, token store and vocabulary out.

The training text is read once: pairs whose text is fit go to a spool file, and the hashes of all pairs seen so far tell
repetitions. From the spool the tokenizer is trained on an even sample; then the spool is encoded, pairs of unfit length
are dropped, and the rest goes to the token store. Valid and test text is never cleaned: an evaluation set stays whole.

Nothing here grows with the text but 8 bytes a pair for the hashes and some 50 bytes a pair while the report is made.
"""

import contextlib
import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint, claimed, same_directory
from mtkit.data.batching import Batches
from mtkit.data.evaluation import CHUNK_PAIRS, RawText, choose_held_out, copy_text, encode_text
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.store import SIDES, CorpusWriter, TokenCorpus
from mtkit.data.vocabulary import Progress, borrow_tokenizers, check_borrowing, train_tokenizers
from mtkit.errors import InputError, SettingsError
from mtkit.formats.opening import open_corpus
from mtkit.settings import PrepareSettings, TrainSettings, as_table
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.tokenizer import Tokenizer, running_words
from mtkit.writing import atomic_directory

PERCENTILES = (50, 90, 99)
EVALUATION_PARTS = ("valid", "test")
# Validation text where none is named: a twentieth of the training text, but not more than is needed for a steady score.
AUTOMATIC, AUTOMATIC_PART, MOST_AUTOMATIC_PAIRS = -1, 20, 1000
_LANGUAGE = re.compile(r"\w+([.-]\w+)*")


@dataclass(frozen=True)
class PrepareReport:
    """What `prepare` did. Sides are "source" and "target"; tokens are counted without begin and end.

    Attributes:
        vocabulary_sizes: tokens in the vocabulary of each side (the same one if `vocabulary` is "joint").
        pairs_read: pairs of training text read.
        dropped: pairs dropped, by reason (see text/cleaning.py).
        pairs: pairs stored in train, valid and test. Read = dropped + stored in train + split off.
        split_off: pairs of the training text that went to valid and test instead.
        tokens: tokens of the training text, by side.
        types: different tokens used there, by side.
        length_percentiles: tokens of a training sentence at the percentiles "50", "90", "99" and "max", by side.
        fallback_share: share of the tokens of valid that stand for text the vocabulary lacks (bytes, or unknown), by side;
            absent without valid text.
        train_pairs_in: how many training pairs also occur in valid and test.
        batch_tokens: the batch size that the next two are for.
        bucket_boundaries: highest target length, end included, of each bucket of batches.
        padding_share: share of padding in the cells of all batches.
    """

    source_language: str
    target_language: str
    tokenizer: str
    vocabulary: str
    vocabulary_sizes: dict[str, int]
    pairs_read: int
    dropped: dict[str, int]
    pairs: dict[str, int]
    split_off: dict[str, int]
    tokens: dict[str, int]
    types: dict[str, int]
    length_percentiles: dict[str, dict[str, int]]
    fallback_share: dict[str, float]
    train_pairs_in: dict[str, int]
    batch_tokens: int
    bucket_boundaries: list[int]
    padding_share: float


def prepare(
    settings: PrepareSettings, checkpoint: Checkpoint, force: bool = False, progress: Progress | None = None
) -> PrepareReport:
    """Clean, tokenize and store parallel text. The same input and settings give the same files, byte for byte.

    All is written beside its place and moved there at the end; until then an earlier stage stays as it was.

    Args:
        settings: what to read and how.
        checkpoint: where to.
        force: replace a finished stage; this discards the trained model.
        progress: called now and then.

    Raises:
        SettingsError: no training text or language, or a setting that does not fit the text.
        InputError: text that cannot be used; names file and line.
        CheckpointError: the stage is finished already, or the directory is something else.
    """
    progress = progress or (lambda what, done, total: None)
    _check(settings)
    base = Checkpoint(Path(settings.from_)) if settings.from_ else None
    if base:
        if same_directory(base.directory, checkpoint.directory):
            raise SettingsError(f"--from names {base.directory}, which is to be prepared itself; name a new directory with -C")
        check_borrowing(settings, base)
    corpora = [_open(settings, spec, settings.invalid_utf8) for spec in settings.train]
    # Evaluation text stays whole: there a line that is not UTF-8 always stops.
    evaluation = {part: _evaluation(settings, part) for part in EVALUATION_PARTS}
    with claimed(checkpoint, force), contextlib.ExitStack() as stack:
        vocab = stack.enter_context(atomic_directory(checkpoint.vocab))
        data = stack.enter_context(atomic_directory(checkpoint.data))
        rejects = Rejects(settings.rejects)
        stack.push(rejects)

        known = {part: copy_text(given, data / part) for part, given in evaluation.items() if isinstance(given, list)}
        spool = Spool(data / "spool")
        cleaned = _clean(corpora, settings, spool, rejects, known, progress)
        wanted = {part: given for part, given in evaluation.items() if isinstance(given, int)}
        if wanted.get("valid") == AUTOMATIC:
            wanted["valid"] = min(MOST_AUTOMATIC_PAIRS, spool.pairs // AUTOMATIC_PART)
        held_out = choose_held_out(spool.pairs, wanted, settings.seed)

        if base:
            tokenizers = borrow_tokenizers(base, vocab)
        else:
            tokenizers = train_tokenizers(settings, spool, held_out, cleaned.words, vocab, progress)
        encoded = _encode_training(settings, spool, held_out, tokenizers, data, rejects, progress)
        spool.remove()
        parts = {"train": encoded.pairs}
        fallback_share = {}
        for part in EVALUATION_PARTS:
            if (data / part).exists():
                parts[part], share = encode_text(data / part, tokenizers)
                fallback_share = share if part == "valid" else fallback_share

        batch_tokens = TrainSettings().batch_tokens
        progress("measuring", 0, None)
        boundaries, padding_share = _batches(data / "train", batch_tokens, settings.seed)
        report = PrepareReport(
            source_language=settings.source_language,
            target_language=settings.target_language,
            tokenizer=settings.tokenizer,
            vocabulary=settings.vocabulary,
            vocabulary_sizes={side: tokenizers[side].size for side in SIDES},
            pairs_read=cleaned.read,
            dropped={reason: cleaned.dropped[reason] + encoded.dropped[reason] for reason in cleaning.REASONS},
            pairs=parts,
            split_off=encoded.split_off,
            tokens=encoded.tokens,
            types=encoded.types,
            length_percentiles=encoded.length_percentiles,
            fallback_share=fallback_share,
            train_pairs_in=cleaned.known,
            batch_tokens=batch_tokens,
            bucket_boundaries=boundaries,
            padding_share=padding_share,
        )
        # From here to the last line a killed run leaves a directory without the stage, to be prepared again.
        rejects.commit()
        checkpoint.forget_stages("prepare")
        checkpoint.discard_training()
    checkpoint.write_settings(prepare=as_table(settings))
    files = [path for folder in (checkpoint.vocab, checkpoint.data) for path in folder.rglob("*") if path.is_file()]
    checkpoint.record_stage("prepare", dataclasses.asdict(report), files)
    return report


def _check(settings: PrepareSettings) -> None:
    if not settings.train:
        raise SettingsError("no training text; name it with --train")
    for side in SIDES:
        language = getattr(settings, f"{side}_language")
        if not language:
            raise SettingsError(f"no {side} language; name it with --{side}-language")
        if not _LANGUAGE.fullmatch(language):
            raise SettingsError(f"--{side}-language is a code such as en or pt-BR. Received: {language!r}")


def _open(settings: PrepareSettings, spec: str, invalid_utf8: str) -> Iterable[SentencePair]:
    return open_corpus(spec, settings.source_language, settings.target_language, invalid_utf8)


def _evaluation(settings: PrepareSettings, part: str) -> list[Iterable[SentencePair]] | int | None:
    """The corpora given for valid or test, or the number of pairs to split off (AUTOMATIC: as many as are fit), or None."""
    specs = getattr(settings, part)
    numbers = [spec for spec in specs if spec.removeprefix("-").isdecimal()]
    if not specs and part == "valid":
        return AUTOMATIC
    if not specs or specs == ("0",):
        return None
    if any(int(number) < 1 for number in numbers):
        raise SettingsError(f"--{part} takes at least 1 pair, or 0 alone for none. Received: {' '.join(specs)}")
    if not numbers:
        return [_open(settings, spec, "stop") for spec in specs]
    if len(specs) > 1:
        raise SettingsError(f"--{part} takes corpora or one number of pairs, not both. Received: {' '.join(specs)}")
    return int(numbers[0])


@dataclass(frozen=True)
class _Cleaned:
    read: int
    dropped: Counter
    words: dict[str, int]
    known: dict[str, int]


def _clean(
    corpora: list[Iterable[SentencePair]],
    settings: PrepareSettings,
    spool: Spool,
    rejects: Rejects,
    known: dict[str, np.ndarray],
    progress: Progress,
) -> _Cleaned:
    """Read the training text; spool the pairs whose text is fit. `known` are hashes of the evaluation parts."""
    read, dropped, seen = 0, Counter(), cleaning.SeenHashes()
    words, characters = dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0)
    in_known = dict.fromkeys(known, 0)
    for corpus in corpora:
        for pairs in chunks(corpus, CHUNK_PAIRS):
            read += len(pairs)
            fit = []
            for pair in pairs:
                reason = cleaning.text_reason(pair, settings.drop_empty, settings.drop_identical)
                if reason:
                    dropped[reason] += 1
                    rejects.add(reason, pair)
                else:
                    fit.append(pair)
            if settings.drop_duplicates or known:
                hashes = cleaning.pair_hashes(fit)
                new = seen.add(hashes) if settings.drop_duplicates else np.ones(len(fit), bool)
                for pair in (pair for pair, is_new in zip(fit, new, strict=True) if not is_new):
                    dropped["duplicate"] += 1
                    rejects.add("duplicate", pair)
                fit = [pair for pair, is_new in zip(fit, new, strict=True) if is_new]
                for part, part_hashes in known.items():
                    in_known[part] += int(np.isin(hashes[new], part_hashes).sum())
            for pair in fit:
                words["source"] += len(pair.source.split())
                words["target"] += len(pair.target.split())
                characters["source"] += len(pair.source)
                characters["target"] += len(pair.target)
            spool.append(fit)
            progress("reading", read, None)
    if not spool.pairs:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise InputError(f"no pair of the training text is left: of {read} read, dropped {reasons}")
    return _Cleaned(read, dropped, {side: running_words(words[side], characters[side]) for side in SIDES}, in_known)


@dataclass(frozen=True)
class _Encoded:
    pairs: int
    dropped: Counter
    split_off: dict[str, int]
    tokens: dict[str, int]
    types: dict[str, int]
    length_percentiles: dict[str, dict[str, int]]


def _encode_training(
    settings: PrepareSettings,
    spool: Spool,
    held_out: dict[int, str],
    tokenizers: dict[str, Tokenizer],
    data: Path,
    rejects: Rejects,
    progress: Progress,
) -> _Encoded:
    """Encode the spool; pairs of fit length go to the training store, or as raw text to the part they are held out for."""
    dropped: Counter = Counter()
    split_off = dict.fromkeys(dict.fromkeys(held_out.values()), 0)
    uses = {side: np.zeros(tokenizers[side].size, np.int64) for side in SIDES}
    lengths = {side: np.zeros(1, np.int64) for side in SIDES}
    owed: list[str] = []
    done = 0
    with contextlib.ExitStack() as stack:
        raw = {part: stack.enter_context(RawText(data / part)) for part in sorted(split_off)}
        store = CorpusWriter(data / "train", max(tokenizer.size for tokenizer in tokenizers.values()))
        stack.callback(store.close)
        for pairs in chunks(spool, CHUNK_PAIRS):
            ids = {side: tokenizers[side].encode([getattr(pair, side) for pair in pairs]) for side in SIDES}
            kept = []
            for place, pair in enumerate(pairs):
                part = held_out.get(done + place)
                reason = cleaning.length_reason(
                    len(ids["source"][place]), len(ids["target"][place]), settings.max_length_tokens, settings.max_length_ratio
                )
                if reason:
                    dropped[reason] += 1
                    rejects.add(reason, pair)
                    if part:
                        owed.append(part)  # the next fit pair takes its place
                elif part or owed:
                    part = part or owed.pop(0)
                    raw[part].append([pair])
                    split_off[part] += 1
                else:
                    kept.append(place)
            chosen = {side: [ids[side][place] for place in kept] for side in SIDES}
            store.append(chosen["source"], chosen["target"])
            for side in SIDES:
                flat = np.fromiter((token for sentence in chosen[side] for token in sentence), np.int64)
                uses[side] += np.bincount(flat, minlength=len(uses[side]))
                counted = np.bincount([len(sentence) for sentence in chosen[side]], minlength=len(lengths[side]))
                counted[: len(lengths[side])] += lengths[side]
                lengths[side] = counted
            done += len(pairs)
            progress("encoding", done, spool.pairs)
    if not store.pairs:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise InputError(f"no pair of the training text is left after cleaning ({reasons}); see --max-length-tokens")
    return _Encoded(
        pairs=store.pairs,
        dropped=dropped,
        split_off=split_off,
        tokens={side: int(uses[side].sum()) for side in SIDES},
        types={side: int((uses[side] > 0).sum()) for side in SIDES},
        length_percentiles={side: _percentiles(lengths[side]) for side in SIDES},
    )


def _percentiles(counts: np.ndarray) -> dict[str, int]:
    """The smallest lengths that so many percent of the sentences do not exceed; `counts` is int [longest + 1] by length."""
    cumulative = np.cumsum(counts)
    found = {str(percent): int(np.searchsorted(cumulative, cumulative[-1] * percent / 100)) for percent in PERCENTILES}
    return {**found, "max": len(counts) - 1}


def _batches(folder: Path, batch_tokens: int, seed: int) -> tuple[list[int], float]:
    """Bucket boundaries and share of padding of the batches of a stored corpus."""
    batches = Batches(TokenCorpus(folder), batch_tokens, seed)
    return [int(boundary) for boundary in batches.boundaries], round(float(batches.padding_share()), 6)
