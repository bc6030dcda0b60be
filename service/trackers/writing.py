"""An improvement as an issue: what it is worth, what customers say (redacted), and where it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from service.backlog.measuring import quotes
from service.backlog.records import STATUSES, priority
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.pages.i18n import Translator
from service.trackers.adapters import Issue, marker_of

__all__ = ["digest_of", "issue_of", "status_for"]

_QUOTED: Final = 5
_LOOKED_AT: Final = 40


def issue_of(
    repository: BacklogRepository, row: ImprovementRow, public_url: str | None, tr: Translator
) -> Issue:
    """What a tracker is to have of an improvement.

    Args:
        repository: Within the caller's unit of work.
        row: The improvement.
        public_url: Where browsers find the service; None makes no link.
        tr: Says it in Dutch or English.
    """
    ids = repository.item_ids(row.id, limit=_LOOKED_AT)
    said = quotes(repository, ids, row.theme, _QUOTED)
    count = repository.item_counts([row.id]).get(row.id, 0)
    lines = [part for part in row.description.split("\n") if part.strip()]
    lines.append(
        tr.ngettext("%(num)s item of feedback asks for it.", "%(num)s items of feedback ask for it.", count)
    )
    rank = priority(row.gain, row.reach, row.effort)
    if row.gain is not None and row.gain_low is not None and row.gain_high is not None:
        lines.append(
            tr.gettext(
                "Expected gain: %(gain)s points of NPS (95 %% interval %(low)s to %(high)s).",
                gain=tr.number(row.gain),
                low=tr.number(row.gain_low),
                high=tr.number(row.gain_high),
            )
        )
    if rank is not None:
        lines.append(
            tr.gettext(
                "%(gain)s points × %(reach)s items a year ÷ %(effort)s days = %(score)s",
                gain=tr.number(rank.gain),
                reach=tr.number(rank.reach),
                effort=tr.number(rank.effort),
                score=tr.number(round(rank.score)),
            )
        )
    return Issue(
        title=row.title,
        paragraphs=tuple(lines),
        quotes=tuple(text for _, text in said),
        link=f"{public_url}/backlog/{row.id}" if public_url else None,
        marker=marker_of(row.id),
        words={
            "quotes": tr.gettext("What customers say"),
            "link": tr.gettext("Improvement %(id)s in feedback_nlp", id=row.id),
        },
    )


def digest_of(issue: Issue) -> str:
    """Tells whether the words of an issue are the same as before."""
    content = {**asdict(issue), "words": dict(issue.words)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def status_for(state: str, states: dict[str, str], current: str) -> str | None:
    """The status that a tracker's state stands for; None when there is nothing to change, or it stands for none.

    Several statuses can be one state to the tracker: then it is the one nearest to the present one.
    """
    order: Sequence[str] = STATUSES
    meant = [one for one in order if states[one].casefold() == state.casefold()]
    if not meant or current in meant:
        return None
    place = order.index(current)
    return min(meant, key=lambda one: abs(order.index(one) - place))
