"""The table, the JSON and the files of a scoring."""

import json
from dataclasses import replace

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.scoring.report import Scoring, file_name, json_text, write_files
from mtkit.scoring.score_tables import scoring_text
from mtkit.scoring.systems import score_systems
from mtkit.settings.score import ScoreSettings


@pytest.fixture(scope="module")
def scores():
    return scoring(["the cat sat on the", "a b c d"], ["the cat sat on the mat", "a b c d"], 20)


def scoring(hypotheses, reference, samples):
    systems = score_systems([("out", hypotheses)], [reference], ScoreSettings(bootstrap_samples=samples))
    return Scoring(systems, about={"split": "test"})


def test_plain_table_is_aligned(scores):
    text = scoring_text(scores, for_terminal=False)
    lines = text.splitlines()
    assert [line.split()[0] for line in lines] == ["metric", "BLEU", "chrF", "chrF++", "TER"]
    column = lines[0].index("signature")
    assert all(line[column:].startswith("nrefs:1|bs:20|seed:12345") for line in lines[1:])
    assert len({line.index(".") for line in lines[1:]}) == 1  # decimal points below each other
    assert "\x1b" not in text


def test_plain_table_without_intervals():
    text = scoring_text(scoring(["a b c d"], ["a b c d"], 0), for_terminal=False)
    assert "interval" not in text
    assert text.splitlines()[1].split()[:2] == ["BLEU", "100.00"]


def test_terminal_table_has_signatures_below(scores):
    text = scoring_text(scores, for_terminal=True)
    table, signatures = (part.splitlines() for part in text.split("\n\n"))
    assert max(map(len, table)) < 60
    metrics = scores.first.scores.metrics.values()
    assert [line.split() for line in signatures] == [[metric.name, metric.signature] for metric in metrics]


def test_json_shape(scores):
    scores = replace(scores, about={"hypothesis": "out.fr", "reference": ["test.fr"]})
    report = json.loads(json_text(scores.as_dict()))
    assert list(report) == ["hypothesis", "reference", "mtkit", "lines", "references", "scores"]
    assert (report["lines"], report["references"]) == (2, 1)
    assert list(report["scores"]) == ["bleu", "chrf", "chrf++", "ter"]
    for metric in report["scores"].values():
        assert set(metric) == {"name", "score", "signature", "mean", "low", "high"}
    assert report["scores"]["bleu"]["score"] == scores.first.scores.metrics["bleu"].score


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (ScoreSettings(), "test-best-beam5"),
        (ScoreSettings(weights="400", beam=1), "test-400-beam1"),
        (ScoreSettings(length_penalty=0.6), "test-best-beam5-penalty0.6"),
        (ScoreSettings(tag="web"), "test-best-beam5-tag-web"),
        (ScoreSettings(tokenize="char", lowercase=True), "test-best-beam5-char-lowercase"),
        (ScoreSettings(json=True, threads=2), "test-best-beam5"),
    ],
)
def test_file_names(settings, name):
    assert file_name(settings, "test") == name


def test_files(scores, tmp_path):
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    report = scores.as_dict()
    for _ in range(2):  # again: replaced, no leftovers
        write_files(checkpoint, "test-best-beam5", ["été\u2028x", ""], report)
    assert sorted(path.name for path in checkpoint.scores.iterdir()) == [
        "test-best-beam5.json",
        "test-best-beam5.txt",
    ]
    assert (checkpoint.scores / "test-best-beam5.txt").read_bytes() == "été\u2028x\n\n".encode()
    assert json.loads((checkpoint.scores / "test-best-beam5.json").read_text(encoding="utf-8")) == report
