"""From lines to lines with a real model: order, blank lines, batch sizes, scores."""

import itertools
import json
import types
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from mtkit.engines.ensemble import Ensemble
from mtkit.engines.step_engine import EngineStep, StepEngine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import SettingsError
from mtkit.model.build import build_model
from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.text.special import BEGIN_ID, END_ID, PAD_ID, UNKNOWN_ID
from mtkit.translating.alignment import pharaoh, word_alignment, words_of
from mtkit.translating.demands import Demands
from mtkit.translating.explain import row
from mtkit.translating.output import OutputForm
from mtkit.translating.translation import Candidate, TokenChoice, Translation
from tests.support.tiny_model import LINES, forced_log_probability, with_settings


def test_lines_in_are_lines_out(translator):
    results = translator.translate(LINES)
    assert [result.source for result in results] == LINES
    assert [result.text for result in results if not result.source.strip()] == ["", ""]
    assert not any("\n" in result.text for result in results)


def test_blank_lines_never_reach_the_model(translator):
    broken = replace(translator, engine=StepEngine(types.SimpleNamespace(attends=True, size=0)))
    assert [result.text for result in broken.translate(["", " \t ", ""])] == ["", "", ""]


@pytest.mark.parametrize("beam", [1, 5])
def test_batches_do_not_matter(translator, beam):
    def run(batch_size, lines):
        return with_settings(translator, batch_tokens=32 * batch_size, beam=beam).translate(lines)

    single = run(1, LINES)
    for other in (run(7, LINES), run(64, LINES), run(3, LINES[::-1])[::-1]):
        assert [result.text for result in other] == [result.text for result in single]
        np.testing.assert_allclose(
            [result.score for result in other], [result.score for result in single], atol=1e-4
        )


def test_a_beam_of_one_is_greedy_search(translator):
    """Against a loop of its own that takes the most probable token of the teacher-forced model, again and
    again.
    """
    translator = with_settings(translator, beam=1, max_length=6)
    for result in translator.translate([line for line in LINES if line.strip()]):
        source = np.array([[*translator.tokenizers.source.encode([result.source])[0], END_ID]], np.int32)
        ids = [BEGIN_ID]
        while len(ids) <= len(result.best.hypothesis.ids):
            logits = translator.engine.functions.model((source, np.array([ids], np.int32))).numpy()[0, -1]
            logits[[PAD_ID, UNKNOWN_ID, BEGIN_ID]] = -np.inf
            ids.append(int(logits.argmax()))
        assert tuple(ids[1:]) == result.best.hypothesis.ids


def test_score_is_the_forced_decoding_score(translator):
    for result in translator.translate(LINES):
        if not result.best or not result.best.hypothesis.complete:
            continue
        ids = list(result.best.hypothesis.ids)
        forced = forced_log_probability(translator, result.source, ids)
        assert result.score == pytest.approx(forced / Ranking().length_penalty(len(ids) + 1), abs=1e-4)


def test_a_forced_reference_has_the_numbers_of_the_search(translator):
    """Those of search, token by token, and those of the teacher-forced model."""
    judging = replace(translator, given=("--force-reference",)).plan.searcher
    for result in with_settings(translator, max_length_factor=3.0).translate(LINES):
        if not result.best or not result.best.hypothesis.complete:
            continue
        source = translator.tokenizers.source.encode([result.source])
        (forced,) = judging.judged(source, [list(result.best.hypothesis.ids)])
        assert (forced.ids, forced.complete) == (result.best.hypothesis.ids, True)
        np.testing.assert_allclose(
            forced.token_log_probabilities, result.best.hypothesis.token_log_probabilities, atol=1e-5
        )
        assert forced.score == pytest.approx(result.score, abs=1e-5)


def test_word_alignment_by_hand():
    source, target = ["▁the", "▁", "▁ca", "t", "."], ["▁le", "▁ch", "at", "▁."]
    assert words_of(source) == [0, -1, 1, 1, 1]
    attention = np.array(
        [
            [0.6, 0.0, 0.2, 0.1, 0.1],
            [0.5, 0.0, 0.4, 0.1, 0.0],
            [0.1, 0.0, 0.2, 0.7, 0.0],
            [0.0, 0.9, 0.0, 0.0, 0.1],
            [1, 0, 0, 0, 0],
        ]
    )  # the row of the end does not count, nor does attention to a space
    assert word_alignment(source, target, attention) == [(0, 0), (1, 1), (1, 2)]
    assert word_alignment([], target, attention) == word_alignment(source, [], attention) == []
    assert pharaoh([(0, 0), (2, 1)]) == "0-0 2-1"


def test_forms():
    translation = Translation(
        "a\tb", (Candidate("c\td", ("▁c", "▁d"), Hypothesis((7, 8), (-0.2, -0.2, -0.1), -0.5, True)),)
    )
    assert OutputForm().render(translation) == "c\td\n"
    assert OutputForm("tsv").render(translation) == "-0.5000\tc d\n"
    assert OutputForm("tsv", 2).render(translation, 7) == "7\t-0.5000\tc d\n"
    facts = {"hypothesis": "c\td", "score": -0.5, "tokens": ["▁c", "▁d"]}
    assert json.loads(OutputForm("jsonl").render(translation)) == {"source": "a\tb", **facts}
    assert json.loads(OutputForm("jsonl", 2).render(translation)) == {"source": "a\tb", "hypotheses": [facts]}
    assert OutputForm().render(Translation(" ")) == "\n"
    assert OutputForm("tsv", 2).render(Translation(" "), 7) == "7\t0.0000\t\n"
    assert json.loads(OutputForm("jsonl").render(Translation(" "))) == {
        "source": " ",
        "hypothesis": "",
        "score": 0.0,
        "tokens": [],
    }


def test_n_best(translator):
    results = with_settings(translator, beam=4, n_best=3).translate(LINES)
    assert {len(result.candidates) for result in results} == {
        0,
        2,
        3,
    }  # fewer where the longest length cut them off alike
    for result, best in zip(results, with_settings(translator, beam=4).translate(LINES), strict=True):
        scores = [candidate.hypothesis.score for candidate in result.candidates]
        assert scores == sorted(scores, reverse=True)
        assert len({candidate.tokens for candidate in result.candidates}) == len(scores)
        assert result.text == best.text
    with pytest.raises(SettingsError, match="--n-best 5 needs --beam 5 or more"):
        with_settings(translator, beam=4, n_best=5)


def test_samples_depend_on_seed_and_line_alone(translator):
    def run(lines=LINES, first=0, **changes):
        drawn = with_settings(translator, sample=True, n_best=2, **changes).translate(
            lines, range(first, first + len(lines))
        )
        return [[candidate.text for candidate in result.candidates] for result in drawn]

    one = run()
    assert one == run(batch_tokens=1) == run(batch_tokens=96)
    assert one[3:] == run(LINES[3:], 3)
    assert one != run(seed=2)
    assert any(first != second for first, second in filter(None, one))
    assert [texts[:1] for texts in one] == [
        [candidate.text for candidate in result.candidates]
        for result in with_settings(translator, sample=True, n_best=1).translate(LINES)
    ]


def test_what_is_drawn_again_stays_where_words_are_banned(translator):
    banned = Demands(banned=("zzz",))
    narrow = with_settings(translator, sample=True, top_k=1, n_best=4, demands=banned)
    counts = [len(translation.candidates) for translation in narrow.translate(LINES)]
    assert counts == [4 if line.strip() else 0 for line in LINES]


@pytest.mark.parametrize("name", ["dog", "狗"])
def test_an_explanation_stands_in_columns(name):
    assert cell_len(row(name, TokenChoice(0.5, (("cat", 0.25),), None), 4)) == len("dog   0.500   cat 0.25")


def test_a_plan_that_cannot_judge_says_so(translator):
    plan = replace(
        translator.plan, searcher=types.SimpleNamespace(engine=types.SimpleNamespace(name="ctranslate2"))
    )
    with pytest.raises(SettingsError, match="ctranslate2 cannot judge: plan with given="):
        plan.judge(["a dog"], ["a dog"])


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 0.01}])
def test_a_narrow_sample_is_greedy_search(translator, narrow):
    greedy = with_settings(translator, beam=1).translate(LINES)
    drawn = with_settings(translator, sample=True, **narrow).translate(LINES)
    assert [result.text for result in drawn] == [result.text for result in greedy]
    np.testing.assert_allclose(
        [result.score for result in drawn], [result.score for result in greedy], atol=1e-4
    )


def test_lengths_are_kept(translator):
    results = with_settings(translator, beam=3, min_length=7, max_length=9).translate(LINES)
    assert all(7 <= len(result.best.tokens) <= 9 for result in results if result.best)
    results = with_settings(translator, beam=3, min_length_factor=0.5).translate(LINES)
    assert all(len(result.best.tokens) >= len(result.source) // 2 for result in results if result.best)


def test_no_run_of_tokens_comes_twice(translator):
    def most_repeats(**changes):
        runs = [
            list(itertools.pairwise(result.best.tokens))
            for result in with_settings(translator, min_length=15, max_length=25, **changes).translate(LINES)
            if result.best
        ]
        return max(len(pairs) - len(set(pairs)) for pairs in runs)

    assert most_repeats() > 0
    assert most_repeats(no_repeat_ngram=2) == 0
    assert most_repeats(repetition_penalty=5.0) < most_repeats()


def test_the_score_of_a_penalised_translation_is_its_probability(translator):
    results = with_settings(
        translator, repetition_penalty=2.0, length_penalty=0.0, max_length_factor=3.0
    ).translate(LINES)
    complete = [result for result in results if result.best and result.best.hypothesis.complete]
    assert complete
    for result in complete:
        ids = list(result.best.hypothesis.ids)
        assert result.score == pytest.approx(forced_log_probability(translator, result.source, ids), abs=1e-4)


def test_translations_begin_as_demanded(translator):
    prefixes = ["the", "no", "cat sees", "", "x", "a ", "dogs", "the longest of them all"]
    for changes in ({"beam": 3}, {"sample": True}):
        for result, prefix in zip(
            with_settings(translator, **changes).translate(LINES, None, prefixes), prefixes, strict=True
        ):
            assert result.text.startswith(prefix.rstrip()) or not result.source.strip()


def test_scores_with_a_coverage_penalty_do_not_depend_on_the_batch(translator):
    one, other = (
        with_settings(translator, coverage_penalty=0.5, batch_tokens=32 * size).translate(LINES)
        for size in (1, 64)
    )
    assert [result.text for result in one] == [result.text for result in other]
    np.testing.assert_allclose(
        [result.score for result in one], [result.score for result in other], atol=1e-4
    )


def test_a_shortest_length_leaves_as_many_tokens_to_draw_from(translator):
    for result in with_settings(translator, sample=True, top_k=1, min_length=7, max_length=9).translate(
        LINES
    ):
        assert not result.best or 7 <= len(result.best.tokens) <= 9


def test_a_hypothesis_cut_off_behind_a_banned_word(translator):
    ids = tuple(translator.tokenizers.target.encode(["a cat"])[0])
    cut = Hypothesis(ids, tuple(range(-1, -1 - len(ids), -1)), -1.0, False)
    shorter = with_settings(
        translator, demands=Demands(banned=("cat",)), length_penalty=0.0
    ).plan.searcher.without_banned_end(cut)
    assert (shorter.ids, shorter.score) == (ids[:-1], sum(cut.token_log_probabilities[:-1]))


def test_an_ensemble_takes_the_mean_of_probabilities(translator):
    """Against a mean by hand, for models with other weights."""
    size = translator.tokenizers.target.size
    other = build_model(translator.engine.functions.model.settings, size, size, 9)
    members = [translator.engine.functions, TensorflowFunctions(other)]
    source = np.array([[7, 8, END_ID], [9, END_ID, PAD_ID]], np.int32)
    tokens, rows = np.full(2, BEGIN_ID, np.int32), np.arange(2, dtype=np.int32)

    def probabilities(engine):
        expansion = EngineStep(engine, size, forbidden=())(engine.start(source), tokens, rows)
        found = np.zeros((2, size))
        np.put_along_axis(found, expansion.ids.astype(int), np.exp(expansion.scores), axis=1)
        return found, expansion.attention

    alone = [probabilities(StepEngine(member)) for member in members]
    together, attention = probabilities(StepEngine(Ensemble(members)))
    np.testing.assert_allclose(together, np.mean([one for one, _ in alone], axis=0), atol=1e-6)
    np.testing.assert_allclose(attention, np.mean([one for _, one in alone], axis=0), atol=1e-6)
    together = replace(translator, engine=StepEngine(Ensemble(members), 2))
    results = with_settings(together, beam=3).translate(LINES)
    assert len(results) == len(LINES)
