"""Which model is live, and which was when: `registry.json` in the folder of models."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from feedback_nlp.errors import ModelMismatchError, ModelMissingError
from feedback_nlp.files import atomic_write

__all__ = ["Activation", "Registry", "default_models_folder"]

Action = Literal["first", "promote", "rollback"]
_FILE = "registry.json"
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Activation:
    """One time a model was put live.

    Attributes:
        model: `name/version`.
        at: When, ISO 8601 in UTC.
        by: Who did it.
        why: In their words.
        action: `first`, `promote` or `rollback`.
        forced: Whether a refusal was overruled.
    """

    model: str
    at: str
    by: str
    why: str
    action: Action
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    """The activations so far, the last of which is live.

    Attributes:
        folder: The folder of models.
        activations: Oldest first.
    """

    folder: Path
    activations: tuple[Activation, ...] = ()

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read the registry; one without activations when there is no file yet.

        Raises:
            ModelMismatchError: The file is not a readable registry.
        """
        folder = Path(folder)
        path = folder / _FILE
        try:
            raw = path.read_text("utf-8")
        except FileNotFoundError:
            return cls(folder)
        except (OSError, UnicodeDecodeError) as exc:
            raise ModelMismatchError(f"{path}: cannot be read: {exc}") from exc
        try:
            data = json.loads(raw)
            if data["schema"] != _SCHEMA:
                raise ModelMismatchError(
                    f"{path}: schema {data['schema']!r} is not the one this version reads ({_SCHEMA})"
                )
            return cls(folder, tuple(Activation(**entry) for entry in data["activations"]))
        except (ValueError, KeyError, TypeError) as exc:
            raise ModelMismatchError(f"{path}: not a readable registry: {exc!r}") from exc

    @property
    def live(self) -> str | None:
        """`name/version` of the model in use, or None."""
        return self.activations[-1].model if self.activations else None

    def live_folder(self) -> Path:
        """Where the live model stands.

        Raises:
            ModelMissingError: No model is live, or its folder is gone.
        """
        if self.live is None:
            raise ModelMissingError(
                f"{self.folder}: no model is live yet; train one with `feedback-nlp train`"
            )
        folder = self.folder / self.live
        if not folder.is_dir():
            raise ModelMissingError(
                f"{folder}: the live model's folder is gone; restore it or promote another model"
            )
        return folder

    def live_at(self, moment: datetime) -> Activation | None:
        """What was live at a moment (with a time zone), or None before the first."""
        before = [entry for entry in self.activations if datetime.fromisoformat(entry.at) <= moment]
        return before[-1] if before else None

    def models(self) -> Sequence[str]:
        """Every model in the folder, as `name/version`, by name and then version."""
        return sorted(
            str(path.parent.relative_to(self.folder)) for path in self.folder.glob("*/*/manifest.json")
            if not path.parent.name.startswith(".") and path.parent.parent.name != "encoder"
        )  # fmt: skip

    def activate(self, model: str, *, by: str, why: str, action: Action, forced: bool = False) -> Self:
        """Put a model live and write that down, in one step that cannot be seen half done.

        Raises:
            ModelMissingError: There is no such model.
        """
        if not (self.folder / model / "manifest.json").is_file():
            raise ModelMissingError(f"{self.folder / model}: no such model")
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        entry = Activation(model, now, by, why, action, forced)
        new = type(self)(self.folder, (*self.activations, entry))
        data = {
            "schema": _SCHEMA,
            "live": new.live,
            "activations": [asdict(each) for each in new.activations],
        }
        with atomic_write(self.folder / _FILE) as file:
            file.write((json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())
        return new


def default_models_folder() -> Path:
    """`FEEDBACK_NLP_MODELS` where it is set, else `models` of the project around the current directory or package."""
    if configured := os.environ.get("FEEDBACK_NLP_MODELS"):
        return Path(configured)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file() and (folder / "feedback_nlp").is_dir():
            return folder / "models"
    beside = Path(__file__).resolve().parent.parent / "models"
    return beside if beside.is_dir() else here / "models"
