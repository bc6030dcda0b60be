"""The encoder's view of labelled items, held out for those it was itself adapted on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from feedback_nlp.encoder import Encoder, OnnxEncoder
from feedback_nlp.encoder_readings import encoder_readings
from feedback_nlp.errors import EncoderError
from feedback_nlp.readings import Readings
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import LabelledItem

__all__ = ["OUT_OF_FOLD", "encoded_readings", "find_encoder", "held_out_outputs"]

OUT_OF_FOLD = "out_of_fold.npz"
"""Beside an encoder: what encoders that had not seen an item said of it.

Arrays `columns`; `ids` and `document` for the items the encoder was adapted on; `held_ids` and `held_document` for test
items, each by an encoder that had not seen the item's domain either.
"""


def find_encoder(models: Path, taxonomy: Taxonomy, threads: int, *, required: bool) -> Encoder | None:
    """The newest encoder in the folder of models that knows the taxonomy's themes, or None.

    Raises:
        EncoderError: There is none and `required` is set.
        ModelError: The newest one is incomplete or altered.
    """
    for candidate in sorted((models / "encoder").glob("*/manifest.json"), reverse=True):
        encoder = OnnxEncoder.load(candidate.parent, threads=threads)
        if encoder.themes == taxonomy.theme_codes:
            return encoder
    if required:
        raise EncoderError(
            f"{models / 'encoder'}: no sentence encoder for these themes; "
            "adapt one with `feedback-nlp adapt`, or use --profile fast"
        )
    return None


def held_out_outputs(
    encoder: Encoder, models: Path
) -> tuple[dict[str, int], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """Row numbers by item id, and the held-out document outputs (rows, columns); both empty when there is no such file.

    Raises:
        EncoderError: The file has other columns than the encoder.
    """
    path = models / "encoder" / encoder.version / OUT_OF_FOLD
    if not path.is_file():
        return {}, np.zeros((0, len(encoder.columns)), dtype=np.float32)
    with np.load(path, allow_pickle=False) as stored:
        columns = tuple(str(name) for name in stored["columns"])
        if columns != encoder.columns:
            raise EncoderError(f"{path}: holds other columns than the encoder gives; adapt the encoder again")
        ids = [*stored["ids"], *stored["held_ids"]]
        document = np.vstack([stored["document"], stored["held_document"]]).astype(np.float32)
    return {str(item): row for row, item in enumerate(ids)}, document


def encoded_readings(encoder: Encoder, models: Path, items: Sequence[LabelledItem]) -> Readings:
    """Document outputs of the items: held-out ones where the encoder was adapted on the item, live ones otherwise.

    Raises:
        EncoderError: As for `held_out_outputs`.
    """
    place, stored = held_out_outputs(encoder, models)
    document = np.zeros((len(items), len(encoder.columns)), dtype=np.float32)
    new = [row for row, item in enumerate(items) if item.id not in place]
    for row, item in enumerate(items):
        if item.id in place:
            document[row] = stored[place[item.id]]
    if new:
        document[new] = encoder.encode([items[row].text for row in new]).document
    return encoder_readings(encoder.columns, document)
