"""Lead histories of files: leads, outcomes and row counts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from crm.lead_history import read_history
from leadworth.errors import InputError
from leadworth.records import Lead
from leadworth.settings import Settings

LEADS = (
    "id,Created,Email,Staff,Demo,Seats,Plan,Status,Won\n"
    "1,2026-01-05 10:00,ada@acme.it,50-100,yes,3,Select,Spam,no\n"
    '2,2026-01-06,,many,,"1,5",pro,Open,yes\n'
    "2,2026-01-07,twin@acme.it,1,no,1,pro,Open,yes\n"
    ",2026-01-07,nobody@acme.it,1,no,1,pro,Open,no\n"
    "3,soon,late@acme.it,1,no,1,pro,Open,no\n"
    "4,,undated@acme.it,1,no,1,basic,Open,no\n"
)


def settings_of(folder: Path, **outcomes: object) -> Settings:
    return Settings(
        currency="EUR",
        timezone="Europe/Rome",
        folder=folder,
        leads={
            "path": "leads.csv",
            "id": "id",
            "submitted_at": "Created",
            "missing": ["Select", ""],
            "columns": {"email": "Email", "employees": "Staff", "demo_requested": "Demo"},
            "features": {"numeric": ["Seats"], "categorical": ["Plan"]},
        },
        outcomes=outcomes,
    )


def rejected_rows(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_one_file_with_leads_and_outcomes(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    history = read_history(settings_of(tmp_path, won="Won", junk={"column": "Status", "values": ["spam"]}))

    leads = history.leads
    assert leads["lead_id"].tolist() == ["1", "2", "4"]
    assert leads["submitted_at"].tolist()[:2] == [
        pd.Timestamp("2026-01-05 09:00", tz="UTC"),
        pd.Timestamp("2026-01-06 23:00", tz="UTC"),
    ]
    assert pd.isna(leads["submitted_at"][2])
    assert leads["email"].tolist() == ["ada@acme.it", "twin@acme.it", "undated@acme.it"]
    np.testing.assert_array_equal(leads["employees"], [50.0, 1.0, 1.0])
    np.testing.assert_array_equal(leads["demo_requested"], [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(leads["extras.Seats"], [3.0, 1.0, 1.0])
    assert leads["extras.Plan"].fillna("none").tolist() == ["none", "pro", "basic"]
    assert history.extras == {"Seats": "numeric", "Plan": "categorical"}
    assert history.outcomes["won"].tolist() == [False, True, False]
    assert history.outcomes["junk"].tolist() == [True, False, False]
    counts = history.counts.leads
    assert (counts.rows_in, counts.rows_kept, counts.rows_rejected) == (6, 3, 3)
    assert counts.rejected == tmp_path / "leads.rejected.csv"
    assert sorted(rejected_rows(tmp_path / "leads.rejected.csv")) == [
        ("3", "repeated lead id"),
        ("5", "no lead id"),
        ("6", "unreadable submitted_at"),
    ]


def test_a_file_and_a_form_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    row = read_history(settings_of(tmp_path, won="Won")).leads.iloc[0]
    lead = Lead(lead_id="1", email="ada@acme.it", employees="50-100", demo_requested="yes")

    assert (row["email"], row["employees"], row["demo_requested"]) == (lead.email, lead.employees, lead.demo_requested)


def test_outcomes_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "deals.csv").write_text(
        "lead;closed;amount\n2;31.03.2026;1.234,50\n2;02.04.2026;1,5\n9;01.04.2026;5\n;01.04.2026;5\n1;never;5\n4;;\n"
    )
    history = read_history(
        settings_of(
            tmp_path,
            path="deals.csv",
            lead_id="lead",
            won_at="closed",
            revenue="amount",
            junk={"column": "Status", "values": ["Spam"]},
        )
    )

    table = history.outcomes.set_index("lead_id")
    assert table.loc["2", ["won", "won_at", "revenue"]].tolist() == [
        True,
        pd.Timestamp("2026-03-30 22:00", tz="UTC"),
        1236.0,
    ]
    assert not table.loc["4", "won"]
    assert table.loc["1", "junk"]
    counts = history.counts.outcomes
    assert counts is not None
    assert (counts.rows_in, counts.rows_kept, counts.rows_rejected) == (6, 3, 3)
    assert rejected_rows(tmp_path / "deals.rejected.csv") == [
        ("4", "no such lead"),
        ("5", "no lead id"),
        ("6", "unreadable won_at"),
    ]


@profile(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from('12,"\n\r;é 2026-0'), max_size=200).map(str.encode),
    )
)
def test_row_counts_balance_for_any_file(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "leads.csv").write_bytes(b"lead_id,at,won\n" + body)
    settings = Settings(
        currency="EUR",
        folder=tmp_path,
        leads={"path": "leads.csv", "submitted_at": "at", "delimiter": ","},
        outcomes={"won": "won"},
    )
    try:
        history = read_history(settings)
    except InputError:
        return
    counts = history.counts.leads
    assert counts.rows_in == counts.rows_kept + counts.rows_rejected
    assert counts.rows_kept == len(history.leads) == len(history.outcomes)
    rejected = tmp_path / "leads.rejected.csv"
    assert rejected.exists() == bool(counts.rows_rejected)
    if counts.rows_rejected:
        with rejected.open(newline="", encoding="utf-8") as file:
            assert sum(1 for _ in csv.reader(file)) == counts.rows_rejected + 1
