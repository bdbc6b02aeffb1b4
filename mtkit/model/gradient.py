"""Gradients written out by hand: of a function, and of a loop over positions.

Why by hand: the gradient of a weight matrix is a sum over positions. Collected over the whole sequence it is
one large matrix product after the loop, where automatic differentiation makes a small product and an addition
at every position.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

from keras import ops, tree

from mtkit.model.scan import scan


def with_gradient(function: Callable, arguments):
    """The outputs of a function that brings its own gradient.

    Args:
        function: (arguments) -> (outputs, gradient), outputs an array or a tuple of them; gradient:
            (the gradient of each output) -> those of the arguments, in their structure.
        arguments: a nested structure of arrays, without None.
    """

    @ops.custom_gradient
    def run(*arrays):
        outputs, gradient = function(tree.pack_sequence_as(arguments, arrays))
        return outputs, partial(_flat_gradient, gradient)

    return run(*tree.flatten(arguments))


def _flat_gradient(gradient: Callable, *upstream):
    """The gradient for arrays one by one, as Keras asks for it."""
    # Those of several outputs come as so many arguments (TensorFlow), or as one tuple (JAX).
    if isinstance(upstream[0], (tuple, list)):
        (upstream,) = upstream
    return tuple(tree.flatten(gradient(*upstream)))


class Recurrence(ABC):
    """A loop over positions with its gradient written by hand, for the arguments of one call.

    Forward, a scan that keeps what the gradient needs; backward, a scan from the last position to the first;
    afterwards the gradients of weights, as one product over all positions. Structures are nested, of arrays;
    nothing is (), not None. What is kept, read or produced by steps is stacked in a scan: [T, ...].

    Attributes:
        inputs: what the forward steps read.
        first: what the first step is given.
        last_gradient: what the first backward step, that of the last position, is given.
    """

    inputs: Any
    first: Any
    last_gradient: Any

    @abstractmethod
    def step(self, carried, inputs):
        """One position on: (what the next step is given, what is kept)."""

    @abstractmethod
    def outputs(self, kept):
        """The result, from what was kept: [T, B, ...]."""

    @abstractmethod
    def readings(self, kept, upstream):
        """What the backward steps read.

        Few large operations over all positions cost less than many small ones, so that here stands all that
        needs no step.

        Args:
            upstream: the gradient of the result.
        """

    @abstractmethod
    def step_backward(self, gradient, readings):
        """One position back: (what the step before is given, what is produced)."""

    @abstractmethod
    def gradients(self, kept, gradient, produced):
        """The gradients of the arguments, in their structure.

        Args:
            gradient: what the last backward step, that of the first position, handed on.
        """


def run_recurrence(make: Callable[[Any], Recurrence], arguments):
    """The result of a recurrence.

    Args:
        make: arguments -> the recurrence.
        arguments: see `with_gradient`.
    """
    return with_gradient(partial(_run_forward, make), arguments)


def _run_forward(make: Callable[[Any], Recurrence], arguments):
    loop = make(arguments)
    _, kept = scan(loop.step, loop.first, loop.inputs)
    return loop.outputs(kept), partial(_run_backward, loop, kept)


def _run_backward(loop: Recurrence, kept, upstream):
    readings = loop.readings(kept, upstream)
    gradient, produced = scan(loop.step_backward, loop.last_gradient, readings, reverse=True)
    return loop.gradients(kept, gradient, produced)
