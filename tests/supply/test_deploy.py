"""What is handed to whoever runs it: linted by the tools for it, and in line with the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from feedback_nlp.cli import app
from service.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE, UNIT = ROOT / "Dockerfile", ROOT / "docs" / "deploy" / "feedback-nlp.service"
FILES = (DOCKERFILE, UNIT, ROOT / "docs" / "operate.md")
ENVIRONMENT = "/opt/feedback-nlp/.venv"
EXPOSURE = "40"
"""Tenths of the most that `systemd-analyze security` would bear; lower is safer."""


def test_the_dockerfile_has_nothing_that_hadolint_minds() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert program is not None, "it comes with the extra [dev]"
    run = subprocess.run([program, str(DOCKERFILE)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.fixture
def systemd_analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here: the unit was not checked (Debian: apt-get install systemd)")
    return program


def verified(program: str, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """The verdict over a unit whose program is the one of this environment."""
    unit = folder / "feedback-nlp.service"
    unit.write_text(text.replace(ENVIRONMENT, sys.prefix))
    return subprocess.run([program, "verify", "--man=no", str(unit)], capture_output=True, text=True)


def test_the_unit_has_nothing_that_systemd_minds(systemd_analyze: str, tmp_path: Path) -> None:
    run = verified(systemd_analyze, tmp_path, UNIT.read_text("utf-8"))
    assert (run.returncode, run.stderr) == (0, "")
    command = [systemd_analyze, "security", "--offline=yes", f"--threshold={EXPOSURE}"]
    secure = subprocess.run([*command, str(tmp_path / UNIT.name)], capture_output=True, text=True)
    assert secure.returncode == 0, secure.stdout


def test_a_slip_in_the_unit_would_be_seen(systemd_analyze: str, tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    run = verified(systemd_analyze, tmp_path, text.replace("RestartSec=", "RestartSecs="))
    assert "RestartSecs" in run.stderr
    run = verified(systemd_analyze, tmp_path, text.replace("bin/feedback-nlp serve", "bin/feedback-nl serve"))
    assert run.returncode != 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"FEEDBACK_NLP_([A-Z_]+)", path.read_text("utf-8")))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def commands(path: Path) -> Iterator[list[str]]:
    """The command lines of a file, without what stands before and after them."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    for exec_form in re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE):
        yield json.loads(exec_form)[1:]
    for line in re.findall(
        r"(?:`|^\s+|: |bin/)feedback-nlp ((?:[a-z-]+)(?: [^`\n#─]*)?)", text, re.MULTILINE
    ):
        yield re.split(r"\s{2,}| -- | && ", line.strip())[0].split()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_is_one_and_knows_its_options(path: Path) -> None:
    found = 0
    for words in commands(path):
        command: Any = typer.main.get_command(app)
        while words and hasattr(command, "commands"):
            assert words[0] in command.commands, words
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, words
        found += 1
    assert found


def test_the_image_listens_where_it_is_asked_and_where_its_health_is() -> None:
    text = DOCKERFILE.read_text("utf-8")
    port = Settings.model_fields["port"].default
    assert f"EXPOSE {port}\n" in text
    assert f'get(\\"FEEDBACK_NLP_PORT\\", {port})}}/health/ready' in text
    assert '@router.get("/ready"' in (ROOT / "service" / "health" / "api.py").read_text("utf-8")


def test_the_image_is_built_of_what_its_context_lets_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] == "!"}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == let_in
    assert [name for name in let_in if not (ROOT / name).exists()] == []


def test_the_same_user_runs_the_unit_and_is_made_by_the_instructions() -> None:
    (user,) = re.findall(r"^User=(\w+)$", UNIT.read_text("utf-8"), re.MULTILINE)
    page = FILES[2].read_text("utf-8")
    assert re.search(rf"^    useradd .* {user}$", page, re.MULTILINE)
    for path in re.findall(
        r"/(?:opt|etc)/feedback-nlp[\w./-]*", UNIT.read_text("utf-8").partition("[Unit]")[2]
    ):
        assert path.removesuffix("/bin/feedback-nlp") in page, path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_the_project_that_is_named_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    named = re.findall(r"(?<![\w/])(?:docs|tests|decisions|deploy)/[\w./-]+\.\w+", text)
    assert [name for name in named if not any((at / name).exists() for at in (ROOT, ROOT / "docs"))] == []
