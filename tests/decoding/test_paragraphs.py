"""Long lines in parts: where they are split, and that nothing of them is lost."""

import random
import types

import pytest

from mtkit.decoding.paragraphs import split, translate_lines
from mtkit.decoding.search import Hypothesis, Ranking
from mtkit.decoding.translator import Candidate, Translation
from mtkit.settings import TranslateSettings


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("A dog. It barks!  Why?", ["A dog.", "It barks!", "Why?"]),
        ("  indented. \u201cQuoted.\u201d (So.) Done \t", ["indented.", "\u201cQuoted.\u201d", "(So.)", "Done"]),
        ("Mr. Smith met J. Doe at 3. Main St. today... and left.", ["Mr. Smith met J. Doe at 3. Main St. today... and left."]),
        ("version 2.0 is out. e.g. this", ["version 2.0 is out. e.g. this"]),
        ("\u4f60\u597d\u3002\u4eca\u5929\uff1f\u597d", ["\u4f60\u597d\u3002", "\u4eca\u5929\uff1f", "\u597d"]),
        ("no end", ["no end"]), ("", []), ("   ", []), ("...", ["..."]), ("A.", ["A."]),
    ],
)
def test_sentences(line, sentences):
    parts = split(line)
    assert [part.text for part in parts[:-1]] == sentences
    assert "".join(before + text for before, text in parts) == line


@pytest.mark.parametrize("line", ["a b, c", " a ,", ", , ", "a\u00a0", "\U0001f600 \U0001f600"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_limit_is_too_small(line, most):
    parts = split(line, lambda text: 4 * len(text), most)
    assert "".join(before + text for before, text in parts) == line


def test_parts_are_short_and_lose_nothing():
    """Random lines of words, marks and white space, and one without any."""
    chance = random.Random(1)
    lines = ["x" * 500]
    for _ in range(200):
        words = [chance.choice(["a", "Bob", "c,", "d.", "\u3002", "e;", "(f", "G."]) for _ in range(chance.randrange(1, 60))]
        lines.append("".join(word + chance.choice([" ", "  ", "\t", "\u00a0 "]) for word in words))
    for line in lines:
        parts = split(line, len, 15)
        assert "".join(before + text for before, text in parts) == line
        assert all(0 < len(text) <= 15 and text == text.strip() for _, text in parts[:-1])
        assert parts[-1].text == ""


class Upper:
    """A translator that says everything in capitals, and counts letters for tokens."""

    def __init__(self, **settings):
        self.settings = TranslateSettings(**settings)
        self.attending, self.protected = False, None
        self.ranking = Ranking(0.0)
        self.tokenizers = types.SimpleNamespace(source=types.SimpleNamespace(encode=lambda texts: [list(text) for text in texts]))

    def translate(self, lines, numbers, beside=None):
        self.numbers, self.lines = list(numbers), list(lines)
        hypothesis = Hypothesis((1,), (-1.0,), -1.0, True)
        candidates = [(Candidate(line.upper(), tuple(line), hypothesis),) if line.strip() else () for line in lines]
        return [Translation(line, own) for line, own in zip(lines, candidates, strict=True)]


def test_white_space_stays():
    upper = Upper(paragraphs=True)
    lines = ["\tA dog.  It barks. \r", "", "   ", "one"]
    found = translate_lines(upper, lines, 5)
    assert [one.text for one in found] == ["\tA DOG.  IT BARKS. \r", "", "   ", "ONE"]
    assert upper.lines == ["A dog.", "It barks.", "one"]
    assert upper.numbers == [5, 5 + (1 << 40), 8]
    assert found[0].best.hypothesis.token_log_probabilities == (-1.0, -1.0)
    assert found[0].score == -2.0


def test_only_long_lines_are_split():
    upper = Upper(max_source_tokens=12)
    lines = ["A dog. It.", " A dog. It barks. Why so? ", ""]
    assert [one.text for one in translate_lines(upper, lines)] == ["A DOG. IT.", " A DOG. IT BARKS. WHY SO? ", ""]
    assert upper.lines == ["A dog. It.", "A dog.", "It barks.", "Why so?", ""]
    assert upper.numbers == [0, 1, 1 + (1 << 40), 1 + (2 << 40), 2]


def test_lines_with_something_beside_them_stay_whole():
    for settings, beside in (({"n_best": 2}, None), ({"max_source_tokens": 0}, None), ({"prefixes": "file"}, ["x", "y"])):
        upper = Upper(**{"max_source_tokens": 5, **settings})
        translate_lines(upper, ["A dog. It barks.", "b"], 3, beside)
        assert (upper.lines, upper.numbers) == (["A dog. It barks.", "b"], [3, 4])
