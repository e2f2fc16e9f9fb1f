"""Filters of the local peer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm.connectors.dynamics.odata_filter import ODataError, ODataFilter

KINDS = {"name": "String", "amount": "Money", "modifiedon": "DateTime", "merged": "Boolean"}
ROW = {"name": "O'Neil", "amount": 5.0, "modifiedon": datetime(2026, 1, 2, tzinfo=UTC), "merged": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name eq 'O''Neil'", True),
        ("amount gt 5", False),
        ("amount ge 5 and amount le 5.0", True),
        ("modifiedon ge 2026-01-02T00:00:00Z and modifiedon lt 2026-01-03T00:00:00Z", True),
        ("(merged eq false or merged eq null)", True),
        ("merged eq true or amount eq 5", True),
        ("not (amount eq 5)", False),
        ("merged gt 1", False),
        ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['a','o'])", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert ODataFilter(text, KINDS, "lead").parse()(ROW) is expected


@pytest.mark.parametrize(
    "text", ["nothing eq 1", "amount is 1", "amount eq", "(amount eq 1", "amount eq 1 1", "amount ; 1"]
)
def test_what_dataverse_refuses(text: str) -> None:
    with pytest.raises(ODataError) as caught:
        ODataFilter(text, KINDS, "lead").parse()
    assert (caught.value.status, caught.value.code) == (400, "0x80060888")
