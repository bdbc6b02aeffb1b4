"""Training speed of mtkit beside OpenNMT-py: the same pieces, model and batch size, in turns on the same
machine.

rnn: bidirectional LSTM encoder 2 x 128, LSTM decoder 256, embeddings 256, additive attention, input feeding,
nothing tied, dropout 0.2, Adam, batches of 2,048 tokens. transformer: 4 + 4 layers, width 128, feed-forward
256, 4 heads, all embeddings tied, dropout 0.3 everywhere, label smoothing 0.1, Adam, batches of 4,096 tokens.
The figure is real target pieces a second, padding not counted.

    mtkit prepare -C speed --train multi30k/train --valid multi30k/valid \\
        --source-language en --target-language de --vocabulary-size 8000
    python3 -m venv onmt && onmt/bin/pip install OpenNMT-py
    python benchmarks/compare_opennmt.py speed --opennmt onmt/bin/onmt_train
    python benchmarks/compare_opennmt.py speed --opennmt onmt/bin/onmt_train --family transformer \\
        --precisions float32
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from commands import mtkit

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import load_tokenizers

MODEL = (
    "--preset",
    "small",
    "--tie-embeddings",
    "none",
    "--embedding-dropout",
    "0.2",
    "--layer-dropout",
    "0.2",
    "--output-dropout",
    "0.2",
)
TRANSFORMER = (
    "--model",
    "transformer",
    "--preset",
    "tiny",
    "--embedding-dropout",
    "0.3",
    "--layer-dropout",
    "0.3",
    "--attention-dropout",
    "0.3",
    "--activation-dropout",
    "0.3",
    "--batch-tokens",
    "4096",
)
CONFIGURATION = """
save_data: {folder}/run
overwrite: true
src_vocab: {folder}/source.vocab
tgt_vocab: {folder}/target.vocab
data:
  corpus:
    path_src: {folder}/train.source
    path_tgt: {folder}/train.target
save_model: {folder}/model
optim: adam
learning_rate: 0.001
batch_type: tokens
normalization: tokens
train_steps: {steps}
report_every: {report}
save_checkpoint_steps: 100000
valid_steps: 100000
world_size: 1
num_workers: 0
"""
RNN_CONFIGURATION = """
encoder_type: brnn
decoder_type: rnn
rnn_type: LSTM
enc_layers: 1
dec_layers: 1
hidden_size: 256
word_vec_size: 256
global_attention: mlp
input_feed: 1
dropout: [0.2]
batch_size: 2048
"""
TRANSFORMER_CONFIGURATION = """
encoder_type: transformer
decoder_type: transformer
position_encoding: true
enc_layers: 4
dec_layers: 4
heads: 4
hidden_size: 128
word_vec_size: 128
transformer_ff: 256
dropout: [0.3]
attention_dropout: [0.3]
label_smoothing: 0.1
share_vocab: true
share_embeddings: true
share_decoder_embeddings: true
batch_size: 4096
"""
FAMILIES = {"rnn": (MODEL, RNN_CONFIGURATION), "transformer": (TRANSFORMER, TRANSFORMER_CONFIGURATION)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="a directory that `mtkit prepare` made")
    parser.add_argument("--opennmt", required=True, help="the command onmt_train")
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--family", default="rnn", choices=tuple(FAMILIES))
    arguments = parser.parse_args()
    model, configuration = FAMILIES[arguments.family]
    speeds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pieces(Checkpoint(arguments.checkpoint), folder)
        content = (CONFIGURATION + configuration).format(
            folder=folder, steps=arguments.steps, report=arguments.steps // 3
        )
        (folder / "run.yaml").write_text(content)
        shutil.copytree(
            arguments.checkpoint, folder / "checkpoint", ignore=shutil.ignore_patterns("weights", "training")
        )
        mtkit("train", "--force", "--max-steps", 1, "--validation-lines", 1, *model, folder=folder)
        shares = []
        for number in range(arguments.rounds):
            speeds.setdefault("OpenNMT-py", []).append(opennmt(arguments.opennmt, folder))
            for precision in arguments.precisions:
                measure = ("--json", "--lines", 8, "--steps", arguments.steps, "--precision", precision)
                report = json.loads(mtkit("bench", *measure, folder=folder))
                speeds.setdefault(f"mtkit {precision}", []).append(report["training_tokens"])
                shares.append(f"{precision} {report['gemm_share']:.0%}")
            print(
                f"round {number + 1}:"
                f" {', '.join(f'{name} {found[-1]:,.0f}' for name, found in speeds.items())}",
                flush=True,
            )
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    for name, median in medians.items():
        print(
            f"{name:<16} {median:>7,.0f} target pieces/s, {median / medians['OpenNMT-py']:.2f} times"
            " OpenNMT-py"
        )
    print(f"share of the matrix product's speed, each run: {', '.join(shares)}")


def write_pieces(checkpoint: Checkpoint, folder: Path) -> None:
    """The prepared training text as pieces, and the vocabulary, in OpenNMT-py's form."""
    tokenizers, corpus = load_tokenizers(checkpoint), TokenCorpus(checkpoint.data / "train")
    for side, tokenizer in (("source", tokenizers.source), ("target", tokenizers.target)):
        pieces = tokenizer.pieces(list(range(tokenizer.size)))
        # OpenNMT-py splits at every kind of white space; a few pieces are, or hold, some.
        pieces = [piece if piece.split() == [piece] else f"<{token}>" for token, piece in enumerate(pieces)]
        with open(folder / f"train.{side}", "w", encoding="utf-8") as file:
            file.writelines(
                " ".join(pieces[token] for token in corpus.sentence(side, row)) + "\n"
                for row in range(len(corpus))
            )
        (folder / f"{side}.vocab").write_text(
            "".join(f"{piece}\t1\n" for piece in pieces[4:]), encoding="utf-8"
        )


def opennmt(command: str, folder: Path) -> float:
    """Target pieces a second: median of the reports after the first."""
    done = subprocess.run(
        [command, "-config", str(folder / "run.yaml")],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    found = [float(rate) for rate in re.findall(r"\d+/\s*(\d+) tok/s", done.stderr + done.stdout)]
    if len(found) < 2:
        sys.exit(f"OpenNMT-py failed:\n{done.stderr[-3000:]}")
    return statistics.median(found[1:])


if __name__ == "__main__":
    main()
