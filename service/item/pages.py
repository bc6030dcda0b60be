"""`/items/{id}`: read one item, correct it, answer it."""

from __future__ import annotations

from pathlib import Path as FolderPath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import HTMLResponse, RedirectResponse

from service.actor import ActorDep
from service.audit.log import record
from service.backlog.dependencies import BacklogDep
from service.backlog.linking import choices, linked
from service.backlog.records import NewImprovement
from service.demo.year import SOURCE
from service.errors import Fault, InvalidError, NotFoundError
from service.feedback.dependencies import FeedbackDep
from service.feedback.records import STATUSES, Correction
from service.feedback.repository import FeedbackRepository
from service.feedback.tables import CorrectionRow, FeedbackRow
from service.feedback.undo import in_effect, undo
from service.fields import MAX_ID
from service.inbox.repository import InboxRepository
from service.item.history import history
from service.item.repository import ItemRepository
from service.item.tables import NoteRow
from service.item.views import ItemView, SimilarLine, signal_lines, theme_lines
from service.models.activations import ActivationsRepository
from service.models.learned import first_lesson
from service.models.registry import models_folder
from service.pages.forms import Form, FormDep, back
from service.pages.frame import Frame, FrameDep
from service.pages.marking import evidence_pieces, excerpt
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Option, Wording
from service.state import DatabaseDep, RedactorDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/items/{id}", include_in_schema=False)

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
_SIMILAR: Final = 4
_LONGEST_NOTE: Final = 4000
_MODELS: Final = 8
"""How many models after a correction are asked whether they learned from it."""


@router.get("")
def item(
    id_: IdPath,
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    settings: SettingsDep,
    theme: Annotated[str, Query(max_length=50)] = "",
) -> HTMLResponse:
    """The page."""
    tr, words = frame.tr, Wording(frame.tr, taxonomy)
    with database.read() as session:
        feedback, inbox, items = (
            FeedbackRepository(session),
            InboxRepository(session),
            ItemRepository(session),
        )
        row, analysis = feedback.get(id_), feedback.newest_analysis(id_)
        if row is None or analysis is None:
            raise NotFoundError(f"There is no feedback {id_}.")
        result: dict[str, Any] = analysis.result
        corrections = feedback.corrections(id_)
        users = inbox.users()
        names = {user.id: user.display_name or user.name for user in users}
        names |= inbox.user_names([row.assigned_to])
        signals = [signal.signal for signal in row.signals]
        before, after = inbox.neighbours(row)
        view = ItemView(
            id=row.id,
            version=row.version,
            text=evidence_pieces(row.text, result["themes"]),
            lit=theme if theme in taxonomy.theme_codes else "",
            themes=theme_lines(row, result, taxonomy, words, tr),
            signals=signal_lines(row, result, taxonomy, words, tr),
            sentiments=words.sentiments(),
            sentiment=str(round(row.sentiment * 2)),
            sentiment_word=words.sentiment(row.sentiment),
            advocacy=words.advocacy(result["advocacy"]),
            nps=words.estimate(result["advocacy"]["nps"]),
            cas=words.estimate(result["advocacy"]["cas"]),
            given=_given(row, frame),
            facts=_facts(row, frame, words),
            reasons=tuple(words.reason(reason) for reason in row.review_reasons),
            confirmed=row.corrected_at is not None,
            can_undo=bool(in_effect(corrections)),
            learned=_learned(
                corrections, ActivationsRepository(session), models_folder(settings), f"feedback-{id_}", frame
            ),
            status=row.status,
            statuses=words.statuses(),
            handler=row.assigned_to,
            handlers=tuple(Option(str(user.id), names[user.id]) for user in users),
            me="" if frame.visitor.id is None else str(frame.visitor.id),
            term=words.term(
                kind=row.kind,
                signals=signals,
                status=row.status,
                since=row.occurred_at,
                days=settings.complaint_term_days,
                now=frame.now,
            ),
            similar=_similar(row, result, items, words, frame),
            improvements=linked(session, id_),
            open_improvements=choices(session),
            history=history(
                received_at=row.received_at,
                analyses=items.analyses(id_),
                corrections=corrections,
                log=items.log(id_),
                notes=items.notes(id_),
                handlers=names,
                words=words,
                tr=tr,
            ),
            previous_url=f"/items/{before}" if before else None,
            next_url=f"/items/{after}" if after else None,
            received=row.occurred_at,
            demo=row.source == SOURCE,
            names={option.code: option.label for option in words.options(taxonomy.themes)},
        )
    return render("item/page.html", frame, view)


@router.post("/correct")
def correct(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    feedback: FeedbackDep,
) -> RedirectResponse:
    """Set one label, or with none confirm them all."""
    correction = _correction(form.one("set"))
    with database.write() as session:
        feedback(session).correct(id_, correction)
    return back(f"/items/{id_}", "confirmed" if correction == Correction() else "corrected", anchor="labels")


@router.post("/undo")
def take_back(id_: IdPath, database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Take back the last correction."""
    with database.write() as session:
        undone = undo(session, actor, id_)
    return back(f"/items/{id_}", "undone" if undone else "nothing-to-undo", anchor="labels")


@router.post("/status")
def set_status(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    feedback: FeedbackDep,
) -> RedirectResponse:
    """Move the item along; `go` says where to be afterwards."""
    status = form.one("status")
    if status not in STATUSES:
        raise InvalidError([Fault("/status", f"must be one of {', '.join(STATUSES)}, got {status!r}")])
    with database.write() as session:
        feedback(session).change(id_, {"status": status})
    return back(form.one("go") or f"/items/{id_}", "status")


@router.post("/assign")
def assign(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    feedback: FeedbackDep,
    redactor: RedactorDep,
    actor: ActorDep,
) -> RedirectResponse:
    """Set the handler, with a note for them if there is one; refused when somebody changed the item meanwhile."""
    user = form.whole("handler", 1, MAX_ID) if form.one("handler") else None
    version = form.whole("version", 1, MAX_ID)
    with database.write() as session:
        feedback(session).change(id_, {"assigned_to": user}, if_version=version)
        _keep_note(
            form, FeedbackRepository(session), ItemRepository(session), redactor, id_, actor.name, "handover"
        )
    return back(f"/items/{id_}", "assigned")


@router.post("/improvement")
def add_to_improvement(
    id_: IdPath,
    form: FormDep,
    frame: FrameDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Say what this item asks for: an improvement that is there, or a new one."""
    with database.write() as session:
        service = backlog(session)
        if form.one("improvement"):
            service.link(form.whole("improvement", 1, MAX_ID), [id_])
            return back(f"/items/{id_}", "improvement-linked", anchor="improvements")
        title = form.one("title").strip() or frame.tr.gettext("New improvement")
        row = FeedbackRepository(session).get(id_)
        journey = row.journey if row is not None else None
        made = service.create(NewImprovement(title, journey=journey, feedback_ids=(id_,)))
        return back(f"/backlog/{made.id}", "improvement-made")


@router.post("/notes")
def add_note(
    id_: IdPath, form: FormDep, database: DatabaseDep, redactor: RedactorDep, actor: ActorDep
) -> RedirectResponse:
    """Keep a note."""
    with database.write() as session:
        repository = FeedbackRepository(session)
        kept = _keep_note(form, repository, ItemRepository(session), redactor, id_, actor.name, "note")
        if kept:
            record(session, actor, "feedback.noted", "feedback.note", id_)
    return back(f"/items/{id_}", "noted" if kept else "empty-note", anchor="notes")


def _keep_note(
    form: Form,
    feedback: FeedbackRepository,
    items: ItemRepository,
    redactor: RedactorDep,
    id_: int,
    by: str,
    kind: str,
) -> bool:
    if feedback.get(id_) is None:
        raise NotFoundError(f"There is no feedback {id_}.")
    said = form.one("note").strip()
    if len(said) > _LONGEST_NOTE:
        raise InvalidError([Fault("/note", f"must have at most {_LONGEST_NOTE} characters, got {len(said)}")])
    if said:
        items.add_note(NoteRow(feedback_id=id_, by=by, kind=kind, text=redactor.redact(said).text))
    return bool(said)


def _correction(asked: str) -> Correction:
    """`theme:CODE:-1|0|1|x`, `signal:CODE:1|x`, `sentiment:-2…2`, or nothing, which confirms."""
    if not asked:
        return Correction()
    kind, *rest = asked.split(":")
    match kind, rest:
        case "theme", [code, ("-1" | "0" | "1") as step]:
            return Correction(themes={code: int(step)})
        case "theme", [code, "x"]:
            return Correction(themes={code: None})
        case "signal", [code, ("1" | "x") as there]:
            return Correction(signals={code: there == "1"})
        case "sentiment", [("-2" | "-1" | "0" | "1" | "2") as step]:
            return Correction(sentiment=int(step))
    raise InvalidError([Fault("/set", f"must name one label, such as theme:gemak:-1, got {asked!r}")])


def _given(row: FeedbackRow, frame: Frame) -> tuple[tuple[str, str], ...]:
    scores = (("NPS", row.nps), ("CAS", row.cas), ("CES", row.ces))
    return tuple((name, frame.tr.number(value)) for name, value in scores if value is not None)


def _facts(row: FeedbackRow, frame: Frame, words: Wording) -> tuple[tuple[str, str], ...]:
    tr = frame.tr
    facts = (
        (tr.gettext("Kind"), words.kind(row.kind)),
        (tr.gettext("Channel"), words.channel(row.channel)),
        (tr.gettext("Journey"), words.journey(row.journey)),
        (tr.gettext("Segment"), words.segment(row.segment)),
        (tr.gettext("Domain"), row.domain),
        (tr.gettext("Source"), " ".join(part for part in (row.source, row.external_id) if part)),
        (tr.gettext("Written"), tr.moment(row.occurred_at)),
    )
    return tuple((name, value) for name, value in facts if value)


def _learned(
    corrections: list[CorrectionRow],
    activations: ActivationsRepository,
    models: FolderPath,
    item: str,
    frame: Frame,
) -> str | None:
    counting = in_effect(corrections)
    if not counting:
        return None
    tr, at = frame.tr, counting[-1].at
    lesson = first_lesson(models, activations.after(at, _MODELS), item, at)
    if lesson is None:
        return tr.gettext("An example for the next model; no newer model has gone live yet.")
    model, day = lesson.activation.model, tr.day(lesson.activation.activated_at)
    match lesson.use:
        case "learned":
            return tr.gettext(
                "Model %(model)s learned from this; it went live on %(day)s.", model=model, day=day
            )
        case "judged":
            return tr.gettext(
                "Kept aside to judge models with, as some corrections are; so was model %(model)s of %(day)s.",
                model=model,
                day=day,
            )
        case "unknown":
            return tr.gettext(
                "An example to learn from; since then model %(model)s has gone live, on %(day)s.",
                model=model,
                day=day,
            )
        case "none":
            return tr.gettext(
                "An example for the next model; model %(model)s, live since %(day)s, did not have it.",
                model=model,
                day=day,
            )


def _similar(
    row: FeedbackRow, result: dict[str, Any], items: ItemRepository, words: Wording, frame: Frame
) -> tuple[SimilarLine, ...]:
    counting = {theme.theme for theme in row.themes}
    telling = [
        row.text[span["start"] : span["end"]]
        for theme in result["themes"]
        if theme["code"] in counting
        for span in theme["evidence"]
    ]
    rows = items.similar(row.id, telling or [row.text], limit=_SIMILAR * 4)
    rows.sort(key=lambda one: -len(counting & {theme.theme for theme in one.themes}))
    return tuple(
        SimilarLine(
            id=one.id,
            excerpt=excerpt(one.text, None),
            chips=tuple(words.chip(theme.theme, theme.polarity) for theme in one.themes),
            status=words.status(one.status),
            status_code=one.status,
            when=frame.tr.day(one.occurred_at),
        )
        for one in rows[:_SIMILAR]
    )
