"""Settings of `mtkit translate`."""

from dataclasses import dataclass

from mtkit.settings.engines import ENGINE_CHOICES
from mtkit.settings.option import BASICS, DOCUMENTS, MACHINE, OUTPUT, SEARCH, WORDS, weights_option
from mtkit.settings.prepare import context_option
from mtkit.settings.search import Search

BATCH_TOKENS = 3072
CHUNK_LINES = 2048


@dataclass(frozen=True)
class TranslateSettings(Search):
    """How `mtkit translate` searches, what it reads beside its input, and what it prints."""

    weights: str = weights_option(BASICS.rare, "Weights to use")
    tag: str = BASICS.rare(
        "", "Translate as text of the corpora with this tag (see prepare) is translated.", metavar="NAME"
    )
    context: int | None = context_option(
        BASICS.rare,
        "Sentences before each that are read too, in a document, which a blank line ends; 0 none.",
    )
    ban: str | None = WORDS.rare(
        None, "A file of words or phrases, one a line, that no translation may hold.", metavar="FILE"
    )
    alignments: str | None = OUTPUT.rare(
        None,
        "Write the word alignment of each best translation, by attention, to this file: '0-0 2-1'"
        " (source-target).",
        metavar="FILE",
    )
    attention: str | None = OUTPUT.option(
        None,
        "Draw what the tokens of the best translations attend to: a page (.html), or a picture of the first"
        " 12 (.svg, .png).",
        metavar="FILE",
    )
    force_reference: str | None = SEARCH.rare(
        None,
        "Do not search: a file with as many lines as the input, whose lines are scored as the translations.",
        metavar="FILE",
    )
    glossary: str | None = WORDS.option(
        None,
        "Terms and their translations, a tab between, one a line: each is demanded where a line holds it.",
        metavar="FILE",
    )
    protect: tuple[str, ...] = WORDS.option(
        (),
        "Carry unchanged what this finds: url, email, placeholder (%s, {name}), tag (<b>), or a regular"
        " expression; may be given several times.",
        metavar="REGEX",
    )
    replace_unknown: str | None = WORDS.rare(
        None,
        "Replace unknown words by the source word that they attend to: 'copy', or a table of source words and"
        " their translations, a tab between.",
        metavar="copy|FILE",
    )
    prefixes: str | None = WORDS.rare(
        None,
        "A file with as many lines as the input: what the translation of each line must begin with.",
        metavar="FILE",
    )
    ensemble: tuple[str, ...] = SEARCH.rare(
        (),
        "Translate together with the model of this checkpoint directory, of the same vocabulary; may be given"
        " several times.",
        metavar="DIR",
    )
    engine: str = MACHINE.option(
        "auto",
        "What runs the model: onnx, keras or ctranslate2; onnx is what 'mtkit export' wrote and starts at"
        " once, keras runs the weights themselves, ctranslate2 a Transformer exported to it (plain searches"
        " only); auto is ctranslate2 where these weights were exported to it and it was faster then, else"
        " onnx where they were exported, else keras.",
        choices=ENGINE_CHOICES,
    )
    precision: str = MACHINE.option(
        "auto",
        "Arithmetic of an exported model; float32 is that of the trained model, int8 is faster and a little"
        " less exact; auto is float32.",
        choices=("auto", "float32", "int8"),
    )
    journal: str | None = MACHINE.rare(
        None,
        "Keep what is done in this file, so that the same command goes on where a killed one was.",
        metavar="FILE",
    )
    batch_tokens: int = MACHINE.rare(
        BATCH_TOKENS,
        "Source tokens translated at once, a short sentence counting as 6 times the beam; never changes a"
        " translation.",
        minimum=1,
    )
    chunk_lines: int = MACHINE.rare(
        CHUNK_LINES, "Lines read, sorted by length, translated and written at a time.", minimum=1
    )
    explain: bool = OUTPUT.option(
        False,
        "Instead of the translation alone, show how sure the model was of each token, what came near, and"
        " attention.",
    )
    whole_lines: bool = BASICS.rare(
        False, "Translate each line as one text, however long it is and however many sentences it has."
    )
    wrapped: bool = DOCUMENTS.option(
        False,
        "A paragraph of a plain text file goes on over lines, until a blank one: translate it whole, and wrap"
        " it as it was.",
    )
    max_source_tokens: int | None = SEARCH.rare(
        None,
        "Translate a longer line sentence by sentence, and a longer sentence in parts; 0 never.",
        minimum=0,
        otherwise="as far as the model reaches, which is measured at the end of a training",
    )
    format: str = BASICS.option(
        "text", "Output: text, tsv (score, hypothesis) or jsonl.", choices=("text", "tsv", "jsonl")
    )
    signals: bool = OUTPUT.rare(
        False, "With --format tsv or jsonl: figures that hint at how good each translation is."
    )
    memory: tuple[str, ...] = DOCUMENTS.option(
        (),
        "In a file that is filled: take what this file has (.tmx, .po, .xlf ...) before the model; may be"
        " given several times.",
        metavar="FILE",
    )
    memory_likeness: float = DOCUMENTS.rare(
        0.8,
        "With --memory: name texts that are at least so like one of it; 1 names none.",
        minimum=0.3,
        maximum=1.0,
    )
    fuzzy: bool = DOCUMENTS.option(
        False, "In a .po, XLIFF or .tmx file: translate doubtful entries (fuzzy, unfinished) anew too."
    )
    output: str | None = BASICS.option(
        None, "Write to this file instead of stdout.", metavar="FILE", short="-o"
    )
    threads: int = BASICS.option(0, "Processor threads; 0 all.", minimum=0)
