"""An untrained model of single characters, and lines for it."""

import string
from dataclasses import dataclass, field, fields, replace

import numpy as np

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.choice import OneEngine
from mtkit.engines.step_engine import StepEngine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.model.build import build_model, fill_in
from mtkit.search.lexicon import Lexicon
from mtkit.settings.search import Search
from mtkit.settings.train import ModelSettings
from mtkit.text.special import BEGIN_ID, END_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from mtkit.translating.demands import Demands
from mtkit.translating.translator import Translator

LINES = [
    "a dog runs",
    "",
    "the cat",
    "a very small dog sees the cat",
    "   ",
    "cat",
    "the dog the dog the dog",
    "a cat sees a dog",
]


def tiny_translator(context=0):
    """A trial of it: it translates, in its own way, each line otherwise.

    Args:
        context: sentences before each that it reads too.
    """
    text = [" ".join(pair) for pair in zip(LINES, reversed(LINES), strict=True)] + list(
        string.ascii_lowercase
    )
    tokenizer = Tokenizer(train_tokenizer(text, "char", with_context=context > 0))
    settings = fill_in(
        ModelSettings(preset="tiny", embedding_width=16, encoder_width=16, decoder_width=16), True
    )
    model = build_model(settings, tokenizer.size, tokenizer.size, seed=3)
    for variable in model.trainable_variables:  # an untrained model says everything alike; this one does not
        variable.assign(variable * 3.0)
    engine = StepEngine(TensorflowFunctions(model), 2)
    return Trial(engine, Tokenizers(tokenizer, tokenizer), context=context)


@dataclass(frozen=True)
class Trial:
    """A model, and one way to translate with it."""

    engine: StepEngine
    tokenizers: Tokenizers
    search: Search = field(default_factory=lambda: Search(max_length_factor=0.5))
    keep: tuple[str, ...] = ()
    demands: Demands = field(default_factory=Demands)
    given: tuple[str, ...] = ()
    batch_tokens: int = 3072
    lexicon: Lexicon | None = None
    context: int = 0

    @property
    def translator(self):
        translator = Translator(
            self.tokenizers, OneEngine(self.engine), batch_tokens=self.batch_tokens, context=self.context
        )
        vars(translator)["_lexicon"] = self.lexicon  # instead of that of a checkpoint directory
        return translator

    @property
    def plan(self):
        return self.translator.plan(self.search, keep=self.keep, demands=self.demands, given=self.given)

    def translate(self, lines, numbers=None, prefixes=None):
        given = ("--prefixes",) if prefixes else ()
        return replace(self, given=given).plan.translate(lines, numbers, prefixes)

    def hypotheses(self, sources, beginnings=()):
        return self.plan.searcher.hypotheses(sources, range(len(sources)), beginnings)


SEARCH_NAMES = {setting.name for setting in fields(Search)}


def with_settings(trial, **changes):
    """The same model with other settings: those of a trial, or of its search."""
    search = {name: changes.pop(name) for name in list(changes) if name in SEARCH_NAMES}
    changed = replace(trial, search=replace(trial.search, **search), **changes)
    changed.plan  # noqa: B018  what does not go together is refused
    return changed


def forced_log_probability(translator, line, ids):
    """Of a translation, END_ID included, by the teacher-forced model."""
    source = np.array([[*translator.tokenizers.source.encode([line])[0], END_ID]], np.int32)
    logits = (
        translator.engine.functions.model((source, np.array([[BEGIN_ID, *ids]], np.int32)))
        .numpy()[0]
        .astype(np.float64)
    )
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(log_probabilities[np.arange(len(ids) + 1), [*ids, END_ID]].sum())
