"""What no radar can do better: how often a rise can be found at a given rate of false alarms."""

from __future__ import annotations

import numpy as np
from scipy import stats

from feedback_nlp.errors import MeasureError

__all__ = ["best_chance"]


def best_chance(share: float, rise: float, items: int, false_alarm: float) -> float:
    """The chance at most that any radar finds a rise among so many items.

    Whatever a radar does, within some weeks after the rise it raises a new alarm with the chance `false_alarm` when
    nothing rose: its false alarms a week, times the weeks. By the lemma of Neyman and Pearson no test of that size
    finds the rise more often than the one that knows the share before, the size of the rise and the week in which it
    came, and looks at just the items since: on a count, "more than so many", with a draw at the limit itself. A radar
    knows none of the three.

    Source: J. Neyman and E. Pearson, "On the problem of the most efficient tests of statistical hypotheses", Phil.
    Trans. R. Soc. A 231, 1933.

    Args:
        share: part of the items that mentions the theme before, 0-1.
        rise: of that share, above 0; 0.3 is 30 %. The share after must be below 1.
        items: items since the rise, at least 1.
        false_alarm: chance of a false alarm over the same time, 0-1.

    Returns:
        A chance, 0-1.

    Raises:
        MeasureError: an argument is out of its range.
    """
    after = share * (1.0 + rise)
    if not (0.0 < share < after < 1.0):
        raise MeasureError(f"the share must go up within 0-1, got {share} and a rise of {rise}")
    if items < 1 or not 0.0 < false_alarm < 1.0:
        raise MeasureError(
            f"items must be at least 1 and false_alarm within 0-1, got {items} and {false_alarm}"
        )
    count = np.arange(items + 1)
    limit = int(np.argmax(stats.binom.sf(count, items, share) <= false_alarm))
    before, since = (stats.binom(items, chance) for chance in (share, after))
    drawn = (false_alarm - before.sf(limit)) / before.pmf(limit)
    return float(since.sf(limit) + drawn * since.pmf(limit))
