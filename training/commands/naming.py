"""What several of these commands ask: which model, who is asking, which items."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from feedback_nlp.taxonomy import Taxonomy
    from training.corpus import LabelledItem

__all__ = ["frozen_items", "model_name", "models_folder", "user", "wide_console"]


def models_folder(models: Path | None) -> Path:
    """The folder of models that was given, or the default one."""
    from feedback_nlp.registry import default_models_folder

    return models if models is not None else default_models_folder()


def model_name(models: Path, given: str | None) -> str:
    """`name/version` of what was given: that itself, a version, a folder, `live` (or None) or `newest`.

    Raises:
        ModelMissingError: There is no such model.
        BadParameter: More than one model has the version.
    """
    from feedback_nlp.errors import ModelMissingError
    from feedback_nlp.registry import Registry

    registry = Registry.load(models)
    if given is None or given == "live":
        return str(registry.live_folder().relative_to(models))
    known = list(registry.models())
    if given == "newest":
        return _newest(models, known)
    folder = Path(given).resolve()
    if folder.is_relative_to(models.resolve()) and (folder / "manifest.json").is_file():
        return str(folder.relative_to(models.resolve()))
    fitting = [name for name in known if given in (name, name.rpartition("/")[2])]
    if len(fitting) > 1:
        raise typer.BadParameter(f"{given!r} may be {' or '.join(fitting)}; name one of them")
    if not fitting:
        listed = ", ".join(known[-5:]) or "none"
        raise ModelMissingError(f"{given}: no such model in {models}; it holds {listed}")
    return fitting[0]


def _newest(models: Path, known: Sequence[str]) -> str:
    """The one made last of those that can be read; other versions of the program may have left others."""
    from feedback_nlp.artifacts import read_manifest
    from feedback_nlp.errors import ModelError, ModelMissingError

    made = {}
    for name in known:
        with suppress(ModelError):
            made[name] = read_manifest(models / name).created
    if not made:
        held = (
            f"none of its {len(known)} models can be read by this version" if known else "holds no model yet"
        )
        raise ModelMissingError(f"{models}: {held}; train one with `feedback-nlp train`")
    return max(made, key=lambda name: (made[name], name))


def user(by: str | None) -> str:
    """The name that was given, or the one of the account."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def frozen_items(
    data: Sequence[Path] | None, taxonomy: Taxonomy, *, everything: bool = False
) -> list[LabelledItem]:
    """The test split of the project's corpus and of further labelled files.

    Args:
        data: Further labelled files; nulls in their scores are filled as for training.
        taxonomy: The codes that may occur.
        everything: Only the items of `data`, all of them.
    """
    from training.corpus import CORPUS, load_corpus
    from training.sources import load_labelled
    from training.splits import is_test

    own = load_labelled(data, taxonomy).items if data else []
    if everything and own:
        return list(own)
    corpus = load_corpus(CORPUS) if set(taxonomy.theme_codes) <= _corpus_codes() else []
    return [item for item in (*corpus, *own) if is_test(item.id)]


def _corpus_codes() -> set[str]:
    from feedback_nlp.taxonomy import Taxonomy

    return set(Taxonomy.default().theme_codes)


def wide_console() -> Console:
    """A console for tables of figures: at least 110 columns, since a table that is cut off says nothing."""
    from rich.console import Console

    console = Console(highlight=False)
    console.width = max(console.width, 110)
    return console
