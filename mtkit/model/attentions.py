"""The kinds of attention by name."""

from importlib import import_module

from mtkit.model.attention import Attention
from mtkit.settings.train import ATTENTIONS


def attention_kind(name: str) -> type[Attention] | None:
    """The class that settings.train.ATTENTIONS names; None for none."""
    if not ATTENTIONS[name]:
        return None
    module, _, class_name = ATTENTIONS[name].partition(":")
    return getattr(import_module(f"mtkit.model.{module}"), class_name)
