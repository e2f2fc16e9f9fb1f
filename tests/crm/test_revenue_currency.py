"""Amounts of several currencies are converted by a rate, and never added without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm.lead_history import read_history
from leadworth.errors import InputError
from leadworth.settings import Settings

HEAD = "lead_id,won,amount,currency\n"


def revenue(folder: Path, rows: str, currency: str = "EUR", **more: Any) -> list[float]:
    (folder / "leads.csv").write_text(HEAD + rows, encoding="utf-8")
    outcomes = {"won": "won", "revenue": "amount", **more.pop("outcomes", {"currency": "currency"})}
    settings = Settings(currency=currency, folder=folder, leads={"path": "leads.csv"}, outcomes=outcomes, **more)
    return [float(amount) for amount in read_history(settings).outcomes["revenue"]]


def test_one_currency(tmp_path: Path) -> None:
    assert revenue(tmp_path, "1,yes,10,EUR\n2,yes,20,eur\n3,yes,30,\n") == [10.0, 20.0, 30.0]


def test_others_are_converted(tmp_path: Path) -> None:
    rows = "1,yes,10,EUR\n2,yes,20,USD\n3,yes,30,US$\n"
    assert revenue(tmp_path, rows, currencies={"USD": 0.5}) == [10.0, 10.0, 15.0]


def test_without_a_rate_they_are_refused_with_their_counts(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        revenue(tmp_path, "1,yes,10,EUR\n2,yes,20,USD\n3,yes,30,USD\n4,no,5,GBP\n")
    text = str(refused.value)
    assert "2 in USD, 1 in EUR" in text
    assert "[currencies] with USD = " in text
    assert "GBP" not in text, "an amount that is not won is not added"


def test_all_amounts_in_another_currency_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='set currency = "USD"'):
        revenue(tmp_path, "1,yes,10,USD\n2,yes,20,USD\n")
    assert revenue(tmp_path, "1,yes,10,USD\n2,yes,20,USD\n", currency="XXX") == [10.0, 20.0]
    assert revenue(tmp_path, "1,yes,10,USD\n2,yes,20,\n", currency="XXX") == [10.0, 20.0]
    with pytest.raises(InputError, match="set currency to one of them"):
        revenue(tmp_path, "1,yes,10,USD\n2,yes,20,CHF\n", currency="XXX")


def test_symbols_and_codes_in_the_amounts(tmp_path: Path) -> None:
    rows = "1,yes,€10,\n2,yes,CHF 20,\n3,yes,30 CHF,\n"
    with pytest.raises(InputError, match="2 in CHF, 1 in EUR"):
        revenue(tmp_path, rows, outcomes={})
    assert revenue(tmp_path, rows, currencies={"CHF": 2.0}, outcomes={}) == [10.0, 40.0, 60.0]
    assert revenue(tmp_path, "1,yes,$10,\n2,yes,$20,\n", currency="CAD", outcomes={}) == [10.0, 20.0]


def test_names_of_currencies(tmp_path: Path) -> None:
    rows = "1,yes,10,Euro\n2,yes,20,US Dollar\n3,yes,30,US-Dollar\n4,yes,5,dollaro statunitense\n"
    assert revenue(tmp_path, rows, currencies={"USD": 0.5}) == [10.0, 10.0, 15.0, 2.5]


def test_a_currency_that_cannot_be_read_is_a_fault_of_its_row(tmp_path: Path) -> None:
    assert revenue(tmp_path, "1,yes,10,EUR\n2,yes,20,moon rocks\n") == [10.0]
    assert "unreadable currency" in (tmp_path / "leads.rejected.csv").read_text()
