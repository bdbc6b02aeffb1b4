"""The command `mtkit`: the list of commands, and the one place where errors become messages and exit codes.

Exit codes: 0 done, 1 an error, 2 wrong usage, 130 interrupted, 141 when the reader of stdout went away.
"""

import errno
import importlib
import os
import sys

import click

from mtkit import __version__
from mtkit.errors import MtkitError, SettingsError

COMMANDS = {
    "prepare": "Clean and tokenize parallel text, build the vocabulary.",
    "train": "Train a translation model on the prepared text.",
    "translate": "Translate lines from stdin or files.",
    "score": "Score translations: BLEU, chrF, TER.",
}


class ClosedPipe(Exception):
    """The reader of stdout went away. Not an OSError: click would answer that itself, with exit code 1."""


class Commands(click.Group):
    """Imports a command only when it is called, so that `mtkit --help` is quick."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise ClosedPipe from None

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

    The four commands share one checkpoint directory (./checkpoint, or -C DIR): run prepare, train, translate, score in
    this order. Every option also has a place in mtkit.toml; 'mtkit COMMAND --help' lists them.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    try:
        mtkit.main(args=arguments, prog_name="mtkit", standalone_mode=False)
        sys.stdout.flush()
        code = 0
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _say("interrupted", 130)
    except SettingsError as error:
        code = _say(str(error), 2)
    except MtkitError as error:
        code = _say(str(error), 1)
    except (BrokenPipeError, ClosedPipe):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as error:
        code = _say(_os_error(error), 1)
    sys.exit(code)


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
