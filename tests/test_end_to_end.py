"""The four commands as a user runs them: as processes, on text of the sample corpus; and the README's own
commands.
"""

import json
import re
import shlex
import shutil
import sys

import pytest

from tests.support.commands import run_here
from tests.support.processes import ROOT, mtkit, some_lines

# Settings of a training that is over at once.
SHORT = """
[model]
embedding_width = 8
encoder_width = 8
decoder_width = 8

[train]
max_steps = 2
batch_tokens = 512
precision = "float32"
validation_lines = 4

[score]
beam = 1
bootstrap_samples = 0
"""


def test_translate_gives_a_line_for_a_line(trained):
    source = "A cat.\n\nOdd \u2028 and \x0b and \x85 characters, \u4f60\u597d.\r\nno newline at the end"
    code, out, err = mtkit("translate", "--beam", 2, cwd=trained, stdin=source.encode())
    assert code == 0, err
    lines = out.split("\n")
    assert len(lines) == 5
    assert lines[1] == lines[4] == ""
    code, out, _ = mtkit("translate", "--format", "jsonl", "--beam", 1, cwd=trained, stdin=source.encode())
    rows = [json.loads(line) for line in out.removesuffix("\n").split("\n")]
    assert [set(row) for row in rows] == [{"source", "hypothesis", "score", "tokens"}] * 4
    sources = [
        "A cat.",
        "",
        "Odd \u2028 and \x0b and \x85 characters, \u4f60\u597d.",
        "no newline at the end",
    ]
    assert [row["source"] for row in rows] == sources


def test_score_translates_the_test_text(trained):
    code, out, err = mtkit("score", "--json", "--beam", 1, "--bootstrap-samples", 0, cwd=trained)
    assert code == 0, err
    assert 0.0 <= json.loads(out)["scores"]["bleu"]["score"] <= 100.0
    assert list((trained / "checkpoint" / "scores").glob("*.json"))


def test_bench_measures_the_trained_model_and_changes_nothing(trained):
    before = {path: path.read_bytes() for path in (trained / "checkpoint").rglob("*") if path.is_file()}
    small = ("--steps", 2, "--lines", 4, "--beam", 2)
    code, out, err = run_here("bench", *small, "--precision", "float32", "--json", cwd=trained)
    assert code == 0, err
    report = json.loads(out)
    engines = ("keras", "onnx float32", "onnx int8")
    ways = {f"{search}, {engine}" for search in ("beam 2", "greedy") for engine in engines}
    assert (report["trained"], report["precision"], set(report["sentences"])) == (True, "float32", ways)
    assert report["training_tokens"] > 0
    assert report["gemm_share"] == pytest.approx(report["training_flops"] / report["gemm_flops"]["float32"])
    assert 0.0 <= report["input_wait_share"] <= 1.0
    assert report["peak_bytes"]["decoding"] >= report["peak_bytes"]["training"] > 1e8
    assert before == {
        path: path.read_bytes() for path in (trained / "checkpoint").rglob("*") if path.is_file()
    }


def test_a_moved_checkpoint_works_where_tensorflow_is_quiet(trained, tmp_path):
    moved = tmp_path / "elsewhere"
    (trained / "checkpoint").rename(moved)
    try:
        code, out, err = mtkit("translate", "-C", moved, "--beam", 1, cwd=tmp_path, stdin=b"A cat.\n")
        assert (code, [line for line in err.splitlines() if not line.startswith("note:")]) == (0, [])
        assert out.count("\n") == 1
        stored = "".join(path.read_text() for path in (moved / "mtkit.json", moved / "settings.toml"))
        assert str(trained) not in stored
    finally:
        moved.rename(trained / "checkpoint")


def test_a_closed_pipe_ends_quietly(trained):
    command = (
        f"{shlex.quote(sys.executable)} -m mtkit translate --beam 1 --chunk-lines 1 < train.en | head -1"
    )
    code, out, err = mtkit(cwd=trained, shell=f"set -o pipefail; {command}")
    assert code == 141
    assert out.count("\n") == 1
    assert err == ""


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("--help | true", 141, ""),
        ("--version | true", 141, ""),
        ("--help > /dev/full", 1, "no space left on device"),
        ("--version >&-", 1, "bad file descriptor"),
        ("translate -C checkpoint --beam 1 - <&-", 1, "bad file descriptor"),
        ("score --hypothesis - --reference train.fr <&-", 1, "bad file descriptor"),
        ("translate --beam 1 < train.en >&-", 1, "bad file descriptor"),
    ],
)
def test_streams_that_are_closed_or_full(trained, command, code, words):
    got, _, err = mtkit(
        cwd=trained, shell=f"set -o pipefail; {shlex.quote(sys.executable)} -m mtkit {command}"
    )
    assert got == code, err
    assert words in err
    assert err.count("\n") <= 1


def test_an_unbuffered_stdout_gets_everything(trained):
    """Unbuffered, one write may take a part only: here a pipe that is read late."""
    command = (
        f"PYTHONUNBUFFERED=1 {shlex.quote(sys.executable)} -m mtkit translate --beam 1 --format jsonl"
        " train.en"
    )
    code, out, err = mtkit(cwd=trained, shell=f"set -o pipefail; {command} | (sleep 8; cat)")
    assert (code, out.count("\n")) == (0, 600), err


def test_output_goes_where_the_name_leads(trained, tmp_path):
    """A file through its link, which stays one; what is no file as it is; nothing into a folder that is not
    there.
    """
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "two").write_text("A cat.\n\n")
    here = ("translate", "-C", trained / "checkpoint", "--beam", 1, "two")
    assert mtkit(*here, "--output", "link", cwd=tmp_path)[:2] == (0, "")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text().count("\n") == 2
    assert mtkit(*here, "--output", "/dev/stdout", cwd=tmp_path)[:2] == (0, (tmp_path / "real").read_text())
    for name, expected in (("nowhere/out", 1), ("", 2), (".", 1)):
        code, out, err = mtkit(*here, "--output", name, cwd=tmp_path)
        assert (code, out, err.count("\n")) == (expected, "", 1), err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real", "two"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (["train", "-C", "nowhere"], b"", 1, "run 'mtkit prepare' first"),
        (["translate", "-C", "nowhere"], b"", 1, "run 'mtkit prepare' first"),
        (["translate", "missing.txt"], b"", 1, "missing.txt does not exist"),
        (["translate", "--weights", "7"], b"x\n", 1, "there are: 3, 6, last, average, best"),
        (["translate", "--beam", "0"], b"", 2, "--beam"),
        (["translate", "--length-penalty", "nan"], b"", 2, "command line: length_penalty"),
        (["translate", "--beam", "1"], b"good\nbad \xff\n", 1, "stdin:2: not valid UTF-8"),
        (["train", "--cell", "gru"], b"", 2, "cell = lstm, now it is gru"),
        (["train", "--attention", "magic"], b"", 2, "additive"),
        (["train", "--source-embeddings", "x.vec", "--force", "-C", "copy"], b"", 1, "x.vec does not exist"),
    ],
)
def test_errors_are_one_clear_sentence(trained, arguments, stdin, code, words):
    if "copy" in arguments:
        shutil.copytree(trained / "checkpoint", trained / "copy")
    got, out, err = run_here(*arguments, cwd=trained, stdin=stdin)
    assert (got, out) == (code, ""), err
    assert words in err


def test_a_damaged_weights_file_is_named(trained, tmp_path):
    shutil.copytree(trained / "checkpoint", tmp_path / "copy")
    path = tmp_path / "copy" / "weights" / "best.safetensors"
    content = bytearray(path.read_bytes())
    content[-9] ^= 255
    path.write_bytes(content)
    code, _, err = run_here("translate", "-C", "copy", "--engine", "keras", cwd=tmp_path, stdin=b"x\n")
    assert code == 0
    assert "best.safetensors is damaged" in err
    assert "using the next best weights" in err
    for path in (tmp_path / "copy" / "weights").iterdir():
        path.write_bytes(content)
    code, _, err = run_here("translate", "-C", "copy", "--engine", "keras", cwd=tmp_path, stdin=b"x\n")
    assert code == 1
    assert "choose others with --weights" in err


def test_the_readme_commands(tmp_path):
    """The block of 'Your own text', as it stands; a settings file makes the training short."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Your own text")[1].split("## ")[0]
    commands = re.findall(r"^    (mtkit .*)$", section, re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["prepare", "train", "translate", "score"]
    for name, language in (("en", "en"), ("de", "fr")):
        (tmp_path / f"corpus.{name}").write_text(some_lines(f"train.{language}", 4200), encoding="utf-8")
    (tmp_path / "new.en").write_text(some_lines("test.en", 7), encoding="utf-8")
    (tmp_path / "mtkit.toml").write_text(SHORT, encoding="utf-8")
    for command in commands:
        code, out, err = mtkit(
            cwd=tmp_path, shell=command.replace("mtkit", f"{shlex.quote(sys.executable)} -m mtkit", 1)
        )
        assert code == 0, err
    assert (tmp_path / "new.de").read_text(encoding="utf-8").count("\n") == 7
    assert "BLEU" in out
