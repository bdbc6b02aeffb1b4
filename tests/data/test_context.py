"""Training with context: which sentences stand before which, and how they are read."""

import dataclasses

import numpy as np
import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import Batches
from mtkit.data.context import (
    MOST_CONTEXT_TOKENS,
    Context,
    ContextDrawing,
    behind_context,
    sentences_before,
)
from mtkit.data.passes import ends_by_source, even_ends
from mtkit.data.prepare import prepare
from mtkit.data.store import CorpusWriter, TokenCorpus
from mtkit.data.tokenizers import load_sides, load_tokenizers
from mtkit.errors import SettingsError
from mtkit.settings.train import TrainSettings
from mtkit.text.special import CONTEXT_PIECE, PAD_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from mtkit.training.run_text import context_of
from mtkit.translating.steps import SourceText
from mtkit.translating.tokens import Tokens
from mtkit.translating.translation import Translation
from tests.support.prepared import pairs_of_text, settings_for, write

MARK = 4
FIRST = 10  # the token of the first pair
WHOLE = Context(2, MARK, drawn=False)


def in_order(folder, distances, longest=4):
    """A corpus that tells by its tokens which pair they are of."""
    random = np.random.default_rng(1)
    sides = [
        [[FIRST + pair] * length for pair, length in enumerate(random.integers(1, longest, len(distances)))]
        for _ in range(2)
    ]
    writer = CorpusWriter(folder, 100_000, with_context=True)
    writer.append(*sides, distances)
    writer.close()
    return TokenCorpus(folder)


def read(batches, number):
    """The sources of a pass, by the pair of their target: runs of one token as one."""
    sources = {}
    for step in range(number * batches.per_epoch, (number + 1) * batches.per_epoch):
        batch = batches.batch(step)
        for source, target in zip(batch.source, batch.target_out, strict=True):
            tokens = source[source != PAD_ID][:-1].tolist()
            runs = [
                token for token, before in zip(tokens, [None, *tokens[:-1]], strict=True) if token != before
            ]
            sources[int(target[0]) - FIRST] = runs
    return sources


def stored_contexts(checkpoint, part="train"):
    """Each source of a prepared directory as text, and the sentences before it that are stored."""
    corpus = TokenCorpus(checkpoint.data / part)
    source = load_sides(checkpoint.vocab)["source"]
    texts = source.decode(corpus.sentences("source", np.arange(len(corpus))))
    contexts = []
    for pair in range(len(corpus)):
        before = []
        earlier = corpus.predecessors()[pair]
        while earlier >= 0:
            before.insert(0, texts[earlier])
            earlier = corpus.predecessors()[earlier]
        contexts.append((before, texts[pair]))
    return contexts


def sentences(count):
    return [source for source, _ in pairs_of_text(count)]


def test_contexts_by_hand(tmp_path):
    # 0 1 2 | 3 4, of which 4 is there three times | 5
    corpus = in_order(tmp_path, [0, 1, 1, 0, 1, 2, 3, 0])
    sources = read(Batches(corpus, 64, 1, context=WHOLE), 0)
    expected = {
        0: [0],
        1: [0, MARK - FIRST, 1],
        2: [0, 1, MARK - FIRST, 2],
        3: [3],
        4: [3, MARK - FIRST, 4],
        5: [3, MARK - FIRST, 5],
        6: [3, MARK - FIRST, 6],
        7: [7],
    }
    assert {pair: [token - FIRST for token in runs] for pair, runs in sources.items()} == expected


def test_how_many_sentences_are_read_is_drawn_in_each_pass(tmp_path):
    corpus = in_order(tmp_path, [0, *[1] * 1999])
    context = Context(3, MARK)
    once, again = (Batches(corpus, 512, 7, context=context) for _ in range(2))
    first, second = (read(once, number) for number in range(2))
    assert first != second
    assert read(again, 1) == second, "a pass depends on its number alone"
    for step in (once.per_epoch + 1, 0):
        np.testing.assert_array_equal(once.batch(step).source, again.batch(step).source)
    counts = np.zeros(4, int)
    for pair, runs in first.items():
        assert runs.count(MARK) == (len(runs) > 1)
        read_pairs = [token - FIRST for token in runs if token != MARK]
        assert read_pairs == list(range(read_pairs[0], pair + 1))
        counts[len(read_pairs) - 1] += 1
    np.testing.assert_allclose(counts, [500] * 4, rtol=0.15)


def test_lengths_are_those_of_what_is_read(tmp_path):
    corpus = in_order(tmp_path, [0, *[1] * 99])
    examples = ContextDrawing(corpus, Context(4, MARK)).examples(np.random.default_rng(2))
    rows = np.arange(len(examples))
    for side in ("source", "target"):
        assert examples.lengths[side].tolist() == list(map(len, examples.sentences(side, rows)))


def test_a_context_has_so_many_tokens_in_training_and_translating(tmp_path):
    corpus = in_order(tmp_path, [0, *[1] * 60], longest=60)
    examples = ContextDrawing(corpus, Context(5, MARK, drawn=False)).examples(np.random.default_rng(2))
    rows = np.arange(len(corpus))
    alone = corpus.sentences("source", rows)
    for row, source in enumerate(examples.sentences("source", rows)):
        context = alone[max(0, row - 5) : row]
        expected = behind_context([ids.tolist() for ids in context], alone[row].tolist(), MARK)
        assert source.tolist() == expected
        assert len(source) - len(alone[row]) <= MOST_CONTEXT_TOKENS + 1
    assert 0 < examples.counts.min(initial=9, where=rows > 5) < examples.counts.max() == 5


def test_sentences_before_by_hand():
    predecessors = np.array([-1, 0, 1, 2, -1, 4], np.int32)
    lengths = np.array([100, 28, 100, 1, MOST_CONTEXT_TOKENS + 1, 3], np.int32)
    assert sentences_before(predecessors, lengths, 3).tolist() == [0, 1, 2, 2, 0, 0]
    assert sentences_before(predecessors[:0], lengths[:0], 3).tolist() == []


def test_blank_lines_and_dropped_pairs_end_a_document(tmp_path):
    pairs = pairs_of_text(40)
    pairs[10] = ("", "")
    pairs[20] = pairs[3]  # a repetition, which is dropped
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    valid = write(tmp_path / "valid", [*pairs_of_text(3), ("", ""), *pairs_of_text(2)])
    report = prepare(
        settings_for(write(tmp_path / "train", pairs), context=2, valid=(valid,)), checkpoint, reporter=None
    )
    documents = [pairs[:10], pairs[11:20], pairs[21:]]
    expected = [
        ([source for source, _ in document[:place]], document[place][0])
        for document in documents
        for place in range(len(document))
    ]
    assert stored_contexts(checkpoint) == expected
    assert (report.context, report.following) == (2, 38 - 3)
    assert [len(before) for before, _ in stored_contexts(checkpoint, "valid")] == [0, 1, 2, 0, 0, 1]


def test_a_column_tells_documents_apart_and_weights_make_no_neighbours(tmp_path):
    texts = pairs_of_text(30)
    rows = [f"{source}\t{target}\tpage {place // 7}\n" for place, (source, target) in enumerate(texts)]
    table = tmp_path / "train.tsv"
    table.write_text("en\txx\tdocument\n" + "".join(rows), encoding="utf-8")
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    settings = settings_for(f"{table} weight=2", context=8, valid=(str(table),), keep=("duplicate",))
    prepare(settings, checkpoint)
    sources = [source for source, _ in texts]
    expected = [(sources[place // 7 * 7 : place], sources[place]) for place in range(30) for _ in range(2)]
    assert stored_contexts(checkpoint) == expected
    # Blank lines tell them apart in the text that is kept for people and other programs.
    lines = (checkpoint.data / "valid" / "source.txt").read_text(encoding="utf-8").split("\n")[:-1]
    assert [place for place, line in enumerate(lines) if not line] == [7, 15, 23, 31]
    assert list(filter(None, lines)) == sources
    contexts = [context for context in stored_contexts(checkpoint, "valid") if context[1]]
    assert contexts == expected[::2]


def test_a_vocabulary_has_the_mark_only_where_it_is_wanted():
    lines = [*sentences(50), f"this is no mark: {CONTEXT_PIECE}"]
    plain, marked = (train_tokenizer(lines, vocabulary_size=400, with_context=mark) for mark in (False, True))
    assert plain == train_tokenizer(lines, vocabulary_size=400)
    tokenizer = Tokenizer(marked)
    assert tokenizer.context_mark in tokenizer.forbidden and not tokenizer.tags
    assert Tokenizer(plain).context_mark is None
    (ids,) = tokenizer.encode(lines[-1:])
    assert tokenizer.context_mark not in ids and tokenizer.decode([ids]) == lines[-1:]
    assert tokenizer.without_context([7, tokenizer.context_mark, *ids]) == ids
    assert tokenizer.without_context(ids) == ids


def test_what_does_not_go_together_is_told(tmp_path):
    train = write(tmp_path / "train", pairs_of_text(60))
    plain, marked = (Checkpoint(tmp_path / name) for name in ("plain", "marked"))
    prepare(settings_for(train), plain)
    assert not (plain.data / "train" / "predecessors").exists()
    with pytest.raises(SettingsError, match="prepared without --context"):
        prepare(settings_for(train, context=1, from_=str(plain.directory)), Checkpoint(tmp_path / "new"))
    for valid in (("10",), ()):
        with pytest.raises(SettingsError, match="name a text in order with --valid CORPUS"):
            prepare(settings_for(train, context=1, valid=valid), marked)
    prepare(settings_for(train, context=1), marked)
    prepare(settings_for(train, context=1, from_=str(marked.directory)), Checkpoint(tmp_path / "newer"))
    source = dataclasses.make_dataclass("Tokenizers", ["source"])(load_sides(marked.vocab)["source"])
    assert context_of(marked, TrainSettings(), source) == Context(1, source.source.context_mark)
    with pytest.raises(SettingsError, match="leave --join out"):
        context_of(marked, TrainSettings(join=0.5), source)
    assert context_of(plain, TrainSettings(join=0.5), source) is None


def test_pairs_of_two_files_follow_none_of_the_other(tmp_path):
    first, second = (write(tmp_path / name, pairs_of_text(20)[:10]) for name in ("first", "second"))
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    settings = settings_for(second, context=1, keep=("duplicate",))
    settings = dataclasses.replace(settings, train=(f"{first} tag=a", second))
    prepare(settings, checkpoint)
    counts = [len(before) for before, _ in stored_contexts(checkpoint)]
    assert counts == [*range(10), *range(10)]


def test_sources_of_a_batch_have_so_many_tokens(tmp_path):
    """Also where short sentences stand behind long ones."""
    random = np.random.default_rng(4)
    lengths = random.choice([2, 3, 40, 60], 3000)
    writer = CorpusWriter(tmp_path, 100_000, with_context=True)
    ids = [[FIRST] * length for length in lengths]
    writer.append(ids, ids, [0, *[1] * 2999])
    writer.close()
    batches = Batches(TokenCorpus(tmp_path), 256, 1, context=Context(2, MARK))
    for number in range(2):
        steps = range(number * batches.per_epoch, (number + 1) * batches.per_epoch)
        sources = [batches.batch(step).source for step in steps]
        # The noise of the order makes a source two tokens longer than another of its batch.
        assert max(source.size - 2 * len(source) for source in sources) <= 256 * 3
        assert sum(map(len, sources)) == 3000


def test_where_batches_end_by_hand():
    lengths = np.array([1, 1, 2, 2, 3, 5, 9, 9])
    assert ends_by_source(lengths, 3, 6).tolist() == [3, 5, 6, 7, 8]
    assert ends_by_source(lengths[:0], 3, 6).tolist() == []
    assert even_ends(7, 3).tolist() == [2, 5, 7]
    assert even_ends(0, 3).tolist() == []


def test_what_is_translated_is_what_was_trained_on(tmp_path):
    """The tokens of a text behind its context are those of training, tags too."""
    pairs = pairs_of_text(30)
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    prepare(settings_for(f"{write(tmp_path / 'train', pairs)} tag=web", context=2), checkpoint)
    tokenizers = load_tokenizers(checkpoint)
    source = tokenizers.source.tagged("web")
    sources = [source for source, _ in pairs]
    context = dataclasses.replace(WHOLE, mark=source.context_mark)
    examples = ContextDrawing(TokenCorpus(checkpoint.data / "train"), context).fullest()
    expected = [ids.tolist() for ids in examples.sentences("source", np.arange(30))]
    texts = [
        SourceText(text, place, context=sources[max(0, place - 2) : place])
        for place, text in enumerate(sources)
    ]
    read = []
    Tokens(dataclasses.replace(tokenizers, source=source)).translate(
        texts, lambda batch: read.extend(text.ids for text in batch) or [Translation("")] * len(batch)
    )
    assert read == expected
    assert [ids.count(source.tags["web"]) for ids in read] == [1, 2, *[3] * 28]
