"""The command `mtkit`: the list of commands, and the one place where errors become messages and exit codes.

Exit codes: 0 done, 1 an error, 2 wrong usage, 130 interrupted, 141 when the reader of stdout went away.
"""

import contextlib
import errno
import importlib
import os
import signal
import sys

import click

from mtkit import __version__
from mtkit.errors import MtkitError, SettingsError

COMMANDS = {
    "prepare": "Clean and tokenize parallel text, build the vocabulary.",
    "train": "Train a translation model on the prepared text.",
    "export": "Write the model as ONNX, for a translator that starts at once.",
    "translate": "Translate lines from stdin or files.",
    "score": "Score translations: BLEU, chrF, TER.",
    "compare": "Compare systems: which is better, where, and why.",
    "improve": "Make a better model with text in the target language alone.",
    "report": "Write a page about a checkpoint directory.",
    "doctor": "Look for what is wrong with a checkpoint directory.",
    "bench": "Measure the speed of training and translating on this machine.",
}


class ClosedPipe(Exception):
    """The reader of stdout went away. Not an OSError: click would answer that itself, with exit code 1."""


@contextlib.contextmanager
def closed_pipes_named():
    """BrokenPipeError as ClosedPipe."""
    try:
        yield
    except BrokenPipeError:
        raise ClosedPipe from None


class Commands(click.Group):
    """Imports a command only when it is called, so that `mtkit --help` is quick."""

    def make_context(self, *arguments, **options):
        with closed_pipes_named():
            return super().make_context(*arguments, **options)

    def invoke(self, context):
        with closed_pipes_named():
            return super().invoke(context)

    def list_commands(self, context):
        return list(COMMANDS)

    def get_command(self, context, name):
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"mtkit.cli.{name}"), name)

    def format_commands(self, context, formatter):
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mtkit")
def mtkit():
    """Train and use your own machine-translation models, on your own machine.

    The commands share one checkpoint directory (./checkpoint, or -C DIR): run prepare, train, translate,
    score in this order. 'mtkit COMMAND --help' lists the options, which have a place in mtkit.toml too.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    open_closed_streams()
    if hasattr(sys.stdout, "reconfigure"):
        # Text is UTF-8 here, whatever the locale says.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    end_as_interrupted("SIGTERM", "SIGHUP")
    sys.exit(flush_stdout(run(arguments)))


def end_as_interrupted(*names: str) -> None:
    """Have signals end the process as Ctrl-C does, so that nothing half-written stays.

    Not those that are ignored: under nohup a closed terminal is no reason to end.
    """
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def flush_stdout(code: int) -> int:
    """Write what stdout still holds; the exit code, or another one where that was 0 and writing fails."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # Else Python tries again, and complains, when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return code or 141
        return code or _say(f"stdout: {_os_error(error)}", 1)
    return code


def run(arguments: list[str] | None) -> int:
    """Run the command line; its exit code."""
    try:
        # A command that leaves with a code of its own has click return it.
        return mtkit.main(args=arguments, prog_name="mtkit", standalone_mode=False) or 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", 130)
    except SettingsError as error:
        return _say(str(error), 2)
    except MtkitError as error:
        return _say(str(error), 1)
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == "mtkit":
            raise
        advice = f"pip install {error.name}"
        return _say(f"the package {error.name} is not installed here, and this command needs it: {advice}", 1)
    except (BrokenPipeError, ClosedPipe):
        return 141
    except OSError as error:
        return _say(_os_error(error), 1)


def open_closed_streams() -> None:
    """Give the process a stdin, stdout and stderr that it was started without (`>&-`).

    Reading or writing what is not there then fails as an error of the system, with a message; a command that
    does neither runs.
    """
    open_closed_stream("stdin", 0, os.O_WRONLY, "r")
    open_closed_stream("stdout", 1, os.O_RDONLY, "w")
    open_closed_stream("stderr", 2, os.O_WRONLY, "w")


def open_closed_stream(name: str, descriptor: int, flags: int, mode: str) -> None:
    """Give the process a stream that it was started without: one that fails when it is used, but for stderr.

    Args:
        flags: how nothing is opened at the descriptor.
        mode: how the process uses it.
    """
    if getattr(sys, name) is None:
        null = os.open(os.devnull, flags)
        if null != descriptor:
            os.dup2(null, descriptor)
        setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))


def _say(message: str, code: int) -> int:
    print(f"mtkit: {message}", file=sys.stderr)
    return code


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    advice = {
        errno.ENOSPC: "; free some space and run the same command again",
        errno.EACCES: "; choose a place that you may write to, or mend its permissions",
    }.get(error.errno, "")
    return f"{where}{(error.strerror or str(error)).lower()}{advice}"
