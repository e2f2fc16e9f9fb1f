"""SOQL of the local peer."""

from __future__ import annotations

import pytest

from crm.connectors.salesforce.soql import parse_moment
from crm.connectors.salesforce.soql_parser import SoqlError, SoqlParser, object_of, projected

KINDS = {"Id": "id", "Name": "string", "Amount": "currency", "Stamp": "datetime", "Day": "date", "Won": "boolean"}
ROWS = [
    {
        "Id": f"00Q5e00000{number:05d}AAA",
        "Name": name,
        "Amount": amount,
        "Stamp": parse_moment(f"2026-01-0{number}T00:00:00Z"),
        "Day": f"2026-01-0{number}",
        "Won": number == 2,
    }
    for number, (name, amount) in enumerate([("Ada", 10.0), ("bob", None), ("Cy", 5.0)], start=1)
]


def names(condition: str, rest: str = "") -> list[str]:
    query = SoqlParser(f"SELECT Name FROM Lead WHERE {condition}{rest}", KINDS).parse()
    return [row["Name"] for row in projected(query, query.run(ROWS))]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name = 'BOB'", ["bob"]),
        ("Amount > 5", ["Ada"]),
        ("Amount <= 10.0", ["Ada", "Cy"]),
        ("Amount != null", ["Ada", "Cy"]),
        ("Amount = null", ["bob"]),
        ("Stamp >= 2026-01-02T00:00:00Z AND Stamp < 2026-01-03T00:00:00.000+0000", ["bob"]),
        ("Day >= 2026-01-02", ["bob", "Cy"]),
        ("Won = false", ["Ada", "Cy"]),
        ("Name IN ('ada', 'cy') AND (Amount > 5 OR Won = true)", ["Ada"]),
        ("NOT Name IN ('ada')", ["bob", "Cy"]),
        ("Name NOT IN ('ada')", ["bob", "Cy"]),
        ("Id > '00Q5e0000000001AAA'", ["bob", "Cy"]),
        ("Id IN ('00Q5e0000000001')", []),  # not the checksum of these ids
    ],
)
def test_conditions(condition: str, expected: list[str]) -> None:
    assert names(condition) == expected


def test_order_and_limit() -> None:
    assert names("Id != null", " ORDER BY Amount DESC, Name LIMIT 2") == ["Ada", "Cy"]
    assert names("Id != null", " ORDER BY Amount ASC") == ["bob", "Cy", "Ada"]
    assert SoqlParser("SELECT COUNT() FROM Lead", KINDS).parse().is_count
    assert object_of("select Id from Lead") == "Lead"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT Nothing FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Stamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Amount = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Won = maybe", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Name = 'a' AND Won = true OR Won = false", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name =", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name ( 'a'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'it's'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id, FROM Lead", "INVALID_FIELD"),
    ],
)
def test_what_salesforce_refuses(text: str, code: str) -> None:
    with pytest.raises(SoqlError) as caught:
        SoqlParser(text, KINDS).parse()
    assert caught.value.code == code


def test_a_query_without_object_is_malformed() -> None:
    with pytest.raises(SoqlError):
        object_of("SELECT Id")


def test_only_conditions_that_must_hold_pin_values() -> None:
    assert SoqlParser("SELECT Id FROM Lead WHERE (Name IN ('a')) AND (Won = true)", KINDS).parse().pinned == {
        "Name": {"a"}
    }
    assert not SoqlParser("SELECT Id FROM Lead WHERE Name IN ('a') OR Won = true", KINDS).parse().pinned
    assert not SoqlParser("SELECT Id FROM Lead WHERE NOT (Name IN ('a'))", KINDS).parse().pinned
