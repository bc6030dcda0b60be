from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import TaxonomyError
from feedback_nlp.taxonomy import Taxonomy
from training.aliases import Aliases, merged_polarity
from training.corpus import LabelledItem, load_corpus
from training.taxonomy_changes import (
    apply_to_items,
    apply_to_taxonomy,
    check,
    item_line,
    parse_changes,
    preview,
    to_toml,
)

MERGE = parse_changes(merge=["proces,snelheid=afhandeling"])
LABELS = {"prijs": {"nl": "Prijs", "en": "Price"}, "voorwaarden": {"nl": "Voorwaarden", "en": "Terms"}}


def test_the_written_taxonomy_reads_back_the_same() -> None:
    taxonomy = Taxonomy.default()
    assert Taxonomy.from_toml(to_toml(taxonomy)).to_dict() == taxonomy.to_dict()


def test_a_rename_keeps_place_labels_and_number_of_items(some_items: list[LabelledItem]) -> None:
    before = Taxonomy.default()
    after, aliases = apply_to_taxonomy(before, parse_changes(rename=["gemak=zelf_doen"]))
    place = before.theme_codes.index("gemak")
    assert after.theme_codes[place] == "zelf_doen"
    assert after.themes[place].definition_nl == before.themes[place].definition_nl
    moved = apply_to_items(some_items, aliases)
    counted = sum("gemak" in item.themes for item in some_items)
    assert sum("zelf_doen" in item.themes for item in moved) == counted > 0
    assert not any("gemak" in item.themes or "gemak" in item.evidence for item in moved)


def test_a_merge_joins_labels_and_evidence_and_the_preview_counts_the_same(
    some_items: list[LabelledItem],
) -> None:
    changed, aliases = apply_to_taxonomy(Taxonomy.default(), MERGE)
    told = preview(some_items, MERGE, changed, aliases, [["proces", "kosten"], ["snelheid"]])
    moved = apply_to_items(some_items, aliases)
    touched = [item for item in some_items if {"proces", "snelheid"} & item.themes.keys()]
    assert told.moved == {"merge proces,snelheid=afhandeling": len(touched)}
    assert sum("afhandeling" in item.themes for item in moved) == len(touched)
    assert told.predictions == {"proces -> afhandeling": 1, "snelheid -> afhandeling": 1}
    both = [
        (old, new)
        for old, new in zip(some_items, moved, strict=True)
        if {"proces", "snelheid"} <= old.themes.keys()
    ]
    assert told.conflicts == sum({-1, 1} <= {old.themes["proces"], old.themes["snelheid"]} for old, _ in both)
    for old, new in both:
        assert set(new.evidence.get("afhandeling", ())) == {
            quote for code in ("proces", "snelheid") for quote in old.evidence.get(code, ())
        }


def test_a_split_takes_the_label_off_and_asks_for_a_person(some_items: list[LabelledItem]) -> None:
    changes = parse_changes(split=["kosten=prijs,voorwaarden"])
    with pytest.raises(TaxonomyError, match="prijs needs a Dutch and an English label"):
        apply_to_taxonomy(Taxonomy.default(), changes)
    changed, aliases = apply_to_taxonomy(Taxonomy.default(), changes, LABELS)
    assert "kosten" not in changed.theme_codes
    assert {entry.pillar for entry in changed.themes if entry.code in LABELS} == {"propositie"}
    told = preview(some_items, changes, changed, aliases)
    assert told.relabel == sum("kosten" in item.themes for item in some_items)
    assert not any("kosten" in item.themes for item in apply_to_items(some_items, aliases))


@pytest.mark.parametrize(
    ("kind", "text"),
    [("rename", "gemak"), ("rename", "a,b=c"), ("merge", "a=b"), ("split", "a=b"), ("merge", "a,b=")],
)
def test_a_change_not_of_its_form_is_refused_and_shown(kind: str, text: str) -> None:
    with pytest.raises(TaxonomyError, match=f"--{kind} must be .*{text!r}"):
        parse_changes(**{kind: [text]})


def test_a_theme_that_is_not_there_or_is_there_already_is_named() -> None:
    with pytest.raises(TaxonomyError, match="no theme 'tempo'"):
        apply_to_taxonomy(Taxonomy.default(), parse_changes(rename=["tempo=snelheid2"]))
    with pytest.raises(TaxonomyError, match="'gemak' exists already"):
        apply_to_taxonomy(Taxonomy.default(), parse_changes(rename=["kosten=gemak"]))


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=5))
def test_polarities_that_become_one_agree_or_become_zero(polarities: list[int]) -> None:
    merged = merged_polarity(polarities)
    assert merged == (0 if {-1, 1} <= set(polarities) else min(polarities) or max(polarities))


def test_aliases_lead_on_and_never_in_circles() -> None:
    aliases = Aliases({"a": "b", "b": "c", "x": "y", "y": "x"}, {"s": ("t", "u")})
    assert aliases.current("a") == "c"
    assert aliases.current("s") is None
    assert aliases.current("x") in ("x", "y")


def test_check_names_what_is_weak(some_items: list[LabelledItem]) -> None:
    taxonomy, _ = apply_to_taxonomy(
        Taxonomy.default(),
        parse_changes(add=["duurzaamheid"]),
        {"duurzaamheid": {"nl": "Duurzaamheid", "en": "Green"}},
    )
    faults = check(taxonomy, some_items, Aliases({"oud": "weg"}))
    assert "duurzaamheid: no labelled item carries it" in faults
    assert "alias oud: leads to weg, which is no theme" in faults


def test_apply_writes_a_folder_that_can_be_trained_on_and_old_codes_stay_valid(
    tmp_path: Path, some_items: list[LabelledItem]
) -> None:
    data, out = tmp_path / "data.jsonl", tmp_path / "next"
    data.write_bytes(b"".join(map(item_line, some_items)))
    arguments = [
        "taxonomy",
        "apply",
        "--merge",
        "proces,snelheid=afhandeling",
        "--data",
        str(data),
        "--out",
        str(out),
    ]
    assert CliRunner().invoke(app, [*arguments, "--dry-run"]).exit_code == 0
    assert not out.exists()
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    taxonomy = Taxonomy.load(out / "taxonomy.toml")
    assert len(load_corpus(out / "corpus.jsonl", taxonomy)) == len(some_items)
    assert Aliases.beside(out / "taxonomy.toml").current("snelheid") == "afhandeling"
    again = CliRunner().invoke(app, arguments)
    assert isinstance(again.exception, TaxonomyError)
    assert "not empty" in str(again.exception)
    old = {"id": "feedback-1", "text": "Traag", "themes": {"snelheid": -1}, "sentiment": -1}
    old_file = tmp_path / "old.jsonl"
    old_file.write_text(json.dumps(old) + "\n")
    looked = CliRunner().invoke(
        app,
        ["taxonomy", "check", "--taxonomy", str(out / "taxonomy.toml"), "--data", str(old_file), "--json"],
    )
    assert any(fault.startswith("afhandeling: only 1 labelled item") for fault in json.loads(looked.output))
