"""The stage `prepare`: parallel text in, token store and vocabulary out.

The training text is read once: pairs whose text is fit go to a spool file, and the hashes of all pairs seen
so far tell repetitions. From the spool the tokenizer is trained on an even sample; then the spool is encoded,
pairs of unfit length are dropped, and the rest goes to the token store. Valid and test text is never cleaned:
an evaluation set stays whole.

Nothing here grows with the text but 8 bytes a pair for the hashes and some 50 bytes a pair while the report
is made.
"""

import contextlib
import dataclasses
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mtkit.checkpoint import Checkpoint, claimed, same_directory
from mtkit.data.batching import Batches
from mtkit.data.cleaner import BY_TOKENS, INVALID
from mtkit.data.encoding import Encoded, encode_training
from mtkit.data.evaluation import EVALUATION_PARTS, choose_held_out, copy_text, encode_text
from mtkit.data.inputs import Inputs, open_inputs
from mtkit.data.line_counts import usual_lengths, write_line_counts
from mtkit.data.mixture import Ingredient, check_inputs
from mtkit.data.passes import bucket_boundaries, room
from mtkit.data.reading import Cleaned, clean
from mtkit.data.spool import Rejects, Spool
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.vocabulary import borrow_tokenizers, check_borrowing, train_tokenizers
from mtkit.errors import SettingsError
from mtkit.reporter import Reporter
from mtkit.settings import as_table
from mtkit.settings.prepare import PrepareSettings
from mtkit.settings.train import TrainSettings
from mtkit.text.tokenizer import Tokenizer
from mtkit.writing import atomic_directory


@dataclass(frozen=True)
class PrepareReport:
    """What `prepare` did. Sides are "source" and "target"; tokens are counted without begin and end.

    Attributes:
        vocabulary_sizes: tokens in the vocabulary of each side (the same one if `vocabulary` is "joint").
        pairs_read: pairs of training text read.
        dropped: pairs dropped, by kind: not UTF-8, those of `settings.prepare.KINDS`, and those of unfit
            length in tokens.
        corpora: of each corpus of the training text its name, weight, tag, the pairs read, and those stored,
            as its weight says.
        context: sentences before each that are read too.
        following: pairs of the training text that have such a sentence, where any are read.
        pairs: pairs stored in train, valid and test. Where all weights are 1, read = dropped + stored in
            train + split off.
        split_off: pairs of the training text that went to valid and test instead.
        tokens: tokens of the training text, by side.
        types: different tokens used there, by side.
        length_percentiles: tokens of a training sentence at the percentiles "50", "90", "99", "99.9" and
            "max", by side.
        usual_lengths: "ratio" and "variance" of the tokens of a target (see `text.lengths.Lengths`).
        fallback_share: share of the tokens of valid that stand for text the vocabulary lacks (bytes, or
            unknown), by side; absent without valid text.
        train_pairs_in: how many training pairs also occur in valid and test (see `cleaning.leaked`).
        batch_tokens: the batch size that the next two are for.
        bucket_boundaries: highest target length, end included, of each bucket of batches; of long lines the
            room they take (`passes.room`).
        padding_share: share of padding in the cells of all batches.
    """

    source_language: str
    target_language: str
    tokenizer: str
    vocabulary: str
    vocabulary_sizes: dict[str, int]
    pairs_read: int
    corpora: list[dict[str, str | float | int]]
    dropped: dict[str, int]
    context: int
    following: int
    pairs: dict[str, int]
    split_off: dict[str, int]
    tokens: dict[str, int]
    types: dict[str, int]
    length_percentiles: dict[str, dict[str, int]]
    usual_lengths: dict[str, float]
    fallback_share: dict[str, float]
    train_pairs_in: dict[str, int]
    batch_tokens: int
    bucket_boundaries: list[int]
    padding_share: float


def prepare(
    settings: PrepareSettings,
    checkpoint: Checkpoint,
    *,
    force: bool = False,
    reporter: Reporter | None = None,
) -> PrepareReport:
    """Clean, tokenize and store parallel text. The same input and settings give the same bytes.

    All is written beside its place and moved there at the end; until then an earlier stage stays as it was.

    Args:
        settings: what to read and how.
        checkpoint: where to.
        force: replace a finished stage; this discards the trained model.

    Raises:
        SettingsError: no training text or language, or a setting that does not fit the text.
        InputError: text that cannot be used; names file and line.
        CheckpointError: the stage is finished already, or the directory is something else.
    """
    reporter = reporter or Reporter()
    check_inputs(settings)
    base = _base(settings, checkpoint)
    inputs = open_inputs(settings)
    with claimed(checkpoint, force=force):
        report = _replace_text(settings, checkpoint, base, inputs, reporter)
        checkpoint.write_settings(prepare=as_table(settings))
        written = chain(checkpoint.vocab.rglob("*"), checkpoint.data.rglob("*"))
        files = [path for path in written if path.is_file()]
        checkpoint.record_stage("prepare", dataclasses.asdict(report), files)
    return report


def _replace_text(
    settings: PrepareSettings,
    checkpoint: Checkpoint,
    base: Checkpoint | None,
    inputs: Inputs,
    reporter: Reporter,
) -> PrepareReport:
    """Write the folders of the vocabulary and the data anew; the stage is then to be recorded."""
    with contextlib.ExitStack() as stack:
        vocab = stack.enter_context(atomic_directory(checkpoint.vocab))
        data = stack.enter_context(atomic_directory(checkpoint.data))
        rejects = stack.enter_context(Rejects(settings.rejects))
        evaluation = {
            part: copy_text(corpora, data / part, with_context=settings.context > 0)
            for part, corpora in inputs.evaluation.items()
        }
        spool = Spool(data / "spool")
        cleaned = clean(inputs.training, settings, spool, rejects, evaluation, reporter)
        held_out = choose_held_out(spool.pairs, inputs.pairs_to_split_off(spool.pairs), settings.seed)
        if base:
            tokenizers = borrow_tokenizers(base, vocab)
        else:
            tokenizers = train_tokenizers(settings, spool, held_out, cleaned.words, vocab, reporter)
        ingredients = [corpus.ingredient for corpus in inputs.training]
        encoded = encode_training(settings, ingredients, spool, held_out, tokenizers, data, rejects, reporter)
        spool.remove()
        corpus = TokenCorpus(data / "train")
        write_line_counts(corpus, tokenizers["source"], settings.source_language, vocab)
        report = _report(settings, data, corpus, ingredients, tokenizers, cleaned, encoded)
        # A run that is killed from here on leaves a directory without the stage, to be prepared again.
        rejects.commit()
        checkpoint.discard_training()
        checkpoint.forget_stages("prepare")
    return report


def _base(settings: PrepareSettings, checkpoint: Checkpoint) -> Checkpoint | None:
    """The directory whose tokenizers are used, if one is named; raises as `check_borrowing` does."""
    if not settings.from_:
        return None
    base = Checkpoint(Path(settings.from_))
    if same_directory(base.directory, checkpoint.directory):
        raise SettingsError(
            f"--from names {base.directory}, which is to be prepared itself; name a new directory with -C"
        )
    check_borrowing(settings, base)
    return base


def _report(
    settings: PrepareSettings,
    data: Path,
    corpus: TokenCorpus,
    ingredients: list[Ingredient],
    tokenizers: dict[str, Tokenizer],
    cleaned: Cleaned,
    encoded: Encoded,
) -> PrepareReport:
    """Encode the evaluation text, which is written, and report on all that was done."""
    evaluation = {
        part: encode_text(data / part, tokenizers, with_context=settings.context > 0)
        for part in EVALUATION_PARTS
        if (data / part).exists()
    }
    batches = Batches(corpus, TrainSettings().batch_tokens, settings.seed)
    kinds = INVALID, *settings.dropped_kinds, *BY_TOKENS
    counts = zip(ingredients, cleaned.read, encoded.pairs, strict=True)
    return PrepareReport(
        source_language=settings.source_language,
        target_language=settings.target_language,
        tokenizer=settings.tokenizer,
        vocabulary=settings.vocabulary,
        vocabulary_sizes={side: tokenizers[side].size for side in SIDES},
        pairs_read=sum(cleaned.read),
        corpora=[_corpus_report(ingredient, read, pairs) for ingredient, read, pairs in counts],
        dropped={kind: cleaned.dropped[kind] + encoded.dropped[kind] for kind in kinds},
        context=settings.context,
        following=encoded.following,
        pairs={"train": sum(encoded.pairs), **{part: text.pairs for part, text in evaluation.items()}},
        split_off=encoded.split_off,
        tokens=encoded.tokens,
        types=encoded.types,
        length_percentiles=encoded.length_percentiles,
        usual_lengths=dataclasses.asdict(usual_lengths(corpus)),
        fallback_share=evaluation["valid"].fallback_share if "valid" in evaluation else {},
        train_pairs_in={**cleaned.pairs_in, **encoded.pairs_in},
        batch_tokens=TrainSettings().batch_tokens,
        bucket_boundaries=bucket_boundaries(room(corpus.lengths)),
        padding_share=round(float(batches.padding_share()), 6),
    )


def _corpus_report(ingredient: Ingredient, read: int, pairs: int) -> dict[str, str | float | int]:
    return {
        "corpus": ingredient.name,
        "weight": ingredient.weight,
        "tag": ingredient.tag,
        "read": read,
        "pairs": pairs,
    }
