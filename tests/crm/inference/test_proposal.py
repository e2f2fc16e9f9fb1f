"""Proposals for the exports of CRMs and for arbitrary tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from crm.lead_history import read_history
from leadworth.errors import InputError
from leadworth.settings import load_settings
from tests.crm.inference.export_cases import ExportCase, compare, export_cases


@pytest.mark.parametrize("case", export_cases(), ids=str)
def test_the_proposal_is_what_a_person_would_write(case: ExportCase) -> None:
    comparison = compare(case, case.files)

    assert comparison.wrong == []
    assert comparison.missed == case.known_misses
    assert [extra for extra in comparison.extra if not extra.startswith("outcomes.lost_at")] == []


@pytest.mark.parametrize("case", export_cases(), ids=str)
def test_the_proposed_settings_read_the_history(case: ExportCase, tmp_path: Path) -> None:
    paths = [tmp_path / path.name for path in case.files]
    for source, target in zip(case.files, paths, strict=True):
        target.write_bytes(source.read_bytes())
    file = tmp_path / "leadworth.toml"
    file.write_text(render(propose(paths), tmp_path), "utf-8")
    history = read_history(load_settings(file))

    assert history.counts.leads.rows_rejected == 0
    assert len(history.leads) > 0
    assert int(history.outcomes["won"].sum()) == case.won_leads
    assert history.outcomes.loc[history.outcomes["won"], "revenue"].notna().all()
    assert history.leads["submitted_at"].notna().all()


@pytest.mark.parametrize("case", [case for case in export_cases() if len(case.files) > 1], ids=str)
def test_the_order_of_the_files_does_not_matter(case: ExportCase) -> None:
    assert compare(case, case.files[::-1]).wrong == []


def test_an_encoding_in_doubt_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("id;won;name\n1;1;Björn\n2;0;Ann\n".encode("mac_roman"))

    assert "the encoding is probably" in str(propose([path]).findings.warnings)
    path.write_bytes("id;won;name\n1;1;Łódź Żelazo\n2;0;Kraków Śruby Częstochowa\n".encode("cp1250"))
    assert "encoding" not in str(propose([path]).findings.warnings)
    path.write_text("id;won;name\n1;1;Łódź\n2;0;Kraków\n", encoding="utf-8")
    assert "encoding" not in str(propose([path]).findings.warnings)


CELL = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from(
        ["", "N/A", "1", "0", "yes", "Won", "Lost", "Spam", "2025-01-02", "01/02/2025", "1.234,5", "a@b.example"]
    ),
)
HEADER = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=15),
    st.sampled_from(
        [
            "Email",
            "id",
            "won",
            "Status",
            "Amount",
            "campaign",
            "lead_id",
            "submitted_at",
            "Stage",
            "Fase",
            "y",
            "Close Date",
        ]
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_table_gives_settings_that_load(tmp_path: Path, data: st.DataObject) -> None:
    header = data.draw(st.lists(HEADER, min_size=2, max_size=6))
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(header), max_size=len(header)), min_size=1, max_size=8))
    path = tmp_path / "random.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    try:
        proposal = propose([path])
    except InputError:
        return
    target = tmp_path / "leadworth.toml"
    target.write_text(render(proposal, tmp_path), encoding="utf-8")
    load_settings(target)
