"""Columns of two files with the same ids."""

from __future__ import annotations

import csv
from pathlib import Path
from uuid import UUID

import pytest

from crm.inference.column_links import find_links, key_columns, names_an_id
from crm.inference.export_profile import profile_export

SALESFORCE = [f"00Q5e00000Ab{number:03}" for number in range(40)]


def columns_of(path: Path, columns: dict[str, list[str]]) -> list:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return key_columns(profile_export(path))


@pytest.mark.parametrize(
    ("written", "meets"),
    [
        ([f"{20_000 + n}" for n in range(40)], [f"{20_000 + n}.0" for n in range(40)]),
        ([f"{20_000 + n}" for n in range(40)], [f"'{20_000 + n}" for n in range(40)]),
        ([f"000{20_000 + n}" for n in range(40)], [f"{20_000 + n}" for n in range(40)]),
        ([f"ab-{n:05}" for n in range(40)], [f"AB-{n:05}" for n in range(40)]),
        ([f"{{{UUID(int=n + 7**40)}}}".upper() for n in range(40)], [str(UUID(int=n + 7**40)) for n in range(40)]),
        ([f"{value}EAA" for value in SALESFORCE], SALESFORCE),
        ([f"k{n:05}" for n in range(40)], [f"k{n:05};k{(n + 1) % 40:05}" for n in range(40)]),
    ],
    ids=["decimal", "apostrophe", "zeros", "case", "braces", "15 and 18 characters", "lists"],
)
def test_ids_meet_in_whatever_form(tmp_path: Path, written: list[str], meets: list[str]) -> None:
    names = [f"Name {number}" for number in range(40)]
    left = columns_of(tmp_path / "leads.csv", {"Kennung": written, "Who": names})
    right = columns_of(tmp_path / "deals.csv", {"Wer": meets, "What": names[::-1]})
    link = find_links(left, right)[0]
    assert (link.left.name, link.right.name, link.overlap) == ("Kennung", "Wer", 1.0)


def test_categories_and_names_in_both_files_are_no_link(tmp_path: Path) -> None:
    shared = {
        "Country": ["IT", "DE"] * 20,
        "Seats": [f"{number % 7}" for number in range(40)],
        "Paid": ["yes", "no"] * 20,
    }
    left = columns_of(tmp_path / "leads.csv", {"id": [f"a{n:04}" for n in range(40)], **shared})
    right = columns_of(tmp_path / "deals.csv", {"id": [f"b{n:04}" for n in range(40)], **shared})
    assert find_links(left, right) == []


def test_few_long_ids_in_common_are_a_link(tmp_path: Path) -> None:
    left = columns_of(tmp_path / "a.csv", {"u": [f"{n:032x}" for n in range(200)], "x": ["1"] * 200})
    right = columns_of(tmp_path / "b.csv", {"v": [f"{n + 160:032x}" for n in range(200)], "x": ["1"] * 200})
    assert [(link.left.name, link.right.name, link.overlap) for link in find_links(left, right)] == [("u", "v", 0.2)]


def test_headers_of_ids() -> None:
    assert [names_an_id(header) for header in ("OpportunityId", "Lead No.", "Owner", "Paid")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("form", ["{},50", "1.{:03},75", "{}.25", "{} €", "1,{:03}.10"])
def test_amounts_are_no_ids(tmp_path: Path, form: str) -> None:
    left = columns_of(
        tmp_path / "a.csv", {"ID": [str(n + 1) for n in range(60)], "x": [f"w{n % 5}" for n in range(60)]}
    )
    amounts = [form.format(n * 7 % 60 + 100) for n in range(60)]
    right = columns_of(tmp_path / "b.csv", {"Importe": amounts, "x": [f"w{n % 5}" for n in range(60)]})
    assert find_links(left, right) == []
