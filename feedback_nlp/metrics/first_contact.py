"""First-contact resolution: the share of questions that were settled the first time a customer asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import moments, need_columns
from feedback_nlp.metrics.intervals import Estimate, wilson

__all__ = ["first_contact_resolution", "solved_at_first_contact"]


def solved_at_first_contact(
    contacts: pd.DataFrame,
    *,
    customer: str = "customer",
    topic: str = "topic",
    at: str = "at",
    window_days: int = 7,
    until: pd.Timestamp | str | None = None,
) -> pd.Series[Any]:
    """For every contact that opens a question: was it the last one about it?

    A contact opens a question when the same customer had no contact on the same topic in the `window_days`
    before it. It was solved at once when no other follows within `window_days`. Repeat contacts within a
    window as the way to see resolution without asking: J. Abbott, "The Executive Guide to Call Center
    Metrics", 2004.

    Args:
        contacts: one row a contact.
        customer: column with the customer's id.
        topic: column with what it was about.
        at: column with the moment.
        window_days: how long one waits for a repeat, in days, at least 1.
        until: up to when contacts are known; None takes the last contact.

    Returns:
        Booleans over the index of the opening contacts whose window has wholly passed by `until`.

    Raises:
        MeasureError: a column is missing, the window is below 1 day, or a contact has no moment.
    """
    need_columns(contacts, (customer, topic, at), "first-contact resolution")
    if window_days < 1:
        raise MeasureError(f"window_days must be at least 1, got {window_days}")
    table = contacts[[customer, topic, at]].copy()
    table[at] = moments(table, at)
    if bool(table[at].isna().any()):
        where = table.index[int(np.flatnonzero(table[at].isna().to_numpy())[0])]
        raise MeasureError(f"first-contact resolution: no moment in {at!r} of row {where!r}")
    if table.empty:
        return pd.Series([], dtype=bool)
    table = table.sort_values(at, kind="stable")
    by = table.groupby([customer, topic], sort=False)[at]
    window = pd.Timedelta(days=window_days)
    opens = ~(by.diff() <= window)
    repeated = (by.shift(-1) - table[at]) <= window
    end = pd.Timestamp(until) if until is not None else table[at].max()
    known = repeated | (table[at] + window <= end)
    return ~repeated[opens & known]


def first_contact_resolution(solved: pd.Series[Any], level: float = 0.95) -> Estimate:
    """The percentage solved at first contact, with Wilson's interval.

    Args:
        solved: booleans (asked of the customer, or from `solved_at_first_contact`); missing ones are skipped.
        level: confidence level, 0-1.

    Returns:
        The percentage, 0-100.

    Raises:
        MeasureError: there are none, or a value is no boolean.
    """
    given = solved.dropna()
    wrong = ~given.isin([True, False])
    if bool(wrong.any()):
        raise MeasureError(f"solved must be true or false, got {given[wrong].iloc[0]!r}")
    yes = int(given.astype(bool).sum())
    return wilson(yes, int(given.size), "First-contact resolution", level)
