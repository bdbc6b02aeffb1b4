"""`mtkit report`: a page about a checkpoint directory, and what it says where something is missing."""

import shutil
from pathlib import Path

import pytest

from tests.support.pages import check


@pytest.fixture
def folder(trained, mtkit):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    return Path("checkpoint")


def test_a_page_about_a_checkpoint(folder, mtkit):
    code, out, err = mtkit(
        "report", "--beam", 1, "--bootstrap-samples", 20, "--examples", 2, "--sentence", "a <cat> sees a dog"
    )
    assert (code, out) == (0, "")
    assert err == "translating 20 lines of the test text\nwrote checkpoint/report.html\n"
    page = (folder / "report.html").read_text(encoding="utf-8")
    tags = check(page)
    assert tags.count("svg") >= 4  # buckets of lines, losses, scores, rate
    assert page.count('<table class="map">') == 1
    assert "<cat>" not in page
    assert "bs:20|seed:12345" in page
    assert page.count("<dt>translation</dt>") == 4
    for fact in (
        "checkpoint: en to fr",
        "training pairs",
        "[model]",
        "embedding_width",
        "target tokens a second",
        "ONNX Runtime",
    ):
        assert fact in page
    before = {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "report.html"
    }
    code, _, err = mtkit("report", "--output", "elsewhere.html", "--beam", 1, "--split", "valid")
    assert (code, Path("elsewhere.html").exists()) == (0, True), err
    assert before == {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "report.html"
    }


def test_what_is_missing_is_left_out(folder, mtkit):
    shutil.rmtree(folder / "data/train")
    (folder / "training/log.jsonl").write_text("{damaged\n")
    code, _, err = mtkit("report", "--beam", 1, "--bootstrap-samples", 0, "--examples", 0)
    assert code == 0, err
    page = (folder / "report.html").read_text(encoding="utf-8")
    check(page)
    assert "The log of the training is not here." in page
    assert "rarest source word" not in page


def test_a_directory_made_small_and_a_damaged_history(folder, mtkit):
    """What is enough to translate with is enough for a page."""
    shutil.rmtree(folder / "weights")
    (folder / "data/train/store.json").unlink()
    (folder / "scores").mkdir()
    (folder / "scores/history.jsonl").write_text("{\n")
    code, _, err = mtkit("report", "--beam", 1, "--bootstrap-samples", 0)
    assert code == 0, err
    assert "history.jsonl:1 is damaged, and left out" in err
    page = (folder / "report.html").read_text(encoding="utf-8")
    check(page)
    assert "No scores by how often words were trained on: checkpoint/data/train is not whole here" in page
    assert '<table class="map">' in page


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("-C", "gone"), 1, "gone does not exist; run 'mtkit prepare' first"),
        (("--output", "no/page.html"), 1, "make that folder first"),
        (("--output", "page.pdf"), 2, "ends in .html"),
        (("--weights", "17"), 1, "no weights '17'"),
    ],
)
def test_mistakes(folder, mtkit, arguments, code, words):
    found, out, err = mtkit("report", "--beam", 1, *arguments)
    assert (found, out) == (code, "")
    assert words in err
    assert not (folder / "report.html").exists()
