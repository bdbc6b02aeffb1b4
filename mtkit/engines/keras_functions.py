"""The functions of an engine, by the Keras model itself, compiled by its backend."""

import numpy as np

from mtkit.model.base import TranslationModel


class KerasFunctions:
    """What the functions of both backends share; see `functions.Functions`.

    The weights may change between two searches.

    Attributes:
        size: of the target vocabulary.
        attends: whether it has attention.
    """

    def __init__(self, model: TranslationModel):
        self.model = model
        self.size, self._width = model.output_matrix.shape
        self.attends = model.attends
        self._fields: list[str] = []  # of the memory, known once something was encoded

    def move(self, array, rows, places, size):
        order = np.arange(size)
        order[places] = rows
        return self.take(array, order)

    # What is compiled.

    def _begin(self, source):
        """`TranslationModel.start` with lists."""
        memory, state = self.model.start(source)
        self._fields = list(memory)
        return list(memory.values()), list(state)

    def _advance(self, memory, state, tokens, room=None):
        """`TranslationModel.step` with lists."""
        memory = dict(zip(self._fields, memory, strict=True))
        readout, attention, state = self.model.step(tokens, tuple(state), memory, room)
        return readout, attention, list(state)
