"""Text that stays as it is: what is found, taken out and put back, by hand; and with a model, each as often as it was there."""

import random
from collections import Counter

import numpy as np
import pytest

from mtkit.decoding.alignment import ends_in_text
from mtkit.decoding.protect import Span, changed, pattern_of, put_back, side_by_side, take_out, translate_protected
from mtkit.decoding.search import Hypothesis
from mtkit.decoding.translation import Candidate, Translation
from mtkit.decoding.wishes import Wishes
from mtkit.errors import SettingsError
from tests.decoding.conftest import LINES, with_settings

EVERYTHING = pattern_of(["url", "email", "placeholder", "tag"])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("See https://a.bc/d?e=1&f=%20, or (www.x.org/y).", ["https://a.bc/d?e=1&f=%20", "www.x.org/y"]),
        ("Mail me@some-host.example.org.", ["me@some-host.example.org"]),
        ("%s of %1$d in %(n)s, %.2f, {name}, {{x}} and ${home}", ["%s", "%1$d", "%(n)s", "%.2f", "{name}", "{{x}}", "${home}"]),
        ("100% sure, 5 %, 20%discount, a {b c} d", []),
        ('<b>bold</b> <a href="x y">z</a> 3 < 4', ["<b>", "</b>", '<a href="x y">', "</a>"]),
        ("3 > 2 &amp; &#x20; AT&T", ["&amp;", "&#x20;"]),
    ],
)  # fmt: skip
def test_what_the_presets_find(line, found):
    assert [match[0] for match in EVERYTHING.finditer(line)] == found


def test_a_regular_expression_of_ones_own():
    assert pattern_of(["url", r"[A-Z]{2}-\d+"]).findall("AB-12 and https://a.bc") == ["AB-12", "https://a.bc"]
    with pytest.raises(SettingsError, match=r"regular expression; '\(' is none: missing \), unterminated subpattern"):
        pattern_of(["("])
    with pytest.raises(SettingsError, match="cannot be searched for together"):
        pattern_of(["(?i)a"])
    with pytest.raises(SettingsError, match="finds text of no length"):
        pattern_of(["x*"])


@pytest.mark.parametrize(
    ("line", "text", "spans"),
    [
        ("a %s b", "a b", [Span("%s", 2)]),
        ("%s b", "b", [Span("%s", 0)]),
        ("a %s", "a", [Span("%s", 1)]),
        ("a <b>b</b>.", "a b.", [Span("<b>", 2, "", "b"), Span("</b>", 3, "b", ".")]),
        ("<b>{x}</b> a", "a", [Span("<b>{x}</b>", 0)]),
        ("{x} {y}", "", [Span("{x}", 0), Span("{y}", 0)]),
        ("<b>a</b> <i>b", "a b", [Span("<b>", 0, "", "a"), Span("</b>", 1, "a"), Span("<i>", 2, "", "b")]),
        ("a b", "a b", []),
    ],
)
def test_taken_out(line, text, spans):
    assert take_out(line, EVERYTHING) == (text, spans)


def test_side_by_side():
    assert side_by_side([(0, 1), (1, 2), (3, 4)]) == [(0, 2), (3, 4)]
    assert side_by_side([]) == []


def translation(source, target, attention):
    """Whole words as pieces."""
    pieces = [["\u2581" + word for word in text.split()] for text in (source, target)]
    candidate = Candidate(target, tuple(pieces[1]), Hypothesis((), (), 0.0, True, np.array(attention, float)))
    return Translation(source, (candidate,), tuple(pieces[0]))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("the %s dog runs", "heute läuft der %s Hund"),  # to the clearer neighbour, the dog
        ("the <b>dog</b> runs", "heute läuft der <b>Hund</b>"),
        ("the dog <i>runs</i>", "heute <i>läuft</i> der Hund"),
        ("<i>the dog</i> runs", "heute läuft <i>der Hund</i>"),
        ("the dog runs %s", "heute läuft %s der Hund"),
        ("the dog runs, %s", "heute läuft, %s der Hund"),
        ("{x}the dog runs", "heute läuft {x}der Hund"),
        ("%s the {x} dog runs{y}", "heute läuft{y} %s der {x} Hund"),
    ],
)
def test_put_back_where_attention_says(line, text):
    """heute - nothing in particular, läuft - runs, der - the, Hund - dog."""
    left, spans = take_out(line, EVERYTHING)
    attention = [[0.3, 0.3, 0.3, 0.1], [0.1, 0.1, 0.7, 0.1], [0.6, 0.3, 0.0, 0.1], [0.1, 0.8, 0.0, 0.1]]
    made = translation(left.replace(",", ""), "heute läuft der Hund", attention)
    assert put_back(made, made.candidates[0], spans) == text.replace("läuft,", "läuft")


def test_tags_keep_their_order():
    left, spans = take_out("<b>one</b> two", EVERYTHING)
    made = translation(left, "zwei eins", [[0.1, 0.9], [0.2, 0.1]])  # "one" is attended to by "eins", weakly
    assert put_back(made, made.candidates[0], spans) == "zwei <b>eins</b>"
    left, spans = take_out("<b>one two</b>", EVERYTHING)
    made = translation(left, "zwei eins", [[0.1, 0.9], [0.9, 0.1]])
    text = put_back(made, made.candidates[0], spans)
    assert text.index("<b>") < text.index("</b>")


def test_ends_of_pieces():
    assert ends_in_text(["\u2581ab", "c", "\u2581", "d"]) == [2, 3, 4, 5]
    assert ends_in_text(["\u2581", "<0xC3>", "<0xA4>", "<0x41>", "b"]) == [0, 1, 1, 2, 3]
    assert ends_in_text([]) == []


def test_each_is_there_as_often(translator):
    """Whatever an untrained model says, and wherever the text stands."""
    draw = random.Random(4)
    pieces = ["%s", "{name}", "<b>", "</b>", "https://a.bc/d?e=1", "x@y.org", "&nbsp;", "%s"]
    lines = []
    for line in [*LINES * 6, "", "cat"]:
        words = line.split()
        for _ in range(draw.randint(0, 4)):
            place, piece = draw.randint(0, len(words)), draw.choice(pieces)
            if place < len(words) and draw.random() < 0.3 and "<" not in piece:
                words[place] = "(" + piece + ")" + words[place]
            else:
                words.insert(place, piece)
        lines.append(" ".join(words))
    changing = with_settings(translator, wishes=Wishes(protected=EVERYTHING), beam=2)
    results = translate_protected(changing, lines, range(len(lines)))
    assert [result.source for result in results] == lines
    for line, result in zip(lines, results, strict=True):
        assert Counter(EVERYTHING.findall(line)) <= Counter(EVERYTHING.findall(result.text)) or result.changed
        assert bool(result.text) == bool(line.strip())
    assert sum(bool(result.changed) for result in results) <= 2  # where the model itself says letters that an address swallows
    plain = with_settings(translator, beam=2).translate(LINES)
    assert [result.text for result in translate_protected(changing, LINES, range(len(LINES)))] == [one.text for one in plain]


def test_what_has_changed():
    assert changed("a %s and %s {x}", "%s {x} {x}", EVERYTHING) == ["%s", "{x}"]
    assert changed("a %s", "%s b", EVERYTHING) == []


def test_what_does_not_go_together(translator):
    with pytest.raises(SettingsError, match=r"--protect takes text out of the line .* leave --alignments, --explain out"):
        with_settings(translator, wishes=Wishes(protected=EVERYTHING), alignments="a file", explain=True)
