"""A Transformer through the four commands, and out to CTranslate2."""

import json
import re
import shutil
import sys
from pathlib import Path

import ctranslate2
import pytest

from mtkit.reporter import Reporter
from mtkit.settings.search import Search
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.loading import load
from tests.support.commands import QUICK
from tests.support.processes import other_weights

LINES = ["A dog sees the cat.", "", "The small {x} house is red.", "A woman reads."]


@pytest.fixture
def lines(mtkit):
    """Lines to translate."""
    Path("input").write_text("".join(line + "\n" for line in LINES), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("positions", ["learned", "shifted", "rotary", "relative", "alibi"])
def test_every_kind_of_positions_is_trained_and_exported(trained, lines, mtkit, positions):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    size = ("--embedding-width", 16, "--feed-forward-width", 16, "--heads", 2)
    layers = ("--encoder-layers", 1, "--decoder-layers", 2, "--positions", positions)
    length = ("--max-steps", 4, "--validate-every-steps", 2, "--validation-lines", 4)
    code, _, err = mtkit(
        "train", "--force", "--model", "transformer", *size, *layers, *length, *QUICK, "--export"
    )
    assert code == 0, err
    for kind in ("ctranslate2", "argos"):
        code, _, err = mtkit("export", "--to", kind)
        assert code == 0, err

    def translations(*options):
        code, out, err = mtkit("translate", "input", "--max-length-factor", 0.5, "--beam", 1, *options)
        assert code == 0, err
        return out

    by_keras = translations("--engine", "keras")
    for engine in ("onnx", "ctranslate2"):
        assert translations("--engine", engine) == by_keras
        assert translations("--engine", engine, "--precision", "int8").count("\n") == len(LINES)


def test_a_transformer_from_training_to_translations(transformer, lines, mtkit):
    shutil.copytree(transformer, "checkpoint")

    def translate(*options):
        code, out, err = mtkit("translate", "input", "--max-length-factor", 0.5, *options)
        assert code == 0, err
        return out.removesuffix("\n").split("\n")

    plain = translate("--format", "jsonl")
    assert [bool(json.loads(line)["hypothesis"]) for line in plain][1] is False
    assert translate("--engine", "keras") == [json.loads(line)["hypothesis"] for line in plain]
    word = json.loads(plain[2])["hypothesis"].split()[0]
    Path("terms").write_text(f"dog\t{word}\n", encoding="utf-8")
    translate("--alignments", "links", "--attention", "page.html", "--precision", "int8")
    assert Path("links").read_text().count("\n") == len(LINES)
    assert "{x}" in translate("--protect", "placeholder")[2]
    assert word in translate("--glossary", "terms")[0].split()
    assert len(translate("--n-best", 2, "--format", "tsv", "--shortlist", 10)) == 7
    assert len(translate("--sample")) == len(translate("--explain", "--engine", "keras")[:4]) == 4

    code, _, err = mtkit("export", "--to", "ctranslate2")
    first, second = err.splitlines()
    assert (code, first) == (
        0,
        "exported the best weights to checkpoint/ctranslate2/float32, checkpoint/ctranslate2/int8",
    )
    kinds = r"greedy float32 [\d.]+, beam float32 [\d.]+, greedy int8 [\d.]+, beam int8 [\d.]+"
    assert re.fullmatch(f"time of CTranslate2, that of mtkit's own engine being 1: {kinds}", second)
    for precision in ("float32", "int8"):
        there = Path("checkpoint/ctranslate2") / precision
        tokenizer = Tokenizer.load(there / "joint.spm")
        (found,) = ctranslate2.Translator(str(there)).translate_batch(
            [tokenizer.pieces(tokenizer.encode(LINES[:1])[0])]
        )
        assert found.hypotheses
    ours, theirs = (translate("--beam", 1, "--engine", engine) for engine in ("onnx", "ctranslate2"))
    assert ours == theirs
    assert (
        len(translate("--engine", "ctranslate2", "--precision", "int8", "--n-best", 2, "--format", "jsonl"))
        == 4
    )
    refused = mtkit("translate", "input", "--engine", "ctranslate2", "--explain", "--alignments", "links")
    assert refused == (
        2,
        "",
        "mtkit: --engine ctranslate2 does plain searches: leave it out, or --explain, --alignments\n",
    )
    code, out, err = mtkit("bench", "--steps", 1, "--lines", 4, "--json")
    assert code == 0, err
    assert {name for name in json.loads(out)["sentences"] if "ctranslate2" in name} == {
        f"{search}, ctranslate2 {precision}"
        for search in ("beam 5", "greedy")
        for precision in ("float32", "int8")
    }
    choice_of_an_engine(mtkit)


def choice_of_an_engine(mtkit):
    """By itself CTranslate2 is taken where it was faster, is whole, and is of the weights that are asked
    for.
    """
    manifest = Path("checkpoint/mtkit.json")

    def chosen(share, *options, keep=(), **given):
        facts = json.loads(manifest.read_text())
        facts["stages"]["ctranslate2"]["report"]["time"]["greedy float32"] = share
        manifest.write_text(json.dumps(facts))
        warnings = []
        reporter = Reporter()
        reporter.warn = warnings.append
        translator = load("checkpoint", reporter=reporter, **given)
        return translator.plan(Search(beam=1, **dict(options)), keep=keep).engine, warnings

    assert chosen(0.9) == ("ctranslate2", [])
    assert chosen(0.9, ("length_penalty", 1.5)) == chosen(0.9, keep=("score",)) == ("onnx", [])
    facts = json.loads(manifest.read_text())
    facts["stages"]["ctranslate2"]["report"]["time"] = {}
    manifest.write_text(json.dumps(facts))
    assert load("checkpoint").plan(Search(beam=1)).engine == "onnx"
    chosen(0.9)
    shutil.copytree("checkpoint", "small", ignore=shutil.ignore_patterns("weights", "training", "data"))
    code, _, err = mtkit("translate", "-C", "small", "input", "--beam", 1, "--journal", "done")
    assert code == 0, err
    code, _, err = mtkit(
        "translate", "-C", "small", "input", "--beam", 1, "--journal", "done", "--engine", "onnx"
    )
    assert code == 1 and "engine" in err
    chosen(1.0)
    code, _, err = mtkit("score", "--engine", "ctranslate2", "--bootstrap-samples", 0)
    assert code == 0 and "wrote checkpoint/scores/test-best-beam5-ctranslate2.json" in err, err
    facts["stages"]["ctranslate2"]["report"]["sha256"] = "of another training"
    Path("small/mtkit.json").write_text(json.dumps(facts))
    code, _, err = mtkit("translate", "-C", "small", "input", "--engine", "ctranslate2")
    assert code == 1 and "holds no export of its best weights to CTranslate2" in err
    assert chosen(1.0) == chosen(0.9, ("sample", True)) == chosen(0.9, engine="onnx") == ("onnx", [])
    assert chosen(1.0, engine="ctranslate2")[0] == "ctranslate2"
    with Path("checkpoint/ctranslate2/float32/model.bin").open("ab") as file:
        file.write(b"x")
    name, (warning,) = chosen(0.9)
    assert name == "onnx"
    assert warning.startswith(
        "checkpoint/ctranslate2/float32/model.bin is damaged; copy the checkpoint directory again or run"
    )
    assert warning.endswith("run 'mtkit export --to ctranslate2'; using another engine instead")
    code, _, err = mtkit("translate", "input", "--engine", "ctranslate2")
    assert code == 1 and "model.bin is damaged" in err
    code, _, err = mtkit(
        "translate", "input", "--engine", "ctranslate2", "--weights", other_weights(Path("checkpoint"))
    )
    assert code == 1 and "to CTranslate2; run 'mtkit export --to ctranslate2'" in err


def test_what_cannot_be_exported(trained, lines, mtkit, monkeypatch):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    code, _, err = mtkit("export", "--to", "ctranslate2")
    assert (code, err) == (2, "mtkit: CTranslate2 runs Transformers only, and this is --model rnn\n")
    # A directory of before there were Transformers.
    settings = Path("checkpoint/settings.toml")
    settings.write_text(settings.read_text(encoding="utf-8").replace('model = "rnn"\n', ""), encoding="utf-8")
    assert mtkit("translate", "input", "--engine", "keras")[0] == 0
    code, _, err = mtkit("train", "--model", "auto", "--max-steps", 7)
    assert code == 0 and "going on from step 6" in err, err
    refused = mtkit("translate", "input", "--engine", "ctranslate2")
    assert refused == (2, "", "mtkit: CTranslate2 runs Transformers only, and this is --model rnn\n")
    monkeypatch.setitem(sys.modules, "ctranslate2.specs", None)
    for module in ("ctranslate2_model", "ctranslate2_export"):
        monkeypatch.delitem(sys.modules, f"mtkit.export.{module}", raising=False)
    code, _, err = mtkit("export", "--to", "ctranslate2")
    assert (code, err) == (
        1,
        "mtkit: --to ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'\n",
    )
