"""Whole lines: in parts, with what must stay taken out of them before, and nothing lost of either."""

import types
from dataclasses import replace

import numpy as np
import pytest

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.settings import TranslateSettings
from mtkit.translating.lines import translate_lines
from mtkit.translating.protect import Protection
from mtkit.translating.translation import Candidate, Translation

EVERYTHING = Protection.of(["url", "email", "placeholder", "tag"])


class Letters:
    """A tokenizer whose tokens are letters."""

    def encode(self, texts):
        return [list(text) for text in texts]

    def surfaces(self, text):
        return [" " + text[:1], *text[1:]]


class Upper:
    """A translator that says everything in capitals, and counts letters for tokens."""

    def __init__(self, protection=None, **settings):
        self.settings = TranslateSettings(**settings)
        self.protection = protection
        self.ranking = Ranking(0.0)
        self.tokenizers = types.SimpleNamespace(source=Letters())

    def translate(self, lines, numbers, beside=None):
        self.numbers, self.lines = list(numbers), list(lines)
        hypotheses = [Hypothesis((1,), (-1.0,), -1.0, True, np.eye(len(line) + 1)) for line in lines]
        candidates = [
            (Candidate(line.upper(), ("\u2581" + line[0], *line[1:]), hypothesis),) if line.strip() else ()
            for line, hypothesis in zip(lines, hypotheses, strict=True)
        ]
        return [Translation(line, own) for line, own in zip(lines, candidates, strict=True)]


def test_white_space_stays():
    upper = Upper()
    lines = ["\tA dog.  It barks. \r", "", "   ", "one"]
    found = translate_lines(upper, lines, 5)
    assert [one.text for one in found] == ["\tA DOG.  IT BARKS. \r", "", "", "ONE"]
    assert upper.lines == ["A dog.", "It barks.", "", "   ", "one"]
    assert upper.numbers == [5, 5 + (1 << 40), 6, 7, 8]
    assert found[0].best.hypothesis.token_log_probabilities == (-1.0, -1.0)
    assert found[0].score == -2.0


def test_only_long_lines_are_split():
    upper = Upper(max_source_tokens=12, whole_lines=True)
    lines = ["A dog. It.", " A dog. It barks. Why so? ", ""]
    assert [one.text for one in translate_lines(upper, lines)] == [
        "A DOG. IT.",
        " A DOG. IT BARKS. WHY SO? ",
        "",
    ]
    assert upper.lines == ["A dog. It.", "A dog.", "It barks.", "Why so?", ""]
    assert upper.numbers == [0, 1, 1 + (1 << 40), 1 + (2 << 40), 2]


def test_lines_with_something_beside_them_stay_whole():
    for settings, beside in (
        ({"n_best": 2}, None),
        ({"max_source_tokens": 0, "whole_lines": True}, None),
        ({"prefixes": "file"}, ["x", "y"]),
    ):
        upper = Upper(**{"max_source_tokens": 5, **settings})
        translate_lines(upper, ["A dog. It barks.", "b"], 3, beside)
        assert (upper.lines, upper.numbers) == (["A dog. It barks.", "b"], [3, 4])


@pytest.mark.parametrize(
    "line",
    [
        "A dog. <b>It barks.</b> Why?",
        "<p>A dog. It barks.</p>",
        "See https://a.bc/Hello.%20World?x=Yes!Now or ask. Then mail me@a.org. {x}",
        "First line.<br/>Second line.",
        '<a title="One. Two. Three">A dog. It</a> barks.',
        "  {x} A dog.  {y} It barks.",
        "{x}",
        "<b>{x}</b> {y}",
        "10&nbsp;km",
        "a<br>b. C",
    ],
)
@pytest.mark.parametrize("settings", [{}, {"max_source_tokens": 5, "whole_lines": True}, {"n_best": 2}])
def test_what_must_stay_is_in_no_part(line, settings):
    """A text that looks like the end of a sentence splits no line, and all that was taken out is where it
    was.
    """
    upper = Upper(EVERYTHING, **settings)
    (found,) = translate_lines(upper, [line])
    spans = EVERYTHING.find(line)
    expected = "".join(
        line[end:start].upper() + line[start:stop]
        for (_, end), (start, stop) in zip([(0, 0), *spans], spans, strict=False)
    )
    expected += line[spans[-1][1] :].upper()
    expected = expected.strip() if "n_best" in settings else expected
    assert found.text == expected
    assert found.source == line and not found.changed
    assert not any(character in text for text in upper.lines for character in "<{@/&")
    if not settings and "A dog. It barks" in line:
        assert len(upper.lines) >= 2


def test_what_is_lost_at_a_seam_is_reported():
    """Parts that make an address when they are joined: it is not as often there as in the line."""
    upper = Upper(Protection.of(["AB"]))
    assert [found.changed for found in translate_lines(upper, ["AB ab. x", "ab"])] == [("AB",), ()]


def test_blank_lines_stay_blank():
    for settings in ({}, {"max_source_tokens": 1}):
        assert [found.text for found in translate_lines(Upper(EVERYTHING, **settings), ["", "{x}", ""])] == [
            "",
            "{x}",
            "",
        ]


class Backwards(Upper):
    """A translator that says the words in the opposite order."""

    def __init__(self, **settings):
        super().__init__(EVERYTHING, **settings)
        self.tokenizers = types.SimpleNamespace(source=Words())

    def translate(self, lines, numbers, beside=None):
        return [
            Translation(line, (self.candidate(line.split()[::-1]),) if line.strip() else ()) for line in lines
        ]

    def candidate(self, words):
        hypothesis = Hypothesis((1,), (-1.0,), -1.0, True, np.eye(len(words))[::-1])
        return Candidate(" ".join(words), tuple("\u2581" + word for word in words), hypothesis)


class Words:
    """A tokenizer whose tokens are words."""

    def encode(self, texts):
        return [text.split() for text in texts]

    def surfaces(self, text):
        return [" " + word for word in text.split()]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("One two.<br/>Three four.", "two. One<br/>four. Three"),
        ("<p>One two.</p><p>Three four.</p>", "<p>two. One</p><p>four. Three</p>"),
        ("One two. <br/> Three four.\r", "two. One <br/> four. Three\r"),
        (
            "<p>One <b>two</b>.  {x}\tThree four.</p>",
            "<p><b>two</b>. One  four. {x} Three</p>",
        ),  # what is no tag goes on
        ("One <b>two</b> three! <b>Four</b> five.", "three! <b>two</b> One five. <b>Four</b>"),
        ("<p><i>One two.</i></p> <b>Three four</b>", "<p><i>two. One</i></p> <b>four Three</b>"),
        ("\t{x}\tOne two {y}\r", "\ttwo {y} {x} One\r"),
        ("{x}\r", "{x}\r"),
        (" <p>\u00a0</p> ", " <p>\u00a0</p> "),
    ],
)
def test_what_stands_between_parts_stays_there(line, text):
    """Tags and white space at the edges of parts; but no tag whose other half is within one."""
    (found,) = translate_lines(Backwards(), [line])
    assert found.text == text


def test_lines_that_are_not_split_keep_their_outer_tags():
    found = translate_lines(
        Backwards(whole_lines=True),
        ["<p>one <b>two</b></p>", " <p> one two </p> ", "<b>one</b> two", "{x} one two"],
    )
    texts = ["<p><b>two</b> one</p>", "<p> two one </p>", "two <b>one</b>", "two {x} one"]
    assert [one.text for one in found] == texts


def test_parts_of_a_script_without_spaces_get_one_where_they_lose_it():
    class Foreign(Upper):
        def translate(self, lines, numbers, beside=None):
            texts = {"\u4f60\u597d\u3002": "Hello.", "\u4f60": "You"}
            found = super().translate(lines, numbers)
            return [
                replace(one, candidates=(replace(one.best, text=texts.get(one.source, one.source)),))
                for one in found
            ]

    lines = ["\u4f60\u597d\u3002\u4f60", "\u4f60\u597d\u3002\u5427", "\u4f60\u597d\u3002 \u4f60"]
    assert [one.text for one in translate_lines(Foreign(), lines)] == [
        "Hello. You",
        "Hello.\u5427",
        "Hello. You",
    ]
    assert translate_lines(Upper(max_source_tokens=4), ["abcdefgh"])[0].text == "ABCDEFGH"  # a word in two
