from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feedback_nlp.errors import TaxonomyError
from feedback_nlp.taxonomy import Taxonomy

DEFAULT = Taxonomy.default()


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = DEFAULT.to_dict()
    change(data)
    return data


def test_the_default_has_twelve_themes_and_four_signals_in_two_languages() -> None:
    assert (len(DEFAULT.themes), len(DEFAULT.signals)) == (12, 4)
    for entry in (*DEFAULT.themes, *DEFAULT.signals):
        assert entry.label("nl") == entry.nl
        assert entry.label("en") == entry.en
        assert entry.definition_nl
        assert entry.definition_en


def test_every_theme_belongs_to_a_pillar() -> None:
    pillars = {entry.code for entry in DEFAULT.pillars}
    assert {entry.pillar for entry in DEFAULT.themes} <= pillars


def test_its_structure_builds_it_again() -> None:
    again = Taxonomy.from_dict(DEFAULT.to_dict())
    assert again == DEFAULT
    assert again.digest == DEFAULT.digest


def test_any_change_changes_the_digest() -> None:
    data = changed(lambda data: data["themes"][3].update(nl="Anders"))
    assert Taxonomy.from_dict(data).digest != DEFAULT.digest


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d["themes"][2].pop("nl"), "themes[2].nl: must be a non-empty string, got None"),
        (lambda d: d["themes"][2].update(nl=" "), "themes[2].nl: must be a non-empty string, got ' '"),
        (lambda d: d["themes"][2].update(pillar="geen"), "themes[2].pillar: must be one of"),
        (lambda d: d["themes"][2].update(kleur="rood"), "themes[2].kleur: unknown key"),
        (
            lambda d: d["signals"][0].update(code="Klacht!"),
            "signals[0].code: must be lower-case letters, digits and _, got 'Klacht!'",
        ),
        (lambda d: d["signals"].append(d["signals"][0]), "signals[4].code: 'klacht' stands twice in signals"),
        (lambda d: d.update(signals=[]), "signals: must be a non-empty list of tables, got []"),
        (lambda d: d.update(journeys=["bellen"]), "journeys[0]: must be a table, got 'bellen'"),
        (lambda d: d.update(version=3), "version: must be a non-empty string, got 3"),
        (lambda d: d.update(thema=[]), "thema: unknown key; known are name, version, pillars"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(change: Callable[[dict[str, Any]], object], named: str) -> None:
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.from_dict(changed(change), source="ours.toml")
    assert str(caught.value).startswith("ours.toml: ")
    assert named in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    data = changed(lambda d: (d.pop("name"), d["themes"][0].pop("en"), d["signals"][1].pop("definition_nl")))
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.from_dict(data)
    for key in ("name: ", "themes[0].en: ", "signals[1].definition_nl: "):
        assert key in str(caught.value)


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", None], ids=["not TOML", "not UTF-8", "no file"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ours.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TaxonomyError, match=r"ours\.toml"):
        Taxonomy.load(path)
