"""The work of `mtkit score`: read or translate a text, and score it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from mtkit.checkpoint import Checkpoint
from mtkit.engines.registry import engine_kind
from mtkit.errors import SettingsError
from mtkit.reporter import Reporter
from mtkit.scoring.buckets import Bucket, LineFacts, buckets, check_documents
from mtkit.scoring.counts import check_tokenization, usual_metric
from mtkit.scoring.evaluation_text import (
    EvaluationText,
    TranslatedText,
    loaded,
    prepared_text,
    read_file,
    read_hypotheses,
    text_of_files,
)
from mtkit.scoring.history import remember
from mtkit.scoring.known_sets import load_known_set
from mtkit.scoring.perplexity import perplexity
from mtkit.scoring.report import Scoring, file_name, write_files, write_sentence_scores
from mtkit.scoring.systems import score_systems
from mtkit.scoring.training_text import TrainingText
from mtkit.settings.score import ScoreSettings
from mtkit.settings.search import search_of
from mtkit.writing import check_output

# So many lines with a space before their last dot are tokenized text.
MANY_TOKENIZED = 100
# Tokenizations of BLEU that part words at spaces.
BY_SPACES = ("13a", "none", "intl")


@dataclass(frozen=True)
class Hypotheses:
    """What is scored.

    Attributes:
        about: where it is from, for JSON.
        translation: how it was translated; None for what was read from a file.
    """

    name: str
    lines: list[str]
    about: dict[str, Any]
    translation: TranslatedText | None = None


def score(checkpoint: Checkpoint, settings: ScoreSettings, reporter: Reporter | None = None) -> Scoring:
    """Score a file of hypotheses, or a trained checkpoint directory.

    The translations of a checkpoint directory and their scores are kept in its folder scores/; the scores of
    each line in a file, where the settings name one.

    Args:
        checkpoint: what translates where `settings` name no hypotheses; need not be there otherwise.

    Raises:
        SettingsError: settings that do not go together.
        InputError: a file is missing, or does not belong to the others line by line.
        CheckpointError: the directory is needed, and not trained or damaged.
    """
    reporter = reporter or Reporter()
    check_settings(settings)
    if settings.sentence_scores:
        check_output(settings.sentence_scores)
    # All that can be wrong with what is asked comes to light before the work.
    text = text_to_score(checkpoint, settings)
    groups = buckets_asked_for(checkpoint, settings, text)
    others = [(name, read_hypotheses(name, text, settings.reference)) for name in settings.paired]
    if settings.hypothesis:
        scored = hypotheses_of_file(settings, text)
    else:
        scored = hypotheses_of_checkpoint(checkpoint, settings, text, reporter)
    note_what_misleads(scored.lines, text.references[0], settings, reporter)
    systems = score_systems([(scored.name, scored.lines), *others], text.references, settings, reporter)
    likelihood = None
    if settings.perplexity:
        translator = scored.translation.translator
        likelihood = perplexity(translator, text.sources, text.references[0])
    scoring = Scoring(systems, groups, likelihood, scored.about)
    if scored.translation:
        # The text of an engine that searches by itself may differ: not one file with that of the others.
        engine = scored.translation.engine
        if engine_kind(engine).searches_by_itself:
            settings = replace(settings, engine=engine)
        name = file_name(settings, text.file_name)
        keep(checkpoint, name, scoring, reporter)
    if settings.sentence_scores:
        write_sentence_scores(settings.sentence_scores, scoring)
    return scoring


def check_settings(settings: ScoreSettings) -> None:
    """Raise SettingsError for what does not go together."""
    complaint = next((words for is_wrong, words in complaints(settings) if is_wrong), None)
    if complaint:
        raise SettingsError(complaint)


def complaints(settings: ScoreSettings) -> list[tuple[Any, str]]:
    """(whether it is so, what is wrong with it) of all that does not go together."""
    hypothesis, reference, source = settings.hypothesis, settings.reference, settings.source
    files = {"--hypothesis": hypothesis, "--reference": reference, "--source": source}
    given = " and ".join(name for name, value in files.items() if value)
    read = [hypothesis, source, settings.documents, *reference, *settings.paired]
    undrawn = settings.test == "bootstrap" and not settings.bootstrap_samples
    return [
        (
            settings.test_set and (reference or source or settings.split),
            "--test-set names sources and references: leave --reference, --source and --split out",
        ),
        (
            settings.language_pair and not settings.test_set,
            "--language-pair is about --test-set NAME: give that too",
        ),
        (
            hypothesis and not (reference or settings.test_set),
            "--hypothesis needs something to compare with: give --reference FILE too",
        ),
        (
            reference and not (hypothesis or source),
            "--reference needs something to compare: give --hypothesis FILE too (- is stdin), or --source"
            " FILE to translate",
        ),
        (
            source and not reference,
            "--source needs something to compare its translation with: give --reference FILE too",
        ),
        (
            settings.split and given,
            f"--split names prepared text to translate; leave it out when {given} are given",
        ),
        (read.count("-") > 1, "stdin can be read once: only one file can be -"),
        (
            settings.perplexity and hypothesis,
            "--perplexity is what a model makes of the references: leave --hypothesis out",
        ),
        (
            settings.paired and undrawn,
            "--bootstrap-samples 0 leaves nothing to test with: leave it out, or take --test randomisation",
        ),
        (
            settings.documents and "document" not in settings.by,
            "--documents is for --by document: give that too",
        ),
    ]


def text_to_score(checkpoint: Checkpoint, settings: ScoreSettings) -> EvaluationText:
    """The sources and references that the settings name."""
    if not settings.hypothesis:
        checkpoint.require_stage("train")
    if settings.test_set:
        return load_known_set(settings.test_set, settings.language_pair or languages_of(checkpoint))
    if settings.reference:
        return text_of_files(settings.source, settings.reference)
    return prepared_text(checkpoint, settings.split)


def languages_of(checkpoint: Checkpoint) -> str:
    """The languages of a prepared directory, such as "en-de"."""
    if not checkpoint.has_stage("prepare"):
        raise SettingsError("--test-set needs the languages: give --language-pair too, such as en-de")
    report = checkpoint.require_stage("prepare")
    return f"{report['source_language']}-{report['target_language']}"


def buckets_asked_for(checkpoint: Checkpoint, settings: ScoreSettings, text: EvaluationText) -> list[Bucket]:
    """The lines apart, in each of the ways that are asked for."""
    if not settings.by:
        return []
    documents = None
    if settings.documents:
        documents = read_file(settings.documents)
        check_documents(documents, text.lines, settings.documents)
    training = TrainingText(checkpoint) if checkpoint.has_stage("prepare") else None
    facts = LineFacts(text.references[0], text.sources, documents, training)
    return list(chain.from_iterable(buckets(by, facts) for by in settings.by))


def hypotheses_of_file(settings: ScoreSettings, text: EvaluationText) -> Hypotheses:
    """What a file holds."""
    name = settings.hypothesis
    lines = read_hypotheses(name, text, settings.reference)
    return Hypotheses(name, lines, {"hypothesis": name, **origin_for_json(settings, text)})


def hypotheses_of_checkpoint(
    checkpoint: Checkpoint, settings: ScoreSettings, text: EvaluationText, reporter: Reporter
) -> Hypotheses:
    """What a checkpoint directory translates."""
    check_tokenization(settings.tokenize)
    translator = loaded(checkpoint, settings, reporter)
    plan = translator.plan(search_of(settings))
    checkpoint.scores.mkdir(exist_ok=True)  # where that cannot be, nothing need be translated
    reporter.say(f"translating {text.lines} lines of {text.title}")
    translation = TranslatedText(plan.translate(text.sources), plan.engine, translator)
    about = {
        **origin_for_json(settings, text),
        "weights": settings.weights,
        "beam": settings.beam,
        "length_penalty": settings.length_penalty,
    }
    if settings.tag:
        about["tag"] = settings.tag
    if settings.context is not None:
        about["context"] = settings.context
    if settings.weights == "best":
        about["step"] = checkpoint.require_stage("train").get("best_step")
    return Hypotheses(str(checkpoint.directory), translation.lines, about, translation)


def origin_for_json(settings: ScoreSettings, text: EvaluationText) -> dict[str, Any]:
    """Where a text is from, for JSON."""
    if settings.test_set:
        return {"test_set": settings.test_set}
    if not settings.reference:
        return {"split": text.name}
    source = {"source": settings.source} if settings.source else {}
    return {"reference": list(settings.reference), **source}


def note_what_misleads(
    hypotheses: Sequence[str], references: Sequence[str], settings: ScoreSettings, reporter: Reporter
) -> None:
    """Note what makes a BLEU that compares with nothing."""
    tokenized = sum(line.endswith(" .") for line in hypotheses)
    if tokenized >= MANY_TOKENIZED and settings.tokenize != "none":
        reporter.say(
            f"note: {tokenized} hypotheses end in ' .', as tokenized text does; scores compare only on plain"
            " (detokenized) text"
        )
    if settings.tokenize in BY_SPACES and usual_metric(references) == "chrf":
        reporter.say(
            f"note: the references are written without spaces, and --tokenize {settings.tokenize} takes a"
            " clause for a word; take zh, ja-mecab or char, or quote chrF"
        )


def keep(checkpoint: Checkpoint, name: str, scoring: Scoring, reporter: Reporter) -> None:
    """Keep the translations and the scores in the checkpoint directory."""
    report = scoring.as_dict()
    write_files(checkpoint, name, scoring.first.hypotheses, report)
    remember(checkpoint, name, report)
    reporter.say(f"wrote {checkpoint.scores / name}.json and .txt")
