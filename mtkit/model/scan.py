"""A loop over the first axis: `keras.ops.scan`, and for TensorFlow a version of our own.

The scan of Keras 3.15 on TensorFlow wants every output to have the shape of the carried state and copies the
state through arrays; this one has neither limit. It is the only place in the model that names a backend.
"""

import keras
from keras import ops, tree


def scan(step, carry, inputs, reverse: bool = False):
    """Run `step(carry, slices) -> (carry, outputs)` over the first axis of some arrays.

    Args:
        inputs: a nested structure of arrays [T, ...].
        reverse: whether the last position comes first.

    Returns:
        The last carry; the outputs, stacked on the first axis in the order of the inputs.
    """
    if keras.backend.backend() != "tensorflow":
        return ops.scan(step, carry, inputs, reverse=reverse)
    import tensorflow as tf

    flat_inputs = tree.flatten(inputs)
    length = tf.shape(flat_inputs[0])[0]
    readers = [
        tf.TensorArray(array.dtype, size=length, element_shape=array.shape[1:]).unstack(array)
        for array in flat_inputs
    ]
    # The outputs' shapes and structure, from one step that is never run: nothing reads its values.
    _, sample = step(carry, tree.pack_sequence_as(inputs, [array[0] for array in flat_inputs]))
    writers = [
        tf.TensorArray(output.dtype, size=length, element_shape=output.shape)
        for output in tree.flatten(sample)
    ]

    def more(position, *_):
        return position >= 0 if reverse else position < length

    def one_step(position, carry, writers):
        slices = tree.pack_sequence_as(inputs, [array.read(position) for array in readers])
        carry, outputs = step(carry, slices)
        pairs = zip(writers, tree.flatten(outputs), strict=True)
        writers = [writer.write(position, output) for writer, output in pairs]
        return position + (-1 if reverse else 1), carry, writers

    start = length - 1 if reverse else 0
    # Steps depend on each other: to run several at a time would only hold memory.
    _, carry, writers = tf.while_loop(more, one_step, (start, carry, writers), parallel_iterations=1)
    return carry, tree.pack_sequence_as(sample, [writer.stack() for writer in writers])
