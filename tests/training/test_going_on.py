"""A run that a limit ended goes on with another, and with the command that it proposes at its end."""

import re
import shlex

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


def test_the_proposed_command_trains_on(prepared, mtkit):
    directory = str(prepared.directory)
    said = trained(mtkit, "-C", directory, *SMALL, "--max-steps", 3)
    assert "reached --max-steps 3 at step 3" in said
    assert proposed(said) == ["-C", directory, "--max-steps", "6"]
    said = trained(mtkit, *proposed(said))
    assert "going on from step 3" in said and "reached --max-steps 6 at step 6" in said
    said = trained(mtkit, "-C", directory)
    assert "already trained to step 6: --max-steps 6 is reached" in said
    assert proposed(said) == ["-C", directory, "--max-steps", "12"]


def test_a_budget_that_is_over_does_not_end_a_run_with_another_limit(prepared, mtkit):
    directory = ("-C", str(prepared.directory))
    said = trained(mtkit, *directory, *SMALL, "--budget", "17s")
    step = int(re.search(r"reached --budget 17s at step (\d+)", said)[1])
    said = trained(mtkit, *directory)
    assert f"already trained to step {step}: --budget 17s is reached" in said
    said = trained(mtkit, *directory, "--max-steps", step + 2)
    assert f"reached --max-steps {step + 2} at step {step + 2}" in said
    assert "budget" not in prepared.settings()["train"]
    said = trained(mtkit, *proposed(said))
    assert f"reached --max-steps {2 * (step + 2)}" in said
