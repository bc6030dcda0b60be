"""`feedback-nlp erase`, `disclose` and `retention`; what is heavy is imported inside the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["disclose", "erase", "retention"]

ExternalIds = Annotated[list[str], typer.Argument(help="How the sender calls the person's items.")]
Source = Annotated[str | None, typer.Option(help="The system they come from; by default any.")]


def erase(
    external_ids: ExternalIds,
    source: Source = None,
    training_set: Annotated[
        list[Path] | None,
        typer.Option(
            help="Further exported training set, or folder of them, to erase from; may be repeated."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person's items everywhere, and print what was erased where as JSON.

    Examples:
      feedback-nlp erase K-2041 --source crm

      feedback-nlp erase K-2041 K-2042 --training-set corrections.jsonl --yes
    """
    from service.actor import Actor
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.models.registry import live_model, models_folder
    from service.privacy.erasure import erase_by_external_id
    from service.privacy.repository import PrivacyRepository
    from service.settings import Settings

    settings = Settings()
    database = Database(settings.database_url)
    try:
        upgrade(database)
        with database.read() as session:
            count = len(PrivacyRepository(session).find(external_ids, source))
        if not yes:
            typer.confirm(f"{count} items will be gone for good. Go on?", abort=True)
        with database.write() as session:
            report = erase_by_external_id(
                session,
                Actor("terminal"),
                external_ids,
                source=source,
                training_sets=[*settings.training_sets, *(training_set or ())],
                models=models_folder(settings),
            )
    finally:
        database.close()
    live = live_model(settings)
    shown = {"id": report.id, **report.to_dict(), "not_found": report.not_found}
    shown["in_use"] = live if live in report.models else None
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))


def disclose(
    external_ids: ExternalIds,
    source: Source = None,
    out: Annotated[Path | None, typer.Option(help="File to write; by default standard output.")] = None,
) -> None:
    """Print all that is held about a person as JSON.

    Examples:
      feedback-nlp disclose K-2041 --source crm --out K-2041.json
    """
    from service.actor import Actor
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.privacy.disclosure import disclose as collect
    from service.privacy.schemas import DisclosureOut
    from service.settings import Settings
    from service.state import originals_of

    settings = Settings()
    database = Database(settings.database_url)
    try:
        upgrade(database)
        with database.write() as session:
            originals = originals_of(settings)
            held = collect(session, Actor("terminal"), external_ids, source=source, originals=originals)
            shown = DisclosureOut.model_validate(held).model_dump_json(indent=2)
    finally:
        database.close()
    if out is None:
        typer.echo(shown)
    else:
        out.write_text(shown + "\n", "utf-8")
        typer.echo(f"{len(held['items'])} items were written to {out}")


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be destroyed.")] = False,
) -> None:
    """Destroy what has been kept longer than the settings say; a running service does so every hour.

    Examples:
      feedback-nlp retention --dry-run

      FEEDBACK_NLP_RETENTION_FEEDBACK_DAYS=365 feedback-nlp retention
    """
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.privacy.retention import destroy_expired
    from service.settings import Settings

    settings = Settings()
    database = Database(settings.database_url)
    try:
        upgrade(database)
        done = destroy_expired(database, settings, dry_run=dry_run)
    finally:
        database.close()
    for one in done:
        verb = "would be destroyed" if dry_run else "destroyed"
        typer.echo(f"{one.kind}: {one.count} from before {one.before:%Y-%m-%d} {verb}")
    if not done:
        typer.echo("nothing is old enough")
