"""How far a model reaches: measured after training, kept with the weights, heeded in translating."""

import json
import shutil
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import mtkit as library
from mtkit.arrays import load_arrays, save_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.reporter import Reporter
from mtkit.scoring.reach_curve import ReachCurve, ReachPoint, joined_by, measure_reach
from mtkit.search.hypothesis import Ranking
from mtkit.training.reach import record_reach
from mtkit.translating.demands import Demands
from mtkit.translating.reach import Reach, learned_line_ends, new_splitter
from mtkit.translating.steps import SourceText
from mtkit.translating.translation import Candidate, Translation


def reach_of(*points):
    return ReachCurve("bleu", tuple(ReachPoint(*point) for point in points)).whole_tokens


def test_the_reach_is_where_whole_lines_begin_to_lose():
    assert reach_of((2, 30, 39.7, 40.0), (4, 60, 39.0, 40.0), (8, 120, 41.0, 40.0)) == 30
    assert reach_of((1, 20, 30.0, 31.0), (2, 30, 40.0, 40.0)) == 0
    assert reach_of((1, 50, 40.0, 40.0), (2, 30, 40.0, 40.0), (4, 60, None, 40.0)) == 50
    assert reach_of() == 0


def test_neighbours_are_joined():
    assert joined_by(["a", "b", "c", "d", "e"], 2) == ["a b", "c d"]
    assert joined_by(["猫。", "犬。"], 2) == ["猫。犬。"]
    assert joined_by(["a"], 2) == []


class Words:
    """A tokenizer whose tokens are words."""

    def encode(self, texts):
        return [text.split() for text in texts]


class Forgetful:
    """A translator whose model says no more than so many words of a text."""

    def __init__(self, words):
        self.words = words
        self.reach = Reach()
        self.tokenizers = SimpleNamespace(source=Words())

    def plan(self, search, demands=None):
        demands = demands or Demands()
        return ForgetfulPlan(self.words, new_splitter(Words(), Ranking(0.0), demands, self.reach, ()))


class ForgetfulPlan:
    def __init__(self, words, splitter):
        self.words, self.splitter = words, splitter

    def translate(self, lines):
        return [Translation(line, (Candidate(self.said(line), (), None),)) for line in lines]

    def said(self, line):
        parts = self.splitter.take_out([SourceText(line, 0)])[0].texts
        return " ".join(" ".join(part.split()[: self.words]) for part in parts)


LINES = [f"Dog {number} sees a cat." for number in range(80)]


def test_whole_lines_are_measured_beside_sentences():
    curve = measure_reach(Forgetful(10), LINES, LINES)
    assert [(point.joined_lines, point.source_tokens) for point in curve.points] == [
        (2, 10),
        (4, 20),
        (8, 40),
    ]
    assert [point.split for point in curve.points] == pytest.approx([100.0] * 3)
    assert curve.points[0].whole == pytest.approx(100.0) and curve.whole_tokens == 10
    assert curve.points[1].whole < 50 and curve.points[2].whole is None


def test_lines_of_several_sentences_are_measured_where_there_are_some():
    several = [f"{first} {second}" for first, second in pairwise(LINES)]
    curve = measure_reach(Forgetful(7), several, several)
    assert (curve.points[0].joined_lines, curve.points[0].source_tokens) == (1, 10)
    assert curve.points[0].split == pytest.approx(100.0) and curve.whole_tokens == 0


def test_few_lines_are_joined_as_far_as_they_tell_anything():
    curve = measure_reach(Forgetful(100), LINES[:45], LINES[:45])
    assert [point.joined_lines for point in curve.points] == [2, 4] and curve.whole_tokens == 20
    assert measure_reach(Forgetful(100), LINES[:19], LINES[:19]).points == ()
    assert measure_reach(Forgetful(100), [], []).whole_tokens == 0


@pytest.fixture
def exported(transformer, tmp_path):
    shutil.copytree(transformer, tmp_path / "checkpoint")
    return Checkpoint(tmp_path / "checkpoint")


def test_training_records_the_reach_of_what_it_exports(exported):
    stages = exported.manifest()["stages"]
    assert stages["reach"]["report"]["sha256"] == stages["export"]["report"]["sha256"]
    assert [point["joined_lines"] for point in stages["reach"]["report"]["points"]] == [2]
    assert stages["reach"]["report"]["weights"] == "best"


def with_reach(checkpoint, **facts):
    manifest = checkpoint.manifest()
    manifest["stages"]["reach"]["report"] |= facts
    checkpoint.manifest_file.write_text(json.dumps(manifest))
    return library.load(checkpoint.directory)


def parts_in(translator, line, demands=None):
    """What a line is translated in."""
    plan = translator.plan(demands=demands)
    return plan.splitter.take_out([SourceText(line, 0)])[0].texts


def test_translating_heeds_what_was_measured_of_these_weights(exported):
    line = "The dog sees a cat. The cat sees a dog."
    sentences = ["The dog sees a cat.", "The cat sees a dog."]
    assert parts_in(with_reach(exported, whole_tokens=1000), line) == [line]
    assert parts_in(with_reach(exported, whole_tokens=3), line) == sentences
    # Other weights, of which nothing was measured.
    other = with_reach(exported, whole_tokens=1000, sha256="0" * 64)
    assert parts_in(other, line) == sentences
    assert parts_in(other, line, Demands(max_source_tokens=1000)) == [line]
    assert parts_in(other, line, Demands(max_source_tokens=20)) == sentences


class Talker(Reporter):
    def __init__(self):
        super().__init__()
        self.said = []

    def say(self, text):
        self.said.append(text)


def test_it_is_measured_once(exported):
    reporter = Talker()
    record_reach(exported, "best", reporter)
    assert reporter.said == []
    exported.forget_stages("reach")
    record_reach(exported, "best", reporter)
    assert len(reporter.said) == 1 and reporter.said[0].startswith(
        "lines of several sentences are translated"
    )
    assert exported.has_stage("reach")
    exported.discard_training()
    assert not exported.has_stage("reach")


@pytest.mark.parametrize(
    ("stage", "facts"),
    [
        ("prepare", {"usual_lengths": [1, 2]}),
        ("prepare", {"usual_lengths": {"ratio": 1}}),
        ("prepare", {"length_percentiles": {"source": {}}}),
        ("prepare", {"length_percentiles": None}),
        ("reach", {"whole_tokens": None}),
        ("reach", {"whole_tokens": "far"}),
    ],
)
def test_a_damaged_report_is_named(exported, stage, facts):
    manifest = exported.manifest()
    manifest["stages"][stage]["report"] |= facts
    exported.manifest_file.write_text(json.dumps(manifest))
    with pytest.raises(library.CheckpointError, match=r"mtkit\.json is damaged"):
        library.load(exported.directory)


def test_a_budget_ends_the_measuring():
    curve = measure_reach(Forgetful(100), LINES, LINES, seconds=0.0)
    assert [point.joined_lines for point in curve.points] == [2]


def test_damaged_counts_are_named(exported):
    path = exported.vocab / "line_counts.safetensors"
    counts, tokenizer = load_arrays(path)[0], load_tokenizers(exported).source
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(library.CheckpointError, match=r"line_counts\.safetensors is damaged"):
        library.load(exported.directory)
    save_arrays(path, {**counts, "boldness": np.zeros(0, np.float32)})
    with pytest.raises(library.CheckpointError, match=r"line_counts\.safetensors is damaged"):
        learned_line_ends(exported, tokenizer)
    path.unlink()
    with pytest.raises(library.CheckpointError, match=r"line_counts\.safetensors is missing"):
        library.load(exported.directory)
