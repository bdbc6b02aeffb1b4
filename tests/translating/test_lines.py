"""Whole lines: in parts, with what must stay taken out of them before, and nothing lost of either."""

import types
from dataclasses import replace

import numpy as np
import pytest

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.settings.search import Search
from mtkit.text.lengths import Lengths
from mtkit.translating.compatibility import keeps_lines_whole
from mtkit.translating.demands import Demands
from mtkit.translating.plan import Plan
from mtkit.translating.protect import Protection
from mtkit.translating.reach import Reach, new_splitter
from mtkit.translating.signals import faults, remarks
from mtkit.translating.translation import Candidate, Translation

EVERYTHING = Protection.of(["url", "email", "placeholder", "tag"])


class Letters:
    """A tokenizer whose tokens are letters."""

    def encode(self, texts):
        return [list(text) for text in texts]

    def surfaces(self, text):
        return [" " + text[:1], *text[1:]]


class Upper(Plan):
    """Says everything in capitals, and counts letters for tokens."""

    _to_batches = ()

    def _search(self, texts):
        self.searcher.numbers = [text.number for text in texts]
        self.searcher.lines = [text.text for text in texts]
        return [Translation(text.text, tuple(self.candidates_of(text.text))) for text in texts]

    def candidates_of(self, text):
        if text.strip():
            hypothesis = Hypothesis((1,), (-1.0,), -1.0, True, np.eye(len(text) + 1))
            yield Candidate(text.upper(), ("\u2581" + text[0], *text[1:]), hypothesis)


def lines_in(kind=Upper, protection=None, tokenizer=None, keeps_lines_whole=False, **demands):
    """A plan without a model: what it was asked for is in its searcher, `lines` and `numbers`."""
    tokenizer, demands = tokenizer or Letters(), Demands(protection=protection, **demands)
    ranking = Ranking(0.0)
    in_use = {"--n-best"} if keeps_lines_whole else set()
    splitter = new_splitter(tokenizer, ranking, demands, Reach(), in_use)
    asked = types.SimpleNamespace()
    sides = types.SimpleNamespace(source=tokenizer)
    return kind(sides, asked, Search(), frozenset(), demands, splitter, 1)


def test_white_space_stays():
    upper = lines_in()
    lines = ["\tA dog.  It barks. \r", "", "   ", "one"]
    found = upper.translate(lines, range(5, 9))
    assert [one.text for one in found] == ["\tA DOG.  IT BARKS. \r", "", "", "ONE"]
    assert upper.searcher.lines == ["A dog.", "It barks.", "", "   ", "one"]
    assert upper.searcher.numbers == [5, 5 + (1 << 40), 6, 7, 8]
    assert found[0].best.hypothesis.token_log_probabilities == (-1.0, -1.0)
    assert found[0].score == -2.0


def test_only_long_lines_are_split():
    upper = lines_in(max_source_tokens=12)
    lines = ["A dog. It.", " A dog. It barks. Why so? ", ""]
    assert [one.text for one in upper.translate(lines)] == [
        "A DOG. IT.",
        " A DOG. IT BARKS. WHY SO? ",
        "",
    ]
    assert upper.searcher.lines == ["A dog. It.", "A dog.", "It barks.", "Why so?", ""]
    assert upper.searcher.numbers == [0, 1, 1 + (1 << 40), 1 + (2 << 40), 2]


def test_what_is_about_lines_keeps_them_whole():
    assert keeps_lines_whole(["--n-best"]) and keeps_lines_whole(["--sample", "--prefixes"])
    assert not keeps_lines_whole(["--sample", "--glossary", "--protect", "--signals"])


def test_lines_with_something_beside_them_stay_whole():
    for settings, beside in (
        ({"keeps_lines_whole": True}, None),
        ({"max_source_tokens": 0}, None),
        ({"whole_lines": True}, None),
        ({"keeps_lines_whole": True, "max_source_tokens": 5}, ["x", "y"]),
    ):
        upper = lines_in(**settings)
        upper.translate(["A dog. It barks.", "b"], [3, 4], beside)
        assert (upper.searcher.lines, upper.searcher.numbers) == (["A dog. It barks.", "b"], [3, 4])


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
@pytest.mark.parametrize("settings", [{}, {"max_source_tokens": 20}, {"keeps_lines_whole": True}])
def test_what_must_stay_is_in_no_part(line, settings):
    """A text that looks like the end of a sentence splits no line, and all that was taken out is where it
    was.
    """
    upper = lines_in(protection=EVERYTHING, **settings)
    (found,) = upper.translate([line])
    spans = EVERYTHING.find(line)
    expected = "".join(
        line[end:start].upper() + line[start:stop]
        for (_, end), (start, stop) in zip([(0, 0), *spans], spans, strict=False)
    )
    expected += line[spans[-1][1] :].upper()
    expected = expected.strip() if "keeps_lines_whole" in settings else expected
    assert found.text == expected
    assert found.source == line and not found.changed
    assert not any(character in text for text in upper.searcher.lines for character in "<{@/&")
    if not settings and "A dog. It barks" in line:
        assert len(upper.searcher.lines) >= 2


def test_what_is_lost_at_a_seam_is_reported():
    """Parts that make an address when they are joined: it is not as often there as in the line."""
    upper = lines_in(protection=Protection.of(["AB"]))
    assert [found.changed for found in upper.translate(["AB ab. x", "ab"])] == [("AB",), ()]


def test_blank_lines_stay_blank():
    for settings in ({}, {"max_source_tokens": 1}):
        assert [
            found.text for found in lines_in(protection=EVERYTHING, **settings).translate(["", "{x}", ""])
        ] == [
            "",
            "{x}",
            "",
        ]


class Backwards(Upper):
    """Says the words in the opposite order."""

    def candidates_of(self, text):
        if words := text.split()[::-1]:
            hypothesis = Hypothesis((1,), (-1.0,), -1.0, True, np.eye(len(words))[::-1])
            yield Candidate(" ".join(words), tuple("\u2581" + word for word in words), hypothesis)


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
    (found,) = lines_in(Backwards, EVERYTHING, Words()).translate([line])
    assert found.text == text


def test_lines_that_are_not_split_keep_their_outer_tags():
    found = lines_in(Backwards, EVERYTHING, Words(), whole_lines=True).translate(
        ["<p>one <b>two</b></p>", " <p> one two </p> ", "<b>one</b> two", "{x} one two"],
    )
    texts = ["<p><b>two</b> one</p>", "<p> two one </p>", "two <b>one</b>", "two {x} one"]
    assert [one.text for one in found] == texts


def test_parts_of_a_script_without_spaces_get_one_where_they_lose_it():
    class Foreign(Upper):
        def candidates_of(self, text):
            texts = {"\u4f60\u597d\u3002": "Hello.", "\u4f60": "You"}
            for candidate in super().candidates_of(text):
                yield replace(candidate, text=texts.get(text, text))

    lines = ["\u4f60\u597d\u3002\u4f60", "\u4f60\u597d\u3002\u5427", "\u4f60\u597d\u3002 \u4f60"]
    assert [one.text for one in lines_in(Foreign).translate(lines)] == [
        "Hello. You",
        "Hello.\u5427",
        "Hello. You",
    ]
    assert lines_in(max_source_tokens=4).translate(["abcdefgh"])[0].text == "ABCDEFGH"  # a word in two


class Forgetful(Upper):
    """Says the first three words of a text alone."""

    def candidates_of(self, text):
        if words := text.split()[:3]:
            hypothesis = Hypothesis((1,), (-1.0,), -1.0, True)
            yield Candidate(" ".join(words).upper(), tuple("\u2581" + word for word in words), hypothesis)

    def _search(self, texts):
        self.searcher.lines += [text.text for text in texts]
        pieces = [tuple("\u2581" + word for word in text.text.split()) for text in texts]
        return [
            Translation(text.text, tuple(self.candidates_of(text.text)), pieces_of_text)
            for text, pieces_of_text in zip(texts, pieces, strict=True)
        ]


class EveryThirdWord:
    """Knows that a sentence has three words; eagerly alone, unless it is to be eager."""

    def cuts(self, texts, *, eagerly=False):
        return [self.places(text) if eagerly else [] for text in texts]

    def places(self, text):
        words = text.split()
        return [len(" ".join(words[:count])) for count in range(3, len(words), 3)]


def forgetful(**reach):
    plan = lines_in(Forgetful, tokenizer=Words())
    splitter = new_splitter(Words(), Ranking(0.0), Demands(), Reach(**reach), set())
    plan.searcher.lines = []
    return replace(plan, splitter=splitter)


def test_what_lost_text_is_done_again_in_parts():
    """Twelve words of which three were translated: again sentence by sentence; a short line stays."""
    plan = forgetful(lengths=Lengths(1.0, 0.5), line_ends=EveryThirdWord())
    twelve = "a b c d e f g h i j k l"
    short, again = plan.translate(["a b c d", twelve])
    assert (short.text, short.is_short) == ("A B C", False)
    assert (again.text, again.is_short) == (twelve.upper(), False)
    assert plan.searcher.lines == ["a b c d", twelve, "a b c", "d e f", "g h i", "j k l"]


def test_only_the_parts_that_are_others_are_done_again():
    plan = forgetful(lengths=Lengths(1.0, 0.5), line_ends=EveryThirdWord())
    (again,) = plan.translate(["A b c. D e f g h i j k l m n o."])
    assert again.text == "A B C. D E F G H I J K L M N O." and not again.is_short
    lost = "D e f g h i j k l m n o."
    assert plan.searcher.lines == ["A b c.", lost, "D e f", "g h i", "j k l", "m n o."]


def test_what_lost_text_and_has_one_sentence_is_told():
    plan = forgetful(lengths=Lengths(1.0, 0.5))
    (lost,) = plan.translate(["a b c d e f g h i j k l"])
    assert (lost.text, lost.is_short) == ("A B C", True)
    assert plan.searcher.lines == ["a b c d e f g h i j k l"]
    assert faults(lost) == ["much shorter than its source"]


def test_lines_within_reach_stay_whole():
    plan = forgetful(whole_tokens=4)
    plan.translate([" A b. C d. ", "A b. C d. E f.", "A. B"])
    assert plan.searcher.lines == ["A b. C d.", "A b.", "C d.", "E f.", "A. B"]


def test_a_sentence_that_is_too_long_is_told_when_it_is_cut():
    plan = forgetful(longest_tokens=3)
    cut, whole = plan.translate(["a b, c d e", "A b c. D e f."])
    assert (cut.cut_within, whole.cut_within) == (True, False)
    assert remarks(cut) == ["translated in parts, because a sentence is too long"] and not remarks(whole)
    assert plan.searcher.lines == ["a b,", "c d e", "A b c.", "D e f."]
