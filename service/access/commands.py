"""`feedback-nlp user …` and `feedback-nlp key …`; what is heavy is imported inside the commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from service.access.roles import ROLES, SCOPES, Role, Scope

if TYPE_CHECKING:
    from service.access.keys import KeyService, NewKey
    from service.access.repository import AccessRepository
    from service.access.tables import ApiKeyRow, UserRow
    from service.access.users import UserService
    from service.database.engine import Database

__all__ = ["keys", "users"]

_Row = TypeVar("_Row")

users = typer.Typer(
    name="user",
    help="The people who work with the pages.\n\nExample: feedback-nlp user list",
    no_args_is_help=True,
)
keys = typer.Typer(
    name="key", help="The API keys of other systems.\n\nExample: feedback-nlp key list", no_args_is_help=True
)

UserName = Annotated[str, typer.Argument(help="What the user signs in with.")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a one-time password and show it, rather than ask for one.")
]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
Prefix = Annotated[str, typer.Argument(help="The key's prefix, as `feedback-nlp key list` shows it.")]


@users.command("add")
def add_user(
    name: UserName,
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES)}.")] = "handler",
    display_name: Annotated[str | None, typer.Option(help="What the pages call the user.")] = None,
    generate: Generate = False,
    password_stdin: FromInput = False,
    sso: Annotated[
        bool, typer.Option("--sso", help="No password: the user signs in by single sign-on only.")
    ] = False,
    if_none: Annotated[
        bool, typer.Option("--if-none", help="Do nothing when there is an admin who can sign in.")
    ] = False,
) -> None:
    """Add a user.

    Examples:
      feedback-nlp user add admin --role admin --generate

      feedback-nlp user add j.jansen --role handler --display-name "Joke Jansen"
    """
    with _store() as database:
        if if_none and _has_admin(database):
            return
        password, one_time = (None, False) if sso else _password(generate, password_stdin)
        with _user_service(database) as service:
            service.add(
                name,
                cast(Role, role),
                password=password,
                display_name=display_name,
                one_time=one_time,
            )
        typer.echo(f"user {name} ({role}) was added")
        if one_time:
            _show_password(name, password)


@users.command("list")
def list_users() -> None:
    """Show all users.

    Examples:
      feedback-nlp user list
    """

    def line(row: UserRow, moment: datetime) -> tuple[str, ...]:
        locked = row.locked_until is not None and row.locked_until > moment
        state = "disabled" if not row.active else "locked" if locked else "active"
        return row.name, row.role, row.display_name or "", state, _moment(row.last_login_at, "never")

    head = ("NAME", "ROLE", "DISPLAY NAME", "STATE", "LAST LOGIN")
    _show_all(head, lambda repository: repository.users(), line)


@users.command("password")
def set_password(name: UserName, generate: Generate = False, password_stdin: FromInput = False) -> None:
    """Give a user another password; all sessions end and a lock is lifted.

    Examples:
      feedback-nlp user password j.jansen --generate
    """
    with _store() as database:
        password, one_time = _password(generate, password_stdin)
        with _user_service(database) as service:
            service.set_password(name, password, one_time=one_time)
        typer.echo(f"user {name} has another password")
        if one_time:
            _show_password(name, password)


@users.command("role")
def set_role(
    name: UserName,
    role: Annotated[str, typer.Argument(help=f"{', '.join(ROLES)}.")],
) -> None:
    """Give a user another role, from the next request on.

    Examples:
      feedback-nlp user role j.jansen analyst
    """
    with _store() as database, _user_service(database) as service:
        service.set_role(name, cast(Role, role))
    typer.echo(f"user {name} is {role}")


@users.command("disable")
def disable_user(name: UserName) -> None:
    """Let a user in no longer; all sessions end. What they did stays on record.

    Examples:
      feedback-nlp user disable j.jansen
    """
    with _store() as database, _user_service(database) as service:
        service.disable(name)
    typer.echo(f"user {name} is disabled")


@users.command("enable")
def enable_user(name: UserName) -> None:
    """Let a disabled or locked user in again.

    Examples:
      feedback-nlp user enable j.jansen
    """
    with _store() as database, _user_service(database) as service:
        service.enable(name)
    typer.echo(f"user {name} is enabled")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="The system that the key is for.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help=f"May be given several times: {', '.join(SCOPES)}.")
    ],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; by default a year.")] = 365,
    forever: Annotated[bool, typer.Option("--forever", help="It never expires.")] = False,
    rate_limit: Annotated[
        int | None, typer.Option(min=1, help="Requests a minute; by default FEEDBACK_NLP_KEY_RATE_LIMIT.")
    ] = None,
) -> None:
    """Make a key and show it, once.

    Examples:
      feedback-nlp key create crm --scope classify --scope write

      feedback-nlp key create prometheus --scope metrics --forever
    """
    valid_for = None if forever or days is None else timedelta(days=days)
    with _store() as database, _key_service(database) as service:
        made = service.create(name, cast("list[Scope]", scope), valid_for=valid_for, rate_limit=rate_limit)
    _show_key(name, made)


@keys.command("list")
def list_keys() -> None:
    """Show all keys, without their secrets.

    Examples:
      feedback-nlp key list
    """

    def line(row: ApiKeyRow, moment: datetime) -> tuple[str, ...]:
        expired = row.expires_at is not None and row.expires_at <= moment
        state = "revoked" if row.revoked_at is not None else "expired" if expired else "usable"
        ends, used = _moment(row.expires_at, "never"), _moment(row.last_used_at, "never")
        return row.prefix, row.name, " ".join(row.scopes), state, ends, used

    head = ("PREFIX", "NAME", "SCOPES", "STATE", "EXPIRES", "LAST USED")
    _show_all(head, lambda repository: repository.all_keys(), line)


@keys.command("rotate")
def rotate_key(
    prefix: Prefix,
    grace_hours: Annotated[
        float, typer.Option(min=0, max=720, help="Hours that the old key works on, to change over.")
    ] = 24.0,
) -> None:
    """Make another key for the same system; the old one ends after a while.

    Examples:
      feedback-nlp key rotate a1b2c3d4 --grace-hours 1
    """
    with _store() as database, _key_service(database) as service:
        made = service.rotate(prefix, grace=timedelta(hours=grace_hours))
    _show_key(prefix, made)
    typer.echo(f"the old key {prefix} works for {grace_hours:g} hours more")


@keys.command("revoke")
def revoke_key(prefix: Prefix) -> None:
    """End a key at once.

    Examples:
      feedback-nlp key revoke a1b2c3d4
    """
    with _store() as database, _key_service(database) as service:
        service.revoke(prefix)
    typer.echo(f"key {prefix} is revoked")


@contextmanager
def _store() -> Iterator[Database]:
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.settings import Settings

    database = Database(Settings().database_url)
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


@contextmanager
def _user_service(database: Database) -> Iterator[UserService]:
    from service.access.state import passwords_of
    from service.access.users import UserService
    from service.actor import Actor
    from service.settings import Settings

    passwords = passwords_of(Settings())
    with database.write() as session:
        yield UserService(session, passwords, Actor("terminal"))


@contextmanager
def _key_service(database: Database) -> Iterator[KeyService]:
    from service.access.keys import KeyService
    from service.actor import Actor

    with database.write() as session:
        yield KeyService(session, Actor("terminal"))


def _has_admin(database: Database) -> bool:
    from service.access.repository import AccessRepository

    with database.read() as session:
        return AccessRepository(session).active_admins() > 0


def _password(generate: bool, from_input: bool) -> tuple[str, bool]:
    """The password to set, and whether it is for one time."""
    from service.access.users import one_time_password

    if generate:
        return one_time_password(), True
    if from_input:
        return sys.stdin.readline().rstrip("\r\n"), False
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask for a password; use --generate")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True)), False


def _show_password(name: str, password: str | None) -> None:
    typer.secho(f"one-time password for {name}, shown only now: {password}", bold=True)
    typer.echo("another one must be chosen at the first login")


def _show_key(name: str, made: NewKey) -> None:
    ends = "it never expires" if made.expires_at is None else f"it expires on {made.expires_at:%Y-%m-%d}"
    typer.secho(f"key {made.prefix} for {name}, shown only now: {made.secret}", bold=True)
    typer.echo(f"send it as `Authorization: Bearer {made.secret[:14]}…`; {ends}")


def _moment(moment: datetime | None, otherwise: str) -> str:
    return otherwise if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _show_all(
    head: Sequence[str],
    read: Callable[[AccessRepository], Iterable[_Row]],
    line: Callable[[_Row, datetime], tuple[str, ...]],
) -> None:
    """A table of what is read, a line each."""
    from service.access.repository import AccessRepository
    from service.database.base import now

    with _store() as database, database.read() as session:
        moment = now()
        rows = [line(row, moment) for row in read(AccessRepository(session))]
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
