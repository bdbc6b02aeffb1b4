"""Ids of the tokens that every vocabulary has and that are no text."""

PAD_ID, UNKNOWN_ID, BEGIN_ID, END_ID = 0, 1, 2, 3
