"""The whole stage: what is kept, what is counted, that it repeats itself, and that a failure leaves nothing
half done.
"""

import dataclasses
import gzip
import itertools
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from mtkit.checkpoint import Checkpoint, sha256
from mtkit.data import prepare as module
from mtkit.data import vocabulary
from mtkit.data.line_counts import fitting_boldness
from mtkit.data.prepare import prepare
from mtkit.data.store import TokenCorpus
from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.locks import held
from mtkit.reporter import Reporter
from mtkit.text.counted_lines import BOLDNESS
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from tests.support.prepared import decoded, pairs_of_text, settings_for, write


def tree(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def checkpoint(tmp_path) -> Checkpoint:
    return Checkpoint(tmp_path / "checkpoint")


def test_the_stored_text_is_the_given_text(tmp_path, checkpoint):
    train, valid = pairs_of_text(300), [("the dog sees", "thi dug"), ("", ""), ("a\u2028b", "  日本 ")]
    report = prepare(
        settings_for(write(tmp_path / "train", train), valid=(write(tmp_path / "valid", valid),)), checkpoint
    )
    assert decoded(checkpoint, "train") == train
    assert decoded(checkpoint, "valid") == valid
    assert (checkpoint.data / "valid" / "source.txt").read_bytes() == "the dog sees\n\na\u2028b\n".encode()
    assert report.pairs == {"train": 300, "valid": 3}
    assert sorted(path.name for path in checkpoint.vocab.iterdir()) == [
        "joint.spm",
        "line_counts.safetensors",
    ]
    assert sorted(path.name for path in (checkpoint.data / "train").iterdir()) == [
        "source.ids",
        "source.offsets",
        "store.json",
        "target.ids",
        "target.offsets",
    ]
    checkpoint.verify("prepare")
    recorded = json.loads(checkpoint.manifest_file.read_text())["stages"]["prepare"]
    assert recorded["report"] == dataclasses.asdict(report)
    assert set(recorded["files"]) == set(tree(checkpoint.directory)) - {"mtkit.json", "settings.toml"}
    assert checkpoint.settings()["prepare"]["source_language"] == "en"


def test_report_counts_tokens(tmp_path, checkpoint):
    report = prepare(settings_for(write(tmp_path / "train", pairs_of_text(300)), valid=("20",)), checkpoint)
    corpus = TokenCorpus(checkpoint.data / "train")
    for side in ("source", "target"):
        lengths = corpus.lengths[side]
        ids = np.concatenate([corpus.sentence(side, index) for index in range(len(corpus))])
        assert report.tokens[side] == lengths.sum() == len(ids)
        assert report.types[side] == len(set(ids.tolist()))
        expected = (
            np.quantile(lengths, [0.5, 0.9, 0.99, 0.999, 1.0], method="inverted_cdf").astype(int).tolist()
        )
        assert list(report.length_percentiles[side].values()) == expected
        assert 0.0 <= report.fallback_share[side] < 0.2
    assert report.bucket_boundaries[-1] == corpus.lengths["target"].max() + 1
    assert 0.0 <= report.padding_share < 1.0


def test_reasons_are_counted_by_hand(tmp_path, checkpoint):
    pairs = pairs_of_text(200)
    pairs[10:10] = [
        ("", "empty source"),
        ("empty target", "  "),
        ("\udcff", "invalid"),
        ("the same", "the same"),
    ]
    pairs += [
        pairs[0],
        pairs[150],
        pairs[0],
        ("the dog " * 200, "much"),
        ("one dog sees the cat and the old man", "x"),
    ]
    rejects = tmp_path / "rejects.tsv"
    settings = settings_for(
        write(tmp_path / "train", pairs), invalid_utf8="drop", tokenizer="word", rejects=str(rejects)
    )
    report = prepare(settings, checkpoint)
    assert report.pairs_read == 209
    assert report.dropped == {
        "invalid UTF-8": 1,
        "empty": 2,
        "identical": 1,
        "duplicate": 3,
        "length": 1,
        "ratio": 0,
    }
    assert report.pairs == {"train": 201}
    rows = [line.split("\t") for line in rejects.read_text().splitlines()]
    assert [(row[0], int(row[2])) for row in rows] == [
        ("empty", 11),
        ("empty", 12),
        ("invalid UTF-8", 13),
        ("identical", 14),
        ("duplicate", 205),
        ("duplicate", 206),
        ("duplicate", 207),
        ("length", 208),
    ]
    assert rows[2][3:] == ["\\xff", "invalid"] and rows[0][1] == f"{tmp_path}/train.en"


def test_ratio_is_measured_in_tokens(tmp_path, checkpoint):
    pairs = [
        *pairs_of_text(200),
        ("the dog sees a cat and the old man hears the river", "cat"),
        ("dog", "a dog the dog a cat"),
    ]
    report = prepare(settings_for(write(tmp_path / "train", pairs), tokenizer="char"), checkpoint)
    assert report.dropped["ratio"] == 2
    assert report.pairs["train"] == 200


def test_cleaning_can_be_turned_off(tmp_path, checkpoint):
    pairs = pairs_of_text(100) * 2 + [("", "x"), ("same", "same"), ("dog " * 300, "x")]
    settings = settings_for(
        write(tmp_path / "train", pairs),
        keep=("empty", "identical", "duplicate"),
        max_length_tokens=0,
        max_length_ratio=0.0,
    )
    report = prepare(settings, checkpoint)
    assert sum(report.dropped.values()) == 0
    assert decoded(checkpoint, "train") == pairs


def test_two_prepares_are_byte_equal(tmp_path):
    train = write(tmp_path / "train", pairs_of_text(400))
    trees = []
    for name in ("one", "two"):
        checkpoint = Checkpoint(tmp_path / name)
        prepare(settings_for(train, valid=("20",), test=("10",)), checkpoint)
        trees.append(tree(checkpoint.directory))
    prepare(settings_for(train, valid=("20",), test=("10",)), checkpoint, force=True)
    assert trees[0] == trees[1] == tree(checkpoint.directory)


def test_all_shapes_of_input_give_the_same_store(tmp_path):
    pairs = pairs_of_text(120)
    plain = write(tmp_path / "plain", pairs)
    for language in ("en", "xx"):
        content = Path(f"{plain}.{language}").read_bytes()
        (tmp_path / f"zipped.{language}.gz").write_bytes(gzip.compress(content))
        (tmp_path / f"dos.{language}").write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    (tmp_path / "table.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in pairs))
    (tmp_path / "table.tsv.gz").write_bytes(gzip.compress((tmp_path / "table.tsv").read_bytes()))
    halves = [write(tmp_path / "half1", pairs[:50]), write(tmp_path / "half2", pairs[50:])]
    shapes = [
        (plain,),
        (f"{tmp_path}/zipped",),
        (f"{tmp_path}/dos",),
        (f"{plain}.en,{plain}.xx",),
        tuple(halves),
    ]
    shapes += [(f"{tmp_path}/table.tsv",), (f"{tmp_path}/table.tsv.gz",)]
    stores = []
    for number, shape in enumerate(shapes):
        checkpoint = Checkpoint(tmp_path / f"checkpoint{number}")
        prepare(dataclasses.replace(settings_for(plain, valid=("10",)), train=shape), checkpoint)
        stores.append({**tree(checkpoint.data), **tree(checkpoint.vocab)})
    assert all(store == stores[0] for store in stores)


def test_split_off_pairs_are_in_one_part_only(tmp_path, checkpoint):
    pairs = pairs_of_text(600)
    bad = ("the dog " * 200, "x")
    for place in range(0, 600, 5):
        pairs.insert(place, (bad[0] + str(place), "x"))
    report = prepare(settings_for(write(tmp_path / "train", pairs), valid=("40",), test=("30",)), checkpoint)
    parts = {part: decoded(checkpoint, part) for part in ("train", "valid", "test")}
    assert {part: len(found) for part, found in parts.items()} == report.pairs
    assert report.split_off == {"valid": 40, "test": 30}
    every = [pair for found in parts.values() for pair in found]
    assert sorted(every) == sorted(pairs_of_text(600))
    assert report.pairs_read == sum(report.dropped.values()) + len(every)
    # Evenly spread: each tenth of the corpus gives about a tenth.
    numbers = [int(source.split()[-1]) for source, _ in parts["valid"] + parts["test"]]
    assert all(4 <= count <= 10 for count in np.histogram(numbers, 10, (0, 600))[0])


def test_validation_text_is_split_off_where_none_is_given(tmp_path, checkpoint):
    report = prepare(settings_for(write(tmp_path / "train", pairs_of_text(300)), valid=()), checkpoint)
    assert (report.pairs, report.split_off) == ({"train": 285, "valid": 15}, {"valid": 15})


def test_a_failing_rejects_file_changes_nothing(tmp_path, checkpoint, monkeypatch):
    train = write(tmp_path / "train", pairs_of_text(60))
    prepare(settings_for(train), checkpoint)
    before = tree(checkpoint.directory)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="no name of a file"):
        prepare(settings_for(train, rejects=str(tmp_path / "folder")), checkpoint, force=True)
    with pytest.raises(InputError, match="does not exist: make that folder first"):
        prepare(settings_for(train, rejects=str(tmp_path / "nowhere" / "x")), checkpoint, force=True)

    def commit(rejects):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.Rejects, "commit", commit)
    with pytest.raises(OSError):
        prepare(settings_for(train, rejects=str(tmp_path / "rejects")), checkpoint, force=True)
    assert tree(checkpoint.directory) == before


def test_another_seed_splits_off_others(tmp_path):
    found = []
    for seed in (1, 2):
        checkpoint = Checkpoint(tmp_path / f"checkpoint{seed}")
        prepare(
            settings_for(write(tmp_path / "train", pairs_of_text(300)), valid=("20",), seed=seed), checkpoint
        )
        found.append((checkpoint.data / "valid" / "source.txt").read_bytes())
    assert found[0] != found[1]


def test_training_pairs_in_evaluation_text_are_counted_and_kept(tmp_path, checkpoint):
    pairs = pairs_of_text(300)
    settings = settings_for(
        write(tmp_path / "train", pairs),
        valid=(write(tmp_path / "valid", [*pairs[:7], pairs[0], ("new", "pair")]),),
        test=(write(tmp_path / "test", [("new", "pair")]),),
    )
    report = prepare(settings, checkpoint)
    assert report.train_pairs_in == {"valid": 7, "test": 0}
    assert report.pairs == {"train": 300, "valid": 9, "test": 1}


def test_separate_vocabularies(tmp_path, checkpoint):
    pairs = pairs_of_text(300)
    report = prepare(
        settings_for(write(tmp_path / "train", pairs), vocabulary="separate", tokenizer="bpe"), checkpoint
    )
    assert sorted(path.name for path in checkpoint.vocab.glob("*.spm")) == ["source.spm", "target.spm"]
    assert decoded(checkpoint, "train") == pairs
    for side in ("source", "target"):
        assert Tokenizer.load(checkpoint.vocab / f"{side}.spm").size == report.vocabulary_sizes[side]


def test_an_automatic_size_makes_room_for_all_characters(tmp_path, checkpoint):
    pairs = [(chr(0x4E00 + 2 * i) + chr(0x4E01 + 2 * i), f"sign {i}") for i in range(600)]
    report = prepare(settings_for(write(tmp_path / "train", pairs)), checkpoint)
    assert report.vocabulary_sizes["source"] > 1460
    with pytest.raises(InputError, match=r"vocabulary of 600 is too small .* --vocabulary-size \d+ or more"):
        prepare(settings_for(str(tmp_path / "train"), vocabulary_size=600), checkpoint, force=True)


def test_a_reporter_is_told_and_nobody_else(tmp_path, checkpoint, capfd):
    class Listener(Reporter):
        lines = ()

        def line(self, text):
            self.lines = (*self.lines, text)

    listener = Listener()
    settings = settings_for(write(tmp_path / "train", pairs_of_text(300)))
    prepare(settings, checkpoint, reporter=listener)
    assert listener.lines == ("training the joint tokenizer",)
    prepare(settings, checkpoint, force=True)
    assert capfd.readouterr() == ("", "")


def test_the_tokenizer_sees_an_even_sample(tmp_path, checkpoint, monkeypatch):
    seen = []
    train_tokenizer = vocabulary.train_tokenizer

    def listen(lines, **options):
        seen.extend(lines)
        return train_tokenizer(seen, **options)

    monkeypatch.setattr(vocabulary, "train_tokenizer", listen)
    pairs = pairs_of_text(500)
    prepare(settings_for(write(tmp_path / "train", pairs), tokenizer_sample_lines=50), checkpoint)
    assert seen[::2] == [source for source, _ in pairs[::10]]


def test_finished_text_is_not_replaced_without_force(tmp_path, checkpoint):
    settings = settings_for(write(tmp_path / "train", pairs_of_text(200)))
    prepare(settings, checkpoint)
    for folder in (checkpoint.weights, checkpoint.training):
        folder.mkdir()
        (folder / "file").write_text("x")
    checkpoint.record_stage("train", {}, [])
    before = tree(checkpoint.directory)
    with pytest.raises(CheckpointError, match="already holds prepared text; use --force"):
        prepare(settings, checkpoint)
    assert tree(checkpoint.directory) == before
    checkpoint.settings_file.write_text("[damaged")
    prepare(dataclasses.replace(settings, tokenizer="bpe"), checkpoint, force=True)
    assert list(checkpoint.manifest()["stages"]) == ["prepare"]
    assert not checkpoint.weights.exists() and not checkpoint.training.exists()
    assert checkpoint.settings()["prepare"]["tokenizer"] == "bpe"


@pytest.mark.parametrize("where", ["train_tokenizers", "choose_held_out", "encode_text", "Batches"])
def test_a_failure_midway_leaves_no_half_state(tmp_path, checkpoint, monkeypatch, where):
    settings = settings_for(
        write(tmp_path / "train", pairs_of_text(200)), valid=("10",), rejects=str(tmp_path / "rejects.tsv")
    )

    def fail(*arguments, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, where, fail)
        prepare(settings, checkpoint)
    assert not checkpoint.directory.exists() and not (tmp_path / "rejects.tsv").exists()

    prepare(settings, checkpoint)
    before = tree(checkpoint.directory)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, where, fail)
        prepare(settings, checkpoint, force=True)
    assert tree(checkpoint.directory) == before


def test_the_directory_is_held_until_the_stage_is_recorded(tmp_path, checkpoint, monkeypatch):
    """And where that fails, the same command can be run again: what was written is no stranger's."""
    settings = settings_for(write(tmp_path / "train", pairs_of_text(200)))
    held_by_us = []

    def fail(*_arguments):
        with held(checkpoint.directory) as is_free:
            held_by_us.append(not is_free)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Checkpoint, "record_stage", fail)
        prepare(settings, checkpoint)
    assert held_by_us == [True]
    prepare(settings, checkpoint)
    checkpoint.verify("prepare")


def test_a_kill_at_any_write_can_be_repaired(tmp_path, monkeypatch):
    """Stop dead (no clean-up code runs) at each change of the directory in turn: the stage is whole, or
    prepare runs again.
    """

    class Killed(BaseException):
        pass

    real_replace, real_rmtree, real_unlink = os.replace, shutil.rmtree, Path.unlink
    settings = settings_for(write(tmp_path / "train", pairs_of_text(60)), tokenizer="char", valid=("5",))
    prepared = Checkpoint(tmp_path / "prepared")
    prepare(settings, prepared)
    prepared.weights.mkdir()
    (prepared.weights / "w").write_text("x")
    for start in ("new", "prepared"):
        for kill_at in range(1, 40):
            checkpoint = Checkpoint(tmp_path / f"{start}{kill_at}")
            if start == "prepared":
                shutil.copytree(prepared.directory, checkpoint.directory)
            changes = 0

            def counted(real, kill_at=kill_at):
                def change(*arguments, **options):
                    nonlocal changes
                    changes += 1
                    if changes >= kill_at:  # once dead, nothing changes any more
                        raise Killed
                    return real(*arguments, **options)

                return change

            killed = False
            with monkeypatch.context() as patched:
                patched.setattr(os, "replace", counted(real_replace))
                patched.setattr(shutil, "rmtree", counted(real_rmtree))
                patched.setattr(Path, "unlink", counted(real_unlink))
                try:
                    prepare(settings, checkpoint, force=start == "prepared")
                except Killed:
                    killed = True
            whole = checkpoint.has_stage("prepare")
            if whole:
                checkpoint.verify("prepare")
            prepare(settings, checkpoint, force=whole)
            checkpoint.verify("prepare")
            assert not checkpoint.weights.exists()
            assert not [name for name in tree(checkpoint.directory) if "spool" in name]
            if not killed:
                break
        else:
            pytest.fail("more than 40 changes?")


def test_a_folder_of_someone_else_is_refused(tmp_path, checkpoint):
    settings = settings_for(write(tmp_path / "train", pairs_of_text(200)))
    (checkpoint.directory / "data").mkdir(parents=True)
    (checkpoint.directory / "data" / "mine").write_text("precious")
    for force in (False, True):
        with pytest.raises(CheckpointError, match=r"no checkpoint directory .*-C"):
            prepare(settings, checkpoint, force=force)
    assert tree(checkpoint.directory) == {"data/mine": b"precious"}


def test_damaged_and_newer_manifests(tmp_path, checkpoint):
    settings = settings_for(write(tmp_path / "train", pairs_of_text(200)))
    prepare(settings, checkpoint)
    checkpoint.manifest_file.write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        prepare(settings, checkpoint)
    prepare(settings, checkpoint, force=True)
    checkpoint.manifest_file.write_text('{"format": 99, "mtkit": "9.9", "stages": {}}')
    with pytest.raises(CheckpointError, match="upgrade mtkit"):
        prepare(settings, checkpoint, force=True)


def test_what_is_not_there_is_said_before_anything_is_made(tmp_path, checkpoint):
    train = write(tmp_path / "train", pairs_of_text(100))
    wrong = [
        (settings_for(str(tmp_path / "none")), InputError, "no corpus"),
        (settings_for(train, valid=("none",)), InputError, "no corpus"),
        (settings_for(train, valid=("none", "5")), SettingsError, "--valid takes corpora or one number"),
        (settings_for(train, valid=("60",)), InputError, "cannot split off 60 pairs"),
        (settings_for(train, source_language="../en"), SettingsError, "--source-language is a code"),
        (settings_for(train, source_language=None), SettingsError, "no source language"),
        (settings_for(""), SettingsError, "no training text"),
        (
            settings_for(write(tmp_path / "blank", [("", "x"), ("", "y")])),
            InputError,
            "dropped 2 empty; --keep empty",
        ),
        (settings_for(train, max_length_tokens=1), InputError, "100 length; raise --max-length-tokens"),
        (
            settings_for(train, valid=(train,), drop=("leaked",), max_length_tokens=1),
            InputError,
            "of 100 read, dropped 100 leaked; --keep leaked",
        ),
        (
            settings_for(
                train, valid=(write(tmp_path / "bad", [("a", "b"), ("\udcff", "c")]),), invalid_utf8="drop"
            ),
            InputError,
            r"bad\.en:2: not valid UTF-8",
        ),
    ]
    for settings, error, message in wrong:
        with pytest.raises(error, match=message):
            prepare(settings, checkpoint)
        assert not checkpoint.directory.exists()


def test_the_manifest_holds_the_hash_of_every_file(tmp_path, checkpoint):
    prepare(settings_for(write(tmp_path / "train", pairs_of_text(100))), checkpoint)
    for name, facts in checkpoint.manifest()["stages"]["prepare"]["files"].items():
        assert facts["sha256"] == sha256(checkpoint.directory / name)


def test_lines_that_would_be_cut_make_the_text_less_bold():
    """Labels of one word, and of two, tell nothing of where to cut; sentences do."""
    words = ["open", "close", "file", "window", "menu", "copy", "all", "new"]
    labels = [*words * 20, *map(" ".join, itertools.permutations(words, 2))]
    sentences = [f"the {one} sees a {other} ." for one in words for other in words] * 6
    tokenizer = Tokenizer(train_tokenizer(labels + sentences, vocabulary_size=400))
    assert fitting_boldness(list(map(np.array, tokenizer.encode(sentences))), tokenizer) == BOLDNESS
    assert fitting_boldness(list(map(np.array, tokenizer.encode(labels))), tokenizer) < BOLDNESS
