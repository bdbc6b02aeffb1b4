"""What a user can cause, and nothing else. The command line turns these into one line and an exit code.

A message says what is wrong, where (`file:line` when there is one), and what to do next.
"""


class MtkitError(Exception):
    """Something that a user can cause and mend. Exit code 1."""


class InputError(MtkitError):
    """Text or a file that cannot be used: missing, empty, of unequal length, not UTF-8."""


class SettingsError(MtkitError):
    """An option or a key of a settings file that is unknown or has a wrong value. Exit code 2."""


class CheckpointError(MtkitError):
    """A checkpoint directory that is missing, unfinished, damaged or newer than this mtkit."""


class DamagedFileError(CheckpointError):
    """A file whose content is no longer what was written."""
