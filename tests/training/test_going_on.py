"""A run that a limit ended goes on with another, and with the command that it proposes at its end."""

import re
import shlex

from mtkit.training.schedule import parse_time

SMALL = shlex.split(
    "--preset tiny --embedding-width 12 --encoder-width 12 --decoder-width 12 --batch-tokens 64 --patience 0"
    " --precision float32 --threads 1 --no-export --no-tensorboard --examples 0 --validation-lines 4"
)


def trained(mtkit, *arguments):
    """What `mtkit train` says."""
    code, out, err = mtkit("train", *arguments)
    assert (code, out) == (0, ""), err
    return " ".join(err.split())


def proposed(said):
    """The arguments of the command that trains on."""
    return shlex.split(re.search(r"'mtkit train( [^']*)' trains on", said)[1])


def test_a_budget_that_is_over_does_not_end_a_run_with_another_limit(prepared, mtkit):
    directory = ["-C", str(prepared.directory)]
    said = trained(mtkit, *directory, *SMALL, "--budget", "12s")
    step = int(re.search(r"reached --budget 12s at step (\d+)", said)[1])
    *there, option, longer = proposed(said)
    assert (there, option, parse_time(longer) >= 24) == (directory, "--budget", True)
    said = trained(mtkit, *directory)
    assert f"already trained to step {step}: --budget 12s is reached" in said
    assert proposed(said)[:-1] == [*directory, "--budget"]

    most = step + 2
    said = trained(mtkit, *directory, "--max-steps", most)
    assert f"going on from step {step:,}" in said
    assert f"reached --max-steps {most} at step {most}" in said
    assert "budget" not in prepared.settings()["train"]
    assert proposed(said) == [*directory, "--max-steps", str(2 * most)]
    said = trained(mtkit, *proposed(said))
    assert f"going on from step {most:,}" in said and f"reached --max-steps {2 * most}" in said
