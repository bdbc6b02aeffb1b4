"""A bilingual English-French grammar and the toy corpus it writes.

The modules stand in the order in which they use one another: dice, words, nouns, adjectives, verbs (the
lexicon); english, french (morphology, one side each); phrases, adjuncts, clauses (both sides together);
statements, questions, compound (the sentence patterns); corpus (held-out pairs, the splits, the files).
"""
