"""How a worker process comes by the model."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from feedback_nlp.artifacts import Manifest, read_manifest, verify
from feedback_nlp.batch import BatchAnalyzer
from feedback_nlp.taxonomy import Language

__all__ = ["Loader", "ModelFolder", "PackedModel"]


class Loader(Protocol):
    """What travels to a worker process; `load` is called there, once."""

    def load(self, scratch: Path) -> BatchAnalyzer:
        """The analyzer; `scratch` is a folder of the worker's own for what has to be unpacked."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder on a disk that the worker reads too."""

    folder: Path
    language: Language = "nl"

    def load(self, scratch: Path) -> BatchAnalyzer:
        """Load it; errors as of `FeedbackAnalyzer.load`."""
        from feedback_nlp.analyzer import FeedbackAnalyzer

        return FeedbackAnalyzer.load(self.folder, language=self.language)


@dataclass(frozen=True, slots=True)
class PackedModel:
    """A model folder, and the sentence encoder it was built on, as bytes, for workers that share no disk with us."""

    archive: bytes
    model: str
    language: Language = "nl"

    @classmethod
    def of(cls, folder: Path, language: Language = "nl") -> Self:
        """Pack a folder that was checked against its manifest.

        Raises:
            ModelError: A file is missing or altered.
            EncoderError: The encoder is missing.
        """
        from feedback_nlp.analyzer import encoder_folder

        manifest: Manifest = read_manifest(folder)
        verify(folder, manifest)
        model = f"{manifest.name}/{manifest.version}"
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name in ("manifest.json", *manifest.files):
                archive.add(folder / name, f"{model}/{name}")
            if manifest.encoder is not None:
                source = encoder_folder(folder, manifest)
                for path in sorted(source.iterdir()):
                    if path.is_file():
                        archive.add(path, f"encoder/{manifest.encoder['version']}/{path.name}")
        return cls(stream.getvalue(), model, language)

    def load(self, scratch: Path) -> BatchAnalyzer:
        """Unpack and load it; digests are checked again."""
        from feedback_nlp.analyzer import FeedbackAnalyzer

        with tarfile.open(fileobj=io.BytesIO(self.archive)) as archive:
            archive.extractall(scratch, filter="data")
        return FeedbackAnalyzer.load(scratch / self.model, language=self.language)
