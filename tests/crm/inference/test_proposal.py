from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from crm.lead_history import read_history
from leadworth.errors import InputError
from leadworth.settings import Settings, load_settings
from tests.crm.inference.expected_inference import EXPORTS, compare, expected

WON = {
    "hubspot": 3, "salesforce": 3, "dynamics": 4, "odoo": 6, "english": 5, "events": 8, "italian": 5, "german": 5,
    "french": 5, "spanish": 5, "russian": 5, "korean": 5,
}  # fmt: skip
KNOWN_MISSES = {"english": ["leads.columns.employees"]}


@pytest.mark.parametrize("name", expected())
def test_an_export_is_recognised_as_a_person_would(name: str) -> None:
    rate = compare(expected()[name])
    assert rate.wrong == []
    assert rate.missed == KNOWN_MISSES.get(name, [])
    assert [extra for extra in rate.extra if not extra.startswith("outcomes.lost_at")] == []


@pytest.mark.parametrize("name", expected())
def test_the_proposed_settings_read_the_history(name: str, tmp_path: Path) -> None:
    file = tmp_path / "leadworth.toml"
    for export in expected()[name]["files"]:
        (tmp_path / export).write_bytes((EXPORTS / export).read_bytes())
    file.write_text(render(propose([tmp_path / export for export in expected()[name]["files"]]), tmp_path), "utf-8")
    history = read_history(load_settings(file))
    assert len(history.leads) == 24
    assert int(history.outcomes["won"].sum()) == WON[name]
    assert history.outcomes.loc[history.outcomes["won"], "revenue"].notna().all()
    assert history.leads["submitted_at"].notna().all()


def test_files_may_come_in_any_order() -> None:
    case = expected()["salesforce"]
    assert compare({**case, "files": case["files"][::-1]}).wrong == []


Table = tuple[str, list[list[Any]]]


def proposed(folder: Path, *tables: Table, **options: str) -> tuple[dict[str, Any], list[str]]:
    """Write tables, propose settings and return them with the doubts."""
    paths = []
    for name, rows in tables:
        paths.append(folder / name)
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    proposal = propose(paths, **options)
    content = tomllib.loads(render(proposal, folder))
    Settings(**content)
    return content, [doubt.problem for doubt in proposal.findings.warnings]


def leads(columns: dict[str, list[Any]]) -> Table:
    return "leads.csv", [list(columns), *[list(row) for row in zip(*columns.values(), strict=True)]]


N = 60
IDS = [f"lead-{i * 7:04d}" for i in range(N)]


def test_a_column_filled_only_for_the_won_is_ignored_with_the_evidence(tmp_path: Path) -> None:
    won = [i % 3 == 0 for i in range(N)]
    table = leads({
        "id": IDS, "won": won, "warehouse": ["north" if is_won else "" for is_won in won],
        "verdict": [("good", "fine")[i % 2] if w else ("poor", "weak")[i % 2] for i, w in enumerate(won)],
        "plan": [("a", "b")[i % 2] for i in range(N)],
    })  # fmt: skip
    content, _ = proposed(tmp_path, table)
    assert content["leads"]["features"]["ignore"] == ["warehouse", "verdict"]
    assert content["leads"]["features"]["categorical"] == ["plan"]
    written = (tmp_path / "leads.csv", render(propose([tmp_path / "leads.csv"]), tmp_path))[1]
    assert "filled in 100% of the won and 0% of the other leads" in written


def test_an_honest_strong_column_stays(tmp_path: Path) -> None:
    won = [i % 3 == 0 for i in range(N)]
    plan = ["big" if is_won != (i % 5 == 0) else "small" for i, is_won in enumerate(won)]
    content, _ = proposed(tmp_path, leads({"id": IDS, "won": won, "size": plan}))
    assert content["leads"]["features"]["categorical"] == ["size"]


def test_numbers_that_count_from_one_do_not_join_by_chance(tmp_path: Path) -> None:
    left = leads({"id": list(range(1, N + 1)), "email": [f"p{i}@example.com" for i in range(N)]})
    right: Table = ("deals.csv", [["deal key", "stage"], *[[i, ("Won", "Lost")[i % 2]] for i in range(1, 30)]])
    content, doubts = proposed(tmp_path, left, right)
    assert "path" not in content["outcomes"]
    assert any("shares no column" in doubt for doubt in doubts)


def test_ids_that_look_like_numbered_letters_join_a_history(tmp_path: Path) -> None:
    left = leads({"Lead ID": [f"L-{i:07d}" for i in range(N)], "email": [f"p{i}@example.com" for i in range(N)]})
    rows: list[list[Any]] = [[f"L-{i // 2:07d}", ("New", "Won")[i % 2], f"2025-01-{1 + i % 28:02d}"] for i in range(N)]
    content, _ = proposed(tmp_path, left, ("stages.csv", [["lead_id", "stage", "stage_at"], *rows]))
    assert (content["outcomes"]["lead_id"], content["outcomes"]["stage_at"]) == ("lead_id", "stage_at")


def test_files_join_by_values_where_the_headers_say_nothing(tmp_path: Path) -> None:
    left = leads({"id": IDS, "email": [f"p{i}@example.com" for i in range(N)]})
    right: Table = ("deals.csv", [["wer", "stage"], *[[IDS[i], ("Won", "Lost")[i % 2]] for i in range(30)]])
    content, _ = proposed(tmp_path, left, right)
    assert (content["leads"]["id"], content["outcomes"]["lead_id"]) == ("id", "wer")


def test_day_and_month_that_could_be_either_are_doubted(tmp_path: Path) -> None:
    dates = [f"{1 + i % 12:02d}/{1 + i % 11:02d}/2025" for i in range(N)]
    content, doubts = proposed(tmp_path, leads({"id": IDS, "created": dates, "won": [i % 2 for i in range(N)]}))
    assert content["leads"]["date_format"] == "%m/%d/%Y"
    assert any("'created' fits %d/%m/%Y and %m/%d/%Y" in doubt for doubt in doubts)


def test_currency_and_time_zone_are_asked_for_unless_given(tmp_path: Path) -> None:
    table = leads({"id": IDS, "created": ["2025-01-02 10:00"] * N, "won": [i % 2 for i in range(N)]})
    content, doubts = proposed(tmp_path, table)
    assert (content["currency"], content["timezone"]) == ("XXX", "UTC")
    assert sum("currency" in doubt or "time zone" in doubt for doubt in doubts) == 2
    content, doubts = proposed(tmp_path, table, currency="CHF", timezone="Europe/Zurich")
    assert (content["currency"], content["timezone"]) == ("CHF", "Europe/Zurich")
    assert not any("show no currency" in doubt or "time zone" in doubt for doubt in doubts)


def test_a_table_without_id_or_date_says_so(tmp_path: Path) -> None:
    content, doubts = proposed(tmp_path, leads({"plan": ["a", "b"] * 30, "won": [1, 0, 0] * 20}))
    assert (content["leads"]["id"], content["leads"]["order_by"]) == ("row_number", "row_number")
    assert any("the row number is used as the id" in doubt for doubt in doubts)


def test_values_are_recognised_under_foreign_headers(tmp_path: Path) -> None:
    content, _ = proposed(tmp_path, leads({
        "spalte1": IDS, "spalte2": [f"p{i}@example.com" for i in range(N)],
        "spalte3": [f"10.0.{i}.{i}" for i in range(N)], "spalte4": ["Mozilla/5.0 (X11; Linux)", "curl/8.1"] * 30,
        "spalte5": [f"fb.1.1700000000.{i}AbCdEf" for i in range(N)],
    }))  # fmt: skip
    assert content["leads"]["columns"] == {
        "email": "spalte2", "ip": "spalte3", "user_agent": "spalte4", "fbc": "spalte5",
    }  # fmt: skip
    assert content["leads"]["id"] == "spalte1"


def test_a_header_that_its_values_deny_is_doubted(tmp_path: Path) -> None:
    content, doubts = proposed(tmp_path, leads({"id": IDS, "Phone": ["telephone", "cellular"] * 30, "x": [1, 2] * 30}))
    assert "phone" not in content["leads"].get("columns", {})
    assert any("'Phone' is named like phone" in doubt for doubt in doubts)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"id,won\n", "has no rows"),
        (b"id\n1\n2\n", "only one column"),
        (b"7,ada@example.com,2025-01-02\n8,bob@example.com,2025-01-03\n", "no header"),
        (b"12,0.5,2025-01-02\n8,0.7,2025-01-03\n", "no header"),
        (b"PK\x03\x04xxxxxx", "workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        propose([path])


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        propose([tmp_path / "none.csv"])


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


@pytest.mark.parametrize(
    ("stage", "closed", "lost", "is_open"),
    [
        ("Deal Stage", "Close Date", "Closed Lost", "New"),
        ("Phase", "Schlussdatum", "Verloren", "Neu"),
        ("Fase", "Data chiusura", "Perso", "Nuovo"),
        ("Stage", "Won Date", "Closed Lost", "New"),
    ],
)
def test_a_date_that_lost_deals_carry_is_not_proposed_as_won_at(
    tmp_path: Path, stage: str, closed: str, lost: str, is_open: str
) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", stage, closed]]
    for number in range(40):
        day = f"2026-03-{number % 28 + 1:02}"
        rows.append([number, f"p{number}@firm{number}.de", (lost, is_open)[number % 2], day])
    content, doubts = proposed(tmp_path, ("leads.csv", rows))
    assert "won_at" not in content["outcomes"]
    assert content["outcomes"]["lost_stages"] == [lost]
    assert any("shows which leads were won" in doubt for doubt in doubts)


def test_a_close_date_alone_is_not_proposed_as_won_at(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", "Close Date"]]
    rows += [[number, f"p{number}@firm{number}.de", "2026-03-05" if number % 2 else ""] for number in range(40)]
    content, doubts = proposed(tmp_path, ("leads.csv", rows))
    assert "won_at" not in content["outcomes"]
    assert any("shows which leads were won" in doubt for doubt in doubts)


def test_a_date_of_winning_that_lost_deals_lack_is_proposed(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", "Stage", "Won Date"]]
    for number in range(40):
        won = number % 2
        rows.append(
            [number, f"p{number}@firm{number}.de", "Open" if won else "Closed Lost", "2026-03-05" if won else ""]
        )
    content, _ = proposed(tmp_path, ("leads.csv", rows))
    assert content["outcomes"]["won_at"] == "Won Date"
