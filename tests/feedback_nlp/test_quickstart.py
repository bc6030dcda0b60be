from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feedback_nlp.artifacts import FORMAT
from feedback_nlp.commands import quickstart
from feedback_nlp.commands.quickstart import EXAMPLE, QuickstartError
from feedback_nlp.registry import Registry
from tests.fakes import FakeAnalyzer

if TYPE_CHECKING:
    from training.train import TrainingRun

SERVER = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

answer, refusals, port = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

class Handler(BaseHTTPRequestHandler):
    def reply(self, code, body):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self):
        global refusals
        refusals -= 1
        self.reply(503 if refusals >= 0 else 200, {})

    def do_DELETE(self):
        os._exit(0)

    def do_POST(self):
        if self.headers.get("Host", "").startswith("localhost"):
            return self.reply(401, {})
        items = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["items"]
        assert items[0]["text"] == answer["text"]
        self.reply(200, {"results": [answer]})

    def log_message(self, *args):
        pass

HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stand_in(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], port: int, refusals: int = 2
) -> None:
    """A model is live, and `serve` is a small server that is ready after some refusals."""
    command = [sys.executable, "-c", SERVER, json.dumps(answer), str(refusals), str(port)]
    monkeypatch.setattr(quickstart, "_command", lambda *_: command)
    monkeypatch.setattr(quickstart, "_see_to_a_model", lambda: None)


def test_it_waits_until_ready_shows_the_example_and_stops_the_service(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch, FakeAnalyzer().analyze(EXAMPLE).to_dict(), port)
    quickstart.quickstart(port=port, check=True)
    told = capsys.readouterr().out
    assert "− Bereikbaarheid" in told
    assert "“begripvol”" in told
    assert f"curl http://127.0.0.1:{port}/v1/classify" in told
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_wrong_answer_fails_the_check(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = FakeAnalyzer().analyze("in de wacht").to_dict() | {"text": EXAMPLE}
    stand_in(monkeypatch, answer, port)
    with pytest.raises(QuickstartError, match=r"empathie positive, got \{'bereikbaarheid': -0.9\}"):
        quickstart.quickstart(port=port, check=True)


def test_a_port_in_use_is_told_at_once_with_a_way_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        quickstart, "_see_to_a_model", lambda: pytest.fail("nothing may be done before the port is free")
    )
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(QuickstartError, match=rf"127\.0\.0\.1:{port} cannot be used.*PORT={port + 1}"):
            quickstart.quickstart(port=port)


def test_a_service_that_dies_at_its_start_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, {}, port)
    monkeypatch.setattr(quickstart, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(QuickstartError, match="stopped at its start with exit code 3"):
        quickstart.quickstart(port=port)


def test_a_model_is_trained_only_where_none_is_live(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(tmp_path))
    asked: list[tuple[str, ...]] = []

    def command(*arguments: str) -> list[str]:
        asked.append(arguments)
        return [sys.executable, "-c", "raise SystemExit(5)"]

    monkeypatch.setattr(quickstart, "_command", command)
    with pytest.raises(
        QuickstartError, match="`feedback-nlp train --no-learning-curve` ended with exit code 5"
    ):
        quickstart.quickstart(port=port)
    assert asked == [("train", "--no-learning-curve")]


def test_a_live_model_of_another_version_is_replaced_by_one_that_can_be_read(
    port: int, small_model: TrainingRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    shutil.copytree(small_model.folder.parents[1], models)
    live = Registry.load(models).live_folder() / "manifest.json"
    live.write_text(live.read_text("utf-8").replace(f'"format": {FORMAT}', '"format": 1'), "utf-8")
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(models))
    asked: list[tuple[str, ...]] = []

    def command(*arguments: str) -> list[str]:
        asked.append(arguments)
        return [sys.executable, "-c", f"raise SystemExit({int(arguments[0] == 'promote')})"]

    monkeypatch.setattr(quickstart, "_command", command)
    with pytest.raises(QuickstartError, match="promote newest"):
        quickstart.quickstart(port=port)
    assert [arguments[:3] for arguments in asked] == [
        ("train", "--no-learning-curve"),
        ("promote", "newest", "--force"),
    ]


def test_the_commands_are_those_of_this_installation() -> None:
    ended = subprocess.run(quickstart._command("--version"), capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("feedback-nlp ")


STOP = """
import sys, urllib.request
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1], method="DELETE"))
except OSError:
    pass
"""


def stand_in_that_an_admin_ends(monkeypatch: pytest.MonkeyPatch, port: int) -> list[tuple[str, ...]]:
    """As `stand_in`, but any other command than `serve` is noted and ends the service."""
    stand_in(monkeypatch, FakeAnalyzer().analyze(EXAMPLE).to_dict(), port)
    serve = quickstart._command("serve")
    asked: list[tuple[str, ...]] = []

    def command(*arguments: str) -> list[str]:
        if arguments[0] == "serve":
            return serve
        asked.append(arguments)
        return [sys.executable, "-c", STOP, f"http://127.0.0.1:{port}"]

    monkeypatch.setattr(quickstart, "_command", command)
    return asked


def test_the_first_admin_is_made_before_the_service_is_left_to_serve(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = stand_in_that_an_admin_ends(monkeypatch, port)
    with pytest.raises(QuickstartError, match="stopped by itself with exit code 0"):
        quickstart.quickstart(port=port)
    assert asked == [("user", "add", "admin", "--role", "admin", "--generate", "--if-none")]


def test_where_a_key_is_needed_the_way_to_one_is_shown_instead_of_the_example(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in_that_an_admin_ends(monkeypatch, port)
    with pytest.raises(QuickstartError, match="stopped by itself"):
        quickstart.quickstart(host="localhost", port=port)
    assert "feedback-nlp key create NAME --scope classify" in capsys.readouterr().out


def test_a_check_that_cannot_ask_is_no_success(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, FakeAnalyzer().analyze(EXAMPLE).to_dict(), port)
    with pytest.raises(QuickstartError, match="asks for a key"):
        quickstart.quickstart(host="localhost", port=port, check=True)
