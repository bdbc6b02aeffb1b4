"""Corpora with a weight and a tag: what the command line says, and what the store then holds."""

from collections import Counter
from dataclasses import replace

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.mixture import Ingredient, ingredient
from mtkit.data.prepare import prepare
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import load_sides
from mtkit.errors import InputError, SettingsError
from tests.support.prepared import decoded, pairs_of_text, settings_for, write


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("memory.tmx", Ingredient("memory.tmx")),
        ("my memory.tmx weight=2", Ingredient("my memory.tmx", 2.0)),
        ("a,b  tag=web weight=0.25", Ingredient("a,b", 0.25, "web")),
        ("odd=name.tsv", Ingredient("odd=name.tsv")),
        ("my run=3/corpus tag=web", Ingredient("my run=3/corpus", 1.0, "web")),
        ("my weight=3/corpus", Ingredient("my weight=3/corpus")),
        ("my run=3.en,run.de weight=2", Ingredient("my run=3.en,run.de", 2.0)),
    ],
)
def test_an_ingredient(spec, expected):
    assert ingredient(spec) == expected


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("a weight=0", "a number above 0"),
        ("a weight=x", "a number above 0"),
        ("a weight=nan", "a number above 0"),
        ("a weight=1e9", "at most 1000"),
        ("a weight=2 weight=3", "weight is given twice"),
        ("a tag=", "a tag is made of letters"),
        ("a tag=<b>", "a tag is made of letters"),
        ("a wieght=2", "and no wieght"),
        ("a weight=0,5", "a number above 0"),
        (" weight=2", "names no corpus"),
    ],
)
def test_details_that_are_none(spec, message):
    with pytest.raises(SettingsError, match=message):
        ingredient(spec)


@pytest.mark.parametrize(
    ("weight", "expected"), [(1.0, [1] * 8), (2.0, [2] * 8), (0.25, [0, 0, 0, 1] * 2), (1.5, [1, 2] * 4)]
)
def test_copies_are_spread_evenly(weight, expected):
    assert [Ingredient("a", weight).copies(index) for index in range(8)] == expected


def test_weights_and_tags_in_the_store(tmp_path):
    own, web = pairs_of_text(200)[:100], pairs_of_text(200)[100:]
    specs = f"{write(tmp_path / 'own', own)} weight=3", f"{write(tmp_path / 'web', web)} tag=web weight=0.5"
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    report = prepare(replace(settings_for("", valid=("20",), vocabulary="separate"), train=specs), checkpoint)
    stored = decoded(checkpoint, "train")
    held_out = list(
        zip(
            *(
                (checkpoint.data / "valid" / f"{side}.txt").read_text().splitlines()
                for side in ("source", "target")
            ),
            strict=True,
        )
    )
    times = Counter(stored)
    assert {times[pair] for pair in own if pair not in held_out} == {3}
    assert {times[pair] for pair in web} == {0, 1}
    assert not set(stored) & set(held_out), "what is held out is not trained on, however heavy it is"
    sizes = [3 * len(set(own) - set(held_out)), sum(times[pair] for pair in web)]
    assert [row["pairs"] for row in report.corpora] == sizes and report.pairs["train"] == sum(sizes)
    assert report.corpora[1] | {"pairs": 0} == {
        "corpus": str(tmp_path / "web"),
        "weight": 0.5,
        "tag": "web",
        "read": 100,
        "pairs": 0,
    }
    tokenizers = load_sides(checkpoint.vocab)
    assert list(tokenizers["source"].tags) == ["web"] and not tokenizers["target"].tags
    corpus, tag = TokenCorpus(checkpoint.data / "train"), tokenizers["source"].tags["web"]
    begins = [corpus.sentence("source", index)[0] == tag for index in range(len(corpus))]
    assert begins == [pair in web for pair in stored]
    assert tag not in TokenCorpus(checkpoint.data / "valid").sentence("source", 0)


def test_a_tag_counts_for_no_length(tmp_path):
    train, limit = (
        write(tmp_path / "train", pairs_of_text(100)),
        {"tokenizer": "char", "max_length_tokens": 25},
    )
    plain = prepare(settings_for(train, **limit), Checkpoint(tmp_path / "plain"))
    tagged = prepare(settings_for(f"{train} tag=a", **limit), Checkpoint(tmp_path / "tagged"))
    assert 0 < plain.dropped["length"] == tagged.dropped["length"]
    assert plain.length_percentiles["source"]["max"] + 1 == tagged.length_percentiles["source"]["max"] == 26


def test_tags_that_are_not_in_the_vocabulary(tmp_path):
    train = write(tmp_path / "train", pairs_of_text(100))
    base = Checkpoint(tmp_path / "base")
    prepare(settings_for(f"{train} tag=memory"), base)
    other = Checkpoint(tmp_path / "other")
    with pytest.raises(SettingsError, match="no corpus was tagged 'web'"):
        prepare(settings_for(f"{train} tag=web", from_=str(base.directory)), other)
    assert not other.directory.exists()
    prepare(settings_for(f"{train} tag=memory", from_=str(base.directory)), other)
    with pytest.raises(SettingsError, match="weight and tag are for --train"):
        prepare(settings_for(train, valid=(f"{train} tag=a",)), Checkpoint(tmp_path / "third"))
    with pytest.raises(SettingsError, match=r"^--test .*and no wieght"):
        prepare(settings_for(train, test=(f"{train} wieght=2",)), Checkpoint(tmp_path / "third"))


def test_a_weight_that_leaves_nothing(tmp_path):
    train = write(tmp_path / "train", pairs_of_text(100))
    with pytest.raises(InputError, match="with these weights and so few pairs"):
        prepare(settings_for(f"{train} weight=0.001"), Checkpoint(tmp_path / "checkpoint"))


def test_a_file_that_is_called_like_a_detail(tmp_path):
    path = tmp_path / "a weight=2"
    path.write_text("")
    assert ingredient(str(path)) == Ingredient(str(path)) and ingredient("a weight=2 ") == Ingredient(
        "a", 2.0
    )
