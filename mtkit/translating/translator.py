"""A trained model that translates."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, overload

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.choice import Engines
from mtkit.engines.engine_kind import ATTENTION, SCORES
from mtkit.engines.registry import engine_kind
from mtkit.engines.step_engine import StepEngine
from mtkit.errors import CheckpointError, InputError
from mtkit.reporter import Reporter
from mtkit.search.banned_text import BannedText
from mtkit.search.hypothesis import Ranking
from mtkit.search.lexicon import Lexicon
from mtkit.settings import resolve
from mtkit.settings.option import refuse_single
from mtkit.settings.search import Search
from mtkit.settings.translate import BATCH_TOKENS, CHUNK_LINES
from mtkit.text.special import UNKNOWN_ID
from mtkit.translating.compatibility import (
    FILLED,
    MOST_LENGTH_PENALTY,
    WITHOUT_STATES,
    check_beam,
    check_engine,
    check_model,
    check_together,
    needs_of,
    options_in_use,
)
from mtkit.translating.demands import Demands
from mtkit.translating.plain_search import PlainSearch
from mtkit.translating.plan import Plan
from mtkit.translating.protect import Protection
from mtkit.translating.reach import Reach, new_splitter
from mtkit.translating.step_search import StepSearch
from mtkit.translating.translation import Translation
from mtkit.writing import check_output, output_file, write_all

if TYPE_CHECKING:
    from mtkit.translating.documents import FilledDocument

# The lexical table, in the folder of an export.
LEXICON = "lexicon.safetensors"


class Translator:
    """A trained model that translates. Several threads may use it at the same time.

    Made by `mtkit.load`; everything in mtkit that translates goes through it, so that what is scored is what
    is shipped.

    Args:
        tokenizers: of the source and the target language.
        engines: what may run the model.
        checkpoint: the directory of the model, for what else it holds; None for a model in training.
        batch_tokens: source tokens that are translated at once; changes no translation.
        chunk_lines: lines that are read, sorted by length and translated at a time; changes no translation.
        reach: what is known of the lengths that the model translates well.
        context: sentences before each in its document that the model reads too.

    Example:
        >>> translator = mtkit.load("checkpoint")  # doctest: +SKIP
        >>> translator.translate("A dog runs.").text  # doctest: +SKIP
        'Un chien court.'
    """

    def __init__(
        self,
        tokenizers: Tokenizers,
        engines: Engines,
        checkpoint: Checkpoint | None = None,
        batch_tokens: int = BATCH_TOKENS,
        chunk_lines: int = CHUNK_LINES,
        reach: Reach | None = None,
        context: int = 0,
    ):
        self.tokenizers = tokenizers
        self.engines = engines
        self.checkpoint = checkpoint
        self.batch_tokens = batch_tokens
        self.chunk_lines = chunk_lines
        self.reach = reach or Reach()
        self.context = context

    @overload
    def translate(self, lines: str, search: Search | None = None, **asked) -> Translation: ...

    @overload
    def translate(self, lines: Sequence[str], search: Search | None = None, **asked) -> list[Translation]: ...

    @overload
    def translate(
        self, lines: Iterable[str], search: Search | None = None, **asked
    ) -> Iterator[Translation]: ...

    def translate(
        self,
        lines,
        search: Search | None = None,
        *,
        keep: Collection[str] = (),
        demands: Demands | None = None,
    ):
        """One translation a line, in order.

        With a model that reads context it depends on the lines before, up to a blank one.

        Args:
            lines: one text; a list of lines, of which a list of translations comes back; or any other
                iterable, of which translations come one by one, while it is read `chunk_lines` at a time.
            search: how to search; a beam of 5 where it is left out.
            keep: what to keep beside text and score: "alignment", "attention", "entropies", "choices" (how
                each token came to be chosen), "score" (of the model itself, unless an engine is named that
                has others).
            demands: what is asked beside the search.

        Raises:
            SettingsError: what does not go together, or cannot be had of this model.
            TypeError: bytes, which are no text yet.

        Example:
            >>> best, *others = translator.translate(["Hello."], mtkit.Search(n_best=3))  # doctest: +SKIP
        """
        if isinstance(lines, bytes):
            raise TypeError("translate takes text: decode the bytes first")
        plan = self.plan(search, keep=keep, demands=demands)
        if isinstance(lines, str):
            return plan.translate([lines])[0]
        if isinstance(lines, Sequence):
            return plan.translate(lines)
        return chain.from_iterable(self._chunks(plan, lines))

    def _chunks(self, plan: Plan, lines: Iterable[str]) -> Iterator[list[Translation]]:
        """One translation a line, `chunk_lines` at a time."""
        unread, done = iter(lines), 0
        before: Sequence[str] = ()
        while chunk := list(islice(unread, self.chunk_lines)):
            yield plan.translate(chunk, range(done, done + len(chunk)), before=before)
            done += len(chunk)
            before = plan.preceding.going_along(before, chunk)

    def judge(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        search: Search | None = None,
        *,
        keep: Collection[str] = (),
    ) -> list[Translation]:
        """How likely the model finds given translations (forced decoding).

        Args:
            targets: a translation of each source.
            search: its length penalty makes the scores.
            keep: "alignment" or "attention", as in `translate`.

        Returns:
            The targets as translations of the sources: `best.log_probability` in nats, and
            `best.token_log_probabilities`. A blank source has none.

        Raises:
            InputError: there are not as many targets as sources.
            SettingsError: what cannot be had of a given translation.

        Example:
            >>> (found,) = translator.judge(["A dog."], ["Un chien."])  # doctest: +SKIP
            >>> found.best.log_probability  # doctest: +SKIP
            -1.27
        """
        refuse_single("sources", sources)
        refuse_single("targets", targets)
        if len(sources) != len(targets):
            raise InputError(f"{len(sources)} sources and {len(targets)} targets: each needs its counterpart")
        search = search or Search()
        in_use = options_in_use(search, keep, given=("--force-reference",))
        check_together(in_use)
        # Whatever engine was named: one that takes no steps cannot judge, and another takes its place.
        return self._plan(search, keep, Demands(), in_use).judge(sources, targets)

    def fill(
        self,
        document: str | Path,
        output: str | Path | None = None,
        *,
        memory: Sequence[str | Path] = (),
        memory_likeness: float = 1.0,
        fuzzy: bool = False,
        wrapped: bool = False,
        search: Search | None = None,
        demands: Demands | None = None,
        reporter: Reporter | None = None,
    ) -> "FilledDocument":
        """Fill a file of translators (.po, .xlf, .tmx, .srt, .json, .md ...).

        What is open in it is translated, and nothing else of it changes.

        Args:
            document: the file; its ending tells what it is.
            output: the file to write; None writes none.
            memory: files whose translations are taken before the model's.
            memory_likeness: texts that are at least so like one of the memory are named; 1 names none, less
                needs the package rapidfuzz.
            fuzzy: translate doubtful entries anew too, where the format tells them.
            wrapped: the file is plain text whose paragraphs go on over lines.
            search, demands: as in `translate`.
            reporter: told how far it is.

        Returns:
            The content of the file, and how many units were translated, kept, and left open, with the reason.

        Raises:
            InputError: the file, or a memory, cannot be read.
            SettingsError: what does not go together, or cannot be had of this model.
            CheckpointError: the model is in training, and has no languages yet.

        Example:
            >>> filled = translator.fill("app.po", "app.de.po", memory=["old.tmx"])  # doctest: +SKIP
            >>> filled.made, len(filled.open)  # doctest: +SKIP
            (120, 2)
        """
        # All that is imported here is for files of translators alone.
        from mtkit.formats.opening import open_document
        from mtkit.formats.registry import format_of
        from mtkit.formats.text_document import TextDocument
        from mtkit.formats.translation_memory import TranslationMemory
        from mtkit.translating.documents import DocumentFilling

        refuse_single("memory", memory)
        resolve("translate", {"memory_likeness": memory_likeness}, origin="Translator.fill")
        if output is not None:
            check_output(str(output))
        reporter = reporter or Reporter()
        if wrapped:
            source = TextDocument(Path(document))
        else:
            source = open_document(Path(document), self.languages, fuzzy=fuzzy)
        demands = demands or Demands()
        protection = Protection.of(source.codes)
        if demands.protection:
            protection = Protection((*protection.patterns, *demands.protection.patterns))
        given = {FILLED}
        if fuzzy and (wrapped or not format_of(document).has_states):
            given |= {"--fuzzy", WITHOUT_STATES}
        plan = self.plan(search, demands=replace(demands, protection=protection), given=given)
        known = None
        if memory:
            known = TranslationMemory.read([str(name) for name in memory], *self.languages)

        translate = partial(self._translate_all, plan, reporter)
        filled = DocumentFilling(source, protection, known).fill(translate, memory_likeness)
        if output is not None:
            with output_file(str(output)) as stream:
                write_all(stream, filled.content)
        return filled

    def _translate_all(self, plan: Plan, reporter: Reporter, lines: list[str]) -> list[Translation]:
        """One translation a line; the reporter is told after each chunk."""
        translations: list[Translation] = []
        for chunk in self._chunks(plan, lines):
            translations += chunk
            reporter.count("translated", len(translations), len(lines))
        return translations

    @property
    def languages(self) -> tuple[str, str]:
        """The codes of the source and the target language."""
        if not self.checkpoint:
            raise CheckpointError("a model in training fills no files: load it from its checkpoint directory")
        report = self.checkpoint.require_stage("prepare")
        return report["source_language"], report["target_language"]

    def plan(
        self,
        search: Search | None = None,
        *,
        keep: Collection[str] = (),
        demands: Demands | None = None,
        given: Collection[str] = (),
    ) -> Plan:
        """How lines are translated, for many calls: everything checked, the engine chosen and opened.

        Args:
            search, keep, demands: as in `translate`.
            given: "--prefixes" or "--force-reference", where each line comes with such a text.

        Raises:
            SettingsError: what does not go together, or cannot be had of this model.
            CheckpointError: what the engine needs is missing or damaged.
        """
        search, demands = search or Search(), demands or Demands()
        in_use = options_in_use(search, keep, demands, given)
        check_together(in_use)
        check_beam(search)
        if self.engines.named:
            check_engine(self.engines.named, in_use)
        return self._plan(search, keep, demands, in_use)

    def _plan(self, search: Search, keep: Collection[str], demands: Demands, in_use: frozenset[str]) -> Plan:
        # Where scores are shown they are the model's own; and with a higher length penalty an engine that
        # searches by itself ends too early.
        exact = "score" in keep or search.length_penalty > MOST_LENGTH_PENALTY
        prefers = frozenset({SCORES}) if exact else frozenset()
        engine = self.engines.choose(needs_of(in_use), prefers, search.beam)
        ranking = Ranking(search.length_penalty, search.length_penalty_form, search.coverage_penalty)
        step_search = partial(self._step_search, search, ranking, demands, in_use)
        if engine_kind(engine.name).searches_by_itself:
            searcher = PlainSearch(engine, self.tokenizers.source, search, ranking, step_search)
        else:
            searcher = step_search(engine)
        splitter = new_splitter(self.tokenizers.source, ranking, demands, self.reach, in_use, self.context)
        return Plan(
            self.tokenizers,
            searcher,
            search,
            frozenset(keep),
            demands,
            splitter,
            self.batch_tokens,
        )

    def _step_search(
        self,
        search: Search,
        ranking: Ranking,
        demands: Demands,
        in_use: frozenset[str],
        engine: StepEngine | None = None,
    ) -> StepSearch:
        """A search by steps.

        Args:
            engine: that takes them; None for whichever does.

        Raises:
            SettingsError: the model cannot serve an option.
            CheckpointError: there is no lexical table for a shortlist.
        """
        engine = engine or self.engines.by_steps()
        target = self.tokenizers.target
        check_model(in_use, attends=engine.attends, has_unknown=target.has_unknown)
        forbidden = [token for token in target.forbidden if token != UNKNOWN_ID or not demands.replacement]
        return StepSearch(
            engine=engine,
            tokenizers=self.tokenizers,
            search=search,
            ranking=ranking,
            forbidden=tuple(forbidden),
            banned=BannedText(demands.banned, target) if demands.banned else None,
            attending=ATTENTION in needs_of(in_use),
            lexicon=self._lexicon if search.shortlist else None,
        )

    @cached_property
    def _lexicon(self) -> Lexicon:
        """The lexical table; raises CheckpointError where nothing was exported, or it is damaged."""
        path = self.checkpoint.export / LEXICON
        if not path.exists():
            raise CheckpointError(
                f"--shortlist needs the lexical table of an export, and there is no {path}; run 'mtkit"
                " export'"
            )
        self.checkpoint.verify("export", path.relative_to(self.checkpoint.directory).as_posix())
        return Lexicon.load(path)
