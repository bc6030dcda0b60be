"""Our two profiles as every bench measures them: trained by the project's own command, each at most once a run."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from feedback_nlp.registry import Registry, default_models_folder
from tests.benchmarks.programs import COMMAND, small
from training.corpus import LABELLED, LabelledItem, load_corpus

__all__ = ["EVERY", "Models", "Profile", "Training", "kept_models", "labelled", "put_live", "train"]

Profile = Literal["fast", "accurate"]
EVERY = small(1, 12)
"""Which of the labelled items are used: all, or every twelfth to try the benches."""


@dataclass(frozen=True)
class Training:
    """What a training cost, from the start of the command to its end: seconds by the clock and of processor time."""

    items: int
    seconds: float
    busy: float


class Models:
    """Both profiles in one folder of models, each trained when it is first asked for; what stands there is taken.

    Args:
        folder: `feedback-nl/fast` and `feedback-nl/accurate` stand in it, or will.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def of(self, profile: Profile) -> Path:
        """The profile's model folder."""
        model = self.folder / "feedback-nl" / profile
        if not model.exists():
            self._note(profile).write_text(json.dumps(asdict(train(profile, model))), "utf-8")
        return model

    def training(self, profile: Profile) -> Training | None:
        """What training it cost; None for a model that was brought along."""
        self.of(profile)
        note = self._note(profile)
        return Training(**json.loads(note.read_text("utf-8"))) if note.exists() else None

    def _note(self, profile: Profile) -> Path:
        return self.folder / f"training-{profile}.json"


@contextmanager
def kept_models(folder: Path | None) -> Iterator[Models]:
    """Models in a folder that stays, or, without one, in one that goes when the benches are done."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield Models(folder)
        return
    with tempfile.TemporaryDirectory(prefix="feedback-nlp-models-") as scratch:
        yield Models(Path(scratch))


def train(profile: Profile, out: Path, every: int = EVERY) -> Training:
    """Train on every nth labelled item with `feedback-nlp train`; the accurate profile on the newest encoder."""
    with tempfile.TemporaryDirectory() as scratch:
        files = labelled_files(Path(scratch), every)
        named = [part for file in files for part in ("--data", str(file))]
        command = [*COMMAND, "train", "--profile", profile, "--out", str(out), *named]
        clock, before = time.perf_counter(), os.times()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds, after = time.perf_counter() - clock, os.times()
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
        busy = after.children_user + after.children_system - before.children_user - before.children_system
        return Training(len(load_corpus(files)), seconds, busy)


def labelled() -> list[LabelledItem]:
    """The items that `Models` learn from and are judged with."""
    with tempfile.TemporaryDirectory() as scratch:
        return load_corpus(labelled_files(Path(scratch), EVERY))


def labelled_files(folder: Path, every: int) -> Sequence[Path]:
    """The project's labelled files, or copies with every nth line of them."""
    if every == 1:
        return LABELLED
    copies = []
    for path in LABELLED:
        copy = folder / path.name
        copy.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[::every]), "utf-8")
        copies.append(copy)
    return copies


def put_live(model: Path, folder: Path) -> Path:
    """Make `folder` a folder of models in which this one is live, beside the encoders of the project."""
    (folder / "feedback-nl").mkdir(parents=True)
    (folder / "encoder").symlink_to((default_models_folder() / "encoder").resolve())
    (folder / "feedback-nl" / model.name).symlink_to(model.resolve())
    Registry.load(folder).activate(f"feedback-nl/{model.name}", by="bench", why="bench", action="first")
    return folder
