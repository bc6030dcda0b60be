"""Everything this library raises on purpose.

FeedbackNlpError
├── TaxonomyError        the taxonomy file is wrong; names the key
├── CorpusError          rows of a labelled file are wrong; lists every fault
├── ModelError
│   ├── ModelMissingError    no such model folder, or a file of it is gone
│   ├── ModelAlteredError    a file is not the one the manifest describes
│   └── ModelMismatchError   made for another taxonomy or an unreadable version
├── EncoderError         the sentence encoder cannot be loaded or used
├── TextError            a text that cannot be analysed: empty, too long
├── TableError           a table of feedback cannot be read
├── ScoreError           a run over many files cannot begin, go on, or end
└── MeasureError         a measure was asked of numbers it is not defined for
"""

from __future__ import annotations

__all__ = [
    "CorpusError",
    "EncoderError",
    "FeedbackNlpError",
    "MeasureError",
    "ModelAlteredError",
    "ModelError",
    "ModelMismatchError",
    "ModelMissingError",
    "ScoreError",
    "TableError",
    "TaxonomyError",
    "TextError",
]


class FeedbackNlpError(Exception):
    """Root of all errors; its text is written for the person who can mend the cause."""


class TaxonomyError(FeedbackNlpError):
    """The taxonomy is not usable."""


class CorpusError(FeedbackNlpError):
    """A labelled file has faulty rows."""


class ModelError(FeedbackNlpError):
    """A model folder is not usable."""


class ModelMissingError(ModelError):
    """The model folder, or a file that its manifest names, does not exist."""


class ModelAlteredError(ModelError):
    """A file differs from what the manifest says of it; nothing of it was loaded."""


class ModelMismatchError(ModelError):
    """The model belongs to another taxonomy, or to a format this version does not read."""


class EncoderError(FeedbackNlpError):
    """The sentence encoder cannot be loaded or used."""


class TextError(FeedbackNlpError):
    """A text cannot be analysed."""


class TableError(FeedbackNlpError):
    """A table of feedback cannot be read."""


class ScoreError(FeedbackNlpError):
    """A run over many files cannot begin, go on or end."""


class MeasureError(FeedbackNlpError):
    """A measure was asked of numbers for which it is not defined."""
