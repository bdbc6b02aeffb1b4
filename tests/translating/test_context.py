"""Translating with context: which sentences are read before which, and that they alone make a difference."""

import io

import numpy as np
import pytest

from mtkit.cli.translate_lines import LinesRun, outputs_of
from mtkit.errors import SettingsError
from mtkit.settings.translate import TranslateSettings
from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.translating.demands import Demands
from mtkit.translating.loading import context_to_read
from mtkit.translating.preceding import PrecedingSentences
from mtkit.translating.protect import Protection
from tests.support.letters import Letters
from tests.support.tiny_model import LINES, tiny_translator, with_settings

DOCUMENT = ["the cat", "a dog runs. The cat sees a dog", "cat", "", "a cat sees a dog", "the dog", " ", "cat"]


@pytest.fixture(scope="module")
def reading():
    """A trial that reads up to two sentences before each."""
    return tiny_translator(context=2)


def contexts(lines, before=(), protection=None, most=2):
    return PrecedingSentences(most, SentenceSplitter(Letters()), protection).of(lines, before)


def recorded(trial, lines, **named):
    """The source pieces that were searched for, in the order of their texts, and the translations."""
    sources = {}
    plan = trial.plan
    start = plan.searcher.hypotheses

    def hypotheses(batch, numbers, beginnings):
        sources.update(zip(numbers, batch, strict=True))
        return start(batch, numbers, beginnings)

    vars(plan.searcher)["hypotheses"] = hypotheses
    translations = plan.translate(lines, **named)
    del vars(plan.searcher)["hypotheses"]
    decode = trial.tokenizers.source.decode
    mark = trial.tokenizers.source.context_mark
    shown = []
    for number in sorted(sources, key=lambda number: (number % (1 << 40), number)):
        ids = sources[number]
        place = ids.index(mark) if mark in ids else 0
        shown.append((*decode([ids[:place]]), *decode([ids[place:]])))
        assert ids.count(mark) == (place > 0)
    return shown, translations


def test_the_sentences_before_a_line_by_hand():
    lines = ["Ape. Bee. Cow.", "Dog.", "Eel.", "", "Fox.", "Gnu. Hen."]
    assert contexts(lines) == [
        (),
        ("Bee.", "Cow."),
        ("Cow.", "Dog."),
        ("Dog.", "Eel."),
        (),
        ("Fox.",),
    ]
    assert contexts(lines, most=0) == [()] * 6
    for cut in range(len(lines)):
        assert contexts(lines[cut:], lines[:cut][-2:]) == contexts(lines)[cut:], cut
    taken_out = contexts(["Ape %s eats. Bee", "Cow"], protection=Protection.of(["placeholder"]))
    assert taken_out == [(), ("Ape eats.", "Bee")]


def test_texts_stand_behind_those_of_their_document(reading):
    shown, translations = recorded(reading, DOCUMENT)
    assert shown == [
        ("", "the cat"),
        ("the cat", "a dog runs."),
        ("the cat a dog runs.", "The cat sees a dog"),
        ("a dog runs. The cat sees a dog", "cat"),
        ("", "a cat sees a dog"),
        ("a cat sees a dog", "the dog"),
        ("", "cat"),
    ]
    assert [translation.source for translation in translations] == DOCUMENT
    source = reading.tokenizers.source
    for translation in translations:
        if translation.source.strip() and "." not in translation.source:
            assert translation.source_tokens == tuple(source.pieces(*source.encode([translation.source])))
    assert translations[0].text != translations[2].text != translations[7].text


def test_chunks_change_no_translation(reading):
    translator = reading.translator
    expected = translator.translate(DOCUMENT, reading.search)
    for lines in (1, 2, 3, 5):
        translator.chunk_lines = lines
        found = list(translator.translate(iter(DOCUMENT), reading.search))
        assert [one.text for one in found] == [one.text for one in expected]
        np.testing.assert_allclose([one.score for one in found], [one.score for one in expected], atol=1e-4)


def test_a_line_without_context_is_as_if_none_were_read(reading):
    alone = with_settings(reading, context=0)
    for line in filter(str.strip, LINES):
        assert reading.translate([line])[0].text == alone.translate([line])[0].text
    shown, _ = recorded(alone, DOCUMENT)
    assert all(context == "" for context, _ in shown)


@pytest.mark.parametrize("search", [{}, {"beam": 1}, {"coverage_penalty": 0.4}])
def test_what_is_kept_is_about_the_sentence_itself(reading, search):
    kept = with_settings(reading, keep=("alignment", "attention", "entropies", "score"), **search)
    for translation in kept.translate(DOCUMENT):
        if not translation.best:
            continue
        best = translation.best
        assert best.attention.shape == (
            len(best.hypothesis.token_log_probabilities),
            len(translation.source_tokens) + 1,
        )
        assert all(0 <= word < len(translation.source.split()) for word, _ in translation.alignment)
        assert len(best.hypothesis.entropies) == len(best.hypothesis.token_log_probabilities)
    explained = with_settings(reading, keep=("choices",), **search).translate(DOCUMENT)
    for translation in filter(lambda translation: translation.best, explained):
        assert translation.best.choices[0].attention.shape == (len(translation.source_tokens) + 1,)


def test_a_translation_has_its_forced_score(reading):
    """Also in chunks: the lines before go along."""
    kept = with_settings(reading, keep=("alignment",))
    found = kept.translate(DOCUMENT)
    texts = [translation.text for translation in found]
    plan = with_settings(reading, keep=("alignment",), given=("--force-reference",)).plan
    judged = [*plan.judge(DOCUMENT[:2], texts[:2])]
    judged += plan.judge(DOCUMENT[2:], texts[2:], before=plan.preceding.going_along((), DOCUMENT[:2]))
    for searched, forced in zip(found, judged, strict=True):
        if searched.best and searched.best.hypothesis.complete and forced.best.tokens == searched.best.tokens:
            np.testing.assert_allclose(
                forced.best.token_log_probabilities, searched.best.token_log_probabilities, atol=1e-4
            )
            np.testing.assert_allclose(forced.best.attention, searched.best.attention, atol=1e-4)


def test_texts_that_stay_and_terms_are_those_of_the_line(reading):
    protection = Demands(protection=Protection.of(["placeholder"]))
    lines = ["the %d cat", "a dog %s runs"]
    shown, translations = recorded(with_settings(reading, demands=protection), lines)
    assert shown == [("", "the cat"), ("the cat", "a dog runs")]
    for line, translation in zip(lines, translations, strict=True):
        assert translation.source == line and not translation.changed


class Unread:
    """A journal that holds the outputs of some chunks."""

    def __init__(self, chunks):
        self.chunks = chunks

    def replay(self, take):
        for lines in self.chunks:
            chunk = take(lines)
            yield chunk, [b""]


def test_lines_after_a_replay_have_those_before_it(reading):
    """As the command goes: in chunks of any size, and with a journal of the first ones."""
    settings = TranslateSettings()
    plan = reading.plan
    written = {}
    for name, chunks, size in (("whole", (), 100), ("one by one", (), 1), ("replayed", (1, 2), 2)):
        stream = io.BytesIO()
        (output,) = outputs_of(settings)
        run = LinesRun(plan, settings, [(output, stream)], iter(DOCUMENT))
        run.replay(Unread(chunks))
        while run.next_chunk(size, None):
            pass
        assert run.done == len(DOCUMENT)
        written[name] = stream.getvalue().split(b"\n")
    assert written["whole"] == written["one by one"]
    assert written["replayed"] == written["whole"][3:]


class Directory:
    """A checkpoint directory of which only the prepared context is known."""

    def __init__(self, **report):
        self.report = report

    def require_stage(self, _):
        return self.report


def test_how_many_sentences_are_read():
    assert context_to_read([Directory()], None) == 0
    assert context_to_read([Directory(context=3), Directory(context=2)], None) == 2
    assert [context_to_read([Directory(context=3)], wanted) for wanted in (0, 1, 3)] == [0, 1, 3]
    with pytest.raises(SettingsError, match="prepared with --context 1"):
        context_to_read([Directory(context=1)], 2)
