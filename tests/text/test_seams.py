"""Lines joined as token ids are the text that a person would write: with a space between, or without."""

import functools
from itertools import chain

import numpy as np
import pytest

from mtkit.text.seams import inner_tokens, is_unspaced_language, joined_ids
from mtkit.text.tokenizer import Tokenizer, train_tokenizer

ENGLISH = ["A dog runs.", "The cat sees it.", "A small dog!"]
JAPANESE = ["犬が走る。", "猫がそれを見る。", "小さい犬だ。", "走るのは犬だ。"]


@functools.cache
def tokenizer(kind):
    return Tokenizer(train_tokenizer((ENGLISH + JAPANESE) * 20, kind, 340, tags=("web",)))


def joined_text(kind, lines, language, tag=""):
    """The text of the joined ids, and these."""
    model = tokenizer(kind)
    ids = [np.array(line, np.uint16) for line in model.tagged(tag).encode(lines)]
    result = joined_ids(ids, inner_tokens(model, language))
    return model.decode([result])[0], result.tolist()


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_a_space_stands_between_lines_where_words_have_spaces(kind):
    text, ids = joined_text(kind, ENGLISH, "en")
    assert text == " ".join(ENGLISH)
    assert ids == list(chain.from_iterable(tokenizer(kind).encode(ENGLISH)))


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
@pytest.mark.parametrize("tag", ["", "web"])
def test_nothing_stands_between_lines_where_words_have_none(kind, tag):
    text, ids = joined_text(kind, [*JAPANESE, "鼠"], "ja", tag)
    assert text == "".join([*JAPANESE, "鼠"])
    web = tokenizer(kind).tags["web"]
    assert ids.count(web) == bool(tag) and (ids[0] == web) == bool(tag)


def test_where_no_pieces_spell_it_the_space_stays():
    pieces = {"▁": 4, "▁犬": 5, "犬": 6, "▁猫": 7, "走る": 8, "▁犬走る": 9}
    inner = inner_tokens(PiecesAlone(pieces), "ja")
    assert inner == {4: (), 5: (6,), 7: (7,), 9: (6, 8)}
    lines = [np.array(line) for line in ([5, 8], [4, 8], [5], [7, 5], [4], [9, 6])]
    assert joined_ids(lines, inner).tolist() == [5, 8, 8, 6, 7, 5, 6, 8, 6]
    assert joined_ids(lines[:1], inner).tolist() == [5, 8]
    assert inner_tokens(PiecesAlone(pieces), "de") == {}


class PiecesAlone:
    """Stands in for a tokenizer: these pieces, behind four special ones."""

    def __init__(self, pieces):
        self.tags = {}
        self._pieces = ["<pad>", "<unk>", "<s>", "</s>", *pieces]
        self.size = len(self._pieces)

    def pieces(self, ids):
        return [self._pieces[token] for token in ids]

    def fallback_tokens(self):
        return np.arange(self.size) == 1

    def control_tokens(self):
        return np.isin(np.arange(self.size), [0, 2, 3])


def test_languages_without_spaces():
    assert all(map(is_unspaced_language, ["ja", "zh-Hant", "ZH_cn", "th", "lo", "km", "my", "cmn"]))
    assert not any(map(is_unspaced_language, ["en", "ko", "de-AT", "vi", "jav", ""]))
