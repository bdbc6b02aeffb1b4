"""The kinds of engine that run a trained model."""

# Where the `EngineKind` of each is (see engines/engine_kind.py), in the order in which they are tried where a
# user leaves the choice: the last one runs whatever was trained, and the one before it what has int8.
# A new kind is a file, and a line here.
ENGINES = {
    "ctranslate2": "mtkit.engines.ctranslate2_engine:CTRANSLATE2",
    "onnx": "mtkit.engines.onnx_engine:ONNX",
    "keras": "mtkit.engines.keras_engine:KERAS",
}
ENGINE_CHOICES = ("auto", *ENGINES)
