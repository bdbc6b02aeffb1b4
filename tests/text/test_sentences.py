"""Where sentences end, where long lines are cut, and that nothing of them is lost."""

import random

import pytest

from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.text.sentences import sentence_ends, sentences_between


class Letters:
    """A tokenizer whose tokens are so many for each letter."""

    def __init__(self, tokens=1):
        self.tokens = tokens

    def encode(self, texts):
        return [list(text) * self.tokens for text in texts]


def parts_of(line, most_tokens, tokens=1):
    """What a line is split into, where no sentence may have more tokens."""
    (split,) = SentenceSplitter(Letters(tokens), most_tokens=most_tokens).split([line])
    return split.sentences


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("A dog. It barks!  Why?", ["A dog.", "It barks!", "Why?"]),
        (
            "  indented. \u201cQuoted.\u201d (So.) Done \t",
            ["indented.", "\u201cQuoted.\u201d", "(So.)", "Done"],
        ),
        (
            "Mr. Smith met J. Doe at 3. Main St. today... and left.",
            ["Mr. Smith met J. Doe at 3. Main St. today... and left."],
        ),
        ("Am 3. Oktober. Born in 1972. Tom", ["Am 3. Oktober.", "Born in 1972.", "Tom"]),
        ("\u0928\u0947\u092a\u093e\u0932 \u0964 \u0915", ["\u0928\u0947\u092a\u093e\u0932 \u0964", "\u0915"]),
        ("Version 2.0 is out. e.g. this", ["Version 2.0 is out. e.g. this"]),
        # Without capitals what follows tells nothing.
        ("version 2.0 is out. e.g. this", ["version 2.0 is out.", "e.g. this"]),
        ("a dog runs. it barks! why?", ["a dog runs.", "it barks!", "why?"]),
        ("mr. smith met j. doe at 3. main st. today", ["mr. smith met j. doe at 3. main st. today"]),
        ("he said no. she left", ["he said no.", "she left"]),
        ("the u.s. army at 5 p.m. today. it left", ["the u.s. army at 5 p.m. today.", "it left"]),
        ("Use . or , as separator.", ["Use . or , as separator."]),
        ("Run ls . and then cd ..", ["Run ls . and then cd .."]),
        # Tokens with spaces between.
        ("a man , sitting . a dog .", ["a man , sitting .", "a dog ."]),
        ("A man sits . a dog runs .", ["A man sits .", "a dog runs ."]),
        ("Quoi ? dit-il . Rien .", ["Quoi ? dit-il .", "Rien ."]),
        ("see fig . 3", ["see fig . 3"]),
        (
            "\u4f60\u597d\u3002\u4eca\u5929\uff1f\u597d",
            ["\u4f60\u597d\u3002", "\u4eca\u5929\uff1f", "\u597d"],
        ),
        ("no end", ["no end"]),
        ("", []),
        ("   ", []),
        ("...", ["..."]),
        ("A.", ["A."]),
    ],
)
def test_sentences(line, sentences):
    parts = sentences_between(line, sentence_ends(line))
    assert [part.text for part in parts[:-1]] == sentences
    assert "".join(before + text for before, text in parts) == line


@pytest.mark.parametrize("line", ["a b, c", " a ,", ", , ", "a\u00a0", "\U0001f600 \U0001f600"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_limit_is_too_small(line, most):
    parts = parts_of(line, most, tokens=4)
    assert "".join(before + text for before, text in parts) == line


def test_parts_are_short_and_lose_nothing():
    """Random lines of words, marks and white space, and one without any."""
    chance = random.Random(1)
    lines = ["x" * 500]
    for _ in range(200):
        words = [
            chance.choice(["a", "Bob", "c,", "d.", "\u3002", "e;", "(f", "G."])
            for _ in range(chance.randrange(1, 60))
        ]
        lines.append("".join(word + chance.choice([" ", "  ", "\t", "\u00a0 "]) for word in words))
    for line in lines:
        parts = parts_of(line, 15)
        assert "".join(before + text for before, text in parts) == line
        assert all(0 < len(text) <= 15 and text == text.strip() for _, text in parts[:-1])
        assert parts[-1].text == ""
