"""Outcomes of a table of their own find their leads, whatever the ids look like and however many tables lie between."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from crm.closed_leads import STATUSES, read_closed
from crm.lead_history import LeadHistory, read_history
from crm.outcome_joins import id_texts
from crm.raw_table import RawBatch
from leadworth.errors import InputError
from leadworth.settings import Settings
from tests.crm.outcome_rows import END

Rows = Sequence[Mapping[str, object]]
DEAL = {"stage": "Stage", "won_stages": ["Won"], "lost_stages": ["Lost"], "revenue": "Amount"}


def write(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def settings_of(folder: Path, tables: Mapping[str, Rows], **outcomes: Any) -> Settings:
    """Write the tables; `leads` has the column Id, `deals` is the table of outcomes unless another path is given."""
    for name, rows in tables.items():
        write(folder / f"{name}.csv", rows)
    return Settings(
        currency="EUR",
        folder=folder,
        leads={"path": "leads.csv", "id": "Id", "features": {"rest": "auto"}},
        outcomes={"path": "deals.csv", **DEAL, **outcomes},
    )


def outcome_of(history: LeadHistory) -> dict[str, tuple[str, float]]:
    """Return the status and the revenue of each lead that has a row."""
    table = history.outcomes
    statuses = table["won"].map({True: "won", False: ""}) + table["lost"].map({True: "lost", False: ""})
    return {
        name: (status, revenue)
        for name, status, revenue in zip(table["lead_id"], statuses, table["revenue"].fillna(0.0), strict=True)
    }


def scored_statuses(settings: Settings) -> dict[str, str]:
    """Return the closed leads of the file of leads as `leadworth score` finds them."""
    closed = read_closed(settings, END)
    leads = pd.read_csv(settings.folder / "leads.csv", dtype=str)
    assert closed is not None
    codes = closed.among(leads[settings.outcomes.key or "Id"].astype("str"))
    return {name: STATUSES[code] for name, code in zip(leads["Id"], codes, strict=True) if code}


def closed_of(history: LeadHistory) -> dict[str, str]:
    return {name: status for name, (status, _) in outcome_of(history).items() if status}


def rejected(folder: Path, name: str = "deals") -> list[tuple[str, str]]:
    with (folder / f"{name}.rejected.csv").open(newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


LEADS = [{"Id": "20240"}, {"Id": "20241"}, {"Id": "20242"}, {"Id": "20243"}]


def deal(stage: str, amount: object = 90, **ids: object) -> dict[str, object]:
    return {**ids, "Stage": stage, "Amount": amount}


@pytest.mark.parametrize("form", ["{}.0", "000{}", "'{}", " {} ", '="{}"'])
def test_ids_meet_in_any_form_and_keep_that_of_the_leads(tmp_path: Path, form: str) -> None:
    deals = [deal("Won", Lead=form.format("20240")), deal("Lost", Lead=form.format("20242"))]
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": deals}, lead_id="Lead")
    history = read_history(settings)

    assert outcome_of(history) == {"20240": ("won", 90.0), "20242": ("lost", 0.0)}
    assert history.matches is not None
    assert history.matches.unmatched == 0
    assert scored_statuses(settings) == closed_of(history)


def test_ids_of_the_leads_that_share_a_form_are_never_merged(tmp_path: Path) -> None:
    leads = [{"Id": "0123"}, {"Id": "123"}, {"Id": "9"}]
    deals = [deal("Won", Lead="123"), deal("Lost", Lead="0123"), deal("Won", Lead="00123"), deal("Won", Lead="09")]
    settings = settings_of(tmp_path, {"leads": leads, "deals": deals}, lead_id="Lead")
    history = read_history(settings)

    assert closed_of(history) == {"123": "won", "0123": "lost", "9": "won"}
    assert history.twins == 2
    assert history.matches is not None
    assert (history.matches.unmatched, history.matches.ambiguous) == (1, 1)
    assert rejected(tmp_path) == [("4", "several leads have this id in another form")]
    assert scored_statuses(settings) == closed_of(history)


def test_a_deal_of_several_leads_belongs_to_each_and_its_revenue_counts_once(tmp_path: Path) -> None:
    deals = [
        deal("Won", 90, Contacts="20240;20241;99", Deal="d1"),
        deal("Won", 10, Contacts="20241", Deal="d2"),
        deal("Lost", 70, Contacts="20242, 20243", Deal="d3"),
    ]
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": deals}, lead_id="Contacts", deal_id="Deal")
    history = read_history(settings)

    assert outcome_of(history) == {
        "20240": ("won", 45.0),
        "20241": ("won", 55.0),
        "20242": ("lost", 0.0),
        "20243": ("lost", 0.0),
    }
    counts = history.counts.outcomes
    assert counts is not None
    assert (counts.rows_in, counts.rows_kept, counts.rows_rejected) == (3, 3, 0)
    assert scored_statuses(settings) == closed_of(history)


def test_a_deal_repeated_for_each_of_its_contacts_counts_once(tmp_path: Path) -> None:
    deals = [
        deal("Won", 90, Contact="20240", Deal="d1"),
        deal("Won", 90, Contact="20241", Deal="D1"),
        deal("Negotiation", 5, Contact="20242", Deal="d2"),
        deal("Won", 30, Contact="20242", Deal="d2"),
    ]
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": deals}, lead_id="Contact", deal_id="Deal")
    history = read_history(settings)

    assert outcome_of(history) == {"20240": ("won", 45.0), "20241": ("won", 45.0), "20242": ("won", 30.0)}
    assert rejected(tmp_path) == [("4", "repeated deal id")]
    assert scored_statuses(settings) == closed_of(history)


def test_a_row_that_is_exported_twice_counts_once(tmp_path: Path) -> None:
    deals = [deal("Won", 90, Lead="20240"), deal("Won", 90, Lead="20240"), deal("Won", 10, Lead="20240")]
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": deals}, lead_id="Lead")

    assert outcome_of(read_history(settings)) == {"20240": ("won", 100.0)}
    assert rejected(tmp_path) == [("3", "repeated row")]


def test_leads_that_name_their_deals(tmp_path: Path) -> None:
    leads = [
        {"Id": "1", "Opportunity": "006A", "Source": "ads"},
        {"Id": "2", "Opportunity": "006B;006C", "Source": "fair"},
        {"Id": "3", "Opportunity": "006A", "Source": "ads"},
        {"Id": "4", "Opportunity": "", "Source": "fair"},
        {"Id": "5", "Opportunity": "006C", "Source": "ads"},
    ]
    deals = [
        deal("Won", 80, OppId="006A"),
        deal("Lost", OppId="006B"),
        deal("Open", OppId="006C"),
        deal("Won", OppId="X"),
    ]
    settings = settings_of(
        tmp_path, {"leads": leads, "deals": deals}, lead_id="OppId", key="Opportunity", deal_id="OppId"
    )
    history = read_history(settings)

    assert outcome_of(history) == {"1": ("won", 40.0), "3": ("won", 40.0), "2": ("", 0.0), "5": ("", 0.0)}
    assert history.extras == {"Source": "categorical"}, "the key is filled after the submit"
    assert rejected(tmp_path) == [("5", "no such lead")]
    assert scored_statuses(settings) == closed_of(history)


def test_tables_between_leads_and_deals(tmp_path: Path) -> None:
    leads = [{"Id": "1", "Contact": "c1"}, {"Id": "2", "Contact": "c2"}, {"Id": "3", "Contact": "c3"}]
    roles = [{"Id": "r1", "ContactId": "C1", "OppId": "7.0"}, {"Id": "r2", "ContactId": "c2", "OppId": "7.0"}]
    roles += [{"Id": "r3", "ContactId": "c3", "OppId": "8"}, {"Id": "r4", "ContactId": "c9", "OppId": "8"}]
    deals = [deal("Won", 50, Id="7"), deal("Lost", 5, Id="8"), deal("Won", 5, Id="9")]
    join = {"path": "roles.csv", "column": "Id", "meets": "OppId"}
    settings = settings_of(
        tmp_path, {"leads": leads, "roles": roles, "deals": deals}, lead_id="ContactId", key="Contact", joins=[join]
    )
    history = read_history(settings)

    assert outcome_of(history) == {"1": ("won", 25.0), "2": ("won", 25.0), "3": ("lost", 0.0)}
    assert [counts.name for counts in history.counts.tables] == ["leads.csv", "deals.csv", "roles.csv"]
    assert rejected(tmp_path) == [("4", "no lead id")]
    assert scored_statuses(settings) == closed_of(history)


def test_a_stage_history_of_deals(tmp_path: Path) -> None:
    deals = [{"Id": "d1", "Lead": "20240", "Amount": 100}, {"Id": "d2", "Lead": "20240;20241", "Amount": 60}]
    deals += [{"Id": "d3", "Lead": "20242", "Amount": 5}]
    changes = [
        ("d2", "Won", "2026-02-01"),
        ("d1", "New", "2026-01-01"),
        ("d1", "Won", "2026-03-01"),
        ("d2", "New", "2026-01-05"),
        ("d3", "Lost", "2026-01-05"),
    ]
    history = [{"DealId": name, "Stage": stage, "At": at} for name, stage, at in changes]
    join = {"path": "deals.csv", "column": "DealId", "meets": "Id"}
    settings = settings_of(
        tmp_path,
        {"leads": LEADS, "deals": deals, "history": history},
        path="history.csv",
        lead_id="Lead",
        deal_id="DealId",
        stage_at="At",
        joins=[join],
    )
    read = read_history(settings)

    assert outcome_of(read) == {"20240": ("won", 130.0), "20241": ("won", 30.0), "20242": ("lost", 0.0)}
    table = read.outcomes.set_index("lead_id")
    assert str(table.loc["20240", "won_at"])[:10] == "2026-02-01"
    assert [stage for stage, _ in table.loc["20240", "stages"]] == ["New", "New", "Won", "Won"]
    assert scored_statuses(settings) == closed_of(read)


def test_a_column_that_exists_already_has_the_name_of_its_table(tmp_path: Path) -> None:
    people = [{"Id": "p1", "Lead": "20240"}]
    deals = [deal("Won", Id="d1", Person="p1")]
    joins = [{"path": "people.csv", "column": "Person", "meets": "Id"}]
    settings = settings_of(tmp_path, {"leads": LEADS, "people": people, "deals": deals}, lead_id="Lead", joins=joins)
    assert closed_of(read_history(settings)) == {"20240": "won"}
    wrong = settings.model_copy(update={"outcomes": settings.outcomes.model_copy(update={"lead_id": "people.id"})})
    with pytest.raises(InputError, match=r"nearest: people\.Id"):
        read_history(wrong)


def test_unmatched_rows_are_counted_with_an_id_of_each_side(tmp_path: Path) -> None:
    deals = [deal("Won", Lead="A-20240"), deal("Won", Lead=""), deal("Won", Lead="20241")]
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": deals}, lead_id="Lead")
    matches = read_history(settings).matches

    assert matches is not None
    assert (matches.rows, matches.unmatched, matches.share) == (2, 1, 0.5)
    assert (matches.outcome_example, matches.lead_example) == ("A-20240", "20240")
    assert (matches.outcome_column, matches.lead_column) == ("Lead", "Id")


def test_unreadable_cells_are_counted_once_for_each_row(tmp_path: Path) -> None:
    roles = [{"Deal": "7", "Lead": "20240"}, {"Deal": "7", "Lead": "20241"}, {"Deal": "8", "Lead": "2.024E+14"}]
    deals = [deal("Won", "much", Id="7"), deal("Won", 5, Id="8"), deal("Won", 5, Id="9")]
    joins = [{"path": "roles.csv", "column": "Id", "meets": "Deal"}]
    settings = settings_of(tmp_path, {"leads": LEADS, "roles": roles, "deals": deals}, lead_id="Lead", joins=joins)
    history = read_history(settings)

    counts = {name: (fault.unreadable, fault.filled) for name, fault in history.outcome_cells.items()}
    assert counts == {"Lead": (1, 2), "Amount": (1, 3)}
    assert [reason for _, reason in rejected(tmp_path)] == ["unreadable revenue", "unreadable lead_id", "no lead id"]
    assert history.win_evidence.unreadable_revenue == 1


def test_ids_that_are_addresses_are_not_shown(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, {"leads": LEADS, "deals": [deal("Won", Lead="ada7@acme.it")]}, lead_id="Lead")
    matches = read_history(settings).matches
    assert matches is not None
    assert matches.outcome_example == "xxx9@xxxx.xx"


def test_id_texts_of_numbers() -> None:
    rows = pa.table({"Id": [20240.0, None]})
    assert id_texts(RawBatch(rows, np.arange(2)), "Id", []).fillna("").tolist() == ["20240", ""]


FORMS = ("{}", "{}.0", "00{}", "'{}")


@profile(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(10, 22), max_size=3, unique=True),
            st.sampled_from(["Won", "Lost", "Open"]),
            st.integers(1, 50),
        ),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_order_and_forms_do_not_matter(
    tmp_path: Path, deals: list[tuple[list[int], str, int]], rng: random.Random
) -> None:
    leads = [{"Id": str(number)} for number in range(10, 21)]
    plain = [
        deal(stage, amount, Deal=f"d{at}", Leads=";".join(map(str, ids)))
        for at, (ids, stage, amount) in enumerate(deals)
    ]
    settings = settings_of(tmp_path, {"leads": leads, "deals": plain}, lead_id="Leads", deal_id="Deal")
    first = read_history(settings)
    varied = [
        row
        | {"Leads": rng.choice((";", ", ", "|")).join(rng.choice(FORMS).format(n) for n in rng.sample(ids, len(ids)))}
        for row, (ids, _, _) in zip(plain, deals, strict=True)
    ]
    settings = settings_of(
        tmp_path,
        {"leads": rng.sample(leads, len(leads)), "deals": rng.sample(varied, len(varied))},
        lead_id="Leads",
        deal_id="Deal",
    )
    second = read_history(settings)

    assert {
        name: (status, pytest.approx(revenue)) for name, (status, revenue) in outcome_of(first).items()
    } == outcome_of(second)
    won = sum(amount for ids, stage, amount in deals if stage == "Won" and any(n < 21 for n in ids))
    assert second.outcomes["revenue"].sum() == pytest.approx(won)
    for history in (first, second):
        counts = history.counts.outcomes
        assert counts is not None
        assert counts.rows_in == len(deals) == counts.rows_kept + counts.rows_rejected
    assert scored_statuses(settings) == closed_of(second)
