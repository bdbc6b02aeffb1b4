"""What `mtkit translate` is asked for, with a trained model: forms, files beside the input, what does not go
together.
"""

import fcntl
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtkit.text.lines import read_text
from mtkit.translating.plan import Plan
from mtkit.translating.tokens import Tokens
from tests.support.processes import mtkit as mtkit_process
from tests.support.processes import other_weights

LINES = [
    "A dog sees the cat.",
    "",
    "The small house is red.",
    "A woman reads.",
    "   ",
    "My brother buys a house.",
]


@pytest.fixture
def translate(trained, mtkit):
    """Runs `mtkit translate FILE ...` on LINES with the exported model of `trained`; the output by lines."""
    shutil.copytree(trained / "checkpoint", "checkpoint")
    Path("input").write_text("".join(line + "\n" for line in LINES), encoding="utf-8")

    def run(*options, code=0):
        left, out, err = mtkit("translate", "input", "--max-length-factor", 0.5, *options)
        assert left == code, err
        assert code or all(
            line.startswith(("note: cut off", "note: in a loop")) for line in err.splitlines()
        ), err
        return out.removesuffix("\n").split("\n") if code == 0 else err

    return run


def rows(lines):
    return [json.loads(line) for line in lines]


def test_n_best_in_both_forms(translate):
    plain = rows(translate("--format", "jsonl"))
    several = rows(translate("--format", "jsonl", "--n-best", 3))
    assert [row["source"] for row in several] == LINES
    for row, best in zip(several, plain, strict=True):
        assert [one["hypothesis"] for one in row["hypotheses"][:1]] == [best["hypothesis"]][
            : len(row["hypotheses"])
        ]
    table = [line.split("\t") for line in translate("--format", "tsv", "--n-best", 3)]
    assert [int(number) for number, _, _ in table if number] == sorted(int(number) for number, _, _ in table)
    assert {int(number) for number, _, _ in table} == set(range(1, len(LINES) + 1))
    assert [text for number, _, text in table if number == "3"] == [
        one["hypothesis"] for one in several[2]["hypotheses"]
    ]


def test_forced_decoding(translate):
    references = ["Un chien.", "", "La petite maison est rouge.", "", "", "Mon"]
    Path("reference").write_text("".join(line + "\n" for line in references), encoding="utf-8")
    forced = rows(translate("--force-reference", "reference", "--format", "jsonl"))
    assert [row["reference"] for row in forced] == references
    for line, row in zip(LINES, forced, strict=True):
        assert len(row["token_log_probabilities"]) == (len(row["tokens"]) + 1 if line.strip() else 0)
        assert row["log_probability"] == pytest.approx(sum(row["token_log_probabilities"]), abs=1e-4)
    totals = [float(line) for line in translate("--force-reference", "reference")]
    assert totals == pytest.approx([row["log_probability"] for row in forced], abs=1e-3)
    table = [line.split("\t") for line in translate("--force-reference", "reference", "--format", "tsv")]
    assert [int(cells[3]) for cells in table] == [len(row["token_log_probabilities"]) for row in forced]
    assert [float(cells[2]) for cells in table] == pytest.approx(
        [row["perplexity"] for row in forced], rel=1e-3
    )


def test_alignments(translate):
    texts = translate("--alignments", "pairs")
    pairs = [[tuple(map(int, pair.split("-"))) for pair in line.split()] for line in read_text(Path("pairs"))]
    assert len(pairs) == len(LINES)
    for line, text, found in zip(LINES, texts, pairs, strict=True):
        assert [target for _, target in found] == list(range(len(text.split())))
        assert all(0 <= source < len(line.split()) for source, _ in found)


def test_attention_as_a_page_and_as_pictures(translate):
    texts = translate("--attention", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.count("<section>") == sum(bool(text) for text in texts)
    assert page.count("<!DOCTYPE html>") == 1
    assert "http" not in page
    weights = [float(weight) for weight in re.findall(r"--w:([0-9.]+)", page.split("<section>")[1])]
    assert sum(weights) == pytest.approx(page.split("<section>")[1].count("<tr><th>") - 1, abs=0.05), (
        "each row adds up to 1"
    )
    translate("--attention", "page.html", "--chunk-lines", 2)
    assert Path("page.html").read_text(encoding="utf-8") == page
    translate("--attention", "picture.svg")
    assert "<svg" in Path("picture.svg").read_text(encoding="utf-8")
    whole = Path("picture.svg").read_text(encoding="utf-8")
    translate("--attention", "picture.svg", "--chunk-lines", 1)
    assert Path("picture.svg").read_text(encoding="utf-8") == whole, "whatever is read at a time"
    assert "draws a picture at the end" in translate(
        "--attention", "picture.svg", "--journal", "journal", code=2
    )
    translate("--attention", "picture.png")
    assert Path("picture.png").read_bytes().startswith(b"\x89PNG")
    assert "ends in .html, .svg or .png. Received: picture.gif" in translate(
        "--attention", "picture.gif", code=2
    )
    assert "two of them name the same file" in translate(
        "--attention", "one.html", "--alignments", "one.html", code=2
    )


def test_banned_words_and_prefixes(translate):
    words = " ".join(translate()).split()
    Path("banned").write_text(f"{words[0]}\n\n{words[-1]} \n", encoding="utf-8")
    left = set(" ".join(translate("--ban", "banned")).split())
    assert left and not left & {words[0], words[-1]}
    Path("begin").write_text("Le\n\nLa petite\n\n\nMon\n", encoding="utf-8")
    found = translate("--prefixes", "begin")
    assert [
        text.startswith(begin)
        for text, begin in zip(found, ["Le", "", "La petite", "", "", "Mon"], strict=True)
    ] == [True] * 6


@pytest.mark.parametrize("option", ["--prefixes", "--force-reference"])
def test_a_file_with_other_line_counts_is_named(translate, option):
    Path("few").write_text("a\n\n", encoding="utf-8")
    assert "few has 2 lines, the input has more" in translate(option, "few", code=1)
    Path("many").write_text("a\n\nb\nc\n\nd\ne\n", encoding="utf-8")
    assert "the input has 6 lines, many has more" in translate(option, "many", "--output", "out", code=1)
    assert not Path("out").exists()
    assert "none does not exist" in translate(option, "none", code=1)
    assert "stdin can be read once" in translate(option, "-", "-", code=1)


def test_a_reference_for_a_blank_line(translate):
    Path("reference").write_text("a\nb\nc\nd\n\nf\n", encoding="utf-8")
    assert "reference:2: a reference for a blank line" in translate("--force-reference", "reference", code=1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--n-best", 2), "use --format tsv or jsonl"),
        (("--n-best", 7, "--format", "tsv"), "--n-best 7 needs --beam 7 or more"),
        (("--explain", "--format", "tsv"), "--explain is about the best translation"),
        (("--output", "one", "--journal", "./one"), "two of them name the same file"),
        (("--force-reference", "input", "--sample"), "--force-reference searches nothing"),
        (("--temperature", 0), "0.01"),
        (("--length-penalty-form", "none"), "power"),
    ],
)
def test_what_does_not_go_together(translate, options, words):
    assert words in translate(*options, code=2)


def test_samples_differ_and_come_again(translate):
    first, again, other = (translate("--sample", "--seed", seed, "--temperature", 2) for seed in (1, 1, 2))
    assert first == again != other
    assert [bool(text) for text in first] == [bool(line.strip()) for line in LINES]


def test_a_journal_goes_on_after_a_kill(translate):
    """Cut off anywhere, as by SIGKILL in the middle of writing: what is done is not done again, and the
    output is the same.
    """
    options = ("--format", "jsonl", "--alignments", "pairs", "--chunk-lines", 2)
    plain = translate(*options)
    options += ("--journal", "journal")
    assert translate(*options) == plain
    pairs, whole = Path("pairs").read_bytes(), Path("journal").read_bytes()
    for cut in (len(whole), len(whole) - 1, len(whole) - 40, whole.index(b"\n") + 1, 30, 0):
        Path("journal").write_bytes(whole[:cut])
        Path("pairs").unlink()
        assert translate(*options) == plain
        assert (Path("pairs").read_bytes(), Path("journal").read_bytes()) == (pairs, whole)


def test_a_killed_translation_goes_on(trained, tmp_path):
    """A process killed by SIGKILL while it translates; the same command afterwards gives what an undisturbed
    run gives.
    """
    lines = LINES * 60
    (tmp_path / "input").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    short = ("--max-length-factor", 0.5, "--chunk-lines", 12)
    options = ("translate", "-C", trained / "checkpoint", "input", "--output", "out", *short)
    assert mtkit_process(*options, cwd=tmp_path)[0] == 0
    plain = (tmp_path / "out").read_bytes()
    (tmp_path / "out").unlink()
    command = [sys.executable, "-m", "mtkit", *map(str, options), "--journal", "journal"]
    journal = tmp_path / "journal"
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while not (journal.exists() and journal.read_bytes().count(b"\n") >= 4) and time.monotonic() < until:
            time.sleep(0.005)
        process.kill()
    done = journal.read_bytes()
    assert process.returncode == -signal.SIGKILL and not (tmp_path / "out").exists()
    assert 4 <= done.count(b"\n") < 1 + len(lines) / 12
    assert mtkit_process(*options, "--journal", "journal", cwd=tmp_path)[0] == 0
    assert (tmp_path / "out").read_bytes() == plain
    assert journal.read_bytes().startswith(done[: done.rindex(b"\n") + 1])


def test_what_is_done_is_not_done_again(translate, monkeypatch):
    options = ("--journal", "journal", "--chunk-lines", 2)
    plain = translate(*options)
    monkeypatch.setattr(Plan, "translate", lambda *given: pytest.fail("translated again"))
    assert translate(*options) == plain


def test_a_journal_of_something_else_is_refused(translate):
    translate("--journal", "journal")
    assert "journal is the journal of a translation with other beam;" in translate(
        "--journal", "journal", "--beam", 2, code=1
    )
    Path("input").write_text("Something else.\n", encoding="utf-8")
    assert "lines 1 to 6 of the input are not those of journal" in translate("--journal", "journal", code=1)
    with open("journal", "ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another command is writing to the journal" in translate("--journal", "journal", code=1)
    for content in (b"my own words", b"my own\nwords\n", b"{}\n", b"\xff\xfe\n", b"[1]\n"):
        Path("mine").write_bytes(content)
        assert "mine is no journal of mtkit translate" in translate("--journal", "mine", code=1)
        assert Path("mine").read_bytes() == content


def test_a_glossary(translate, mtkit):
    (word, *_), *_ = (text.split() for text in translate() if text)
    Path("terms").write_text(f"dog\t{word}\nwoman\tfemme|dame\n", encoding="utf-8")
    code, out, err = mtkit("translate", "input", "--max-length-factor", 0.5, "--glossary", "terms")
    assert (code, out.count("\n")) == (0, len(LINES)), err
    assert word in out.split("\n")[0].split()
    table = [line.split() for line in err.splitlines() if not line.startswith("note:")]
    assert [row[:2] for row in table] == [["term", "translation"], ["dog", word], ["woman", "femme|dame"]]
    assert table[1][2:5] == ["1", "1", "0"]
    assert "leave --sample, --min-length out" in translate(
        "--sample", "--min-length", 3, "--glossary", "terms", code=2
    )
    Path("terms").write_text("no tab\n", encoding="utf-8")
    assert "terms:1: a line has the source term" in translate("--glossary", "terms", code=1)


def test_an_ensemble(translate, trained, mtkit):
    """Twice the same model is that model; an untrained one changes what is said; another vocabulary is
    refused.
    """
    plain = rows(translate("--format", "jsonl"))
    twice = rows(translate("--format", "jsonl", "--ensemble", trained / "checkpoint"))
    assert [row["hypothesis"] for row in twice] == [row["hypothesis"] for row in plain]
    assert [row["score"] for row in twice] == pytest.approx([row["score"] for row in plain], abs=1e-4)
    other = other_weights(trained / "checkpoint")
    steps = ("--weights", other, "--engine", "onnx")
    assert f"no export of its {other} weights" in translate(
        "--ensemble", trained / "checkpoint", *steps, code=1
    )
    assert "nowhere does not exist" in translate("--ensemble", "nowhere", code=1)
    given = ("--source-language", "en", "--target-language", "fr", "--vocabulary-size", 700)
    assert mtkit("prepare", "-C", "other", "--train", trained / "train", "--valid", 20, *given)[0] == 0
    manifest = json.loads(Path("other/mtkit.json").read_text())
    manifest["stages"]["train"] = {"report": {}, "files": {}}
    Path("other/mtkit.json").write_text(json.dumps(manifest))
    assert "the vocabulary of other is not that of checkpoint" in translate("--ensemble", "other", code=1)


def test_what_was_cut_off_is_said(translate, mtkit):
    err = mtkit("translate", "input", "--max-length", 1)[2]
    assert err == "note: cut off at the longest length: 4 translations (line 1, 3, 4, 6)\n"


@pytest.mark.parametrize("options", [(), ("--whole-lines",), ("--format", "jsonl", "--chunk-lines", 7)])
def test_any_text_gives_a_line_for_a_line(translate, mtkit, options):
    """Blank lines, control characters, separators that are no line ends, emoji, NUL, CRLF, long lines."""
    chance = random.Random(3)
    odd = [*"\u2028\u2029\x85\x0b\x0c\r\x00\U0001f600\ud7ff\ufeff\u0301\u2581\ue000", "\x1b[31m"]
    lines = []
    for _ in range(60):
        words = chance.choices(["the", "Dog", "sees.", *odd], k=chance.randrange(1, 9))
        lines.append(
            ""
            if chance.random() < 0.24
            else chance.choice(["", " ", "\t"]) + " ".join(words) + chance.choice(["", "\r"])
        )
    # What stays whole takes time and memory by its length.
    lines[30] = "word " * (500 if "--whole-lines" in options else 10_000)
    Path("odd").write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
    code, out, err = mtkit("translate", "odd", "--max-length-factor", 0.1, *options)
    assert code == 0, err
    assert out.count("\n") == len(lines)
    if not options:
        assert all(text == "" for text, line in zip(out.split("\n"), lines, strict=False) if not line.strip())


def test_an_explanation(translate):
    text = "\n".join(translate("--explain"))
    parts = [part.splitlines() for part in text.split("\n\n") if part.strip()]
    plain = rows(translate("--format", "jsonl"))
    plain = [row for row in plain if row["source"].strip()]
    assert len(parts) == len(plain)
    for part, row in zip(parts, plain, strict=True):
        part = [line for line in part if line]
        assert part[0] == f"source       {row['source']}"
        assert part[1].startswith("translation  ")
        tokens = [line for line in part[5:] if "|" in line]
        assert len(tokens) - len(row["tokens"]) in (0, 1)  # the end, where it has one
        probabilities = [float(line.split("|")[0].split()[-1]) for line in tokens]
        assert all(0.0 <= value <= 1.0 for value in probabilities)
    assert "--explain" in translate("--explain", "--n-best", 2, "--format", "tsv", code=2)


def test_what_hints_at_a_bad_translation(translate):
    table = [line.split("\t") for line in translate("--format", "tsv", "--signals")]
    assert [len(row) for row in table] == [9 if line.strip() else 2 for line in LINES]
    for row, line in zip(
        rows(translate("--format", "jsonl", "--signals", "--n-best", 2)), LINES, strict=True
    ):
        assert all(one["signals"]["entropy"] > 0 for one in row["hypotheses"]) and bool(
            row["hypotheses"]
        ) == bool(line.strip())
    assert "--signals gives figures beside a translation: use --format tsv or jsonl" in translate(
        "--signals", code=2
    )


def test_text_that_stays(translate, mtkit):
    Path("input").write_text("A <b>dog</b> sees %s.\n\nSee AB-12\n%s\n", encoding="utf-8")
    lines = translate("--protect", "placeholder", "--protect", "tag", "--protect", r"[A-Z]{2}-\d+")
    assert [lines[0].count(text) for text in ("<b>", "</b>", "%s")] == [1, 1, 1]
    assert (lines[1], lines[2].count("AB-12"), lines[3]) == ("", 1, "%s")
    assert "'[' is none" in translate("--protect", "[", code=2)


def test_a_shortlist(translate):
    plain, listed = translate(), translate("--shortlist", 100)
    assert len(plain) == len(listed) == len(LINES)
    assert [bool(line) for line in listed] == [bool(line.strip()) for line in LINES]
    Path("checkpoint/export/lexicon.safetensors").unlink()
    assert "there is no checkpoint/export/lexicon.safetensors; run 'mtkit export'" in translate(
        "--shortlist", 5, code=1
    )


def test_unknown_words(translate):
    assert "spells what it lacks in bytes" in translate("--replace-unknown", "copy", code=2)
    assert "nothing does not exist" in translate("--replace-unknown", "nothing", code=1)


def test_a_catalogue_is_filled(trained, mtkit, monkeypatch):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    content = '#, c-format\nmsgid "A dog sees %d cats."\nmsgstr ""\n\nmsgid "done"\nmsgstr "fait"\n'
    Path("app.po").write_text(content, encoding="utf-8")
    # A model that was hardly trained comes to no end: what it says is no translation.
    code, out, err = mtkit("translate", "app.po", "-o", "app.fr.po", "--beam", 1, "--max-length-factor", 0.5)
    assert (code, out) == (0, ""), err
    assert err.splitlines() == [
        "0 units translated, 1 kept as they were, 1 left open",
        "app.po:2: left open: its translation is cut off at the longest length",
    ]
    assert Path("app.fr.po").read_text(encoding="utf-8") == content
    monkeypatch.setattr("mtkit.translating.documents.faults", lambda translation: [])
    code, filled, err = mtkit("translate", "app.po", "--beam", 1, "--max-length-factor", 0.5)
    assert (code, err) == (0, "1 units translated, 1 kept as they were, 0 left open\n")
    assert filled.startswith('#, fuzzy, c-format\nmsgid "A dog sees %d cats."\nmsgstr "')
    assert filled.count("%d") == 2
    assert filled.endswith(content[content.index("\n\nmsgid") :])
    Path("app.fr.po").write_text(filled, encoding="utf-8")
    code, out, _ = mtkit("translate", "app.fr.po")  # nothing is open now: the file as it is
    assert (code, out) == (0, filled)
    code, _, err = mtkit("translate", "app.po.gz")
    assert (code, "does not exist" in err) == (1, True)
    refused = mtkit("translate", "app.po", "--n-best", 2, "--format", "tsv")
    assert refused == (
        2,
        "",
        "mtkit: a file that is filled is not translated line by line: leave --format tsv, --n-best out\n",
    )
    Path("memory.tsv").write_text("A dog  sees %d cats.\tUn chien voit %d chats.\n", encoding="utf-8")
    code, out, err = mtkit("translate", "app.po", "--memory", "memory.tsv")
    assert (code, err) == (0, "0 units translated, 1 from the memory, 1 kept as they were, 0 left open\n")
    assert 'msgstr "Un chien voit %d chats."' in out
    Path("lines").write_text("a\n")
    code, _, err = mtkit("translate", "lines", "--memory", "memory.tsv")
    assert (code, "is for a file that is filled" in err) == (2, True)
    code, _, err = mtkit("translate", "app.po", "app.po")
    assert (code, "name a file that is filled by itself" in err) == (2, True)
    code, _, err = mtkit("translate", "app.po", "-o", "no/app.po")
    assert (code, "make that folder first" in err) == (1, True)


def test_paragraphs_over_lines(trained, mtkit, monkeypatch):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    content = "A dog sees\n  the cat. It\n  is red.\n\n- A woman\n12\n"
    Path("text").write_text(content, encoding="utf-8")
    asked = []
    monkeypatch.setattr("mtkit.translating.documents.faults", lambda translation: [])
    tokens = Tokens.translate

    def translate(self, texts, translate):
        asked.extend(text.text for text in texts)
        return tokens(self, texts, translate)

    monkeypatch.setattr(Tokens, "translate", translate)
    code, out, err = mtkit("translate", "text", "--wrapped", "--beam", 1, "--max-length-factor", 0.5)
    assert (code, err) == (0, "2 units translated, 0 kept as they were, 0 left open\n")
    assert asked == ["A dog sees the cat.", "It is red.", "A woman 12"]
    first, _, last = out.partition("\n\n")
    assert all(len(line) <= 13 or " " not in line.strip() for line in first.split("\n"))
    assert last.startswith("- ") and last.endswith("\n")
    Path("page.md").write_text("A **dog**.\n\n    code\n", encoding="utf-8")
    code, out, err = mtkit("translate", "page.md", "--beam", 1, "--max-length-factor", 0.5)
    assert (code, out.count("**"), out.endswith("\n\n    code\n")) == (0, 2, True), err
    code, out, err = mtkit("translate", "page.md", "--wrapped")
    assert (code, out) == (2, "")
    assert err == "mtkit: --wrapped is about plain text: leave it out, and the file is filled\n"
    for name, *more in (
        ("text", "--wrapped"),
        ("page.md",),
        ("a.srt",),
        ("a.vtt",),
        ("a.json",),
        ("a.csv",),
        ("a.tsv",),
    ):
        Path(name).touch()
        code, out, err = mtkit("translate", name, *more, "--fuzzy")
        assert (code, out) == (2, "")
        assert err.startswith("mtkit: --fuzzy is for files that say which translations are doubtful: ")
    for files in ((), ("-",)):
        code, _, err = mtkit("translate", *files, "--wrapped")
        assert (code, "--wrapped is about a file: name it" in err) == (2, True)
