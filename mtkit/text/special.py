"""Tokens that are no text: those of every vocabulary, the tags of corpora, and the mark of a context."""

import re

PAD_ID, UNKNOWN_ID, BEGIN_ID, END_ID = 0, 1, 2, 3
# Those that no translation holds.
FORBIDDEN_IDS = (PAD_ID, UNKNOWN_ID, BEGIN_ID)
# How the end is shown among the pieces of a sentence.
END_PIECE = "</s>"
# What a tag of a corpus may be called.
TAG_NAME = re.compile(r"[\w-]+")
# The piece that stands between the sentences before and the one that is translated. No text is encoded as it.
CONTEXT_PIECE = "<context>"
_TAG = re.compile(r"<tag:([\w-]+)>")


def tag_piece(name: str) -> str:
    """The piece of a tag in a vocabulary. No text is encoded as it."""
    return f"<tag:{name}>"


def tag_name(piece: str) -> str:
    """The name of the tag that a piece is, or nothing."""
    match = _TAG.fullmatch(piece)
    return match[1] if match else ""
