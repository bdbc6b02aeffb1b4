"""What may not follow: banned phrases, and runs of tokens that were there before."""

import numpy as np
import pytest

from mtkit.search.banned_text import BannedPhrase, BannedText
from mtkit.search.constraints import repeating_after
from mtkit.text.special import END_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer


def test_banned_marks_and_pieces_with_marks():
    """Against text: whatever tokens may follow, no text holds the phrase."""
    text = ["the cat, a dog!", "wow! a cat.", "a cat", "the dog", "no, no!"] * 3
    tokenizer = Tokenizer(train_tokenizer(text, "word", 300))
    assert "\u2581cat," in tokenizer.pieces(range(tokenizer.size))
    for phrase, closing, going in (("cat", "cat,", "cat"), ("!", "wow!", "a"), ("no,", "no,", "no!")):
        forbidden, allowed = f"\u2581{closing}", f"\u2581{going}"
        bias = np.zeros((1, tokenizer.size), np.float32)
        BannedText([phrase], tokenizer).add_to(bias, np.array([tokenizer.encode(["a"])[0]]))
        pieces = tokenizer.pieces(range(tokenizer.size))
        assert bias[0, pieces.index(forbidden)] == -np.inf
        assert bias[0, pieces.index(allowed)] == 0.0


def test_a_banned_word_cannot_end(translator):
    tokenizer = translator.tokenizers.target
    banned = BannedText(["cat"], tokenizer)
    ids = tokenizer.encode(["the cat", "the tomcat", "the cat s"])
    for row, forbidden in zip(ids, (True, False, False), strict=True):
        bias = np.zeros((1, tokenizer.size), np.float32)
        banned.add_to(bias, np.array([row]))
        _, letter, _, space, _ = tokenizer.encode(["as s"])[0]
        assert bias[0, letter] == 0.0
        assert {float(bias[0, END_ID]), float(bias[0, space])} == {-np.inf if forbidden else 0.0}


@pytest.mark.parametrize(
    ("text", "phrase", "there"),
    [
        ("the cat", "cat", True),
        ("cat", "cat", True),
        ("the tomcat", "cat", False),
        ("a big cat", "big cat", True),
        ("cats", "cat", False),
        ("cat,", "cat", False),
        ("", "cat", False),
        ("no-cat", "cat", True),
        ("a...", "...", True),
    ],
)
def test_where_a_phrase_ends(text, phrase, there):
    assert BannedPhrase(phrase, ()).ends(text) == there


def test_what_would_repeat_a_run_of_tokens():
    assert repeating_after([1, 2, 3, 1, 2], 3) == [3]
    assert repeating_after([4, 4, 4, 4, 4], 3) == [4, 4, 4]
    assert repeating_after([1, 2, 1], 1) == [1, 2, 1]
