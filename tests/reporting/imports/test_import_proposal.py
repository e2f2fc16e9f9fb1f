"""What a file shows is recognised, and what it does not is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from leadworth.errors import InputError
from reporting.imports.import_proposal import ImportOptions, propose
from reporting.imports.import_table import ImportTable, TableLine
from reporting.imports.undecided import UndecidedError

PREAMBLE = ["Account: 123-456-7890", "Time zone: Europe/Rome", "# Data is sampled"]
TABLE = ImportTable(
    "a.csv",
    ("Day", "Campaign", "Campaign ID", "Cost", "Currency code", "Impr.", "Clicks"),
    [TableLine(5, ("2026-10-01", "Brand", "77", "1,50", "EUR", "10", "2"))],
    PREAMBLE,
    [],
    0,
)
GOOGLE = ImportOptions(platform="google_ads")


def test_a_file_of_google() -> None:
    proposal = propose(TABLE, {"spend"}, GOOGLE)
    assert (proposal.kind, proposal.platform, proposal.account) == ("spend", "google_ads", "123-456-7890")
    assert (proposal.currency, proposal.zone, proposal.decimal) == (None, "Europe/Rome", ",")
    assert (proposal.quality, proposal.start) == ("Data is sampled", None)
    assert proposal.read_day("2026-10-01") == date(2026, 10, 1)
    lines = dict(proposal.lines())
    assert (lines["currency"], lines["decimal mark"]) == ("column 'Currency code'", "comma")


def test_the_user_decides() -> None:
    said = replace(GOOGLE, account="mine", currency="USD", zone="UTC", decimal=".")
    proposal = propose(TABLE, {"spend"}, said)
    assert (proposal.account, proposal.currency, proposal.zone, proposal.decimal) == ("mine", "USD", "UTC", ".")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"currency": "EURO"}, "--currency EURO"), ({"zone": "Rome"}, "--zone Rome"), ({"columns": {"cost": "X"}}, "'X'")],
)
def test_wrong_options_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        propose(TABLE, {"spend"}, replace(GOOGLE, **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["Cost (micros)", "Cost [k]", "Cost (cents)"])
def test_a_cost_that_is_not_in_whole_units_is_refused(header: str) -> None:
    columns = tuple(header if column == "Cost" else column for column in TABLE.columns)
    with pytest.raises(InputError, match="is not in whole units of money"):
        propose(replace(TABLE, columns=columns), {"spend"}, GOOGLE)


@pytest.mark.parametrize(
    "columns",
    [
        ("Datum", "Kampagne", "Kosten", "Währung"),
        ("Giorno", "Campagna", "Spesa EUR", "Note"),
        ("日付", "キャンペーン", "消化金額", "通貨"),
        ("Date", "Campaign", "Ad spend (EUR)", "Note"),
    ],
)
def test_a_table_of_one_s_own_in_other_languages(columns: tuple[str, ...]) -> None:
    table = ImportTable("a.csv", columns, [TableLine(2, ("2026-10-01", "Brand", "1.50", "EUR"))], [], [], 0)
    proposal = propose(table, {"spend"}, ImportOptions(platform="radio", account="main"))
    assert (proposal.columns["day"], proposal.columns["cost"]) == (columns[0], columns[2])
    assert proposal.currency in {"EUR", None}


def test_an_account_or_currency_that_is_not_shown_is_asked() -> None:
    with pytest.raises(UndecidedError) as caught:
        propose(replace(TABLE, preamble=[]), {"spend"}, GOOGLE)
    assert caught.value.option == "account"
    plain = replace(TABLE, columns=(*TABLE.columns[:4], "Note", *TABLE.columns[5:]))
    with pytest.raises(UndecidedError) as caught:
        propose(plain, {"spend"}, GOOGLE)
    assert caught.value.option == "currency"
