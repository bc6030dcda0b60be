"""The trainings of an adaptation: some that leave folds out, and one on everything.

Every fold is left out by one training, whose network then knows nothing of its items (nor, since a held-out domain is
in one fold, of its domain). What it says about them is what everyday training may learn from; what it says about the
domain's test items is what leave-one-domain-out is measured with. The training on every item that is not for testing
makes the encoder that is served.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback_nlp.taxonomy import Taxonomy
from training.adapt.errors import AdaptError
from training.adapt.examples import Example, Labels, from_item
from training.corpus import load_corpus
from training.splits import FOLDS, fold_of, is_test

if TYPE_CHECKING:
    from training.adapt.base import BaseModel
    from training.adapt.network import Shape

__all__ = [
    "FINAL", "Item", "Setting", "average", "job_names", "left_out", "read_items", "shape_of", "start_from", "train_job",
    "training_items",
]  # fmt: skip

FINAL = "final"

_WITHOUT = "without"


@dataclass(frozen=True)
class Setting:
    """What a whole adaptation may be told; the rest is fixed in `training.adapt.fitting.Plan`.

    Attributes:
        epochs: Passes over the items, in every training.
        layers: Numbers of the base model's layers that are kept.
        seed: Seed of everything random.
        start: Digests of the weights that the trainings start from, or are the mean of; empty for the base model.
    """

    epochs: int = 6
    layers: tuple[int, ...] = tuple(range(12))
    seed: int = 20
    start: str = ""


@dataclass(frozen=True)
class Item:
    """A labelled item as far as adaptation needs it; ``fold`` is None for test items."""

    id: str
    domain: str
    fold: int | None
    example: Example


def job_names() -> tuple[str, ...]:
    """Names of all trainings."""
    return (FINAL, *(f"{_WITHOUT}{fold}" for fold in range(FOLDS)))


def left_out(job: str) -> tuple[int, ...]:
    """The folds that a training did not see, from its name; ``without0-1`` left out two."""
    return () if job == FINAL else tuple(int(fold) for fold in job.removeprefix(_WITHOUT).split("-"))


def read_items(paths: Sequence[Path], taxonomy: Taxonomy) -> list[Item]:
    """Every labelled item of checked files, in their order.

    Raises:
        CorpusError: A file cannot be read, or rows are faulty.
    """
    labels = Labels(taxonomy.theme_codes, taxonomy.signal_codes)
    items = []
    for row in load_corpus(paths, taxonomy):
        example = from_item(
            labels, row.text, row.themes, row.evidence, row.sentiment, row.nps, row.cas, row.ces, row.signals
        )
        fold = None if is_test(row.id) else fold_of(row.id, row.domain)
        items.append(Item(row.id, row.domain, fold, example))
    return items


def training_items(items: Sequence[Item], job: str) -> list[Item]:
    """The items a training may see."""
    return [item for item in items if item.fold is not None and item.fold not in left_out(job)]


def average(work: Path, finished: Sequence[Path]) -> None:
    """Let every training in ``work`` be the mean of the weights that the same training has in finished adaptations.

    Weights along one path of training lie in one basin; their mean does at least as well as each of them (Wortsman et
    al., 2022, "Model soups", ICML).

    Raises:
        AdaptError: A training is missing or not finished, or the vocabularies differ.
    """
    import torch

    for folder in finished:
        _check_vocabulary(folder)
        if (folder / "rows.npy").read_bytes() != (finished[0] / "rows.npy").read_bytes():
            raise AdaptError(
                f"{folder} has another vocabulary than {finished[0]}; only like can be averaged with like"
            )
    for job in job_names():
        states = [torch.load(_weights(folder, job), weights_only=True) for folder in finished]
        mean = {name: sum(state[name] for state in states) / len(states) for name in states[0]}
        waiting = work / f"{job}.pt.part"
        torch.save(mean, waiting)
        waiting.replace(work / f"{job}.pt")
    _copy_vocabulary(finished[0], work)


def start_from(work: Path, earlier: Path) -> None:
    """Let every training in ``work`` start from the weights and the vocabulary of a finished adaptation.

    What a training must not see, its predecessor has not seen either: folds follow from an item's id and domain alone.

    Raises:
        AdaptError: A training of the earlier adaptation is missing or not finished.
    """
    if (work / "rows.npy").is_file():
        return
    _check_vocabulary(earlier)
    for job in job_names():
        shutil.copyfile(_weights(earlier, job), work / f"{job}.start.pt")
    _copy_vocabulary(earlier, work)


def _weights(folder: Path, job: str) -> Path:
    """The finished training that saw nothing a training must not see, and most of the rest."""
    if (own := folder / f"{job}.pt").is_file():
        return own
    for file in sorted(folder.glob(f"{_WITHOUT}*.pt"), key=lambda file: len(file.stem)):
        if "." not in file.stem and job != FINAL and set(left_out(file.stem)) >= set(left_out(job)):
            return file
    raise _unfinished(folder, f"{job}.pt")


def _check_vocabulary(folder: Path) -> None:
    if not (folder / "rows.npy").is_file():
        raise _unfinished(folder, "rows.npy")


def _unfinished(folder: Path, name: str) -> AdaptError:
    return AdaptError(
        f"{folder} is not a finished adaptation: {name} is missing; "
        "name the folder that the earlier run called work in progress"
    )


def _copy_vocabulary(source: Path, work: Path) -> None:
    for name in ("tokenizer.json", "rows.npy"):
        shutil.copyfile(source / name, work / name)


def train_job(work: Path, job: str, items: Sequence[Item], setting: Setting, threads: int) -> None:
    """Do one training in this process; leaves ``<job>.pt`` and keeps its progress in ``<job>.json``, both in ``work``.

    A training that is finished is left alone, one that was broken off goes on after its last whole epoch. Where there
    is ``<job>.start.pt``, it starts from those weights instead of the base model's.
    """
    import numpy as np
    import torch
    from tokenizers import Tokenizer

    from training.adapt.base import read_base
    from training.adapt.fitting import Plan, fit
    from training.adapt.network import Network, load_backbone

    done = work / f"{job}.pt"
    if done.is_file():
        return
    torch.set_num_threads(threads)
    plan = Plan(epochs=setting.epochs, seed=setting.seed)
    torch.manual_seed(plan.seed)
    rows = np.load(work / "rows.npy")
    base = read_base()
    network = Network(shape_of(items, base, len(rows), setting))
    start = work / f"{job}.start.pt"
    if start.is_file():
        network.load_state_dict(torch.load(start, weights_only=True))
    else:
        load_backbone(network.backbone, base, rows, setting.layers)
    del base
    state = work / f"{job}.json"

    def progress(share: float, loss: float) -> None:
        waiting = state.with_suffix(".part")
        waiting.write_text(json.dumps({"share": round(share, 4), "loss": round(loss, 4)}), encoding="utf-8")
        waiting.replace(state)

    checkpoint = work / f"{job}.checkpoint.pt"
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    examples = [item.example for item in training_items(items, job)]
    fit(network, tokenizer, examples, plan, checkpoint, progress, trained=start.is_file())
    waiting = work / f"{job}.pt.part"
    torch.save(network.state_dict(), waiting)
    waiting.replace(done)
    checkpoint.unlink(missing_ok=True)


def shape_of(items: Sequence[Item], base: BaseModel, words: int, setting: Setting) -> Shape:
    """Sizes of the network for these labels."""
    from training.adapt.network import Shape

    example = items[0].example
    return Shape(
        words, len(example.themes), len(example.signals), base.hidden, len(setting.layers), base.heads,
        base.feed_forward, base.positions, base.epsilon,
    )  # fmt: skip
