"""`/admin/…`: the model in use, jobs, the audit log and what is kept how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse

from service.admin import people
from service.admin.views import Figure, ModelView, Table, TableView
from service.audit.repository import AuditRepository
from service.errors import NoModelError
from service.fields import MAX_ID
from service.jobs.repository import JobsRepository
from service.models.activations import ActivationsRepository
from service.pages.frame import Frame, FrameDep
from service.pages.templating import render
from service.privacy.retention import periods
from service.state import DatabaseDep, ModelHostDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/admin", include_in_schema=False)
router.include_router(people.router)

After = Annotated[int | None, Query(ge=1, le=MAX_ID)]
Name = Annotated[str, Query(max_length=200)]
_LONGEST_CARD: Final = 60_000


@router.get("")
def first() -> RedirectResponse:
    """The model."""
    return RedirectResponse("/admin/model", status_code=303)


@router.get("/model")
def model(frame: FrameDep, models: ModelHostDep, database: DatabaseDep) -> HTMLResponse:
    """The model in use with its figures and its card, and which were live before."""
    tr = frame.tr
    with database.read() as session:
        rows = ActivationsRepository(session).newest(20)
    activations = Table(
        tr.gettext("Which model was live from when"),
        (tr.gettext("When"), tr.gettext("Model"), tr.gettext("By"), tr.gettext("Why")),
        tuple((tr.moment(row.activated_at), row.model, row.by, row.why) for row in rows),
        tr.gettext("No change of model has been seen yet."),
    )
    figures: tuple[Figure, ...] = ()
    metrics: tuple[Figure, ...] = ()
    thresholds: Table | None = None
    card: str | None = None
    try:
        live = models.current()
    except NoModelError:
        pass
    else:
        manifest = live.analyzer.manifest.to_dict()
        info = live.analyzer.info
        figures = (
            Figure(tr.gettext("Model"), f"{info.name} {info.version}"),
            Figure(tr.gettext("In use since"), tr.moment(live.since)),
            Figure(tr.gettext("Digest"), info.digest),
            *(
                Figure(name, str(manifest[key]))
                for name, key in (
                    (tr.gettext("Made"), "created"),
                    (tr.gettext("Profile"), "profile"),
                    (tr.gettext("Made after"), "parent"),
                )
                if manifest.get(key)
            ),
        )
        metrics = tuple(_flat(manifest.get("metrics", {}), frame))
        limits = manifest.get("thresholds") or {}
        thresholds = Table(
            tr.gettext("From which score on a label is assigned"),
            (tr.gettext("Label"), tr.gettext("Score")),
            tuple((code, tr.percent(value)) for code, value in limits.items()),
        )
        card = _card(live.folder)
    view = ModelView(
        tr.gettext("Model"), "model", figures, metrics, thresholds, card, activations, models.failure
    )
    return render("admin/model.html", frame, view)


@router.get("/jobs")
def jobs(frame: FrameDep, database: DatabaseDep, after: After = None) -> HTMLResponse:
    """Files that were handed in, and how far they are."""
    tr = frame.tr
    words = {
        "queued": tr.gettext("waiting"),
        "running": tr.gettext("running"),
        "done": tr.gettext("done"),
        "failed": tr.gettext("failed"),
        "cancelled": tr.gettext("cancelled"),
    }
    with database.read() as session:
        rows, following = JobsRepository(session).page(limit=50, after=after)
        table = Table(
            tr.gettext("Jobs"),
            (
                tr.gettext("Number"),
                tr.gettext("File"),
                tr.gettext("Status"),
                tr.gettext("Rows"),
                tr.gettext("Not taken"),
                tr.gettext("Handed in"),
                tr.gettext("By"),
            ),
            tuple(
                (
                    str(row.id),
                    row.filename,
                    words[row.status] + (f": {row.error}" if row.error else ""),
                    tr.number(row.rows_done) + (f" / {tr.number(row.rows_total)}" if row.rows_total else ""),
                    tr.number(row.rows_failed),
                    tr.moment(row.created_at),
                    row.created_by,
                )
                for row in rows
            ),
            tr.gettext("No file was handed in yet. Send one to /v1/jobs, as docs say."),
        )
    intro = tr.gettext("Files of feedback are read in the background; a restart loses and doubles nothing.")
    view = TableView(tr.gettext("Jobs"), "jobs", intro, table, _next("/admin/jobs", following))
    return render("admin/table.html", frame, view)


@router.get("/audit")
def audit(
    frame: FrameDep, database: DatabaseDep, after: After = None, actor: Name = "", action: Name = ""
) -> HTMLResponse:
    """Who did what."""
    tr = frame.tr
    with database.read() as session:
        rows, following = AuditRepository(session).page(actor=actor, action=action, after=after)
        table = Table(
            tr.gettext("Audit log"),
            (
                tr.gettext("When"),
                tr.gettext("Who"),
                tr.gettext("What"),
                tr.gettext("To what"),
                tr.gettext("Details"),
            ),
            tuple(
                (
                    tr.moment(row.at),
                    row.actor,
                    row.action,
                    f"{row.subject} {row.subject_id}",
                    ", ".join(f"{name}: {_short(value)}" for name, value in row.details.items()),
                )
                for row in rows
            ),
            tr.gettext("Nothing to show."),
        )
    intro = tr.gettext("Only ever added to; never holds what a customer wrote.")
    filters = (Figure("actor", actor), Figure("action", action))
    view = TableView(
        tr.gettext("Audit log"), "audit", intro, table, _next("/admin/audit", following), filters
    )
    return render("admin/table.html", frame, view)


@router.get("/retention")
def retention(frame: FrameDep, database: DatabaseDep, settings: SettingsDep) -> HTMLResponse:
    """How long what is kept, what is due, and what was destroyed."""
    tr = frame.tr
    words = {
        "feedback": tr.gettext("Feedback with its analyses and corrections"),
        "originals": tr.gettext("Original texts, encrypted"),
        "events": tr.gettext("Events and their deliveries"),
        "jobs": tr.gettext("Jobs with their files"),
        "sessions": tr.gettext("Sessions that have ended"),
        "keys": tr.gettext("Keys that have ended"),
        "audit_log": tr.gettext("Audit log"),
    }

    def kept(days: int | None) -> str:
        if days is None:
            return tr.gettext("for ever")
        return tr.ngettext("%(num)s day", "%(num)s days", days)

    with database.read() as session:
        log, _ = AuditRepository(session).page(action="retention.destroyed", limit=20)
    table = Table(
        tr.gettext("What is kept how long"),
        (tr.gettext("What"), tr.gettext("Kept"), tr.gettext("Due now")),
        tuple(
            (words[period.kind], kept(period.days), tr.number(period.due))
            for period in periods(database, settings)
        ),
    )
    destroyed = Table(
        tr.gettext("What was destroyed"),
        (tr.gettext("When"), tr.gettext("What"), tr.gettext("How many")),
        tuple(
            (tr.moment(row.at), words.get(row.subject_id, row.subject_id), tr.number(row.details["count"]))
            for row in log
        ),
        tr.gettext("Nothing was old enough yet."),
    )
    intro = tr.gettext(
        "A running service destroys what is due once an hour. The periods are settings of the service: "
        "FEEDBACK_NLP_RETENTION_FEEDBACK_DAYS and the like, see docs/erasure.md."
    )
    return render(
        "admin/table.html",
        frame,
        TableView(tr.gettext("Retention"), "retention", intro, table, below=destroyed),
    )


def _next(path: str, after: int | None) -> str | None:
    return None if after is None else f"{path}?after={after}"


def _short(value: Any) -> str:
    if isinstance(value, Mapping) and value.keys() == {"before", "after"}:
        return f"{value['before']} → {value['after']}"
    return str(value)


def _flat(metrics: Mapping[str, Any], frame: Frame, prefix: str = "") -> Iterator[Figure]:
    for name, value in metrics.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, frame, f"{path} · ")
        elif isinstance(value, float):
            yield Figure(path, f"{value:.3f}" if frame.language == "en" else f"{value:.3f}".replace(".", ","))
        else:
            yield Figure(path, str(value))


def _card(folder: Path) -> str | None:
    path = folder / "README.md"
    return path.read_text("utf-8")[:_LONGEST_CARD] if path.is_file() else None
