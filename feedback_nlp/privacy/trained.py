"""Names of people by spaCy's trained Dutch pipeline, where it is installed: an addition that somebody has to ask for.

It is no part of `Redactor.default()`: a redacted text must be the same on every machine, or a model would read another
text where the pipeline is than where it is not.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from feedback_nlp.privacy.redactor import NameFinder

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

__all__ = ["PipelineNames", "installed_names"]

_PERSON: Final = ("PERSON", "PER")
_NEEDED: Final = ("tok2vec", "transformer", "ner", "entity_ruler")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class PipelineNames:
    """A `NameFinder` that takes what a pipeline calls a person; only what finds names is run.

    Args:
        pipeline: A loaded spaCy pipeline.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._unneeded = [name for name in pipeline.pipe_names if name not in _NEEDED]
        self._lock = threading.Lock()  # a pipeline's parts may be switched on and off by one thread at a time

    def __call__(self, text: str, /) -> Sequence[tuple[int, int]]:
        """Names in the text as (start, end) in code points; none in a text longer than the pipeline takes."""
        if len(text) > self._pipeline.max_length:
            return ()
        with self._lock:
            doc = self._pipeline(_SURROGATE.sub("\ufffd", text), disable=self._unneeded)
        return [(name.start_char, name.end_char) for name in doc.ents if name.label_ in _PERSON]


def installed_names() -> NameFinder | None:
    """The names of the installed pipeline; None when it is not installed."""
    from feedback_nlp.language import trained_pipeline

    pipeline = trained_pipeline()
    return None if pipeline is None else PipelineNames(pipeline)
