"""Join inference between leads, contacts, deals, associations and stage changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from crm.lead_history import LeadHistory, read_history
from leadworth.settings import load_settings
from tests.crm.inference.crm_tables import codes, deals, leads, proposal_of
from tests.crm.inference.proposals import IDS, ROWS, Table, leads_table, propose_settings

LEADS = codes("00Q5e00000AbL", 60)
DEALS = codes("OPP-", 45)


def history_of(folder: Path) -> LeadHistory:
    """Read the tables of a folder with the settings that are proposed for them."""
    file = folder / "leadworth.toml"
    file.write_text(render(propose(sorted(folder.glob("*.csv"))), folder), encoding="utf-8")
    return read_history(load_settings(file))


def test_integers_from_one_do_not_join_by_chance(tmp_path: Path) -> None:
    left = leads_table({"id": list(range(1, ROWS + 1)), "email": [f"p{i}@example.com" for i in range(ROWS)]})
    right: Table = ("deals.csv", [["deal key", "stage"], *[[i, ("Won", "Lost")[i % 2]] for i in range(1, 30)]])
    content, warnings = propose_settings(tmp_path, left, right)
    assert "path" not in content["outcomes"]
    assert any("shares no column" in warning for warning in warnings)


def test_equal_headers_of_integers_from_one_join_and_are_in_doubt(tmp_path: Path) -> None:
    left = leads_table({"Nr": list(range(1, ROWS + 1)), "email": [f"p{i}@example.com" for i in range(ROWS)]})
    right: Table = ("deals.csv", [["Nr", "stage"], *[[i, ("Won", "Lost")[i % 2]] for i in range(1, ROWS)]])
    content, warnings = propose_settings(tmp_path, left, right)
    assert content["outcomes"]["lead_id"] == "Nr"
    assert any("count from one" in warning for warning in warnings)


def test_ids_with_a_prefix_join_a_stage_history(tmp_path: Path) -> None:
    left = leads_table(
        {"Lead ID": [f"L-{i:07d}" for i in range(ROWS)], "email": [f"p{i}@example.com" for i in range(ROWS)]}
    )
    rows: list[list[Any]] = [
        [f"L-{i // 2:07d}", ("New", "Won")[i % 2], f"2025-01-{1 + i % 28:02d}"] for i in range(ROWS)
    ]
    content, _ = propose_settings(tmp_path, left, ("stages.csv", [["lead_id", "stage", "stage_at"], *rows]))
    assert (content["outcomes"]["lead_id"], content["outcomes"]["stage_at"]) == ("lead_id", "stage_at")


def test_files_join_by_values_if_the_headers_do_not_match(tmp_path: Path) -> None:
    left = leads_table({"id": IDS, "email": [f"p{i}@example.com" for i in range(ROWS)]})
    right: Table = ("deals.csv", [["wer", "stage"], *[[IDS[i], ("Won", "Lost")[i % 2]] for i in range(30)]])
    content, _ = propose_settings(tmp_path, left, right)
    assert (content["leads"]["id"], content["outcomes"]["lead_id"]) == ("id", "wer")


@pytest.mark.parametrize("header", ["Converted Opportunity ID", "Vorgang", "商談"])
def test_leads_meet_opportunities_by_the_id_of_their_deal(tmp_path: Path, header: str) -> None:
    keys = [*DEALS, *[""] * (len(LEADS) - len(DEALS))]
    converted = [str(int(bool(key))) for key in keys]
    left: Table = ("leads.csv", leads(LEADS, **{header: keys, "Converted": converted}))
    content, _ = propose_settings(tmp_path, left, ("opportunities.csv", deals(DEALS)))
    outcomes = content["outcomes"]
    assert content["leads"]["id"] == "Lead ID"
    assert (outcomes["lead_id"], outcomes["key"], outcomes["deal_id"]) == ("Id", header, "Id")
    assert outcomes["won_stages"] == ["Closed Won"]
    assert "won" not in outcomes
    assert "phone" not in content["leads"]["columns"]
    assert {header, "Converted"} <= set(content["leads"]["features"]["ignore"])
    history = history_of(tmp_path)
    assert (int(history.outcomes["won"].sum()), int(history.outcomes["lost"].sum())) == (15, 15)


def test_numeric_deal_ids_are_neither_phone_numbers_nor_features(tmp_path: Path) -> None:
    keys = [f"006{20_000 + number}" for number in range(60)]
    left: Table = ("leads.csv", leads(LEADS, Key=keys))
    content, _ = propose_settings(tmp_path, left, ("opportunities.csv", deals(keys)))
    assert (content["outcomes"]["key"], content["outcomes"]["lead_id"]) == ("Key", "Id")
    assert "phone" not in content["leads"]["columns"]


@pytest.mark.parametrize("mark", [";", ", ", "|", "\n"])
def test_a_deal_of_several_contacts_joins_by_a_list_of_ids(tmp_path: Path, mark: str) -> None:
    ids = codes("", 60)
    owners = [ids[n] + (mark + ids[n + 1] if n % 4 == 0 else "") for n in range(45)]
    left: Table = ("contacts.csv", leads(ids))
    content, _ = propose_settings(tmp_path, left, ("deals.csv", deals(DEALS, Associated=owners)))
    outcomes = content["outcomes"]
    assert (outcomes["lead_id"], outcomes["deal_id"], content["leads"]["id"]) == ("Associated", "Id", "Lead ID")
    assert "key" not in outcomes
    history = history_of(tmp_path)
    won = {deal: owner for deal, owner in enumerate(owners) if deal % 3 == 0}
    assert int(history.outcomes["won"].sum()) == len({lead for owner in won.values() for lead in owner.split(mark)})
    assert history.outcomes["revenue"].sum() == sum(900 + 7 * deal + 0.5 for deal in won)


def test_the_list_of_contacts_does_not_identify_a_deal(tmp_path: Path) -> None:
    """Two won deals of one contact would be one, with the revenue of the last."""
    ids = codes("", 60)
    lists = [f"{lead};{ids[number + 1]}" if number % 9 == 0 else lead for number, lead in enumerate(ids[:45])]
    rows = [[*row[3:], *row[:3]] for row in deals(DEALS, Associated=[*lists[:44], lists[1]])]
    content, _ = propose_settings(tmp_path, ("contacts.csv", leads(ids)), ("deals.csv", rows))
    assert (content["outcomes"]["lead_id"], content["outcomes"]["deal_id"]) == ("Associated", "Id")


def test_contact_roles_are_between_leads_and_opportunities(tmp_path: Path) -> None:
    contacts = codes("0035e00000AbC", 60)
    roles: list[list[Any]] = [["Id", "OpportunityId", "ContactId"]]
    roles += [[f"00K{n}", DEALS[n % 45], contacts[n]] for n in range(50)]
    left: Table = ("leads.csv", leads(LEADS, ConvertedContactId=contacts))
    content, _ = propose_settings(tmp_path, left, ("opportunities.csv", deals(DEALS)), ("contact_roles.csv", roles))
    outcomes = content["outcomes"]
    assert outcomes["path"] == "opportunities.csv"
    assert (outcomes["lead_id"], outcomes["key"], outcomes["deal_id"]) == ("ContactId", "ConvertedContactId", "Id")
    assert [(join["path"], join["column"], join["meets"]) for join in outcomes["joins"]] == [
        ("contact_roles.csv", "Id", "OpportunityId")
    ]
    won = {contacts[n] for n in range(50) if n % 45 % 3 == 0}
    assert int(history_of(tmp_path).outcomes["won"].sum()) == len(won)


def test_a_stage_history_of_opportunities_meets_the_leads_over_the_opportunities(tmp_path: Path) -> None:
    history: list[list[Any]] = [["OpportunityId", "StageName", "CreatedDate"]]
    for number, deal in enumerate(DEALS):
        for step, stage in enumerate(("Prospecting", "Proposal", ("Closed Won", "Closed Lost")[number % 2])):
            history.append([deal, stage, f"2026-0{3 + step}-{1 + number % 28:02}"])
    opportunities = [["Id", "Amount", "Lead"], *[[deal, f"{800 + n}.00", LEADS[n]] for n, deal in enumerate(DEALS)]]
    content, _ = propose_settings(
        tmp_path,
        ("leads.csv", leads(LEADS)),
        ("opportunities.csv", opportunities),
        ("opportunity_history.csv", history),
    )
    outcomes = content["outcomes"]
    assert outcomes["path"] == "opportunity_history.csv"
    assert (outcomes["stage"], outcomes["stage_at"], outcomes["revenue"]) == ("StageName", "CreatedDate", "Amount")
    assert (outcomes["lead_id"], outcomes["deal_id"]) == ("Lead", "OpportunityId")
    assert [(join["column"], join["meets"]) for join in outcomes["joins"]] == [("OpportunityId", "Id")]
    history_read = history_of(tmp_path)
    assert int(history_read.outcomes["won"].sum()) == 23
    assert history_read.outcomes["revenue"].sum() == sum(800 + n for n in range(0, 45, 2))


def test_the_revenue_is_joined_from_a_further_file(tmp_path: Path) -> None:
    stages = [row[:3] for row in deals(DEALS)]
    stages = [[*row, lead] for row, lead in zip(stages, ["Lead", *LEADS], strict=False)]
    invoices = [["Deal", "Amount"], *[[deal, f"{500 + n}.25"] for n, deal in enumerate(DEALS)]]
    content, _ = propose_settings(
        tmp_path, ("leads.csv", leads(LEADS)), ("deals.csv", stages), ("invoices.csv", invoices)
    )
    outcomes = content["outcomes"]
    assert (outcomes["path"], outcomes["lead_id"], outcomes["revenue"]) == ("deals.csv", "Lead", "Amount")
    assert [join["path"] for join in outcomes["joins"]] == ["invoices.csv"]
    assert history_of(tmp_path).outcomes["revenue"].sum() == sum(500.25 + n for n in range(0, 45, 3))


def test_repeated_leads_keep_the_join_and_are_counted(tmp_path: Path) -> None:
    rows = leads(LEADS)
    repeated = [*rows, *(list(row) for row in rows[1:13])]
    content, warnings = propose_settings(
        tmp_path, ("leads.csv", repeated), ("deals.csv", deals(DEALS, Lead=LEADS[: len(DEALS)]))
    )
    assert (content["leads"]["id"], content["outcomes"]["lead_id"]) == ("Lead ID", "Lead")
    assert any("12 rows repeat an id of 'Lead ID'" in warning for warning in warnings)


def test_details_of_leads_are_no_leads(tmp_path: Path) -> None:
    products: list[list[Any]] = [["Lead ID", "Product", "Seats"]]
    products += [[LEADS[number // 2], "basic", number % 9] for number in range(100)]
    status = ("Won", "Lost", "Open")
    left: Table = (
        "z.csv",
        leads(LEADS, Status=[status[n % 3] for n in range(60)], Amount=[f"{n}.5" for n in range(60)]),
    )
    content, _ = propose_settings(tmp_path, ("a.csv", products), left)
    assert content["leads"]["path"] == "z.csv"


def test_two_files_with_the_same_columns_must_be_one(tmp_path: Path) -> None:
    _, warnings = propose_settings(tmp_path, ("a.csv", leads(LEADS)), ("b.csv", leads(codes("B", 30))))
    assert any("has the same columns" in warning for warning in warnings)


def test_tables_of_costs_are_left_out_without_a_doubt(tmp_path: Path) -> None:
    costs = [["day", "channel", "cost"], *[[f"2026-01-{n % 28 + 1:02}", "google", f"{n}.25"] for n in range(90)]]
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=deals(DEALS, Lead=LEADS[:45]), spend=costs)
    assert proposal.findings.of_level("stop", "check") == []
    assert [item.file for item in proposal.findings.unused if item.column == "(whole file)"] == ["spend.csv"]


def test_an_address_joins_and_is_a_field_as_well(tmp_path: Path) -> None:
    rows = [row[1:] for row in leads(LEADS)]
    addresses = [row[1].upper() if number % 5 else row[1] for number, row in enumerate(rows[1:46])]
    proposal = proposal_of(tmp_path, leads=rows, deals=deals(DEALS, Contact=addresses))
    assert (proposal.id, proposal.lead_id, proposal.fields["email"]) == ("Email", "Contact", "Email")
    assert int(history_of(tmp_path).outcomes["won"].sum()) == 15
