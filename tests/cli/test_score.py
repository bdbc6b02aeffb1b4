"""`mtkit score` as a user meets it: files, stdin, a checkpoint, mistakes."""

import functools
import gzip
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.scoring.metrics import chrf

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["the cat sleeps here", "the dog runs fast", ""]


@pytest.fixture
def score(mtkit):
    """Runs `mtkit score ...` in an empty folder: (exit code, stdout, stderr)."""
    return functools.partial(mtkit, "score")


def write(name, lines):
    Path(name).write_bytes("".join(line + "\n" for line in lines).encode())
    return name


@pytest.fixture
def checkpoint(trained, score):
    """A trained checkpoint directory in that folder, with a test and a validation text of 20 lines."""
    shutil.copytree(trained / "checkpoint", "checkpoint")
    return Checkpoint(Path("checkpoint"))


def as_lines(text):
    return text.removesuffix("\n").split("\n")


def lines_of(file):
    return as_lines(Path(file).read_text(encoding="utf-8"))


def test_files_without_a_checkpoint(score):
    write("out", TARGETS)
    write("reference", TARGETS)
    code, out, err = score("--hypothesis", "out", "--reference", "reference", "--bootstrap-samples", 20)
    assert (code, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["BLEU", "100.00"],
        ["chrF", "100.00"],
        ["chrF++", "100.00"],
        ["TER", "0.00"],
    ]
    assert not Path("checkpoint").exists()


def test_json_of_files_and_several_references(score):
    write("out", ["a b c d"])
    write("one", ["x y z w"])
    write("two", ["a b c d"])
    code, out, _ = score(
        "--hypothesis", "out", "--reference", "one", "--reference", "two", "--json", "--bootstrap-samples", 0
    )
    report = json.loads(out)
    assert code == 0
    assert report["reference"] == ["one", "two"]
    assert report["scores"]["bleu"]["score"] == pytest.approx(100)
    assert "nrefs:2" in report["scores"]["bleu"]["signature"]
    assert "low" not in report["scores"]["bleu"]


def test_same_command_same_output(score):
    write("out", ["a b c d", "e f g h", "a b x d"])
    write("reference", ["a b c d", "e f g x", "a b c d"])
    command = ("--hypothesis", "out", "--reference", "reference", "--bootstrap-samples", 50)
    assert score(*command) == score(*command)


def test_stdin(score, monkeypatch):
    write("reference", TARGETS)
    text = "".join(line + "\n" for line in TARGETS).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    code, out, _ = score("--hypothesis", "-", "--reference", "reference", "--json", "--bootstrap-samples", 0)
    assert code == 0
    assert json.loads(out)["scores"]["bleu"]["score"] == pytest.approx(100)


def test_only_newline_ends_a_line(score):
    lines = ["a b\u2028c d\x0b\x0c\x85 e", "f g h i"]
    write("out", lines)
    write("reference", lines)
    code, out, _ = score(
        "--hypothesis", "out", "--reference", "reference", "--json", "--bootstrap-samples", 0
    )
    assert (code, json.loads(out)["lines"]) == (0, 2)


def test_gzipped_files(score):
    Path("out.gz").write_bytes(gzip.compress(b"a b c d\n"))
    write("reference", ["a b c d"])
    code, out, _ = score(
        "--hypothesis", "out.gz", "--reference", "reference", "--json", "--bootstrap-samples", 0
    )
    assert (code, json.loads(out)["scores"]["ter"]["score"]) == (0, 0)


def test_settings_file(score):
    write("out", ["a b c d"])
    write("reference", ["a b c d"])
    Path("mtkit.toml").write_text(
        '[score]\nhypothesis = "out"\nreference = "reference"\njson = true\nbootstrap_samples = 3\n'
    )
    code, out, _ = score()
    assert code == 0
    assert "bs:3|" in json.loads(out)["scores"]["ter"]["signature"]


def test_checkpoint(score, checkpoint, mtkit):
    """What is scored is what `mtkit translate` gives."""
    search = ("--beam", 2, "--length-penalty", 0.5, "--threads", 1)
    code, out, err = score(*search, "--bootstrap-samples", 10, "--json")
    assert code == 0
    _, translated, _ = mtkit("translate", *search, "checkpoint/data/test/source.txt")
    expected = as_lines(translated)
    report = json.loads(out)
    assert (report["split"], report["beam"], report["length_penalty"]) == ("test", 2, 0.5)
    assert report["step"] == checkpoint.require_stage("train")["best_step"]
    assert report["scores"]["chrf"]["score"] == chrf(expected, lines_of("checkpoint/data/test/target.txt"))
    stored = Path("checkpoint/scores/test-best-beam2-penalty0.5.json")
    assert json.loads(stored.read_text(encoding="utf-8")) == report
    assert lines_of(stored.with_suffix(".txt")) == expected
    assert "test-best-beam2-penalty0.5.json" in err


@pytest.mark.parametrize(
    ("prepared", "arguments", "used"),
    [
        (("test", "valid"), (), "test"),
        (("valid",), (), "valid"),
        (("test", "valid"), ("--split", "valid"), "valid"),
    ],
)
def test_which_text(score, checkpoint, prepared, arguments, used):
    if "test" not in prepared:
        shutil.rmtree(checkpoint.data / "test")
    code, out, _ = score("--json", "--beam", 1, "--bootstrap-samples", 0, *arguments)
    assert (code, json.loads(out)["split"]) == (0, used)


def test_missing_text(score, checkpoint):
    shutil.rmtree(checkpoint.data / "test")
    code, out, err = score("--split", "test")
    assert (code, out) == (1, "")
    assert "holds no test text" in err
    assert "--reference" in err


def test_damaged_text(score, checkpoint):
    file = checkpoint.data / "test" / "target.txt"
    write(file, ["the cat sleeps where", *lines_of(file)[1:]])
    code, _, err = score()
    assert code == 1
    assert "target.txt is damaged" in err


def test_stages_in_order(score):
    code, _, err = score()
    assert (code, "run 'mtkit prepare' first" in err) == (1, True)
    Path("checkpoint").mkdir()
    Checkpoint(Path("checkpoint")).record_stage("prepare", {}, [])
    code, _, err = score()
    assert (code, "run 'mtkit train' first" in err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--hypothesis", "out"), "--reference"),
        (("--reference", "reference"), "--hypothesis"),
        (("--hypothesis", "-", "--reference", "-"), "stdin can be read once"),
        (("--hypothesis", "out", "--reference", "reference", "--split", "test"), "--split"),
        (("--tokenize", "words"), "13a"),
        (("--beam", "0"), "beam"),
        (("extra",), "extra"),
    ],
)
def test_wrong_usage(score, arguments, message):
    write("out", TARGETS)
    write("reference", TARGETS)
    code, out, err = score(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_unequal_files(score):
    write("out", TARGETS)
    write("reference", TARGETS[:2])
    code, out, err = score("--hypothesis", "out", "--reference", "reference")
    assert (code, out) == (1, "")
    assert "out has 3 lines but reference has 2" in err


def test_missing_file_and_directory(score):
    write("out", TARGETS)
    code, _, err = score("--hypothesis", "out", "--reference", "nowhere")
    assert (code, "nowhere does not exist" in err) == (1, True)
    code, _, err = score("--hypothesis", ".", "--reference", "out")
    assert (code, "is a folder" in err) == (1, True)


def test_empty_files(score):
    write("out", [])
    code, _, err = score("--hypothesis", "out", "--reference", "out")
    assert (code, "no lines to score" in err) == (1, True)


def test_invalid_utf8_is_named(score):
    Path("out").write_bytes(b"good\nb\xff\xfed\n")
    write("reference", ["good", "bad"])
    code, _, err = score("--hypothesis", "out", "--reference", "reference")
    assert code == 1
    assert "out:2" in err


def test_note_about_tokenized_text(score):
    write("out", ["a b c ."] * 100)
    code, _, err = score("--hypothesis", "out", "--reference", "out", "--bootstrap-samples", 0)
    assert code == 0
    assert "100 hypotheses end in ' .'" in err
    code, _, err = score(
        "--hypothesis", "out", "--reference", "out", "--bootstrap-samples", 0, "--tokenize", "none"
    )
    assert (code, err) == (0, "")


def test_note_about_text_without_spaces(score):
    write("out", ["一只黑狗在雪地里跑。"] * 3)
    code, _, err = score("--hypothesis", "out", "--reference", "out", "--bootstrap-samples", 0)
    assert (code, "--tokenize 13a takes a clause for a word; take zh" in err) == (0, True)
    code, _, err = score(
        "--hypothesis", "out", "--reference", "out", "--bootstrap-samples", 0, "--tokenize", "zh"
    )
    assert (code, err) == (0, "")


def test_files_need_no_tensorflow(tmp_path):
    write(tmp_path / "out", TARGETS)
    program = f"""
import sys
from mtkit.cli.main import main
try:
    main(["score", "--hypothesis", {str(tmp_path / "out")!r}, "--reference", {str(tmp_path / "out")!r}])
finally:
    print(sorted(sys.modules.keys() & {{"tensorflow", "keras", "jax", "torch"}}), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert done.stdout.startswith("metric")


def test_paired_with_other_files(score):
    write("one", ["the cat sat on the mat", "a b c d", "x y z w"] * 4)
    write("two", ["the cat sat on a mat", "a b x d", "x y z w"] * 4)
    write("reference", ["the cat sat on the mat", "a b c d", "x y z v"] * 4)
    files = ("--hypothesis", "one", "--reference", "reference", "--paired", "two")
    code, out, err = score(*files, "--bootstrap-samples", 100)
    assert (code, err) == (0, "")
    table, signatures = out.split("\n\n")
    rows = [line.split() for line in table.splitlines()]
    assert rows[0] == ["metric", "system", "score", "difference", "p", "95%", "interval"]
    assert [row[:2] for row in rows[1:5]] == [
        ["BLEU", "one"],
        ["BLEU", "two"],
        ["chrF", "one"],
        ["chrF", "two"],
    ]
    assert float(rows[2][3]) == pytest.approx(float(rows[2][2]) - float(rows[1][2]), abs=0.011)
    assert "bs:100|seed:12345" in signatures
    code, out, _ = score(
        *files, "--json", "--test", "randomisation", "--randomisation-trials", 99, "--bootstrap-samples", 0
    )
    (other,) = json.loads(out)["paired"]
    assert (code, other["name"]) == (0, "two")
    assert 0.01 <= other["scores"]["bleu"]["p"] <= 1
    assert other["scores"]["ter"]["difference"] > 0
    assert "ar:99" in other["scores"]["chrf"]["signature"]


def test_lines_apart(score):
    write("out", ["a b c d", "1 2 3 4", "e f g h"])
    write("reference", ["a b c d", "1 2 3 4", "e f x h"])
    write("source", ["ein", "mit 1", "ohne"])
    write("documents", ["first", "second", "second"])
    options = (
        "--by",
        "number",
        "--by",
        "document",
        "--documents",
        "documents",
        "--by",
        "length",
        "--bootstrap-samples",
        0,
    )
    code, out, err = score("--hypothesis", "out", "--reference", "reference", "--source", "source", *options)
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.split("\n\n")[1].splitlines()]
    assert [row[:3] for row in rows[1:]] == [
        ["number", "with", "1"],
        ["number", "without", "2"],
        ["document", "first", "1"],
        ["document", "second", "2"],
        ["length", "0-5", "3"],
    ]
    assert rows[1][-1] == "0.00"  # no edit in the line with a number
    assert rows[2][-1] == "12.50"  # one in eight words


def test_scores_of_each_line(score):
    write("out", ["a b c d", "", "a b x d"])
    write("reference", ["a b c d", "x", "a b c d"])
    code, _, _ = score("--hypothesis", "out", "--reference", "reference", "--sentence-scores", "each.tsv")
    rows = [line.split("\t") for line in Path("each.tsv").read_text().splitlines()]
    assert code == 0
    assert rows[0] == ["line", "bleu", "chrf", "chrf++", "ter"]
    assert rows[1] == ["1", "100.0000", "100.0000", "100.0000", "0.0000"]
    assert (rows[2][0], rows[2][1], rows[3][4]) == ("2", "0.0000", "25.0000")


def test_a_text_from_files_and_the_history(score, checkpoint, mtkit):
    write("new.fr", ["a cat sees a dog", "the house is old", ""])
    write("new.en", as_lines(mtkit("translate", "--beam", 2, "new.fr")[1]))
    quick = ("--beam", 2, "--bootstrap-samples", 0)
    assert score(*quick)[0] == 0
    code, out, err = score("--source", "new.fr", "--reference", "new.en", "--json", *quick)
    report = json.loads(out)
    assert (code, report["source"], report["reference"]) == (0, "new.fr", ["new.en"])
    assert report["scores"]["ter"]["score"] == 0
    assert "translating 3 lines of new.fr" in err
    (kept,) = Path("checkpoint/scores").glob("new.fr-*.txt")
    # Another text of the same name is another text.
    Path("other").mkdir()
    write("other/new.fr", ["the house"])
    assert score("--source", "other/new.fr", "--reference", write("one", ["x"]), *quick)[0] == 0
    assert len(list(Path("checkpoint/scores").glob("new.fr-*.txt"))) == 2
    code, out, err = score("--history")
    assert (code, err) == (0, "")
    head, first, second, _ = (line.split() for line in out.splitlines())
    assert head == ["time", "what", "step", "lines", "BLEU", "chrF", "chrF++", "TER"]
    assert (first[2], second[2]) == ("test-best-beam2", kept.stem)
    assert second[-1] == "0.00"
    # What a settings file names is for scorings.
    with open("mtkit.toml", "a", encoding="utf-8") as file:
        file.write('[score]\nby = ["length"]\nreference = ["new.en"]\n')
    code, out, _ = score("--history", "--json")
    assert [row["name"] for row in json.loads(out)][:2] == ["test-best-beam2", kept.stem]


@pytest.mark.parametrize(
    "damage",
    [
        '{"time": "now"',
        "[]",
        "7",
        '{"time": 5, "name": "x", "scores": {}}',
        '{"time": "now", "name": 4, "scores": {}}',
        '{"time": "now", "name": "x", "scores": []}',
        '{"time": "now", "name": "x", "scores": {"bleu": {"score": "high"}}}',
        '{"time": "now", "name": "x", "scores": {"bleu": 3}}',
        '{"time": "now", "name": "x", "scores": {}, "perplexity": null}',
    ],
)
def test_a_damaged_line_of_the_history_is_left_out(score, checkpoint, damage):
    code, _, err = score("--history")
    assert (code, "nothing was scored in checkpoint yet" in err) == (1, True)
    Path("checkpoint/scores").mkdir()
    Path("checkpoint/scores/history.jsonl").write_text(damage)  # and torn: without its end
    assert score("--beam", 1, "--bootstrap-samples", 0)[0] == 0
    code, out, err = score("--history")
    assert (code, "history.jsonl:1 is damaged, and left out" in err) == (0, True)
    assert "test-best-beam1" in out
    assert len(out.splitlines()) == 2
    code, _, err = score("--history", "-C", "elsewhere")
    assert (code, "elsewhere is no checkpoint directory" in err) == (1, True)


def test_a_test_set_that_sacrebleu_knows(score, monkeypatch, tmp_path):
    from sacrebleu.dataset import DATASETS

    folder = tmp_path / "sets"
    folder.mkdir()
    monkeypatch.setattr(DATASETS["wmt14"], "_outdir", str(folder))
    text = {"src": ["one cat", "a dog"], "ref": ["eine Katze hier", "ein Hund dort"]}
    for field in DATASETS["wmt14"].fieldnames("en-de"):
        write(folder / f"wmt14.en-de.{field}", text.get(field, ["x", "y"]))
    write("out", ["eine Katze hier", "ein Hund da"])
    options = ("--hypothesis", "out", "--test-set", "wmt14")
    code, out, err = score(
        *options, "--language-pair", "en-de", "--json", "--by", "number", "--bootstrap-samples", 0
    )
    report = json.loads(out)
    assert (code, err, report["test_set"]) == (0, "", "wmt14")
    assert report["scores"]["ter"]["score"] == pytest.approx(100 / 6)
    assert [(one["bucket"], one["lines"]) for one in report["by"]] == [("without", 2)]
    code, _, err = score(*options)
    assert (code, "--language-pair" in err) == (2, True)
    code, _, err = score(*options, "--language-pair", "en-xx")
    assert (code, "it has cs-en, de-en" in err) == (2, True)
    code, _, err = score("--hypothesis", "out", "--test-set", "wmt144", "--language-pair", "en-de")
    assert (code, "did you mean 'wmt14'?" in err) == (2, True)
    monkeypatch.setattr(
        "sacrebleu.dataset.base.download_file", lambda *a, **k: (_ for _ in ()).throw(OSError("no network"))
    )
    monkeypatch.setattr(DATASETS["wmt14"], "_outdir", str(tmp_path / "empty"))
    code, _, err = score(*options, "--language-pair", "en-de")
    assert (code, "is not on this disk" in err, "no network" in err) == (1, True, True)
    write("out", ["one"])
    monkeypatch.setattr(DATASETS["wmt14"], "_outdir", str(folder))
    code, _, err = score(*options, "--language-pair", "en-de")
    assert (code, "out has 1 lines but wmt14 has 2" in err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--reference", "a"), "or --source FILE to translate"),
        (("--source", "a"), "give --reference FILE too"),
        (("--test-set", "wmt14", "--split", "test"), "leave --reference, --source and --split out"),
        (("--language-pair", "en-de"), "give that too"),
        (("--hypothesis", "a", "--reference", "b", "--perplexity"), "leave --hypothesis out"),
        (("--documents", "a"), "is for --by document"),
        (
            ("--history", "--by", "length", "--reference", "a"),
            "--history scores nothing: leave --reference, --by out",
        ),
        (("--hypothesis", "", "--reference", "b"), "is the name of a file, and it is empty"),
        (("--hypothesis", "a", "--reference", "b", "--paired", ""), "is the name of a file, and it is empty"),
        (
            ("--hypothesis", "-", "--reference", "b", "--by", "document", "--documents", "-"),
            "only one file can be -",
        ),
        (
            ("--hypothesis", "a", "--reference", "b", "--paired", "c", "--bootstrap-samples", 0),
            "--test randomisation",
        ),
        (("--hypothesis", "-", "--reference", "b", "--paired", "-"), "only one file can be -"),
    ],
)
def test_what_does_not_go_together(score, arguments, words):
    code, out, err = score(*arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(err.split())


def test_files_to_compare_with_are_looked_at_before_the_work(score, checkpoint):
    write("short", ["a"])
    code, _, err = score("--paired", "short")
    wrong = "short has 1 lines but the test text has 20"
    assert (code, wrong in err, "translating" in err) == (1, True, False)
    code, _, err = score("--sentence-scores", "no/each.tsv")
    assert (code, "make that folder first" in err, "translating" in err) == (1, True, False)
    code, _, err = score("--engine", "keras", "--precision", "int8")
    assert (code, "float32" in err, checkpoint.scores.exists()) == (2, True, False)
    checkpoint.scores.write_text("in the way")
    code, _, err = score()
    assert (code, "checkpoint/scores" in err, "translating" in err) == (1, True, False)
    checkpoint.scores.unlink()
    code, _, err = score("--by", "document")
    assert (code, "--documents FILE" in err, "translating" in err) == (2, True, False)


def test_a_wrong_choice_in_the_settings_file(score):
    Path("mtkit.toml").write_text('[score]\nby = ["lenght"]\n')
    code, _, err = score("--hypothesis", "a", "--reference", "b")
    assert (code, "did you mean 'length'?" in err) == (2, True)
