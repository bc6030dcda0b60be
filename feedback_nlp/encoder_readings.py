"""What the sentence encoder says, as columns of the table that the second level reads.

Beside its own numbers stand a few that set a theme's tone against that of the others, which additive models cannot find
by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from feedback_nlp.readings import Readings, column

__all__ = ["encoder_readings"]

_FAMILY = {
    "theme": "theme",
    "peak": "theme",
    "mass": "theme",
    "polarity": "polarity",
    "mixed": "polarity",
    "signal": "signal",
}
_OTHERS = ("encoder_others_up", "encoder_others_down", "encoder_other_up", "encoder_other_down")
_ALL = ("encoder_themes", "encoder_balance", "encoder_both")
_FEW = 0.3
"""Expected themes below which their tones say little of the text's."""


def encoder_readings(columns: Sequence[str], document: NDArray[np.float32]) -> Readings:
    """The encoder's document columns under the second level's names, and what follows from them.

    A theme's say is its probability times its polarity. For every theme there is the sum and the largest of the other
    themes' say, of satisfied and of dissatisfied ones apart (`polarity:X:encoder_others_up` and so on). For the whole
    text there is how many themes are expected, the balance of all themes' say (-1 to 1), and how much both the most
    satisfied and the most dissatisfied theme have to say (0-1).

    Args:
        columns: Names as `encoder.document_columns` gives them.
        document: The encoder's numbers, (texts, columns).
    """
    names = tuple(columns)
    spoken, polarity = _places(names)
    probability = expit(document[:, spoken])
    say = probability * document[:, polarity]
    sides = np.maximum(np.stack([say, -say], axis=1), 0)
    others = sides[:, :, None, :] * (1 - np.eye(len(spoken), dtype=np.float32))
    beside = np.concatenate([others.sum(axis=3), others.max(axis=3, initial=0)], axis=1)
    up, down = sides.sum(axis=2).T
    whole = [
        probability.sum(axis=1),
        (up - down) / (up + down + _FEW),
        sides.max(axis=2, initial=0).min(axis=1),
    ]
    table = np.hstack([document, beside.reshape(len(document), -1), np.stack(whole, axis=1)])
    return Readings(_renamed(names), table.astype(np.float32, copy=False))


@lru_cache(maxsize=16)
def _places(names: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Places of the themes' log odds and of their polarities, in the same order."""
    codes = _codes(names)
    return [names.index(f"theme.{code}") for code in codes], [
        names.index(f"polarity.{code}") for code in codes
    ]


@lru_cache(maxsize=16)
def _renamed(names: tuple[str, ...]) -> tuple[str, ...]:
    """An encoder's names are the same for every text; made anew they take as long as a text's tokens."""
    codes = _codes(names)
    return (
        *map(_rename, names),
        *(column("polarity", code, view) for view in _OTHERS for code in codes),
        *(column("tone", "", view) for view in _ALL),
    )


def _codes(names: tuple[str, ...]) -> list[str]:
    return [name.partition(".")[2] for name in names if name.startswith("theme.")]


def _rename(name: str) -> str:
    kind, dot, code = name.partition(".")
    return column(_FAMILY[kind], code, f"encoder_{kind}") if dot else column("tone", "", f"encoder_{name}")
