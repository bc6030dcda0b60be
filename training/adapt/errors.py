"""Errors of the encoder's adaptation.

AdaptError              anything that stops an adaptation
└── MissingExtraError   the optional dependencies are not installed
"""

from __future__ import annotations

__all__ = ["AdaptError", "MissingExtraError"]


class AdaptError(Exception):
    """An adaptation cannot go on; the message says why and what to do."""


class MissingExtraError(AdaptError):
    """A package of the extra ``[adapt]`` is missing."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package} is not installed; adapting the encoder needs the extra [adapt]: "
            "pip install 'feedback-nlp[adapt]'"
        )
        self.package = package
