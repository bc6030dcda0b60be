from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.audit import verdict
from tests.supply.licences import PAGE, locked, refused

ROOT = Path(__file__).parents[2]


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def test_every_pin_of_the_lock_has_its_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(entries) == len(pins(ROOT / "requirements.lock")) > 50
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
    assert "://" not in text
    assert "index-url" not in text


def test_the_lock_holds_all_that_a_plain_install_needs_in_the_versions_of_the_constraints() -> None:
    lock, constraints = pins(ROOT / "requirements.lock"), pins(ROOT / "constraints.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for line in project["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)]), line
    assert {
        name: version for name, version in lock.items() if constraints.get(name, version) != version
    } == {}


def test_every_locked_package_stands_in_the_list_of_licences() -> None:
    listed = set(re.findall(r"^\| (\S+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert {canonicalize_name(name) for name in locked()} <= {canonicalize_name(name) for name in listed}


@pytest.mark.parametrize(
    ("licence", "wrong"),
    [
        ("MIT", []),
        ("Apache-2.0 OR GPL-3.0-only", []),
        ("BSD-3-Clause AND 0BSD AND MIT", []),
        ("MIT AND GPL-3.0-only", ["GPL-3.0-only"]),
        ("Apache Software License; MIT License", []),
        ("UNKNOWN", ["UNKNOWN"]),
    ],
)
def test_a_licence_is_allowed_when_one_alternative_is_allowed_as_a_whole(
    licence: str, wrong: list[str]
) -> None:
    assert refused(licence) == wrong


def test_an_audit_that_saw_nothing_says_so_and_one_that_found_something_fails() -> None:
    blind = {"dependencies": [{"name": "a", "skip_reason": "no data"}]}
    assert verdict(blind) == (0, "SKIPPED: pip-audit could not reach its data for any of 1 packages")
    found = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]},
            {"name": "b", "version": "2", "vulns": []},
            {"name": "c", "skip_reason": "no data"},
        ]
    }
    code, said = verdict(found)
    assert code == 1
    assert said.splitlines() == [
        "a 1: PYSEC-1",
        "SKIPPED for 1 packages: no data",
        "2 packages audited, 1 with known vulnerabilities",
    ]
