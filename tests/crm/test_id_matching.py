"""Ids match in whatever form they are written."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.id_matching import IdIndex


def pairs(reference: list[str | None], ids: list[str | None]) -> list[tuple[int, int]]:
    matches = IdIndex(pd.Series(reference, dtype="str")).match(pd.Series(ids, dtype="str"))
    assert set(matches.rows) == set(matches.met.nonzero()[0])
    return list(zip(matches.rows.tolist(), matches.reference_rows.tolist(), strict=True))


@pytest.mark.parametrize(
    ("lead", "outcome"),
    [
        ("20240", "20240.0"),
        ("20240.0", "20240"),
        ("0020240", "20240"),
        ("20240", "'20240"),
        ("20240", "20,240"),
        ("20.240", "20240"),
        ("00Q5e00000Ab000EAA", "00Q5e00000Ab000"),
        ("00Q5e00000Ab000", "00Q5e00000Ab000EAB"),
        ("00Q5e00000Ab000", "00q5e00000ab000"),
        ("{6F9619FF-8B86-D011-B42D-00C04FC964FF}", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("K00017", "k00017"),
        ("Ada@Acme.it", "ada@acme.it"),
    ],
)
def test_forms_of_one_id(lead: str, outcome: str) -> None:
    assert pairs(["7", lead, "Z9"], [outcome]) == [(0, 1)]


def test_different_ids_of_the_leads_are_never_merged() -> None:
    leads = ["0123", "123", "00Q5e00000AbA", "00Q5e00000Aba", "AB1", "ab1"]
    assert pairs(leads, leads) == [(row, row) for row in range(6)]
    matches = IdIndex(pd.Series(leads)).match(pd.Series(["00123", "123.0", "Ab1", "9"]))
    assert not matches.met.any()
    assert matches.ambiguous.tolist() == [True, True, True, False]


def test_salesforce_ids_that_differ_by_case_only_match_with_15_and_18_characters() -> None:
    assert pairs(["00Q5e00000Ab0xA", "00Q5e00000Ab0xa"], ["00Q5e00000Ab0xaEAB", "00Q5e00000Ab0xAEAR"]) == [
        (0, 1),
        (1, 0),
    ]


@pytest.mark.parametrize(
    "cell", ["1;2", "2; 1", '["1", "2"]', "1|2", "1,2", "1, 2", "1\n2", "{1,2}", "1 2", "1 / 2", "1;2;999"]
)
def test_lists_of_ids_are_split(cell: str) -> None:
    assert pairs(["1", "2", "3"], [cell]) == [(0, 0), (0, 1)]
    if cell[-1] != "9" and "1 " not in cell:
        assert pairs([cell, "3"], ["2", "1", "4"]) == [(0, 0), (1, 0)]


@pytest.mark.parametrize("cell", ["Acme, Inc", "20,240", "Rossi 2 srl", "AB-12/2024"])
def test_an_id_with_a_separator_is_one_id(cell: str) -> None:
    assert pairs([cell, "20", "AB-12"], [cell]) == [(0, 0)]


def test_a_list_of_strangers_meets_nothing() -> None:
    assert pairs(["1", "2"], ["8;9", "1 9", None]) == []
    assert pairs([None, "1"], [None, ""]) == []


FORMS = [str, lambda n: f"{n}.0", lambda n: f"00{n}", lambda n: f"'{n}", lambda n: f" {n}"]


@given(st.lists(st.lists(st.integers(10, 40), max_size=3), max_size=12), st.randoms(use_true_random=False))
def test_any_form_and_order_gives_the_same_pairs(deals: list[list[int]], rng: random.Random) -> None:
    leads = list(range(10, 41))
    rng.shuffle(leads)
    cells = [";".join(rng.choice(FORMS)(lead) for lead in rng.sample(deal, len(deal))) or None for deal in deals]
    found = {(row, leads[lead]) for row, lead in pairs([str(lead) for lead in leads], cells)}
    assert found == {(row, lead) for row, deal in enumerate(deals) for lead in deal}
