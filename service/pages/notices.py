"""What a page says after something was done, by the code that the address carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["NOTICES"]


def N_(message: str) -> str:  # noqa: N802 - the extractor's name for a message that is translated later
    """Mark a message for the catalogue."""
    return message


NOTICES: Final[Mapping[str, str]] = {
    "corrected": N_("Corrected. It becomes an example to learn from."),
    "confirmed": N_("Confirmed. It becomes an example to learn from."),
    "undone": N_("Undone."),
    "nothing-to-undo": N_("There is nothing to undo."),
    "status": N_("The status is set."),
    "assigned": N_("The handler is set."),
    "noted": N_("The note is kept."),
    "empty-note": N_("The note is empty, so nothing was kept."),
    "bulk": N_("Done for all items you chose."),
    "none-chosen": N_("No item was chosen. Tick the boxes in front of the items first."),
    "no-action": N_("Choose what is to be done with the items first."),
    "view-saved": N_("The view is kept."),
    "view-removed": N_("The view is removed."),
    "demo-loading": N_("Demonstration feedback is being put in; it appears within a minute or so."),
    "demo-removed": N_("The demonstration feedback is gone."),
    "demo-missing": N_("The corpus with examples is not on this machine, so there is no demonstration."),
    "saved": N_("Saved."),
    "improvement-made": N_("The improvement is made."),
    "improvement-linked": N_("The items are added to the improvement."),
    "measured": N_("Measured anew."),
    "customers-told": N_("The customers are told by whoever listens to the event improvement.told."),
    "issue-queued": N_("It is being sent; what becomes of it is shown here."),
}
