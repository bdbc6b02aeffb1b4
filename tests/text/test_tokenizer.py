"""No text is lost by any kind of tokenizer, and training repeats itself to the byte."""

import functools
import subprocess
import sys

import pytest

from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.text import tokenizer as module
from mtkit.text.tokenizer import (
    Tokenizer,
    VocabularyTooSmall,
    automatic_vocabulary_size,
    running_words,
    train_tokenizer,
)

KINDS = ("unigram", "bpe", "word", "char")
WORDS = [
    "the",
    "a",
    "dog",
    "cat",
    "house",
    "sees",
    "finds",
    "red",
    "small",
    "Haus",
    "Hund",
    "eine",
    "Katze",
    "sieht",
    "grüne",
]
LINES = [" ".join(WORDS[(i * k + k) % len(WORDS)] for k in range(1, 3 + i % 7)) for i in range(400)]

ODD_TEXTS = [
    "",
    " ",
    "   ",
    "the dog",
    " the dog ",
    "  two  spaces ",
    "\ttab\tthe",
    "the\u2028dog\x0bsees\x85a\x0ccat",
    "日本語 テキスト",
    " 日本",
    "  日本  ",
    "日本 the",
    "😀 👩‍👩‍👧 🇩🇪",
    "▁",
    " ▁",
    "▁ the▁dog ▁",
    "\ue000",
    "\ue000\ue001 \ue001\ue002 ▁\ue000",
    "<s> </s> <unk> <pad> <0x41>",
    "e\u0301 é ﬁ Å \u212b",
    "\ufeffthe",
    "\x00",
    "a\x00b",
    "\x01\x1f\x7f",
    "\xa0the\u3000dog\u200b",
    "\r the\r",
    "\U0010ffff \ue123 \ufffd \ufffe",
    "▅ \u2047 ⁇",
    "مرحبا שלום",
    "x" * 5000,
    "&amp; <b>the</b> {0} %s",
]


@functools.cache
def trained(kind: str) -> Tokenizer:
    return Tokenizer(train_tokenizer(LINES, kind, 400))


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_lost(kind):
    tokenizer = trained(kind)
    encoded = tokenizer.encode(ODD_TEXTS)
    assert tokenizer.decode(encoded) == ODD_TEXTS
    assert tokenizer.encode([""]) == [[]]
    assert all(module.SPECIAL_TOKENS <= token < tokenizer.size for ids in encoded for token in ids)
    assert tokenizer.encode([]) == [] and tokenizer.decode([]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_add_no_text(kind):
    tokenizer = trained(kind)
    (ids,) = tokenizer.encode(["the dog"])
    assert tokenizer.decode([[module.BEGIN_ID, *ids, module.END_ID, module.PAD_ID]]) == ["the dog"]


@pytest.mark.parametrize("kind", KINDS)
def test_training_repeats_itself(kind):
    assert train_tokenizer(iter(LINES), kind, 380) == train_tokenizer(iter(LINES), kind, 380)


def test_kinds_differ_as_their_names_say():
    pieces = {kind: trained(kind).pieces(trained(kind).encode(["the dog"])[0]) for kind in KINDS}
    assert pieces["word"] == ["▁the", "▁dog"]
    assert pieces["char"] == list("▁the▁dog")
    assert all("".join(found) == "▁the▁dog" for found in pieces.values())


def test_odd_lines_may_be_trained_on():
    model = Tokenizer(train_tokenizer(LINES + ODD_TEXTS, "unigram", 500))
    assert model.decode(model.encode(ODD_TEXTS)) == ODD_TEXTS


def test_without_byte_fallback_the_unknown_is_unknown():
    model = Tokenizer(train_tokenizer(LINES, "unigram", 100, byte_fallback=False))
    assert module.UNKNOWN_ID in model.encode(["日"])[0]
    assert model.fallback_tokens().sum() == 1
    assert trained("unigram").fallback_tokens().sum() == 257


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_larger_than_the_text_shrinks(kind):
    assert Tokenizer(train_tokenizer(LINES, kind, 30_000)).size < 1000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 200, 260])
def test_a_vocabulary_too_small_names_one_that_does(kind, size):
    with pytest.raises(VocabularyTooSmall, match=r"--vocabulary-size \d+ or more") as caught:
        train_tokenizer(LINES, kind, size)
    try:
        model = train_tokenizer(LINES, kind, caught.value.smallest)
    except VocabularyTooSmall as second:
        model = train_tokenizer(LINES, kind, second.smallest)
    assert Tokenizer(model).size


@pytest.mark.parametrize("lines", [[], ["", ""]])
def test_no_text(lines):
    with pytest.raises(InputError, match="no training text"):
        train_tokenizer(lines, "unigram", 600)


def test_damaged_files(tmp_path):
    good = train_tokenizer(LINES, "bpe", 400)
    path = tmp_path / "joint.spm"
    with pytest.raises(CheckpointError, match="missing"):
        Tokenizer.load(path)
    for bad in (b"", b"garbage", good[:-10], good[:100], bytes(100)):
        path.write_bytes(bad)
        with pytest.raises(CheckpointError, match=r"joint\.spm is damaged"):
            Tokenizer.load(path)
    path.write_bytes(good)
    assert Tokenizer.load(path).size == Tokenizer(good).size > 300


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        (0, "bpe", 600),
        (10_000, "unigram", 600),
        (667_403, "unigram", 4100),
        (667_403, "word", 16_300),
        (10**9, "bpe", 32_000),
        (100, "char", 32_000),
    ],
)
def test_automatic_vocabulary_size(words, kind, expected):
    assert automatic_vocabulary_size(words, kind) == expected


def test_text_with_few_spaces_counts_its_characters():
    assert running_words(1000, 6000) == 1000
    assert running_words(1000, 20_000) == 4000


def test_no_tensorflow():
    script = (
        "import sys, mtkit.text.tokenizer, mtkit.data.prepare; sys.exit('tensorflow' in sys.modules or"
        " 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_no_text(kind):
    tokenizer = Tokenizer(train_tokenizer(LINES, kind, 400, tags=("memory", "web")))
    assert list(tokenizer.tags) == ["memory", "web"] and trained(kind).tags == {}
    texts = [*ODD_TEXTS, "<tag:memory> the dog"]
    assert tokenizer.decode(tokenizer.encode(texts)) == texts
    plain, tagged = tokenizer.encode(texts), tokenizer.tagged("web").encode(texts)
    assert tagged == [[tokenizer.tags["web"], *ids] if ids else [] for ids in plain]
    assert not set(tokenizer.tags.values()) & {token for ids in plain for token in ids}, (
        "no text is encoded as a tag"
    )
    assert tokenizer.decode(tagged) == texts
    assert tokenizer.tagged("web").tagged("").encode(texts) == plain
    assert tokenizer.tagged("web").surfaces("the dog")[0] == ""
    with pytest.raises(SettingsError, match=r"no corpus was tagged 'wob'.*memory, web"):
        tokenizer.tagged("wob")
