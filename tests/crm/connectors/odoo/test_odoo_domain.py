"""Conditions of searches in the local peer."""

from __future__ import annotations

from typing import Any

import pytest

from crm.connectors.odoo.odoo_domain import OdooFault, matches

ROW = {"id": 3, "name": "Ann", "active": False, "owner": None}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ([], True),
        ([["id", "=", 3], ["name", "=", "Ann"]], True),
        (["&", ["id", "=", 3], ["name", "=", "Bob"]], False),
        (["|", ["id", "=", 4], "&", ["id", "=", 3], ["name", "!=", "Bob"]], True),
        (["!", ["id", "in", [3, 4]]], False),
        ([["owner", "=", False], ["active", "=", False]], True),
        ([["owner", ">", 0]], False),
        ([["id", "not in", [3]]], False),
        ([["name", "=like", "A%"]], True),
        ([["name", "=like", "a%"]], False),
        (["|", "|", ["id", "=", 1], ["id", "=", 2], ["id", "=", 3], ["name", "=", "Bob"]], False),
    ],
)
def test_prefix_notation(domain: list[Any], expected: bool) -> None:
    assert matches(domain, ROW, "m") is expected


@pytest.mark.parametrize("domain", [["|", ["id", "=", 1]], ["?"], [["nothing", "=", 1]], [["id", "near", 1]]])
def test_a_wrong_domain_is_refused(domain: list[Any]) -> None:
    with pytest.raises(OdooFault):
        matches(domain, ROW, "m")
