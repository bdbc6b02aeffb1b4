"""`mtkit prepare` as a user meets it: exit codes, what goes to stdout (nothing) and what to stderr."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mtkit
from mtkit.cli.main import main

LANGUAGES = ["--source-language", "en", "--target-language", "de"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory of its own, with a small corpus."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MTKIT_CHECKPOINT_DIR", raising=False)
    (tmp_path / "train.en").write_text("".join(f"the number {i} is here\n" for i in range(100)))
    (tmp_path / "train.de").write_text("".join(f"die Nummer {i} ist da\n" for i in range(100)))
    return tmp_path


def run(capfd, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main(["prepare", *arguments])
    captured = capfd.readouterr()
    return leaving.value.code or 0, captured.out, captured.err


def test_report_goes_to_stderr_and_names_the_next_command(folder, capfd):
    code, out, err = run(capfd, "--train", "train", "--valid", "10", *LANGUAGES)
    assert (code, out) == (0, "")
    for expected in ("duplicate", "tokens", "padding", "valid (split off)", "longest"):
        assert expected in err
    assert err.endswith("next: mtkit train\n")
    assert (folder / "checkpoint" / "mtkit.json").exists()
    code, out, err = run(capfd, "--train", "train", *LANGUAGES)
    assert code == 1 and err.startswith("mtkit: checkpoint already holds prepared text; use --force")
    code, _, err = run(capfd, "--train", "train", "--valid", "0", *LANGUAGES, "--force")
    assert code == 0 and "warning: no validation text" in err


def test_another_directory(folder, capfd, monkeypatch):
    monkeypatch.setenv("MTKIT_CHECKPOINT_DIR", "elsewhere")
    code, _, err = run(capfd, "--train", "train", *LANGUAGES)
    assert code == 0 and err.endswith("next: mtkit train -C elsewhere\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (LANGUAGES, 2, "no training text: add --train CORPUS"),
        (["--train", "train"], 2, "add --source-language CODE and --target-language CODE"),
        (["--train", "train", "--tokenizer", "wordpiece"], 2, "unigram"),
        (
            ["--train", "none", *LANGUAGES],
            1,
            "mtkit: no corpus 'none': none.en[.gz] and none.de[.gz] do not exist",
        ),
        (["--train", "bad.tsv", *LANGUAGES], 1, "mtkit: bad.tsv:2: not valid UTF-8"),
        (["--train", "train", "--valid", "90", *LANGUAGES], 1, "mtkit: cannot split off 90 pairs"),
        (["--train", "train", "--valid", "-5", *LANGUAGES], 2, "mtkit: --valid takes at least 1 pair"),
        (
            ["--train", "train", "--vocabulary-size", "100", *LANGUAGES],
            1,
            "mtkit: a vocabulary of 100 is too small",
        ),
        (["--train", "utf16.tsv", *LANGUAGES], 1, "iconv -f UTF-16 -t UTF-8"),
    ],
)
def test_errors_are_one_line_with_a_code(folder, capfd, arguments, code, message):
    (folder / "bad.tsv").write_bytes(b"a\tb\n\xff\tc\n")
    (folder / "utf16.tsv").write_text("a\tb\n", encoding="utf-16")
    found, out, err = run(capfd, *arguments)
    assert (found, out) == (code, "") and message in err
    assert "Traceback" not in err
    assert not (folder / "checkpoint").exists()


def test_settings_file(folder, capfd):
    (folder / "mtkit.toml").write_text(
        '[prepare]\ntrain = "train"\nsource_language = "en"\ntarget_language = "de"\n'
    )
    assert run(capfd)[0] == 0


def test_as_a_process(folder):
    command = [sys.executable, "-m", "mtkit", "prepare", "--train", "train", *LANGUAGES]
    environment = {**os.environ, "PYTHONPATH": str(Path(mtkit.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (0, "")
    assert "training the joint tokenizer" in done.stderr


def test_a_dry_run_shows_and_writes_nothing(folder, capfd):
    (folder / "train.en").open("a").write("\nthe number 17 is here\nIn 1999 he came\n")
    (folder / "train.de").open("a").write("nichts\ndie Nummer 17 ist da\nEr kam 1998\n")
    before = sorted(folder.iterdir())
    code, out, err = run(capfd, "--train", "train", *LANGUAGES, "--dry-run", "--drop", "numbers")
    assert (code, out) == (0, "") and sorted(folder.iterdir()) == before
    rows = {row.split()[1]: row.split()[3:10:2] for row in err.splitlines() if row.startswith("│ ")}
    assert rows["empty"] == ["1", "0.97%", "1", "yes"] and rows["numbers"] == ["1", "0.97%", "1", "yes"]
    assert rows["duplicate"] == ["1", "0.97%", "1", "yes"] and rows["tags"] == ["0", "0.00%", "0", "no"]
    assert "  train.en:103: In 1999 he came ||| Er kam 1998" in err.splitlines()
    assert "100 pairs stay" in err and "next:" not in err
    code, _, err = run(capfd, "--train", "train", *LANGUAGES, "--drop", "number")
    assert code == 2 and "numbers" in err


def test_nothing_of_a_corpus_steers_the_terminal(folder, capfd):
    (folder / "odd[bold].tsv").write_text("\x1b[31mred 12\x9b\trot 13\u202e\nnothing\tnichts\n")
    code, _, err = run(capfd, "--train", "odd[bold].tsv", *LANGUAGES, "--dry-run", "--rejects", "rejects")
    assert code == 0 and "odd[bold].tsv:1: \\x1b[31mred 12\\x9b ||| rot 13\\u202e" in err
    assert "All of the above are in rejects; nothing else was written." in err
    code, _, err = run(
        capfd, "--train", "odd[bold].tsv tag=a", "--train", "train tag=b", *LANGUAGES, "--valid", "0"
    )
    assert code == 0 and "odd[bold].tsv" in err and "warning: every corpus has a tag" in err


def test_mixed_origins_are_said(folder, capfd):
    """A settings file in the working directory must not slip its text in unseen."""
    for language in ("en", "de"):
        (folder / f"theirs.{language}").write_text("".join(f"their {language} {i}\n" for i in range(40)))
    (folder / "mtkit.toml").write_text(
        '[prepare]\nvalid = "theirs"\nsource_language = "en"\ntarget_language = "de"\n'
    )
    code, _, err = run(capfd, "--train", "train")
    assert code == 0 and "valid (theirs) from the settings file" in err
