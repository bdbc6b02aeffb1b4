"""Ids of the tokens that every vocabulary has and that are no text."""

PAD_ID, UNKNOWN_ID, BEGIN_ID, END_ID = 0, 1, 2, 3
# Those that no translation holds.
FORBIDDEN_IDS = (PAD_ID, UNKNOWN_ID, BEGIN_ID)
# How the end is shown among the pieces of a sentence.
END_PIECE = "</s>"
