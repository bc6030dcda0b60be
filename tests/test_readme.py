"""What the README and the pages under docs tell people to type exists, and what they link to is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer._click.exceptions import UsageError

from feedback_nlp.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]


def shell_lines(page: Path) -> Iterator[str]:
    """Commands in fenced shell blocks, continuation lines joined, prompts and comments dropped."""
    for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            command = line.strip().removeprefix("$ ")
            if command and not command.startswith("#"):
                yield command


def calls(page: Path, program: str) -> list[list[str]]:
    found = []
    for line in shell_lines(page):
        for part in re.split(r"\s(?:\||&&|;)\s", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words = words[1:]
            if words and words[0] == program:
                found.append(words[1:])
    return found


def make_targets() -> set[str]:
    rules = re.findall(r"^([a-z][a-z-]*):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return set(rules)


def fault_of(arguments: list[str]) -> str | None:
    """Why the command line would refuse these arguments, or None; nothing is run."""
    command = typer.main.get_command(app)
    try:
        context = command.make_context("feedback-nlp", arguments, resilient_parsing=False)
        while getattr(command, "commands", None):
            name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])  # type: ignore[attr-defined]
            context = command.make_context(name, list(rest), parent=context)
    except UsageError as exc:
        return exc.format_message()
    return None


def test_the_readme_names_the_two_commands_to_know() -> None:
    assert ["run"] in calls(ROOT / "README.md", "make")
    assert ["test"] in calls(ROOT / "README.md", "make")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_that_are_told_exist(page: Path) -> None:
    told = {
        word
        for words in calls(page, "make")
        for word in words
        if "=" not in word and not word.startswith("-")
    }
    assert told <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_that_are_told_are_understood(page: Path) -> None:
    faults = {shlex.join(words): fault_of(words) for words in calls(page, "feedback-nlp")}
    assert {line: fault for line, fault in faults.items() if fault} == {}


def test_a_wrong_command_would_be_seen() -> None:
    assert "nonsense" in (fault_of(["nonsense"]) or "")
    assert "--colour" in (fault_of(["classify", "hoi", "--colour"]) or "")
    assert fault_of(["classify", "hoi", "--json"]) is None


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_what_is_linked_to_is_there(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
