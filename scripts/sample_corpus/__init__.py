"""A bilingual English-French grammar and the toy corpus it writes.

The modules stand in the order in which they use one another: dice, words, nouns, adjectives, verbs (the lexicon);
english, french (morphology, one sentence side each); phrases, clauses (both sides together); simple, compound
(the sentence patterns); corpus (held-out pairs, the splits, the files).
"""
