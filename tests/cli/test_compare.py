"""`mtkit compare` as a user meets it."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCE = ["the cat sat on the mat", "a b c d", "x y z v"]


@pytest.fixture
def compare(mtkit):
    for name, lines in {
        "reference": REFERENCE,
        "source": ["le chat", "un", "deux 2"],
        "one": ["the cat sat on a mat", "a b x d", "x y z w"],
        "two": ["the cat sat on the mat", "a b c d", "q"],
        "short": ["a"],
    }.items():
        Path(name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return functools.partial(mtkit, "compare")


def test_files(compare):
    code, out, err = compare(
        "one", "two", "--reference", "reference", "--source", "source", "--bootstrap-samples", 20
    )
    assert (code, err) == (0, "")
    assert out.startswith("Scores\nmetric  system  score  difference       p  95% interval")
    assert "Where one does better than two" in out
    code, again, _ = compare(
        "one", "two", "--reference", "reference", "--source", "source", "--bootstrap-samples", 20
    )
    assert again == out


def test_outputs(compare):
    outputs = ("--output", "c.html", "--output", "c.md", "--output", "c.json")
    code, out, err = compare("one", "two", "--reference", "reference", *outputs)
    assert (code, out, err) == (0, "", "wrote c.html\nwrote c.md\nwrote c.json\n")
    assert Path("c.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert Path("c.md").read_text(encoding="utf-8").startswith("# Comparison of one, two")
    code, out, _ = compare("one", "two", "--reference", "reference", "--json")
    assert json.loads(out) == json.loads(Path("c.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("one",), 2, "name two or more"),
        (("one", "one", "--reference", "reference"), 2, "named twice"),
        (("one", "two", "--reference", "reference", "--output", "c.pdf"), 2, "ends in .html, .md or .json"),
        (("one", "two", "--source", "source"), 2, "give --reference FILE too"),
        (("one", "-", "--reference", "-"), 2, "only one file can be -"),
        (
            ("one", "two", "--reference", "reference", "--split", "test"),
            2,
            "leave it out when --reference is given",
        ),
        (("one", "two"), 1, "run 'mtkit prepare' first"),
        (("one", "gone", "--reference", "reference"), 1, "gone does not exist"),
        (("one", "short", "--reference", "reference"), 1, "short has 1 lines but reference has 3"),
        (("one", ".", "--reference", "reference"), 1, "is no checkpoint directory"),
        (("one", "two", "--reference", "reference", "--output", "no/c.md"), 1, "make that folder first"),
        (("one", "two", "--reference", "reference", "--output", "c.html/"), 2, "ends in .html, .md or .json"),
        (("one", "two", "--reference", ""), 2, "is the name of a file, and it is empty"),
    ],
)
def test_mistakes(compare, arguments, code, words):
    found, out, err = compare(*arguments)
    assert (found, out) == (code, "")
    assert words in " ".join(err.split())


def test_checkpoints(compare, trained):
    for name in ("A", "B"):
        shutil.copytree(trained / "checkpoint", name)
    _, lines = (Path("A/data/test") / f"{side}.txt" for side in ("source", "target"))
    shutil.copyfile(lines, "perfect")
    code, out, err = compare("A", "B", "perfect", "--beam", 1, "--json", "--bootstrap-samples", 20)
    assert code == 0, err
    assert err.count("translating 20 lines with") == 2
    found = json.loads(out)
    first, second, perfect = found["systems"]
    assert first["scores"]["bleu"]["score"] == second["scores"]["bleu"]["score"]
    assert perfect["scores"]["bleu"]["score"] == pytest.approx(100)
    assert found["frequencies_in"] == "training text of A"
    assert {bucket["by"] for bucket in perfect["by"]} >= {"frequency"}
    assert found["pairs"][0]["wins"] == []
    code, _, err = compare("A", "perfect", "--reference", lines)
    assert (code, "give --source FILE too" in err) == (2, True)


def test_files_alone_know_nothing_of_a_checkpoint_that_is_not_named(compare, trained):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    files = (
        "one",
        "two",
        "--reference",
        "reference",
        "--source",
        "source",
        "--json",
        "--bootstrap-samples",
        0,
    )
    assert json.loads(compare(*files)[1])["frequencies_in"] == "references"
    found = json.loads(compare(*files, "-C", "checkpoint")[1])
    assert found["frequencies_in"] == "training text of checkpoint"
    assert (found["compared"], found["source"]) == (["one", "two"], "source")
    Path("checkpoint/data/train/store.json").unlink()
    code, out, err = compare(*files, "-C", "checkpoint")
    assert (code, json.loads(out)["frequencies_in"]) == (0, "references")
    assert (
        err
        == "note: checkpoint/data/train is not whole here, so how often words were trained on is not known\n"
    )


def test_odd_names_and_streams(compare):
    """A name that is not UTF-8, letters that the locale cannot write, and text that would paint a
    terminal.
    """
    odd = os.fsdecode(b"o\xff")
    shutil.copyfile("one", odd)
    Path("two").write_bytes(b"the \x1b[31mcat\r\xc3\xbc\na b\tc\x07d\nq\n")
    command = [
        sys.executable,
        "-m",
        "mtkit",
        "compare",
        odd,
        "two",
        "--reference",
        "reference",
        "--bootstrap-samples",
        "0",
    ]
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "ascii",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    text = done.stdout.decode("utf-8")
    assert "ü" in text
    assert not set(text) & {"\x1b", "\r", "\x07"}
    for output in ("c.html", "c.md", "c.json"):
        subprocess.run([*command, "--output", output], check=True, env=environment, capture_output=True)
        assert "o\ufffd" in Path(output).read_text(encoding="utf-8")
    assert b"\r" not in Path("c.md").read_bytes()


def test_checkpoints_of_other_text(compare, trained, mtkit):
    shutil.copytree(trained / "checkpoint", "A")
    shutil.copytree(trained / "checkpoint", "B")
    source = Path("B/data/test/source.txt")
    source.write_text(source.read_text(encoding="utf-8").replace("a", "b"), encoding="utf-8")
    facts = json.loads(Path("B/mtkit.json").read_text())
    from mtkit.checkpoint import sha256

    facts["stages"]["prepare"]["files"]["data/test/source.txt"] = {
        "sha256": sha256(source),
        "bytes": source.stat().st_size,
    }
    Path("B/mtkit.json").write_text(json.dumps(facts))
    code, _, err = compare("A", "B")
    assert (code, "the test text of B is not that of the first checkpoint directory" in err) == (1, True)
