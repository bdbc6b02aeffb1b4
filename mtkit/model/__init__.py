"""The network, written in keras and keras.ops; see backend.py for what it runs on."""
