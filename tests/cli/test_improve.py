"""`mtkit improve` from a prepared and trained directory to a better one: numbers spelled in two languages,
and a model of them.
"""

import dataclasses
import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint, locked
from mtkit.cli.main import main
from mtkit.improving import rounds
from mtkit.improving.lineage import read_pairs
from mtkit.improving.models import recipe_of
from mtkit.settings.improve import ImproveSettings
from mtkit.writing import remove
from tests.support.made_once import made_once

ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DUTCH = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
# What the directory learnt too little with, and a round learns enough with.
FEW, MANY = 20, 120
ANEW = ("--force", "--monolingual", "mono.nl", "--sources", "sample")
IMPROVE = ("improve", "--max-steps", MANY, "--beam", 2, "--min-round-trip", 0)


def spelled(numbers, words):
    return "".join(" ".join(words[int(digit)] for digit in str(number * 37)) + "\n" for number in numbers)


def command(*arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return leaving.value.code


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with text, and a directory that was trained for a few steps."""

    def make(patch):
        for language, words in (("en", ENGLISH), ("nl", DUTCH)):
            Path(f"train.{language}").write_text(spelled(range(100), words))
            Path(f"valid.{language}").write_text(spelled(range(100, 120), words))
        Path("mono.nl").write_text(spelled(range(118, 200), DUTCH) + "\n" + spelled([5, 150], DUTCH))
        text = ("--train", "train", "--valid", "valid", "--source-language", "en", "--target-language", "nl")
        assert command("prepare", *text) == 0
        model = ("--model", "rnn", "--embedding-width", 24, "--encoder-width", 24, "--decoder-width", 24)
        small = (
            "--batch-tokens",
            256,
            "--learning-rate",
            0.01,
            "--warmup-steps",
            10,
            "--average-decay",
            0.9,
            "--threads",
            1,
        )
        quiet = ("--precision", "float32", "--examples", 0, "--no-export", "--no-tensorboard")
        assert command("train", *model, *small, *quiet, "--max-steps", FEW) == 0

    return made_once(tmp_path_factory, "improve-base", make)


@pytest.fixture(scope="module")
def improved(base, tmp_path_factory):
    """A copy of the folder with an improvement of one round."""

    def make(patch):
        shutil.copytree(base, ".", dirs_exist_ok=True)
        patch.setattr("mtkit.improving.sources.BLOCK_LINES", 16)
        patch.setattr("mtkit.improving.monolingual.BLOCK_LINES", 16)
        assert command(*IMPROVE, "--monolingual", "mono.nl") == 0

    return made_once(tmp_path_factory, "improve-improved", make)


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def report_of(folder, number=1):
    return json.loads((Path(folder) / f"checkpoint/improve/round-{number}/report.json").read_text())


def rows_of(folder, number=1):
    return list(read_pairs(Path(folder) / f"checkpoint/improve/round-{number}/synthetic.jsonl"))


def assert_same_weights(one, other):
    (arrays, _), (others, _) = (
        load_arrays(Path(directory) / "weights" / "best.safetensors") for directory in (one, other)
    )
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def test_a_round(improved, base):
    """The lineage names every line; valid is the same text; the directory itself is as it was."""
    folder = improved / "checkpoint"
    now = {name: content for name, content in files_of(folder).items() if not name.startswith("improve/")}
    assert now == files_of(base / "checkpoint")
    rows, report = rows_of(improved), report_of(improved)
    text = (improved / "mono.nl").read_text().split("\n")
    assert [(row.line, row.target) for row in rows] == [(line, text[line - 1]) for line in range(3, 83)]
    passed_over = {"held out": 2, "empty": 1, "real": 1, "repeated": 1}
    assert {reason: report["synthetic"]["dropped"][reason] for reason in passed_over} == passed_over
    assert {(row.reverse, row.forward) for row in rows} == {
        (report["weights"]["reverse"], report["weights"]["best_before"])
    }
    assert sum(row.reason == "least likely" for row in rows) == (sum(row.kept for row in rows) + 8) // 10
    kept = [row for row in rows if row.kept]
    for side in ("source", "target"):
        text = (folder / f"improve/round-1/kept.{side}.txt").read_text()
        assert text == "".join(getattr(row, side) + "\n" for row in kept)
    for directory, sides in (("forward", ("source", "target")), ("reverse", ("target", "source"))):
        for side, own in zip(("source", "target"), sides, strict=True):
            copy = folder / f"improve/round-1/{directory}/data/valid/{own}.txt"
            assert copy.read_bytes() == (folder / f"data/valid/{side}.txt").read_bytes()
    manifest = json.loads((folder / "improve/best/mtkit.json").read_text())
    corpora = manifest["stages"]["prepare"]["report"]["corpora"]
    assert [(one["tag"], one["weight"]) for one in corpora] == [("", 1.0), ("back-translation", 1.0)]
    assert report["synthetic"]["kept"] == len(kept)
    assert report["valid"]["paired"][0]["scores"]["bleu"]["p"] < 0.05


def test_the_best_is_a_checkpoint_directory(improved, mtkit, tmp_path, monkeypatch):
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    assert report_of(improved)["won"]
    assert files_of("checkpoint/improve/best") == files_of("checkpoint/improve/round-1/forward")
    kept = json.loads(Path("checkpoint/improve/best.json").read_text())
    assert kept == {"round": 1, "weights": report_of(improved)["weights"]["forward"]}
    code, out, _ = mtkit("score", "-C", "checkpoint/improve/best", "--split", "valid", "--json")
    assert code == 0
    after, scored = (
        report_of(improved)["valid"]["paired"][0]["scores"]["bleu"],
        json.loads(out)["scores"]["bleu"],
    )
    assert {name: after[name] for name in scored} == scored


class Killed(BaseException):
    """What nobody catches."""


def test_killed_in_every_stage(improved, base, tmp_path, monkeypatch, capsys):
    """Each command is killed later than the one before; the last goes to the end, and all is as in a run that
    nobody disturbed.
    """
    shutil.copytree(base, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.delenv("MTKIT_CHECKPOINT_DIR", raising=False)
    monkeypatch.setattr("mtkit.improving.sources.BLOCK_LINES", 16)
    monkeypatch.setattr("mtkit.improving.monolingual.BLOCK_LINES", 16)
    arguments = [str(one) for one in (*IMPROVE, "--monolingual", "mono.nl")]

    def killed_at(name, call=1):
        """Run until a function is called for that time."""
        left = call
        with monkeypatch.context() as patch:
            real = getattr(*parted(name))

            def counting(*given, **named):
                nonlocal left
                left -= 1
                if not left:
                    raise Killed
                return real(*given, **named)

            patch.setattr(name, counting)
            with pytest.raises(Killed):
                main(arguments)

    killed_at("mtkit.improving.real_text.write_lines", 3)
    assert not Path("checkpoint/improve/real").exists()
    killed_at("mtkit.data.prepare.Checkpoint.record_stage")
    # Models are trained as if undisturbed, wherever they are stopped (test_training.py): the reverse one is
    # taken over.
    shutil.rmtree("checkpoint/improve/round-1/reverse")
    shutil.copytree(improved / "checkpoint/improve/round-1/reverse", "checkpoint/improve/round-1/reverse")
    shutil.copy(improved / "checkpoint/improve/round-1/reverse-trained.json", "checkpoint/improve/round-1")
    killed_at("mtkit.improving.lineage.GrowingFile.add", 3)
    made = Path("checkpoint/improve/round-1/made.jsonl")
    assert made.read_bytes().count(b"\n") == 32
    made.write_bytes(made.read_bytes()[:-9])
    killed_at("mtkit.improving.sources.mark_least_likely")
    killed_at("mtkit.improving.sources.write_lines", 2)
    killed_at("mtkit.improving.models.train")
    Path("checkpoint/improve/round-1/.report.json.1.tmp").write_text("half")
    killed_at("mtkit.improving.models.write_json")
    killed_at("mtkit.improving.rounds.write_json")
    killed_at("mtkit.improving.rounds.shutil.copytree")
    assert not Path("checkpoint/improve/best").exists()
    capsys.readouterr()
    assert command(*arguments) == 0
    assert capsys.readouterr().out == ""

    ours, theirs = Path("checkpoint/improve"), improved / "checkpoint/improve"
    for name in ("round-1/synthetic.jsonl", "round-1/kept.source.txt", "round-1/report.json", "improve.json"):
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
    assert_same_weights(ours / "best", theirs / "best")
    assert not [path for path in ours.rglob("*") if path.name.startswith(".") or path.name == "made.jsonl"]


def parted(name):
    """(the object that holds it, the name in it) of a dotted name."""
    path = name.split(".")
    for cut in range(len(path) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(path[:cut]))
        except ModuleNotFoundError:
            continue
        for one in path[cut:-1]:
            found = getattr(found, one)
        return found, path[-1]
    raise ValueError(name)


def test_a_second_round_and_nobody_wins(improved, mtkit, tmp_path, monkeypatch):
    """What is left out keeps its value; the reverse model of round 2 learns from the pairs of round 1; the
    best stays.
    """
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.setattr("mtkit.improving.rounds.compared", worse)
    make_model = rounds.make_model

    def reverse_alone(checkpoint, recipe, text, real, reporter):
        """The forward model is taken over from round 1."""
        if recipe.swapped:
            return make_model(checkpoint, recipe, text, real, reporter)
        shutil.copytree(improved / "checkpoint/improve/round-1/forward", checkpoint.directory)
        return checkpoint

    monkeypatch.setattr(rounds, "make_model", reverse_alone)
    code, out, err = mtkit("improve", "--rounds", 2)
    assert (code, out) == (0, ""), err
    assert "round 2 of 2: the forward model, en to nl" in err
    assert "round 1 of 2" not in err
    assert "not better" in err
    manifest = json.loads(Path("checkpoint/improve/round-2/reverse/mtkit.json").read_text())
    assert [one["tag"] for one in manifest["stages"]["prepare"]["report"]["corpora"]] == [
        "",
        "back-translation",
    ]
    first, second = report_of("."), report_of(".", 2)
    assert second["best_before"] == 1
    assert rows_of(".", 2)[5].forward == first["weights"]["forward"] == second["weights"]["best_before"]
    assert files_of("checkpoint/improve/best") == files_of(improved / "checkpoint/improve/best")
    code, _, err = mtkit("improve", "--threads", 2)
    assert (code, "best model is in checkpoint/improve/best" in err) == (0, True)


def worse(work, number, best):
    """A comparison that the new model loses."""
    metric = {"score": 1.0, "p": 0.5}
    return {
        "metric": "bleu",
        "won": False,
        "valid": {"scores": {"bleu": {"score": 2.0}}, "paired": [{"scores": {"bleu": metric}}]},
    }


def other_weights():
    shutil.copy("checkpoint/improve/best/weights/best.safetensors", "checkpoint/weights")


@pytest.mark.parametrize(
    ("change", "arguments", "code", "words"),
    [
        (
            None,
            ["--beam", 3],
            2,
            "was begun with beam = 2, now it is 3; leave it out to go on, or use --force",
        ),
        (
            None,
            ["--seed", 2, "--top-k", 5],
            2,
            "--top-k, --seed: for --sources sample alone, and this is --sources beam",
        ),
        (None, [*ANEW, "--beam", 2], 2, "--beam: for --sources beam alone, and this is --sources sample"),
        (None, ["--budget", "1m"], 2, "was begun with budget = nothing, now it is 1m"),
        (None, ["--monolingual", "train.nl"], 1, "was begun with another text than train.nl"),
        (None, ["--monolingual", "gone.nl"], 1, "gone.nl does not exist"),
        (None, ["--monolingual", "/dev/null"], 1, "/dev/null is read more than once, and must be a file"),
        (lambda: Path("mono.nl").write_text("een\n"), [], 1, "was begun with another text than mono.nl"),
        (other_weights, [], 1, "was begun with another model than checkpoint holds now"),
        (
            lambda: Path("checkpoint/improve/improve.json").write_text("{"),
            [],
            1,
            "improve.json is damaged; use --force",
        ),
        (
            lambda: Path("checkpoint/improve/improve.json").unlink(),
            ["--monolingual", "mono.nl"],
            1,
            "did not write; move it away",
        ),
        (None, ["--sources", "magic"], 2, "beam"),
        (None, ["--monolingual", ""], 2, "monolingual in [improve] is the name of a file, and it is empty"),
        (None, ["--least-likely", "nan"], 2, "least_likely"),
        (None, ["--max-synthetic", "inf"], 2, "takes a number with an end"),
        (None, ["-C", "nowhere"], 1, "run 'mtkit prepare' first"),
    ],
)
def test_what_is_refused(improved, mtkit, tmp_path, monkeypatch, change, arguments, code, words):
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    if change:
        change()
    before = files_of(".")
    got, out, err = mtkit("improve", *arguments)
    assert (got, out) == (code, ""), err
    assert words in err
    assert "Traceback" not in err
    assert files_of(".") == before


def test_a_kill_while_all_is_discarded(improved, mtkit, tmp_path, monkeypatch):
    """What is left then is nobody's: it is made anew, and not taken for a finished round."""
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")

    def killed(path):
        if path.name == "round-1":
            shutil.rmtree(path / "forward" / "weights")
            raise Killed
        remove(path)

    monkeypatch.setattr("mtkit.improving.record.remove", killed)
    with pytest.raises(Killed):
        main(["improve", "--monolingual", "mono.nl", "--force"])
    monkeypatch.setattr("mtkit.improving.record.remove", remove)
    monkeypatch.setattr("mtkit.improving.rounds.make_model", lambda *given: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        main(["improve", "--monolingual", "mono.nl", "--beam", "3"])
    assert not Path("checkpoint/improve/round-1/forward").exists()


def test_a_best_model_that_is_another_or_in_use(improved, mtkit, tmp_path, monkeypatch):
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    best = Path("checkpoint/improve/best.json")
    best.write_text(json.dumps({"round": 1, "weights": "other"}))
    Path("checkpoint/improve/best/improve").mkdir()
    code, _, err = mtkit("improve")
    assert (code, "holds an improvement of its own" in err) == (1, True), err
    Path("checkpoint/improve/best/improve").rmdir()
    shutil.copy(
        "checkpoint/weights/best.safetensors", "checkpoint/improve/round-1/forward/weights/best.safetensors"
    )
    code, _, err = mtkit("improve")
    assert (code, "is not the model of checkpoint/improve/round-1/report.json" in err) == (1, True), err


def test_what_can_not_begin(base, mtkit, tmp_path, monkeypatch):
    shutil.copytree(base, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    code, out, err = mtkit("improve")
    assert (code, out, "add --monolingual FILE" in err) == (2, "", True)
    Path("blank").write_text("\n\n")
    code, _, err = mtkit(*IMPROVE, "--monolingual", "blank")
    assert (code, "no line of blank can be used: 2 empty" in err) == (1, True), err
    code, _, err = mtkit(*IMPROVE, "--monolingual", "train.en")
    assert (
        code,
        "most of train.en stands in the source side of the real text; it is to be in nl" in err,
    ) == (1, True), err
    monkeypatch.setenv(
        "TF_CONFIG",
        json.dumps({"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}),
    )
    code, _, err = mtkit(*IMPROVE, "--monolingual", "mono.nl")
    assert (code, "unset it" in err) == (2, True), err


def test_how_models_are_made(base):
    """As the directory was, in either direction; limits that are given take the place of its own."""
    checkpoint = Checkpoint(base / "checkpoint")
    recipe = recipe_of(checkpoint, ImproveSettings())
    assert (recipe.languages, recipe.reversed().languages, recipe.reversed().reversed()) == (
        "en to nl",
        "nl to en",
        recipe,
    )
    assert (recipe.train.max_steps, recipe.train.threads, recipe.train.schedule) == (
        FEW,
        1,
        "inverse-square-root",
    )
    assert (recipe.model.embedding_width, recipe.train.learning_rate, recipe.prepare.from_) == (
        24,
        0.01,
        None,
    )
    limited = recipe_of(checkpoint, ImproveSettings(budget="5m", threads=0)).train
    assert (limited.max_steps, limited.budget, limited.schedule, limited.threads) == (0, "5m", "auto", 0)
    assert recipe_of(checkpoint, ImproveSettings(max_epochs=3)).train.max_steps == 0
    model = dataclasses.replace(recipe.model, source_embeddings="x", freeze_source_embeddings=True)
    swapped = dataclasses.replace(recipe, model=model).reversed().model
    assert (swapped.source_embeddings, swapped.target_embeddings) == (None, "x")
    assert (swapped.freeze_source_embeddings, swapped.freeze_target_embeddings) == (False, True)


def test_two_commands_at_once(improved, mtkit, tmp_path, monkeypatch):
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    with locked(Checkpoint(Path("checkpoint/improve"))):
        code, _, err = mtkit("improve", "--rounds", 2)
    assert (code, "another mtkit command is at work in checkpoint/improve" in err) == (1, True), err


def test_no_pair_is_left_and_force_begins_anew(improved, mtkit, tmp_path, monkeypatch):
    shutil.copytree(improved, tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")

    def taken_over(checkpoint, recipe, text, real, reporter):
        shutil.copytree(improved / "checkpoint/improve/round-1/reverse", checkpoint.directory)
        return checkpoint

    monkeypatch.setattr(rounds, "make_model", taken_over)
    sampled = ("--sources", "sample", "--top-k", 5, "--seed", 3, "--max-synthetic", 0.2)
    code, out, err = mtkit(
        "improve", "--force", "--monolingual", "mono.nl", *sampled, "--min-round-trip", 100
    )
    assert (code, out) == (1, ""), err
    assert "no synthetic pair is left: " in err
    assert "begin anew with --force" in err
    rows = rows_of(".")
    assert len(rows) == 20
    assert {row.seed for row in rows} == {3}
    assert not Path("checkpoint/improve/best").exists()
