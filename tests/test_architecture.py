"""The shape of the project: who may import whom, what a module offers, and what a help page waits for."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("feedback_nlp", "training", "service")
FORBIDDEN = {"feedback_nlp": {"training", "service"}, "service": {"training"}, "training": {"service"}}
HEAVY = ("sklearn", "scipy", "numpy", "pandas", "spacy", "onnxruntime", "fastapi", "sqlalchemy", "torch")


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level package of every import, those inside functions and `import_module("…")` included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value.split(".")[0]


def trespasses(path: Path, forbidden: set[str]) -> list[str]:
    return [f"{path.name}:{line} imports {name}" for line, name in imported(path) if name in forbidden]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_inward(package: str) -> None:
    assert [fault for path in modules(package) for fault in trespasses(path, FORBIDDEN[package])] == []


def test_an_outward_import_would_be_seen_wherever_it_hides(tmp_path: Path) -> None:
    path = tmp_path / "sly.py"
    path.write_text(
        "def f():\n    from training.train import train\n    import service.app as s\n"
        "    import importlib\n    importlib.import_module('training.data')\n"
    )
    assert trespasses(path, {"training", "service"}) == [
        "sly.py:2 imports training",
        "sly.py:3 imports service",
        "sly.py:5 imports training",
    ]


def test_the_library_proper_knows_no_terminal_and_no_network() -> None:
    """Only the command line prints and asks over HTTP, and nothing in the library imports the command line."""
    barred = {
        "typer",
        "rich",
        "click",
        "logging",
        "httpx",
        "requests",
        "urllib",
        "socket",
        "sqlalchemy",
        "fastapi",
    }
    faults = []
    for path in modules("feedback_nlp"):
        if path.name == "cli.py" or "commands" in path.parts:
            continue
        faults += trespasses(path, barred)
        faults += [
            f"{path.name}:{node.lineno} imports {node.module}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith(("feedback_nlp.commands", "feedback_nlp.cli"))
        ]
    assert faults == []


def exporting() -> list[str]:
    paths = [path for package in PACKAGES for path in modules(package)]
    return [
        name_of(path)
        for path in paths
        if path.name not in ("__main__.py", "env.py")
        and "versions" not in path.parts
        and "adapt" not in path.parts
    ]


@pytest.mark.parametrize("name", exporting())
def test_a_module_has_what_it_says_it_offers(name: str) -> None:
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", None)
    if offered is None:
        source = Path(str(module.__file__)).read_text("utf-8")
        public = [
            node.name
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
        ]
        assert public == [], f"{name} defines public names but no __all__"
        return
    assert len(offered) == len(set(offered))
    assert [missing for missing in offered if not hasattr(module, missing)] == []


def help_pages() -> list[tuple[str, ...]]:
    import typer

    from feedback_nlp.cli import app

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name, child in getattr(command, "commands", {}).items():
            yield from walk(child, (*path, name))

    return list(walk(typer.main.get_command(app), ()))


def test_help_waits_for_nothing_heavy() -> None:
    """All help pages in one fresh process, which then tells what it has loaded."""
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom feedback_nlp.cli import app\n"
        f"for path in {help_pages()!r}:\n"
        "    result = CliRunner().invoke(app, [*path, '--help'])\n"
        "    assert result.exit_code == 0, (path, result.output)\n"
        f"    loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "    assert not loaded, (path, loaded)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_every_package_carries_its_data_into_the_wheel() -> None:
    """What code reads beside itself must not be kept out of the distribution by an ignore rule."""
    data = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".toml", ".jsonl", ".txt", ".html", ".css", ".js", ".po", ".mo", ".ini", ".mako")
    ]
    assert "feedback_nlp/taxonomy.toml" in data
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    ignored = subprocess.run(
        ["git", "check-ignore", *data],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert ignored == []
