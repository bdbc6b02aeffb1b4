"""The library: what docs/python.md shows, the same bytes as the commands, and a quick import."""

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import mtkit
from tests.support.processes import ROOT

# In tests that take the fixture `mtkit`, which runs commands.
load, Search = mtkit.load, mtkit.Search
SMALL = (
    'model="rnn", embedding_width=8, encoder_width=8, decoder_width=8, max_steps=2, export=False,'
    ' precision="float32", threads=1, batch_tokens=512'
)
PO = 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "A dog sees %s."\nmsgstr ""\n'


@pytest.fixture
def folder(trained, tmp_path, monkeypatch):
    """A trained checkpoint directory, and text."""
    shutil.copytree(trained / "checkpoint", tmp_path / "checkpoint")
    for name in ("train.en", "train.fr", "valid.en", "valid.fr"):
        shutil.copy(trained / name, tmp_path / name)
    (tmp_path / "app.po").write_text(PO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_document(folder, capsys):
    """All of them in order, with a shorter training."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 8
    names = {}
    for block in blocks:
        exec(block.replace('budget="4m"', SMALL), names)
    out = capsys.readouterr().out
    assert "reached --max-steps 2" in out and "--n-best 9 needs --beam 9 or more" in out
    assert names["filled"].made + len(names["filled"].open) == 1
    assert (folder / "app.fr.po").read_bytes() == names["filled"].content
    assert "%s" in names["filled"].content.decode()


def test_translations_are_those_of_the_command(folder, mtkit):
    """Byte for byte: plain, several best ones, and what is in between of a line of several sentences."""
    lines = ["A dog sees the cat.  It is red.", "", "   ", " A woman reads. ", "word " * 300]
    Path("input").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    options = ("--max-length-factor", 0.5)
    _, out, _ = mtkit("translate", "input", *options)
    translator = load("checkpoint")
    search = Search(max_length_factor=0.5)
    assert [translation.text for translation in translator.translate(lines, search)] == out.split("\n")[:-1]
    assert [found.text for found in translator.translate(iter(lines), search)] == out.split("\n")[:-1]
    assert translator.translate(lines[0], search).text == out.split("\n")[0]
    _, out, _ = mtkit("translate", "input", *options, "--n-best", 2, "--format", "tsv")
    several = translator.translate(lines, Search(max_length_factor=0.5, n_best=2), keep=("score",))
    rows = [
        f"{number}\t{candidate.score:.4f}\t{candidate.text}"
        for number, translation in enumerate(several, 1)
        for candidate in translation.candidates or [None]
        if candidate
    ]
    assert rows == [row for row in out.split("\n")[:-1] if not row.endswith("\t0.0000\t")]


@pytest.mark.parametrize("family", ["rnn", "transformer"])
def test_what_is_scored_is_what_is_shipped(folder, transformer, mtkit, family):
    """With a line of 1,000 tokens and one of several sentences: the same lines, the same number."""
    if family == "transformer":
        shutil.rmtree("checkpoint")
        shutil.copytree(transformer, "checkpoint")
    sources = ["A dog sees the cat. It is red.", "the small house " * 350, "A woman reads."]
    references = ["Un chien voit le chat. Il est rouge.", "la petite maison " * 350, "Une femme lit."]
    for name, lines in (("source", sources), ("reference", references)):
        Path(name).write_text("".join(line.strip() + "\n" for line in lines), encoding="utf-8")
    given = ("--source", "source", "--reference", "reference", "--bootstrap-samples", 0, "--json")
    code, scored, err = mtkit("score", *given)
    assert code == 0, err
    code, translated, err = mtkit("translate", "source")
    assert code == 0, err
    (kept,) = Path("checkpoint/scores").glob("source-*.txt")
    assert kept.read_text(encoding="utf-8") == translated
    Path("hypothesis").write_text(translated, encoding="utf-8")
    code, again, _ = mtkit("score", "--hypothesis", "hypothesis", *given[2:])
    assert code == 0
    scores = [re.findall(r'"score": ([\d.]+)', text) for text in (scored, again)]
    assert scores[0] == scores[1] and len(scores[0]) == 4


def test_several_threads_share_a_translator(folder):
    translator, search = load("checkpoint"), Search(max_length_factor=0.5)
    lines = ["A dog sees the cat.", "The small house is red.", "A woman reads."]
    alone = [translator.translate(line, search).text for line in lines]
    fresh, together = load("checkpoint"), {}

    def run(number):
        together[number] = [found.text for found in fresh.translate(lines, search)]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(4)] == [alone] * 4


def test_values_that_cannot_be():
    with pytest.raises(mtkit.SettingsError, match="beam"):
        Search(beam=0)
    with pytest.raises(mtkit.SettingsError, match="did you mean 'beam'"):
        mtkit.score("nowhere", beem=3)
    with pytest.raises(mtkit.CheckpointError, match="nowhere does not exist"):
        load("nowhere")
    with pytest.raises(mtkit.SettingsError, match=r"banned takes several, such as \('cat',\)"):
        mtkit.Demands(banned="cat")
    with pytest.raises(mtkit.SettingsError, match=r"max_source_tokens is at least 0\. Received: -1"):
        mtkit.Demands(max_source_tokens=-1)
    with pytest.raises(mtkit.SettingsError, match=r"takes several, such as \('url',\)"):
        mtkit.Protection.of("url")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mtkit.nothing


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"precision": "int4"}, "precision .* is one of auto, float32, int8; did you mean 'int8'"),
        ({"precision": "INT8"}, "is one of auto, float32, int8"),
        ({"engine": "torch"}, "engine .* is one of auto, "),
        ({"chunk_lines": 0}, "chunk_lines .* is at least 1. Received: 0"),
        ({"batch_tokens": 0}, "batch_tokens .* is at least 1"),
        ({"threads": -1}, "threads .* is at least 0"),
        ({"weights": 500}, "weights .* takes a string. Received: 500"),
        ({"ensemble": "other"}, r"ensemble takes several, such as \('other',\)"),
        ({"ensemble": Path("other")}, r"ensemble takes several, such as \('other',\)"),
    ],
)
def test_values_that_no_translator_can_have(values, message):
    with pytest.raises(mtkit.SettingsError, match=message):
        load("nowhere", **values)


def test_a_scoring_writes_the_scores_of_each_line(folder):
    for name in ("out", "reference"):
        (folder / name).write_text("a b c d\n", encoding="utf-8")
    files = {"hypothesis": "out", "reference": "reference", "bootstrap_samples": 0}
    mtkit.score("nowhere", sentence_scores="each.tsv", **files)
    assert (folder / "each.tsv").read_text(encoding="utf-8").startswith("line\tbleu\tchrf")
    with pytest.raises(mtkit.SettingsError, match=r"nowhere/scores/history\.jsonl"):
        mtkit.score("nowhere", history=True)
    with pytest.raises(mtkit.SettingsError, match="as_dict"):
        mtkit.score("nowhere", json=True, **files)


def test_what_a_translator_refuses(folder):
    translator = load("checkpoint")
    with pytest.raises(TypeError, match="decode the bytes"):
        translator.translate(b"A dog.")
    (folder / "app.json").write_text('{"a": "A dog."}', encoding="utf-8")
    with pytest.raises(mtkit.SettingsError, match="--fuzzy is for files that say"):
        translator.fill("app.json", fuzzy=True)
    with pytest.raises(mtkit.SettingsError, match=r"memory takes several, such as \('old\.tmx',\)"):
        translator.fill("app.po", memory="old.tmx")
    with pytest.raises(mtkit.SettingsError, match=r"memory_likeness .* at most 1\.0"):
        translator.fill("app.po", memory=["old.tmx"], memory_likeness=80)
    with pytest.raises(mtkit.SettingsError, match=r"sources takes several, such as \('A dog\.',\)"):
        translator.judge("A dog.", "A dog.")
    with pytest.raises(mtkit.InputError, match="each needs its counterpart"):
        translator.judge(["A dog."], [])


def test_every_public_name_is_there_and_documented():
    for name in mtkit.__all__:
        thing = getattr(mtkit, name)
        assert isinstance(thing, str) or thing.__doc__
    for name in ("load", "prepare", "train", "score", "Search", "Demands", "Translation", "Candidate"):
        assert ">>>" in getattr(mtkit, name).__doc__, name


def test_type_checkers_are_told_the_same_names():
    stub = (ROOT / "mtkit" / "__init__.pyi").read_text(encoding="utf-8")
    assert sorted([*re.findall(r" as (\w+)$", stub, re.MULTILINE), "__version__"]) == sorted(mtkit.__all__)


def test_the_import_is_light():
    program = "import sys, mtkit; print(sorted({'numpy', 'tensorflow', 'click', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
