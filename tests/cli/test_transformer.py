"""A Transformer through the four commands, and out to CTranslate2."""

import json
import shutil
import sys
from pathlib import Path

import ctranslate2
import pytest

from mtkit.text.tokenizer import Tokenizer

LINES = ["A dog sees the cat.", "", "The small {x} house is red.", "A woman reads."]
SMALL = ("--model", "transformer", "--embedding-width", 16, "--feed-forward-width", 16, "--heads", 2, "--encoder-layers", 1)


@pytest.fixture
def folder(trained, mtkit):
    """A prepared checkpoint directory, and lines to translate."""
    shutil.copytree(trained / "checkpoint", "checkpoint")
    Path("input").write_text("".join(line + "\n" for line in LINES), encoding="utf-8")


def test_a_transformer_from_training_to_translations(folder, mtkit):
    code, _, err = mtkit("train", "--force", *SMALL, "--decoder-layers", 2, "--max-steps", 4, "--validation-lines", 4)
    assert code == 0, err

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
    assert (code, err) == (0, "exported the best weights to checkpoint/ctranslate2/float32, checkpoint/ctranslate2/int8\n")
    for precision in ("float32", "int8"):
        there = Path("checkpoint/ctranslate2") / precision
        tokenizer = Tokenizer.load(there / "joint.spm")
        (found,) = ctranslate2.Translator(str(there)).translate_batch([tokenizer.pieces(tokenizer.encode(LINES[:1])[0])])
        assert found.hypotheses


def test_what_cannot_be_exported(folder, mtkit, monkeypatch):
    code, _, err = mtkit("export", "--to", "ctranslate2")
    assert (code, err) == (2, "mtkit: CTranslate2 runs Transformers only, and this is --model rnn\n")
    monkeypatch.setitem(sys.modules, "ctranslate2.specs", None)
    monkeypatch.delitem(sys.modules, "mtkit.export.ctranslate2_model", raising=False)
    code, _, err = mtkit("export", "--to", "ctranslate2")
    assert (code, err) == (
        1, "mtkit: --to ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'\n",
    )  # fmt: skip
