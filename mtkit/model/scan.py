"""A loop over the first axis: `keras.ops.scan`, and for TensorFlow a version of our own.

The scan of Keras 3.15 on TensorFlow wants every output to have the shape of the carried state and copies the
state through arrays; this one has neither limit. It is the only place in the model that names a backend.
"""

import keras
from keras import ops, tree


def scan(step, carry, inputs, reverse: bool = False):
    """Run `step(carry, slices) -> (carry, outputs)` over the first axis of `inputs` (a nested structure of
    arrays).

    Returns:
        The last carry and the outputs, stacked on the first axis in the order of the inputs (also when
        reversed).
    """
    if keras.backend.backend() != "tensorflow":
        return ops.scan(step, carry, inputs, reverse=reverse)
    import tensorflow as tf

    flat_inputs = tree.flatten(inputs)
    length = tf.shape(flat_inputs[0])[0]
    arrays = [
        tf.TensorArray(array.dtype, size=length, element_shape=array.shape[1:]).unstack(array)
        for array in flat_inputs
    ]
    # The outputs' shapes and structure, from one step that is never run: nothing reads its values.
    _, sample = step(carry, tree.pack_sequence_as(inputs, [array[0] for array in flat_inputs]))

    def body(position, carry, outputs):
        slices = tree.pack_sequence_as(inputs, [array.read(position) for array in arrays])
        carry, produced = step(carry, slices)
        outputs = [
            array.write(position, value) for array, value in zip(outputs, tree.flatten(produced), strict=True)
        ]
        return position + (-1 if reverse else 1), carry, outputs

    outputs = [
        tf.TensorArray(one.dtype, size=length, element_shape=one.shape) for one in tree.flatten(sample)
    ]
    _, carry, outputs = tf.while_loop(
        lambda position, *_: position >= 0 if reverse else position < length,
        body,
        (length - 1 if reverse else 0, carry, outputs),
        parallel_iterations=1,  # steps depend on each other; more only holds memory
    )
    return carry, tree.pack_sequence_as(sample, [array.stack() for array in outputs])
