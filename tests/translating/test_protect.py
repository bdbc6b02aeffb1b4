"""Text that stays as it is: what is found, taken out and put back, by hand; and with a model, each as often
as it was there.
"""

import random
import re
from collections import Counter

import numpy as np
import pytest

from mtkit.errors import SettingsError
from mtkit.search.hypothesis import Hypothesis
from mtkit.translating.alignment import ends_in_text
from mtkit.translating.demands import Demands
from mtkit.translating.placement import UNIT, put_back
from mtkit.translating.protect import HeldSpan, Protection, joined
from mtkit.translating.translation import Candidate
from tests.support.tiny_model import LINES, with_settings

EVERYTHING = Protection.of(["url", "email", "placeholder", "tag"])


def texts(line, protection=EVERYTHING):
    return [line[start:end] for start, end in protection.find(line)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("See https://a.bc/d?e=1&f=%20, or (www.x.org/y).", ["https://a.bc/d?e=1&f=%20", "www.x.org/y"]),
        ("Mail me@some-host.example.org.", ["me@some-host.example.org"]),
        (
            "%s of %1$d in %(n)s, %.2f, {name}, {{x}} and ${home}",
            ["%s", "%1$d", "%(n)s", "%.2f", "{name}", "{{x}}", "${home}"],
        ),
        ("100% sure, 5 %, 20%discount, a {b c} d", []),
        (
            "%1 of %PRODUCTNAME: '%OBJECT_NAME%' $(ARG1) $[officename], %50 and 5 %GDP2",
            [
                "%1",
                "%PRODUCTNAME",
                "%OBJECT_NAME%",
                "$(ARG1)",
                "$[officename]",
                "%GDP2",
            ],
        ),
        ('<b>bold</b> <a href="x y">z</a> 3 < 4', ["<b>", "</b>", '<a href="x y">', "</a>"]),
        ("3 > 2 &amp; &#x20; AT&T, the &debian-gnu; system", ["&amp;", "&#x20;", "&debian-gnu;"]),
        ('<a href="http://a.bc">', ['<a href="http://a.bc">']),
        (
            "HTTPS://A.org/b_(c)_d. (http://a.b/c_d) http://a.b/(c",
            ["HTTPS://A.org/b_(c)_d", "http://a.b/c_d", "http://a.b/"],
        ),
        ("\u770bhttp://a.bc/d?e=1\u5427\uff0c\u8054\u7cfbme@x.cn\u6216", ["http://a.bc/d?e=1", "me@x.cn"]),
        (
            "m\u00fcller@k\u00e4se.de http://k\u00e4se.de/\u00fc!",
            ["m\u00fcller@k\u00e4se.de", "http://k\u00e4se.de/\u00fc"],
        ),
    ],
)
def test_what_the_presets_find(line, found):
    assert texts(line) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "%d%% done, %dx%d, %ds, %.1fMB, %(size)sMB, %1$sth, %s\u0441.",
            [
                "%d",
                "%%",
                "%d",
                "%d",
                "%d",
                "%.1f",
                "%(size)s",
                "%1$s",
                "%s",
            ],
        ),
        ("%dX%d, %dS, %sMo, %dKiB/s, 20%dto, 100%um", ["%d", "%d", "%d", "%s", "%d"]),
        ("write %%s, not %%d%%", ["%%s", "%%d", "%%"]),
        (
            (
                "{0,number,#.##} {date, date, yyyy-MM-dd} {price, number, ::currency/EUR} {0:#,##0.00}"
                " {0,10:N2} {0:MM/dd HH:mm}"
            ),
            [
                "{0,number,#.##}",
                "{date, date, yyyy-MM-dd}",
                "{price, number, ::currency/EUR}",
                "{0:#,##0.00}",
                "{0,10:N2}",
                "{0:MM/dd HH:mm}",
            ],
        ),
        (
            "{{ value | date: 'a b' }} {$name} { $name } ${a + b} {{#if a.b}}a{{/if}} %my_name% <%= x %>",
            [
                "{{ value | date: 'a b' }}",
                "{$name}",
                "{ $name }",
                "${a + b}",
                "{{#if a.b}}",
                "{{/if}}",
                "%my_name%",
                "<%= x %>",
            ],
        ),
        (r"{\pos(192,230)}one {\i1\b1}two", [r"{\pos(192,230)}", r"{\i1\b1}"]),
        ("{x:,.2f} and L%L1, %1", ["{x:,.2f}", "%L1", "%1"]),
        # Words in braces, percentages, and what chooses between texts.
        (
            (
                "{{ Fatal error [3].}} {a: b c} {date, of birth} {\\bf bold} {n, plural, one {# file} other"
                " {# files}}"
            ),
            [],
        ),
        ("{0,choice,0#no files|1#a file}", []),
        ("20%for 5%dogs 20%f\u00fcr 5%, 10%-20% 10%x20% %50 %of the %did %dir 100%sure% x", []),
    ],
)
def test_placeholders_of_many_languages(line, found):
    assert texts(line) == found


def test_a_regular_expression_of_ones_own():
    assert texts("AB-12 and https://a.bc", Protection.of(["url", r"[A-Z]{2}-\d+"])) == [
        "AB-12",
        "https://a.bc",
    ]
    # Each by itself: groups and flags of one are not those of another; what overlaps is one.
    several = Protection.of([r"(.)(.)\2\1", r"(.)YZ", "(?i)yes", "YZw"])
    assert texts("abba CDDC Yes xYZw", several) == ["abba", "CDDC", "Yes", "xYZw"]
    with pytest.raises(
        SettingsError, match=r"regular expression; '\(' is none: missing \), unterminated subpattern"
    ):
        Protection.of(["("])
    with pytest.raises(SettingsError, match="finds text of no length"):
        Protection.of(["x*"])


@pytest.mark.parametrize("name", ["url", "email", "placeholder", "tag"])
def test_the_presets_take_no_square_of_the_length(name):
    """A long line of whatever begins what they find (a second would be the square of it, a hundredth is)."""
    for text in (
        "a",
        "a.",
        "(",
        "http://",
        "http://(a",
        ".,",
        "<a",
        "%",
        "{",
        "www.",
        "a@",
        "a-@b",
        "+",
        "&#",
    ):
        assert Protection.of([name]).find(text * 20_000) is not None
    for text in (
        "{{",
        "{0:",
        "{a, date",
        "{a,",
        "{\\",
        "{$",
        "${",
        "<%",
        "<%%",
        "%%",
        "%a",
        "%(a",
        "{{a|",
        "{{#",
        "%dx",
        "%<a",
    ):
        assert Protection.of([name]).find(text * 20_000) is not None
    for text in (
        "%",
        "%0.",
        "%1",
        "{",
        "{{",
        "{0:",
        "{a:",
        "{{|",
        "<%",
        "%a",
        "%1$",
        "http://a",
        "a@",
        "<a",
        "&#",
    ):
        for more in "0a.- ,":
            assert Protection.of([name]).find(text + more * 20_000) is not None


@pytest.mark.parametrize(
    ("line", "text", "spans"),
    [
        ("a %s b", "a b", [HeldSpan("%s", 2)]),
        ("%s b", "b", [HeldSpan("%s", 0)]),
        ("a %s", "a ", [HeldSpan("%s", 2)]),
        ("a <b>b</b>.", "a b.", [HeldSpan("<b>", 2, "", "b"), HeldSpan("</b>", 3, "b", ".")]),
        ("<b>{x}</b> a", "a", [HeldSpan("<b>{x}</b>", 0)]),
        ("{x} {y}", "", [HeldSpan("{x}", 0), HeldSpan("{y}", 0)]),
        ("a\t%s\r", "a\t\r", [HeldSpan("%s", 2)]),
        (
            "<b>a</b> <i>b",
            "a b",
            [HeldSpan("<b>", 0, "", "a"), HeldSpan("</b>", 1, "a"), HeldSpan("<i>", 2, "", "b")],
        ),
        ("a b", "a b", []),
        (" a ", " a ", []),
        ("a<br>b", "a b", [HeldSpan("<br>", 1, "a", "b")]),
        ("10&nbsp;km", "10 km", [HeldSpan("&nbsp;", 2, "0", "k")]),
        ("a.<br/><br/>B", "a. B", [HeldSpan("<br/><br/>", 2, ".", "B")]),
        ("(<b>a</b>)", "(a)", [HeldSpan("<b>", 1, "(", "a"), HeldSpan("</b>", 2, "a", ")")]),
        ("\u4f60<b>\u597d", "\u4f60\u597d", [HeldSpan("<b>", 1, "\u4f60", "\u597d")]),
    ],
)
def test_taken_out(line, text, spans):
    held = EVERYTHING.take_out(line)
    assert (held.text, list(held.spans)) == (text, spans)
    for place, start in enumerate(held.origin):  # each character, or a space in the place of a span
        assert line[start] == held.text[place] or (
            held.text[place] == " " and start in {span.start for span in held.spans}
        )
    assert [line[span.start : span.stop] for span in held.spans] == [span.text for span in spans]


def test_joined():
    assert joined([(3, 4), (0, 1), (1, 2), (1, 1)], touching=True) == [(0, 2), (3, 4)]
    assert joined([(1, 3), (0, 2), (3, 4)], touching=False) == [(0, 3), (3, 4)]
    assert joined([], touching=True) == []


def put_back_whole_words(line, target, attention):
    """What was taken out of a line, with whole words as pieces."""
    held = EVERYTHING.take_out(line)
    source, spans = held.text, held.spans
    pieces = [["\u2581" + word for word in text.split()] for text in (source, target)]
    candidate = Candidate(target, tuple(pieces[1]), hypothesis(attention))
    return put_back(candidate, spans, source, pieces[0])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("the %s dog runs", "heute läuft der %s Hund"),  # to the clearer neighbour, the dog
        ("the <b>dog</b> runs", "heute läuft der <b>Hund</b>"),
        ("the dog <i>runs</i>", "heute <i>läuft</i> der Hund"),
        ("<i>the dog</i> runs", "heute läuft <i>der Hund</i>"),
        ("the dog runs %s", "heute läuft %s der Hund"),
        ("{x}the dog runs", "heute läuft {x}der Hund"),
        ("%s the {x} dog runs{y}", "heute läuft{y} %s der {x} Hund"),
    ],
)
def test_put_back_where_attention_says(line, text):
    """heute - nothing in particular, läuft - runs, der - the, Hund - dog."""
    attention = [[0.3, 0.3, 0.3, 0.1], [0.1, 0.1, 0.7, 0.1], [0.6, 0.3, 0.0, 0.1], [0.1, 0.8, 0.0, 0.1]]
    assert put_back_whole_words(line, "heute läuft der Hund", attention) == text


def test_tags_keep_their_order():
    # "one" is attended to by "eins", weakly.
    assert put_back_whole_words("<b>one</b> two", "zwei eins", [[0.1, 0.9], [0.2, 0.1]]) == "zwei <b>eins</b>"
    text = put_back_whole_words("<b>one two</b>", "zwei eins", [[0.1, 0.9], [0.9, 0.1]])
    assert text.index("<b>") < text.index("</b>")


def test_put_back_between_words_it_held_apart():
    assert put_back_whole_words("10&nbsp;km far", "10 km weit", np.eye(3)) == "10&nbsp;km weit"


@pytest.mark.parametrize(
    ("line", "target", "text"),
    [
        ("see %s now", "sieh, nun", "sieh %s, nun"),  # no space before a mark
        ("go {x}", "geh.", "geh {x}."),
        ("\u770b%s\u5427", "look please", "look %s please"),  # where no spaces were, but are
        ("look{x}please", "\u770b\u5427", "\u770b{x}\u5427"),  # and the other way round
        ("a\u00a0%s", "b", "b %s"),
    ],
)
def test_spaces_around_what_is_put_back(line, target, text):
    """One unit after another, each with its own."""
    pieces = re.findall(UNIT, target)
    attention = np.eye(max(len(pieces), 3))[: len(pieces)]
    held = EVERYTHING.take_out(line)
    candidate = Candidate(target, with_spaces(pieces, target, "\u2581"), hypothesis(attention))
    assert (
        put_back(candidate, held.spans, held.text, with_spaces(re.findall(UNIT, held.text), held.text, " "))
        == text
    )


def with_spaces(units, text, space):
    """Units as pieces."""
    return tuple(space * (not number or " " + unit in text) + unit for number, unit in enumerate(units))


def hypothesis(attention):
    return Hypothesis((), (), 0.0, True, np.array(attention, float))


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
    changing = with_settings(translator, demands=Demands(protection=EVERYTHING), beam=2)
    results = changing.translate(lines)
    assert [result.source for result in results] == lines
    for line, result in zip(lines, results, strict=True):
        assert Counter(texts(line)) <= Counter(texts(result.text)) or result.changed
        assert bool(result.text) == bool(line.strip())
    assert (
        sum(bool(result.changed) for result in results) <= 2
    )  # where the model itself says letters that an address swallows
    plain = with_settings(translator, beam=2).translate(LINES)
    assert [result.text for result in changing.translate(LINES)] == [one.text for one in plain]


def test_what_has_changed():
    assert EVERYTHING.changed("a %s and %s {x}", "%s {x} {x}") == ["%s", "{x}"]
    assert EVERYTHING.changed("a %s", "%s b") == []


def test_what_does_not_go_together(translator):
    with pytest.raises(
        SettingsError, match=r"--protect takes text out of the line .* leave --alignments, --explain out"
    ):
        with_settings(translator, demands=Demands(protection=EVERYTHING), keep=("alignment", "choices"))
