"""An adaptation from the corpus to the folder that is served, in steps that each leave a file."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from feedback_nlp.encoder import MODEL_FILE, TOKENIZER_FILE, EncoderOutput, OnnxEncoder, TokenTags
from feedback_nlp.taxonomy import Taxonomy
from training.adapt.base import read_base
from training.adapt.examples import Labels
from training.adapt.export import export
from training.adapt.jobs import (
    FINAL,
    Item,
    Setting,
    job_names,
    left_out,
    read_items,
    shape_of,
    train_job,
    training_items,
)
from training.adapt.measure import best_threshold, evidence_counts, figures, token_f1
from training.adapt.network import Network
from training.adapt.out_of_fold import OutOfFold
from training.adapt.publish import file_digest, whitening_of, write_card, write_manifest
from training.adapt.smoothing import input_ranges
from training.adapt.vocabulary import build_tokenizer, frequent_words, prune
from training.splits import HELD_OUT_DOMAINS

__all__ = ["fingerprint", "prepare", "publish", "run_job"]

EVIDENCE_THRESHOLDS = tuple(round(0.1 + 0.05 * step, 2) for step in range(13))
CALIBRATION_TEXTS = 150


def fingerprint(paths: Sequence[Path], setting: Setting) -> str:
    """Digest of the data and the settings; work on another corpus starts anew."""
    digest = hashlib.sha256(json.dumps(asdict(setting)).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare(work: Path, items: Sequence[Item]) -> None:
    """Choose the vocabulary from the training items; leaves ``tokenizer.json`` and ``rows.npy``."""
    if (work / "rows.npy").is_file():
        return
    base = read_base()
    texts = [item.example.text for item in items if item.fold is not None]
    vocabulary = prune(base, texts, frequent_words())
    tokenizer = json.loads(build_tokenizer(vocabulary.pieces).to_str())
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (work / TOKENIZER_FILE).write_text(text, encoding="utf-8")
    waiting = work / "rows.part.npy"
    np.save(waiting, vocabulary.rows)
    waiting.replace(work / "rows.npy")


def run_job(
    work: Path, job: str, paths: Sequence[Path], taxonomy: Taxonomy, setting: Setting, threads: int
) -> None:
    """Train, export and, where folds were left out, ask: everything one training is for. Safe to repeat.

    Meant for a process of its own, which leaves Ctrl-C to the process that started it.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    items = read_items(paths, taxonomy)
    train_job(work, job, items, setting, threads)
    folder = work / job
    if not (folder / "manifest.json").is_file():
        _export(work, job, folder, items, taxonomy, setting)
    if job != FINAL and not (work / f"{job}.npz").is_file():
        _ask(work, job, folder, items)


def publish(
    work: Path, folder: Path, paths: Sequence[Path], taxonomy: Taxonomy, setting: Setting, notes: str = ""
) -> dict[str, Any]:
    """Put together what the trainings left, measure it, and write the folder that is served.

    Args:
        work: Where the trainings left their files.
        folder: The folder to write.
        paths: The labelled files.
        taxonomy: Themes and signals.
        setting: As the trainings had it.
        notes: What else the manifest should say of the training.

    Returns:
        The measures, as they stand in the manifest.
    """
    items = read_items(paths, taxonomy)
    by_id = {item.id: item for item in items}
    answers = [dict(np.load(work / f"{job}.npz")) for job in job_names() if job != FINAL]
    served = OnnxEncoder.load(work / FINAL)
    known = np.concatenate([answer["ids"] for answer in answers])
    outside = OutOfFold(
        served.columns,
        known,
        np.array([by_id[str(item)].fold for item in known], dtype=np.int8),
        np.concatenate([answer["document"] for answer in answers]),
        np.concatenate([answer["held_ids"] for answer in answers]),
        np.concatenate([answer["held_document"] for answer in answers]),
    )
    examples = [by_id[str(item)].example for item in known]
    truth = np.array([example.themes for example in examples], dtype=bool)
    columns = [i for i, name in enumerate(served.columns) if name.startswith("theme.")]
    scores = outside.document[:, columns]
    thresholds = np.array([best_threshold(truth[:, k], scores[:, k]) for k in range(truth.shape[1])])
    counts = sum(answer["evidence"] for answer in answers)
    token_scores = [token_f1(each) for each in counts]
    best = int(np.argmax(token_scores))
    test = [item for item in items if item.fold is None]
    output = served.encode([item.example.text for item in test])
    measures: dict[str, Any] = {
        "data": "synthetic corpus written for this project",
        "themes": list(taxonomy.theme_codes),
        "out_of_fold": figures(
            (outside.document, served.columns), examples, thresholds, counts[best]
        ).to_dict(),
        "test": _test_figures(output, test, thresholds, EVIDENCE_THRESHOLDS[best]),
        "left_out_domain": {},
    }
    held_place = {str(item): row for row, item in enumerate(outside.held_ids)}
    held_tokens = [tags for answer in answers for tags in _tokens(answer)]
    for domain in HELD_OUT_DOMAINS:
        rows = [i for i, item in enumerate(test) if item.domain == domain]
        if not rows:  # labelled files of one's own need not have every domain
            continue
        order = [held_place[test[i].id] for i in rows]
        there = [test[i] for i in rows]
        blind = EncoderOutput(
            output.embedding[rows],
            outside.held_document[order],
            served.columns,
            tuple(held_tokens[i] for i in order),
        )
        seeing = EncoderOutput(
            output.embedding[rows],
            output.document[rows],
            served.columns,
            tuple(output.tokens[i] for i in rows),
        )
        measures["left_out_domain"][domain] = {
            "left_out": _test_figures(blind, there, thresholds, EVIDENCE_THRESHOLDS[best]),
            "known": _test_figures(seeing, there, thresholds, EVIDENCE_THRESHOLDS[best]),
        }
    folder.mkdir(parents=True, exist_ok=True)
    for name in (MODEL_FILE, TOKENIZER_FILE):
        (folder / name).write_bytes((work / FINAL / name).read_bytes())
    numbers = outside.save(folder)
    whitening = whitening_of(served, [example.text for example in examples]).save(folder)
    training = {
        "data": {path.name: file_digest(path) for path in paths},
        "digest": fingerprint(paths, setting),
        "items": len(training_items(items, FINAL)),
        "domains": dict(Counter(item.domain for item in items if item.fold is not None).most_common()),
        "settings": asdict(setting),
        "notes": notes,
    }
    more = {
        "training": training,
        "theme_thresholds": dict(zip(taxonomy.theme_codes, np.round(thresholds, 4).tolist(), strict=True)),
        "evidence_threshold": EVIDENCE_THRESHOLDS[best],
        "metrics": measures,
    }
    card = write_card(folder, folder.name, training, measures)
    labels = Labels(taxonomy.theme_codes, taxonomy.signal_codes)
    files = [MODEL_FILE, TOKENIZER_FILE, numbers.name, whitening.name, *card]
    write_manifest(folder, folder.name, labels, output.embedding.shape[1], files, more)
    return measures


def _test_figures(
    output: EncoderOutput, items: Sequence[Item], thresholds: NDArray[np.float64], evidence: float
) -> dict[str, object]:
    examples = [item.example for item in items]
    counts = evidence_counts(output.tokens, examples, [evidence])[0]
    return figures(output, examples, thresholds, counts).to_dict()


def _export(
    work: Path, job: str, folder: Path, items: Sequence[Item], taxonomy: Taxonomy, setting: Setting
) -> None:
    tokenizer = Tokenizer.from_file(str(work / TOKENIZER_FILE))
    state = torch.load(work / f"{job}.pt", weights_only=True)
    shape = shape_of(items, read_base(), len(np.load(work / "rows.npy")), setting)
    network = Network(shape)
    network.load_state_dict(state)
    network.eval()
    texts = [item.example.text for item in training_items(items, job)]
    rng = random.Random(setting.seed)  # noqa: S311 - not a secret
    chosen = rng.sample(texts, min(CALIBRATION_TEXTS, len(texts)))
    encodings = tokenizer.encode_batch(chosen, add_special_tokens=False)
    ranges = input_ranges(network, [[0, *encoding.ids[:254], 2] for encoding in encodings])
    folder.mkdir(parents=True, exist_ok=True)
    export({name: value.float().numpy() for name, value in state.items()}, shape, folder / MODEL_FILE, ranges)
    (folder / TOKENIZER_FILE).write_bytes((work / TOKENIZER_FILE).read_bytes())
    labels = Labels(taxonomy.theme_codes, taxonomy.signal_codes)
    write_manifest(folder, job, labels, shape.hidden, [MODEL_FILE, TOKENIZER_FILE], {})


def _ask(work: Path, job: str, folder: Path, items: Sequence[Item]) -> None:
    """What a network says about the items it did not see, and about the test items of domains it does not know."""
    folds = left_out(job)
    encoder = OnnxEncoder.load(folder)
    own = [item for item in items if item.fold in folds]
    domains = [HELD_OUT_DOMAINS[fold] for fold in folds]
    held = [item for item in items if item.fold is None and item.domain in domains]
    said = encoder.encode([item.example.text for item in own])
    said_held = encoder.encode([item.example.text for item in held])
    none = np.zeros(0, dtype=np.int32)
    waiting = work / f"{job}.part.npz"
    np.savez(
        waiting,
        ids=np.array([item.id for item in own]),
        document=said.document,
        evidence=evidence_counts(said.tokens, [item.example for item in own], EVIDENCE_THRESHOLDS),
        held_ids=np.array([item.id for item in held]),
        held_document=said_held.document,
        held_sizes=np.array([len(tags.starts) for tags in said_held.tokens]),
        held_starts=np.concatenate([none, *(tags.starts for tags in said_held.tokens)]),
        held_ends=np.concatenate([none, *(tags.ends for tags in said_held.tokens)]),
        held_logits=np.concatenate(
            [
                np.zeros((0, len(encoder.themes)), dtype=np.float32),
                *(tags.logits for tags in said_held.tokens),
            ]
        ),
    )
    waiting.replace(work / f"{job}.npz")


def _tokens(answer: dict[str, NDArray[Any]]) -> list[TokenTags]:
    bounds = np.cumsum([0, *answer["held_sizes"]])
    return [
        TokenTags(answer["held_starts"][a:b], answer["held_ends"][a:b], answer["held_logits"][a:b])
        for a, b in itertools.pairwise(bounds)
    ]
