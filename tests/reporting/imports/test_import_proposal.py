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


def test_an_account_or_currency_that_is_not_shown_is_asked() -> None:
    with pytest.raises(UndecidedError) as caught:
        propose(replace(TABLE, preamble=[]), {"spend"}, GOOGLE)
    assert caught.value.option == "account"
    plain = replace(TABLE, columns=(*TABLE.columns[:4], "Note", *TABLE.columns[5:]))
    with pytest.raises(UndecidedError) as caught:
        propose(plain, {"spend"}, GOOGLE)
    assert caught.value.option == "currency"
