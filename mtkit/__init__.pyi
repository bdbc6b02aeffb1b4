"""The public names, for type checkers; mtkit/__init__.py loads them when they are used."""

from mtkit.errors import CheckpointError as CheckpointError
from mtkit.errors import InputError as InputError
from mtkit.errors import MtkitError as MtkitError
from mtkit.errors import SettingsError as SettingsError
from mtkit.library import prepare as prepare
from mtkit.library import score as score
from mtkit.library import train as train
from mtkit.reporter import Reporter as Reporter
from mtkit.reporter import TerminalReporter as TerminalReporter
from mtkit.settings.prepare import PrepareSettings as PrepareSettings
from mtkit.settings.score import ScoreSettings as ScoreSettings
from mtkit.settings.search import Search as Search
from mtkit.settings.train import ModelSettings as ModelSettings
from mtkit.settings.train import TrainSettings as TrainSettings
from mtkit.translating.demands import Demands as Demands
from mtkit.translating.documents import FilledDocument as FilledDocument
from mtkit.translating.glossary import Glossary as Glossary
from mtkit.translating.glossary import Term as Term
from mtkit.translating.loading import load as load
from mtkit.translating.protect import Protection as Protection
from mtkit.translating.translation import Candidate as Candidate
from mtkit.translating.translation import Translation as Translation
from mtkit.translating.translator import Translator as Translator
from mtkit.translating.unknown import Replacement as Replacement

__version__: str
