"""mtkit: train and use your own machine-translation models, on your own machine."""

__version__ = "0.1.0"
