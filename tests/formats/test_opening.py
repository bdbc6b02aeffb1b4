"""Parallel text in all its shapes gives the same pairs; what does not fit is named."""

import gzip

import pytest

from mtkit.errors import InputError
from mtkit.formats.opening import open_corpus


def texts(corpus):
    return [(pair.source, pair.target) for pair in corpus]


def test_all_shapes_give_the_same_pairs(tmp_path):
    source, target = "a b\nc\u2028d\n\n".encode(), b"A\r\nB\nC\n"
    (tmp_path / "plain.en").write_bytes(source)
    (tmp_path / "plain.de").write_bytes(target)
    (tmp_path / "zipped.en.gz").write_bytes(gzip.compress(source))
    (tmp_path / "zipped.de").write_bytes(target)
    table = "a b\tA\tmore\tcolumns\nc\u2028d\tB\r\n\tC".encode()
    (tmp_path / "table.tsv").write_bytes(table)
    (tmp_path / "table.tsv.gz").write_bytes(gzip.compress(table))
    names = ["plain", "zipped", "table.tsv", "table.tsv.gz"]
    specs = [f"{tmp_path}/{name}" for name in names] + [f"{tmp_path}/plain.en,{tmp_path}/zipped.de"]
    for spec in specs:
        assert texts(open_corpus(spec, "en", "de")) == [("a b", "A"), ("c\u2028d", "B"), ("", "C")], spec


def test_a_corpus_can_be_read_again(tmp_path):
    (tmp_path / "t.tsv").write_text("a\tb\n")
    corpus = open_corpus(f"{tmp_path}/t.tsv", "en", "de")
    assert texts(corpus) == texts(corpus) == [("a", "b")]


def test_a_prefix_may_hold_a_comma(tmp_path):
    (tmp_path / "a,b.en").write_text("x\n")
    (tmp_path / "a,b.de").write_text("y\n")
    assert texts(open_corpus(f"{tmp_path}/a,b", "en", "de")) == [("x", "y")]
    assert texts(open_corpus(f"{tmp_path}/a,b.en,{tmp_path}/a,b.de", "en", "de")) == [("x", "y")]


def test_unequal_lengths_name_both_files_and_counts(tmp_path):
    for source, target in ((3, 5), (5, 3), (0, 1)):
        (tmp_path / "t.en").write_text("a\n" * source)
        (tmp_path / "t.de").write_text("b\n" * target)
        with pytest.raises(InputError, match=rf"t\.en has {source} lines but .*t\.de has {target};"):
            texts(open_corpus(f"{tmp_path}/t", "en", "de"))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("none", r"none\.en\[\.gz\] and .*none\.de\[\.gz\] do not exist"),
        ("half", r"half\.de\[\.gz\] does not exist"),
        ("none.tsv", r"none\.tsv does not exist"),
        ("half.en,other.de", r"other\.de does not exist"),
        ("empty", r"empty\.en is empty"),
        ("bad.tsv", r"bad\.tsv:2: no tab"),
    ],
)
def test_what_cannot_be_read(tmp_path, monkeypatch, spec, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "half.en").write_text("a\n")
    (tmp_path / "empty.en").write_text("")
    (tmp_path / "empty.de").write_text("")
    (tmp_path / "bad.tsv").write_text("a\tb\nno tab here\n")
    with pytest.raises(InputError, match=message):
        texts(open_corpus(spec, "en", "de"))


def test_invalid_utf8_stops_at_the_line_of_its_file(tmp_path):
    (tmp_path / "t.en").write_bytes(b"a\nb\n")
    (tmp_path / "t.de").write_bytes(b"a\n\xff\n")
    with pytest.raises(InputError, match=r"t\.de:2: not valid UTF-8"):
        texts(open_corpus(f"{tmp_path}/t", "en", "de"))


@pytest.mark.parametrize(
    ("name", "head", "row"),
    [
        ("t.csv", b"en,de,note\n", b"%s,%s,%s\n"),
        ("t.tsv", b"en\tde\tnote\n", b"%s\t%s\t%s\n"),
        ("t.jsonl", b"", b'{"en": "%s", "de": "%s", "note": "%s"}\n'),
    ],
)
def test_invalid_utf8_is_marked_in_tables_and_json_lines(tmp_path, name, head, row):
    cells = [(b"a", b"b", b"c"), (b"a", b"x\xff", b""), (b"\xe4", b"b", b""), (b"a", b"b", b"\xff")]
    (tmp_path / name).write_bytes(head + b"".join(row % three for three in cells))
    pairs = list(open_corpus(f"{tmp_path}/{name}", "en", "de", invalid_utf8="drop"))
    assert [pair.damaged for pair in pairs] == [False, True, True, False]
    assert (pairs[1].target, pairs[2].source) == ("x\\xff", "\\xe4")
    with pytest.raises(InputError, match="not valid UTF-8"):
        texts(open_corpus(f"{tmp_path}/{name}", "en", "de"))


def test_invalid_utf8_is_marked_when_it_is_to_be_dropped(tmp_path):
    (tmp_path / "t.en").write_bytes(b"a\nb\n")
    (tmp_path / "t.de").write_bytes(b"a\nx\xff\n")
    pairs = list(open_corpus(f"{tmp_path}/t", "en", "de", invalid_utf8="drop"))
    assert [pair.damaged for pair in pairs] == [False, True]
    assert (pairs[1].target, pairs[1].line, pairs[1].file) == ("x\\xff", 2, f"{tmp_path}/t.en")
