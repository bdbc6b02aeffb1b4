"""The network. Written in keras and keras.ops; TensorFlow is its backend unless KERAS_BACKEND names another."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
