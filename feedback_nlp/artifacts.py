"""A model folder: what it holds, how it is written, and how it is checked before anything of it is unpickled.

models/<name>/<version>/
  manifest.json   what the model is, and the SHA-256 of every other file
  *.joblib        the fitted estimators
  metrics.json    what was measured
  learned.json    salted digests of the items it learned from and was judged with (see `feedback_nlp.learned`)
  README.md       the model card
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib

from feedback_nlp.errors import ModelAlteredError, ModelMismatchError, ModelMissingError, TaxonomyError
from feedback_nlp.records import ModelInfo
from feedback_nlp.taxonomy import Taxonomy

__all__ = ["FORMAT", "Manifest", "file_digest", "load_objects", "read_manifest", "verify", "write_model"]

FORMAT = 4
_MANIFEST = "manifest.json"
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "version": str,
    "profile": str,
    "created": str,
    "parent": (str, type(None)),
    "encoder": (dict, type(None)),
    "taxonomy": dict,
    "thresholds": dict,
    "training": dict,
    "metrics": dict,
    "libraries": dict,
    "files": dict,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model is.

    Attributes:
        name: Family of models, such as `feedback-nl`.
        version: Unique within the family.
        profile: `accurate` (with the sentence encoder) or `fast`.
        taxonomy: The themes and signals it knows, as the taxonomy file has them.
        thresholds: Theme and signal code to the score from which on it is assigned.
        training: Digest and counts of the data it learned from, and the configuration.
        libraries: Versions of the libraries that made it.
        files: Name of every other file to its SHA-256.
        metrics: The headline figures; all of them are in `metrics.json`.
        encoder: Version and manifest digest of the sentence encoder it was built on, or None.
        parent: Version of the model that was live when it was trained, or None.
        created: ISO 8601, UTC.
        digest: `sha256:…` of the manifest file itself.
    """

    name: str
    version: str
    profile: str
    taxonomy: Taxonomy
    thresholds: Mapping[str, float]
    training: Mapping[str, Any]
    libraries: Mapping[str, str]
    files: Mapping[str, str]
    metrics: Mapping[str, Any]
    encoder: Mapping[str, str] | None
    parent: str | None
    created: str
    digest: str = field(default="")

    @property
    def info(self) -> ModelInfo:
        """Name, version and digest."""
        return ModelInfo(self.name, self.version, self.digest)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the digest of itself."""
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "profile": self.profile,
            "created": self.created,
            "parent": self.parent,
            "encoder": dict(self.encoder) if self.encoder else None,
            "taxonomy": self.taxonomy.to_dict(),
            "thresholds": dict(self.thresholds),
            "training": dict(self.training),
            "metrics": dict(self.metrics),
            "libraries": dict(self.libraries),
            "files": dict(self.files),
        }


def read_manifest(folder: str | Path) -> Manifest:
    """Read a model's manifest.

    Raises:
        ModelMissingError: There is no model in the folder.
        ModelMismatchError: The manifest is of another format, its taxonomy is not usable, or its thresholds are
            those of another taxonomy.
    """
    path = Path(folder) / _MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise ModelMissingError(f"{folder}: no model here ({_MANIFEST}: {exc.strerror or exc})") from exc
    try:
        data = json.loads(raw)
        if data["format"] != FORMAT:
            raise ModelMismatchError(
                f"{path}: format {data['format']!r} is not the one this version reads ({FORMAT})"
            )
        fields = {key: data[key] for key in _TYPES}
        for key, value in fields.items():
            if not isinstance(value, _TYPES[key]):
                raise ModelMismatchError(f"{path}: {key}: is of the wrong type: {repr(value)[:80]}")
        taxonomy = Taxonomy.from_dict(fields.pop("taxonomy"), source=f"{path}: taxonomy")
        codes = dict.fromkeys((*taxonomy.theme_codes, *taxonomy.signal_codes))
        if list(fields["thresholds"]) != list(codes):
            raise ModelMismatchError(
                f"{path}: the thresholds are of another taxonomy: they are for {', '.join(fields['thresholds'])}, "
                f"but {taxonomy.name} {taxonomy.version} has {', '.join(codes)}"
            )
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise ModelMismatchError(f"{path}: not a readable manifest: {exc!r}") from exc
    except TaxonomyError as exc:
        raise ModelMismatchError(str(exc)) from exc
    return Manifest(taxonomy=taxonomy, digest="sha256:" + hashlib.sha256(raw).hexdigest(), **fields)


def verify(folder: str | Path, manifest: Manifest) -> None:
    """Check that every file is there and unaltered, reading nothing but bytes.

    Raises:
        ModelMissingError: A file is gone.
        ModelAlteredError: A file is not the one that the manifest describes.
    """
    for name, expected in manifest.files.items():
        path = Path(folder) / name
        if Path(name).name != name:
            raise ModelAlteredError(f"{folder}: the manifest names a file outside the folder: {name!r}")
        if not path.is_file():
            raise ModelMissingError(f"{path}: is missing from the model; train again or restore the folder")
        found = file_digest(path)
        if found != expected:
            raise ModelAlteredError(
                f"{path}: was altered after the model was written (expected sha256 {expected[:12]}…, "
                f"found {found[:12]}…); it was not loaded; train again or restore the folder"
            )


def load_objects(folder: str | Path, manifest: Manifest) -> dict[str, Any]:
    """Verify the folder, then unpickle its estimators, by name without the ending.

    Raises:
        ModelMissingError: As for `verify`.
        ModelAlteredError: As for `verify`.
        ModelMismatchError: The files are whole but this version of the code or its libraries cannot read them.
    """
    verify(folder, manifest)
    objects: dict[str, Any] = {}
    for name in manifest.files:
        if name.endswith(".joblib"):
            try:
                objects[name.removesuffix(".joblib")] = joblib.load(Path(folder) / name)
            except Exception as exc:
                raise ModelMismatchError(
                    f"{Path(folder) / name}: cannot be read by this version ({exc!r}); it was made with "
                    + ", ".join(f"{library} {version}" for library, version in manifest.libraries.items())
                ) from exc
    return objects


def write_model(
    folder: Path, manifest: Manifest, objects: Mapping[str, Any], texts: Mapping[str, str]
) -> Manifest:
    """Write a model folder in one step: it is complete or not there.

    Args:
        folder: Where it shall stand; must not exist.
        manifest: Its manifest; `files` and `digest` are filled in here.
        objects: Estimators by name.
        texts: Further files by name, such as `metrics.json`.

    Returns:
        The manifest as written.

    Raises:
        FileExistsError: The folder exists.
    """
    if folder.exists():
        raise FileExistsError(f"{folder}: exists already")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, value in objects.items():
            joblib.dump(value, staging / f"{name}.joblib", compress=3)
        for name, content in texts.items():
            (staging / name).write_text(content, "utf-8")
        files = {path.name: file_digest(path) for path in sorted(staging.iterdir())}
        data = {**manifest.to_dict(), "files": files}
        (staging / _MANIFEST).write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
        staging.chmod(0o755)
        staging.replace(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return read_manifest(folder)


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
