"""Stages that no vocabulary knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm.inference.inference_findings import InferenceWarning
from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of


def warnings_of(folder: Path, rows: list[list[Any]]) -> list[InferenceWarning]:
    """Return the warnings about stages that count as open."""
    proposal = proposal_of(folder, leads=leads(LEADS), deals=rows)
    return [item for item in proposal.findings.warnings if "count as open" in item.problem]


def with_stages(stages: dict[str, str]) -> list[list[Any]]:
    """Return deals, one third of each stage, with other names of the stages."""
    rows = deals(codes("D", 60), Lead=LEADS)
    for row in rows[1:]:
        row[1] = stages.get(row[1], row[1])
    return rows


def test_an_unknown_stage_with_past_close_dates_is_asked_about(tmp_path: Path) -> None:
    (warning,) = warnings_of(tmp_path, with_stages({"Prospecting": "Phase Z"}))

    assert warning.level == "stop"
    assert "have a past close date: 'Phase Z' (20 rows)" in warning.problem
    assert "won_stages" in warning.remedy


def test_numbers_of_stages_are_asked_about_too(tmp_path: Path) -> None:
    (warning,) = warnings_of(tmp_path, with_stages({"Prospecting": "7"}))

    assert (warning.level, "'7' (20 rows)" in warning.problem) == ("stop", True)


@pytest.mark.parametrize("day", ["", "2031-05-01"])
def test_an_unknown_stage_without_a_past_close_date_is_a_note(tmp_path: Path, day: str) -> None:
    rows = with_stages({"Prospecting": "Phase Z"})
    for row in rows[1:]:
        row[2] = day if row[1] == "Phase Z" else row[2]
    (warning,) = warnings_of(tmp_path, rows)

    assert warning.level == "note"


def test_past_dates_of_known_open_stages_say_nothing(tmp_path: Path) -> None:
    rows = with_stages({})
    for number, row in enumerate(row for row in rows if row[1] == "Prospecting"):
        row[1] = "Phase Z" if number % 2 else "Prospecting"
    (warning,) = warnings_of(tmp_path, rows)

    assert warning.level == "note"


def test_known_stages_need_no_warning(tmp_path: Path) -> None:
    names = {"Closed Won": "6 - Signed & paid", "Closed Lost": "Duplikat", "Prospecting": "No decision"}
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=with_stages(names))

    assert proposal.outcome.won_stages == ["6 - Signed & paid"]
    assert sorted(proposal.outcome.lost_stages) == ["Duplikat", "No decision"]
    assert not [item for item in proposal.findings.warnings if "count as open" in item.problem]
