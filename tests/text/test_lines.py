"""Only "\\n" ends a line, and what cannot be read is named by file and line."""

import gzip
import io

import pytest

from mtkit.errors import InputError
from mtkit.text.lines import open_text, read_lines


def lines_of(content: bytes) -> list[str]:
    return [text for _, text in read_lines(io.BytesIO(content), "text")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\nb\n", ["a", "b"]),
        (b"\n\na\n\n", ["", "", "a", ""]),
        (b"a\r\nb\r\r\nc\rd\n", ["a", "b\r", "c\rd"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n".encode(), ["a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"]),
        (b"a\x00b\n", ["a\0b"]),
    ],
)
def test_lines(content, expected):
    assert lines_of(content) == expected


def test_numbers_start_at_one():
    assert list(read_lines(io.BytesIO(b"a\nb\n"), "text")) == [(1, "a"), (2, "b")]


def test_gzip_reads_the_same(tmp_path):
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a\n") + gzip.compress(b"b\r\n"))
    with open_text(path) as stream:
        assert [text for _, text in read_lines(stream, str(path))] == ["a", "b"]


@pytest.mark.parametrize("bad", [b"\xff", b"a\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80"])
def test_invalid_utf8_names_the_line(bad):
    with pytest.raises(InputError, match=r"^my\.txt:2: not valid UTF-8"):
        list(read_lines(io.BytesIO(b"fine\n" + bad + b"\nfine\n"), "my.txt"))


def test_utf16_is_recognised():
    with pytest.raises(InputError, match=r"my\.txt:1: .*UTF-16"):
        list(read_lines(io.BytesIO("a\nb\n".encode("utf-16")), "my.txt"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-12],
        lambda whole: whole[:20] + b"????" + whole[24:],
        lambda whole: b"plain text\n",
    ],
)
def test_damaged_gzip_is_an_input_error(tmp_path, damage):
    path = tmp_path / "text.gz"
    path.write_bytes(damage(gzip.compress(b"".join(b"line %d\n" % number for number in range(5000)))))
    with (
        open_text(path) as stream,
        pytest.raises(InputError, match=r"text\.gz:\d+: damaged or incomplete gzip"),
    ):
        list(read_lines(stream, str(path)))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        open_text(tmp_path / "none")
    with pytest.raises(InputError, match="is a folder"):
        open_text(tmp_path)
