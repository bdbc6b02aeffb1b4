"""Numbers of a training as TensorBoard events, which TensorFlow writes."""

from pathlib import Path

import tensorflow as tf


def write_scalars(directory: Path, step: int, values: dict[str, float]) -> None:
    """Append numbers to the TensorBoard events of a folder."""
    # tf.summary.scalar needs the package tensorboard; its file format does not.
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    metadata = tf.compat.v1.SummaryMetadata(plugin_data=plugin, data_class=1)
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default():
        for name, value in values.items():
            tf.summary.write(name, tf.constant(value, tf.float32), step=step, metadata=metadata)
    writer.close()
