"""`/admin/users`, `/admin/keys` and `/admin/webhooks`: who and what may come in, and where events go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse

from service.access.dependencies import AccessDep
from service.access.keys import KeyService
from service.access.repository import AccessRepository
from service.access.roles import ROLES, SCOPES, Role, Scope
from service.access.users import UserService, one_time_password
from service.actor import ActorDep
from service.admin.views import KeysView, Table, UsersView, WebhooksView
from service.database.engine import Database
from service.events.api import LONGEST_OVERLAP, OVERLAP, rotate, unsubscribe
from service.events.repository import EventsRepository
from service.events.signing import SigningSecretsDep
from service.fields import MAX_ID
from service.pages.forms import FormDep, back
from service.pages.frame import Frame, FrameDep
from service.pages.templating import render
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LONGEST_LIFE: Final = 3650


@router.get("/users")
def users(frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Everybody who can sign in."""
    return _users(frame, database)


@router.post("/users")
def add_user(
    form: FormDep, frame: FrameDep, database: DatabaseDep, access: AccessDep, actor: ActorDep
) -> HTMLResponse:
    """Another user, with a password to hand over that works once."""
    name, password = form.one("name").strip(), one_time_password()
    shown = form.one("display_name").strip() or None
    with database.write() as session:
        service = UserService(session, access.passwords, actor)
        service.add(name, cast(Role, form.one("role")), password=password, display_name=shown, one_time=True)
    return _users(frame, database, password, name)


@router.post("/users/change")
def change_user(
    form: FormDep, frame: FrameDep, database: DatabaseDep, access: AccessDep, actor: ActorDep
) -> HTMLResponse:
    """Role, access or password of a user, as `do` says: `role`, `disable`, `enable` or `password`."""
    name, secret = form.one("name"), None
    with database.write() as session:
        service = UserService(session, access.passwords, actor)
        match form.one("do"):
            case "disable":
                service.disable(name)
            case "enable":
                service.enable(name)
            case "password":
                secret = one_time_password()
                service.set_password(name, secret, one_time=True)
            case _:
                service.set_role(name, cast(Role, form.one("role")))
    return _users(frame, database, secret, name)


@router.get("/keys")
def keys(frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Every system that has a key."""
    return _keys(frame, database)


@router.post("/keys")
def add_key(form: FormDep, frame: FrameDep, database: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    """Another key; its secret is shown this once."""
    name = form.one("name").strip()
    days = form.whole("days", 1, _LONGEST_LIFE) if form.one("days") else None
    with database.write() as session:
        made = KeyService(session, actor).create(
            name,
            cast(list[Scope], form.many("scope")),
            valid_for=None if days is None else timedelta(days=days),
        )
    return _keys(frame, database, made.secret, name)


@router.post("/keys/revoke")
def revoke_key(form: FormDep, database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Let a key in no longer."""
    with database.write() as session:
        KeyService(session, actor).revoke(form.one("prefix"))
    return back("/admin/keys", "saved")


@router.get("/webhooks")
def webhooks(frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Where events go, and how the last ones fared."""
    return _webhooks(frame, database)


@router.post("/webhooks/rotate")
def rotate_webhook(
    form: FormDep, frame: FrameDep, database: DatabaseDep, signing: SigningSecretsDep, actor: ActorDep
) -> HTMLResponse:
    """Another secret, shown this once; the old one goes on signing for so many hours."""
    hours = form.whole("hours", 0, LONGEST_OVERLAP)
    made = rotate(form.whole("id", 1, MAX_ID), database, signing, actor, hours)
    return _webhooks(frame, database, made.secret, made.url)


def _webhooks(frame: Frame, database: Database, secret: str | None = None, of: str = "") -> HTMLResponse:
    tr = frame.tr
    words = {
        "pending": tr.gettext("on its way"),
        "delivered": tr.gettext("arrived"),
        "dead": tr.gettext("given up"),
    }
    with database.read() as session:
        repository = EventsRepository(session)
        hooks = tuple(
            (row.id, row.url, ", ".join(row.types), row.active, _until(row.old_secret_until, frame))
            for row in repository.subscriptions()
        )
        rows, _ = repository.deliveries(status=None, subscription_id=None, limit=50, after=None)
        table = Table(
            tr.gettext("Last deliveries"),
            (tr.gettext("When"), tr.gettext("Event"), tr.gettext("Status"), tr.gettext("Tries"), tr.gettext("Answer")),
            tuple(
                (
                    tr.moment(event.at),
                    event.type,
                    words[delivery.status],
                    str(delivery.attempts),
                    delivery.last_error or (str(delivery.last_status) if delivery.last_status else ""),
                )
                for delivery, event in rows
            ),
            tr.gettext("Nothing was sent yet."),
        )  # fmt: skip
    title = tr.gettext("Webhooks")
    view = WebhooksView(title, "webhooks", hooks, table, OVERLAP, LONGEST_OVERLAP, secret, of)
    return render("admin/webhooks.html", frame, view)


def _until(moment: datetime | None, frame: Frame) -> str | None:
    return None if moment is None or moment <= frame.now else frame.tr.moment(moment)


@router.post("/webhooks/remove")
def remove_webhook(form: FormDep, database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Send nothing more there."""
    unsubscribe(form.whole("id", 1, MAX_ID), database, actor)
    return back("/admin/webhooks", "saved")


def _users(frame: Frame, database: Database, secret: str | None = None, of: str = "") -> HTMLResponse:
    tr = frame.tr
    with database.read() as session:
        rows = tuple(
            (
                row.name,
                row.display_name or "",
                row.role,
                tr.moment(row.last_login_at) if row.last_login_at else tr.gettext("never"),
                row.active,
            )
            for row in AccessRepository(session).users()
        )
    return render("admin/users.html", frame, UsersView(tr.gettext("Users"), "users", rows, ROLES, secret, of))


def _keys(frame: Frame, database: Database, secret: str | None = None, of: str = "") -> HTMLResponse:
    tr = frame.tr
    with database.read() as session:
        rows = tuple(
            (
                row.name,
                row.prefix,
                ", ".join(row.scopes),
                tr.moment(row.last_used_at) if row.last_used_at else tr.gettext("never"),
                tr.day(row.expires_at) if row.expires_at else tr.gettext("no end"),
                row.revoked_at is None and (row.expires_at is None or row.expires_at > frame.now),
            )
            for row in AccessRepository(session).all_keys()
        )
    return render("admin/keys.html", frame, KeysView(tr.gettext("Keys"), "keys", rows, SCOPES, secret, of))
