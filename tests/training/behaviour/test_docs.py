from __future__ import annotations

import re
from pathlib import Path

import training
from training.behaviour.cases import load_cases

PAGE = Path(training.__file__).parents[1] / "docs" / "behaviour.md"


def test_the_examples_on_the_page_are_valid_cases(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(line.strip() for line in block.splitlines()), "utf-8")
    assert [case.type for case in load_cases(path)] == ["MFT", "INV", "DIR"]


def test_every_capability_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    named = set(re.findall(r"`([a-z_<>]+)`", page))
    capabilities = {case.capability for case in load_cases()}
    missing = {
        name for name in capabilities if not {name, re.sub(r"^(theme|signal)_.*", r"\1_<code>", name)} & named
    }
    assert missing == set()
