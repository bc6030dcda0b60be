"""`feedback-nlp doctor`: is everything there that classifying needs, and how is it mended where not.

A package adds checks through an entry point of the group `feedback_nlp.checks`: a function without arguments that gives
findings. See `docs/decisions/entry-points.md`.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["CHECKS_GROUP", "Finding", "doctor", "examine"]

CHECKS_GROUP = "feedback_nlp.checks"

State = Literal["ok", "note", "broken"]

_LIBRARIES = (
    "scikit-learn",
    "numpy",
    "scipy",
    "spacy",
    "onnxruntime",
    "tokenizers",
    "pandas",
    "joblib",
    "fastapi",
)
_SIGNS: dict[State, tuple[str, str]] = {"ok": ("✓", "green"), "note": ("•", "yellow"), "broken": ("✗", "red")}
_PROBE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        name: What was looked at.
        state: "ok"; "note" (works, with a limitation); "broken" (something needed does not work).
        says: What was found.
        remedy: How to mend it, or None when there is nothing to mend.
    """

    name: str
    state: State
    says: str
    remedy: str | None = None


def doctor(
    model: Annotated[
        Path | None, typer.Option(help="Folder of the model; the live one when left out.")
    ] = None,
    taxonomy: Annotated[Path | None, typer.Option(help="A taxonomy file of your own to check.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Check the set-up, and say how to mend what is broken.

    The exit code is 1 when something is broken.

    Examples:

      feedback-nlp doctor

      feedback-nlp doctor --taxonomy our-themes.toml --json
    """
    findings = list(examine(model, taxonomy))
    if as_json:
        import json

        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            sign, colour = _SIGNS[finding.state]
            typer.echo(f"{typer.style(sign, fg=colour)} {finding.name}: {finding.says}")
            if finding.remedy:
                typer.echo(f"    {finding.remedy}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def examine(model: Path | None = None, taxonomy: Path | None = None) -> Iterator[Finding]:
    """All findings, in the order in which they build upon each other; those of other packages last."""
    yield _python()
    yield from _libraries()
    yield _guarded("Dutch pipeline", _pipeline)
    yield _guarded("taxonomy", lambda: _taxonomy(taxonomy))
    yield _guarded("encoder", lambda: _encoder(model))
    yield _guarded("model", lambda: _model(model))
    yield _guarded("models folder", _models_folder)
    for entry in sorted(metadata.entry_points(group=CHECKS_GROUP), key=lambda entry: entry.name):
        yield from _added(entry)


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    """A check must report, whatever it meets."""
    try:
        return check()
    except Exception as exc:  # noqa: BLE001 - the diagnosis goes on with the next check
        return Finding(name, "broken", f"{exc}" or type(exc).__name__)


def _added(entry: metadata.EntryPoint) -> Iterator[Finding]:
    """The findings of another package, as far as it gets."""
    try:
        yield from entry.load()()
    except Exception as exc:  # noqa: BLE001 - the diagnosis goes on with the next package
        yield Finding(entry.name, "broken", f"its checks failed: {exc}" if str(exc) else type(exc).__name__)


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _libraries() -> Iterator[Finding]:
    versions, missing = [], []
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("libraries", "ok", ", ".join(versions))
    if missing:
        yield Finding(
            "missing libraries", "broken", ", ".join(missing), "pip install -c constraints.txt -e ."
        )


def _pipeline() -> Finding:
    from feedback_nlp.language import PIPELINE_NAME, pipeline_status, trained_pipeline

    status = pipeline_status()
    if not status.installed:
        return Finding(
            "Dutch pipeline",
            "note",
            f"{PIPELINE_NAME} is not installed: `redact --trained-names` needs it; "
            "all else is the same with and without it",
            "make spacy-model",
        )
    trained_pipeline()
    return Finding("Dutch pipeline", "ok", f"{PIPELINE_NAME} {status.version}")


def _taxonomy(path: Path | None) -> Finding:
    from feedback_nlp.taxonomy import Taxonomy

    taxonomy = Taxonomy.default() if path is None else Taxonomy.load(path)
    counts = f"{len(taxonomy.themes)} themes, {len(taxonomy.signals)} signals"
    return Finding("taxonomy", "ok", f"{taxonomy.name} {taxonomy.version}: {counts}")


def _model(model: Path | None) -> Finding:
    from feedback_nlp.commands.models import load_analyzer
    from feedback_nlp.errors import ModelError, ModelMissingError

    try:
        analyzer = load_analyzer(model, threads=1, language="nl")
    except ModelMissingError as exc:
        return Finding("model", "broken", str(exc), "feedback-nlp train")
    except ModelError as exc:
        remedy = "restore the folder from its source, or train anew: feedback-nlp train"
        return Finding("model", "broken", str(exc), remedy)
    analysis = analyzer.analyze(_PROBE)
    found = (
        ", ".join(f"{theme.code} {theme.polarity:+.2f}" for theme in analysis.assigned_themes) or "no theme"
    )
    info = analyzer.info
    return Finding("model", "ok", f"{info.name} {info.version}: verified, loaded, and answers ({found})")


def _models_folder() -> Finding:
    from feedback_nlp.registry import default_models_folder

    folder = default_models_folder()
    if not folder.is_dir():
        return Finding(
            "models folder", "note", f"{folder} does not exist yet", "it is made by `feedback-nlp train`"
        )
    if not os.access(folder, os.W_OK):
        return Finding(
            "models folder",
            "note",
            f"{folder} cannot be written: classifying works, training and promoting do not",
            "chown or chmod it, or set FEEDBACK_NLP_MODELS to a folder of your own",
        )
    return Finding("models folder", "ok", f"{folder} can be written")


def _encoder(model: Path | None) -> Finding:
    from feedback_nlp.artifacts import read_manifest
    from feedback_nlp.commands.models import model_folder
    from feedback_nlp.encoder import OnnxEncoder
    from feedback_nlp.errors import ModelError
    from feedback_nlp.registry import default_models_folder

    folder = default_models_folder() / "encoder"
    versions = sorted(path.parent.name for path in folder.glob("*/manifest.json"))
    try:
        wanted = read_manifest(model_folder(model)).encoder
    except ModelError:  # told under "model"
        wanted = None
    if wanted is not None and wanted["version"] not in versions:
        return Finding(
            "encoder",
            "broken",
            f"the model was built on encoder {wanted['version']}, which is not in {folder}",
            "restore it from the project's repository, or train without it: feedback-nlp train",
        )
    if not versions:
        return Finding("encoder", "note", f"none in {folder}: models are built on words and characters alone")
    version = wanted["version"] if wanted is not None else versions[-1]
    encoder = OnnxEncoder.load(folder / version)
    if wanted is not None and wanted["digest"] != encoder.digest:
        return Finding(
            "encoder",
            "broken",
            f"{version} has digest {encoder.digest}, the model was built on {wanted['digest']}",
            "restore the encoder from the project's repository, or train anew: feedback-nlp train",
        )
    return Finding("encoder", "ok", f"{version}: verified and loaded")
