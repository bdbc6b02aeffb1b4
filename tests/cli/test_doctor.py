"""`mtkit doctor`: each illness is found, named, and comes with what to do; a healthy directory is well."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from mtkit.arrays import load_arrays, save_arrays
from mtkit.machine import available_threads

CHECKED = {
    "files",
    "weights",
    "versions",
    "vocabulary",
    "corpus",
    "sentences",
    "training",
    "output",
    "disk",
    "threads",
}


@pytest.fixture
def doctor(trained, mtkit, monkeypatch):
    """Runs `mtkit doctor --json` in a copy: (exit code, findings as (level, about, what, fix))."""
    shutil.copytree(trained / "checkpoint", "checkpoint")
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)

    def run():
        code, out, err = mtkit("doctor", "--json")
        assert err == ""
        found = json.loads(out)
        assert {one["about"] for one in found["findings"]} | set(found["well"]) == CHECKED
        return code, [tuple(one.values()) for one in found["findings"]]

    return run


def changed(name, change):
    """Change the JSON of a file."""
    path = Path("checkpoint") / name
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def of_stage(stage, **values):
    return lambda manifest: manifest["stages"][stage]["report"].update(values)


def test_a_healthy_directory(doctor, mtkit):
    before = {path: path.read_bytes() for path in Path("checkpoint").rglob("*") if path.is_file()}
    code, findings = doctor()
    assert (code, [finding for finding in findings if finding[0] != "note"]) == (0, [])
    code, out, err = mtkit("doctor")
    assert (code, err) == (0, "")
    assert "well: files, weights, versions, vocabulary, corpus" in out
    assert before == {path: path.read_bytes() for path in Path("checkpoint").rglob("*") if path.is_file()}


def damage_a_file():
    Path("checkpoint/data/test/source.txt").write_text("other")


def lose_a_file():
    Path("checkpoint/data/train/target.ids").unlink()


def cut_offsets():
    path = Path("checkpoint/data/train/source.offsets")
    path.write_bytes(path.read_bytes()[:-12])


def damage_weights():
    path = Path("checkpoint/weights/best.safetensors")
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)


def spoil_weights():
    path = Path("checkpoint/weights/best.safetensors")
    arrays, facts = load_arrays(path)
    first = next(iter(arrays))
    save_arrays(path, {**arrays, first: np.full_like(arrays[first], np.nan)}, {"step": facts["step"]})


def collapse():
    Path("checkpoint/scores").mkdir(exist_ok=True)
    Path("checkpoint/scores/test.txt").write_text(
        "le chat\n" * 5 + "".join(f"{number}\n" for number in range(20))
    )


def log(**values):
    path = Path("checkpoint/training/log.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**rows[-1], **values, "step": step}) + "\n" for step in range(6)))


def settings(text):
    path = Path("checkpoint/settings.toml")
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize(
    ("illness", "level", "about", "words"),
    [
        (damage_a_file, "error", "files", "data/test/source.txt is damaged"),
        (lose_a_file, "error", "files", "data/train/target.ids is missing"),
        (damage_weights, "error", "weights", "best.safetensors is damaged"),
        (spoil_weights, "error", "weights", "holds numbers that are none"),
        (lambda: shutil.rmtree("checkpoint/weights"), "note", "weights", "can translate, but not train on"),
        (
            lambda: changed("mtkit.json", lambda one: one.update(mtkit="0.0.1")),
            "note",
            "versions",
            "mtkit 0.0.1 wrote",
        ),
        (
            lambda: changed("mtkit.json", of_stage("prepare", vocabulary_sizes={"source": 7, "target": 7})),
            "error",
            "vocabulary",
            "and 7 were prepared",
        ),
        (
            lambda: changed(
                "mtkit.json", of_stage("prepare", fallback_share={"source": 0.25, "target": 0.0})
            ),
            "warning",
            "vocabulary",
            "25.0% of the source tokens of the validation text are spelt in bytes",
        ),
        (
            lambda: changed("mtkit.json", of_stage("prepare", pairs_read=100, dropped={"ratio": 60})),
            "warning",
            "corpus",
            "60% of the pairs read were left out: ratio",
        ),
        (cut_offsets, "error", "corpus", "the check for unequal sides came to no end: ValueError"),
        (
            lambda: Path("checkpoint/data/train/store.json").write_text("{"),
            "error",
            "corpus",
            "the check for unequal sides came to no end: JSONDecodeError",
        ),
        (
            lambda: Path("checkpoint/data/valid/source.txt").write_bytes(b"caf\xe9\n"),
            "error",
            "sentences",
            "the check for long sentences came to no end: UnicodeDecodeError",
        ),
        (
            lambda: changed("mtkit.json", of_stage("prepare", train_pairs_in={"test": 12})),
            "warning",
            "corpus",
            "12 training pairs are in the test text too",
        ),
        (
            collapse,
            "warning",
            "output",
            "5 of 25 lines of checkpoint/scores/test.txt are the same: 'le chat'",
        ),
        (lambda: log(skipped_steps=4), "warning", "training", "4 steps made no sense"),
        (lambda: log(input_wait_share=0.5), "warning", "training", "waited for its batches 50% of the time"),
        (lambda: log(bleu=0.2), "warning", "training", "the best BLEU of 6 validations is 0.20"),
        (
            lambda: (log(bleu=40.0, chrf=3.0), changed("mtkit.json", of_stage("train", best_metric="chrf"))),
            "warning",
            "training",
            "the best chrF of 6 validations is 3.00",
        ),
        (
            lambda: Path("checkpoint/training/log.jsonl").unlink(),
            "note",
            "training",
            "the log of the training is not here",
        ),
    ],
)
def test_illnesses(doctor, illness, level, about, words):
    illness()
    code, findings = doctor()
    assert code == (level != "note")
    found = [finding for finding in findings if finding[1] == about]
    assert any(finding[0] == level and words in finding[2] and finding[3] for finding in found), findings
    levels = [("error", "warning", "note").index(finding[0]) for finding in findings]
    assert levels == sorted(levels)


def test_a_check_that_fails_keeps_what_others_of_its_part_find(doctor):
    cut_offsets()
    changed("mtkit.json", of_stage("prepare", pairs_read=100, dropped={"ratio": 60, "empty": 30}))
    problems = {finding[2]: finding[3] for finding in doctor()[1] if finding[1] == "corpus"}
    assert len(problems) == 3, problems
    # A look at what was left out must not cost the model.
    assert "-C OTHER" in problems["60% of the pairs read were left out: ratio"]
    assert "--dry-run" in problems["30% of the pairs read were left out: empty"]


def test_long_lines(doctor):
    path = Path("checkpoint/data/valid/source.txt")
    path.write_text("a cat " * 3000 + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert any("are split" in finding[2] for finding in doctor()[1])


def test_threads(doctor, monkeypatch):
    monkeypatch.setattr("mtkit.doctor.available_threads", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert ("note", "threads") in [finding[:2] for finding in doctor()[1]]
    monkeypatch.delenv("OMP_NUM_THREADS")
    path = Path("checkpoint/settings.toml")
    assert available_threads() >= 1
    path.write_text(re.sub(r"\nthreads = \d+", "\nthreads = 64", path.read_text()))
    code, findings = doctor()
    assert (
        code,
        any("trained with --threads 64, and there are 8 here" in finding[2] for finding in findings),
    ) == (1, True)


def test_a_full_disk(doctor, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    assert any(
        finding[1] == "disk" and "each state of the training takes" in finding[2] for finding in doctor()[1]
    )


def test_what_is_no_checkpoint(mtkit):
    code, out, err = mtkit("doctor", "-C", "gone")
    assert (code, out) == (1, "")
    assert "gone does not exist; run 'mtkit prepare' first" in err
