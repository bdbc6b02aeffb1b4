"""Context through the four commands: prepare, train, translate, score."""

import json
from pathlib import Path

from tests.support.commands import QUICK
from tests.support.processes import some_lines

MODEL = ("--embedding-width", 16, "--encoder-width", 16, "--decoder-width", 16)
LENGTH = ("--max-steps", 4, "--validate-every-steps", 2, "--validation-lines", 8, "--no-export")


def documents(name, count):
    """Some lines of the sample corpus, with a blank one behind each four."""
    lines = some_lines(name, count).split("\n")[:-1]
    parts = [[*lines[start : start + 4], ""] for start in range(0, count, 4)]
    return "".join(line + "\n" for part in parts for line in part)


def test_context_from_text_to_scores(mtkit):
    for language in ("en", "fr"):
        for part, count in (("train", 300), ("valid", 12)):
            name = f"{part}.{language}"
            Path(name).write_text(documents(name, count), encoding="utf-8")

    def run(*arguments):
        code, out, err = mtkit(*arguments)
        assert code == 0, err
        return out, err

    languages = ("--source-language", "en", "--target-language", "fr")
    _, err = run("prepare", "--train", "train", "--valid", "valid", "--context", 2, *languages)
    assert "train, behind another sentence" in err
    run("train", "--model", "rnn", *MODEL, *LENGTH, *QUICK)

    source = Path("valid.en").read_text(encoding="utf-8")
    short = ("--beam", 1, "--max-length-factor", 0.5)
    whole, _ = run("translate", "valid.en", *short)
    assert run("translate", "valid.en", *short, "--chunk-lines", 1)[0] == whole
    lines = whole.split("\n")
    assert [not line for line in lines] == [not line for line in source.split("\n")]
    alone, _ = run("translate", "valid.en", *short, "--context", 0)
    assert [lines[place] for place in (0, 5, 10)] == [alone.split("\n")[place] for place in (0, 5, 10)]

    scores = [
        json.loads(run("score", "--split", "valid", "--json", *more)[0]) for more in ((), ("--context", 0))
    ]
    assert [score.get("context") for score in scores] == [None, 0]
    code, _, err = mtkit("translate", "valid.en", "--context", 3)
    assert code == 2 and "prepared with --context 2" in err
    code, _, err = mtkit("improve", "--monolingual", "train.fr")
    assert code == 2 and "pairs that stand in no document" in err
    code, _, err = mtkit("train", "--force", "--join", 0.5, *MODEL, *QUICK)
    assert code == 2 and "leave --join out" in err
