"""What encoders said about items that they had not learned from.

The served encoder has seen every training item, so its numbers for them are too good to learn from. This file holds
the numbers of encoders that had not: everyday training reads them in place of the served encoder's for the items it
knows, and asks the served encoder about items that came later. Numbers and ids only, no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.adapt.errors import AdaptError

__all__ = ["FILE", "OutOfFold"]

FILE = "out_of_fold.npz"


@dataclass(frozen=True)
class OutOfFold:
    """Document columns of items, each from an encoder that never saw it.

    Attributes:
        columns: Names, as `feedback_nlp.encoder.document_columns` has them.
        ids: Ids of the training items, shape (items,).
        folds: Their fold, shape (items,).
        document: Their numbers, (items, columns), float32.
        held_ids: Ids of the test items of held-out domains.
        held_document: Their numbers from the encoder that saw nothing of their domain, (held, columns).
    """

    columns: tuple[str, ...]
    ids: NDArray[np.str_]
    folds: NDArray[np.int8]
    document: NDArray[np.float32]
    held_ids: NDArray[np.str_]
    held_document: NDArray[np.float32]

    @classmethod
    def load(cls, folder: str | Path) -> OutOfFold:
        """Read the file of an encoder's folder.

        Raises:
            AdaptError: There is none.
        """
        path = Path(folder) / FILE
        if not path.is_file():
            raise AdaptError(
                f"{path} does not exist: the encoder was published without its out-of-fold numbers"
            )
        with np.load(path, allow_pickle=False) as data:
            return cls(
                tuple(str(name) for name in data["columns"]),
                data["ids"],
                data["folds"],
                data["document"].astype(np.float32),
                data["held_ids"],
                data["held_document"].astype(np.float32),
            )

    def save(self, folder: str | Path) -> Path:
        """Write the file, in half precision."""
        path = Path(folder) / FILE
        np.savez_compressed(
            path,
            columns=np.array(self.columns),
            ids=self.ids,
            folds=self.folds.astype(np.int8),
            document=self.document.astype(np.float16),
            held_ids=self.held_ids,
            held_document=self.held_document.astype(np.float16),
        )
        return path

    def rows(self, ids: list[str]) -> NDArray[np.int64]:
        """Row of each id among the training items, -1 where it is not there; shape (ids,)."""
        places = {str(item): number for number, item in enumerate(self.ids)}
        return np.array([places.get(item, -1) for item in ids], dtype=np.int64)

    def held_rows(self, ids: list[str]) -> NDArray[np.int64]:
        """Row of each id among the held-out domains' test items, -1 where it is not there; shape (ids,)."""
        places = {str(item): number for number, item in enumerate(self.held_ids)}
        return np.array([places.get(item, -1) for item in ids], dtype=np.int64)
