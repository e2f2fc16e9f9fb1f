"""Declared values that never occur are named with the most similar one."""

from __future__ import annotations

import pyarrow as pa

from crm.declared_values import absent_values
from leadworth.settings import OutcomesSource

ROWS = pa.table({"Stage": ["Vinto", " perso ", "Nuovo", "Vinto"], "Status": ["Spam", "ok", None, "ok"]})


def test_values_are_compared_without_case_and_spaces() -> None:
    source = OutcomesSource(
        stage="Stage",
        won_stages=["VINTO"],
        lost_stages=["Perso"],
        junk={"column": "Status", "values": ["spam "]},
        engaged={"column": "Elsewhere", "values": ["x"]},
    )
    assert absent_values(ROWS, source) == []


def test_the_nearest_value_is_that_of_similar_spelling_or_of_the_same_meaning() -> None:
    source = OutcomesSource(
        stage="Stage", won_stages=["Closed Won"], lost_stages=["Persi"], junk={"column": "Status", "values": ["Zzz"]}
    )
    assert [(value.setting, value.nearest, value.rows) for value in absent_values(ROWS, source)] == [
        ("won_stages", "Vinto", 2),
        ("lost_stages", "perso", 1),
        ("junk", "Spam", 1),
    ]


def test_a_value_that_the_source_knows_may_be_absent_as_yet() -> None:
    source = OutcomesSource(stage="Stage", won_stages=["Vinto", "Firmato"])
    assert [value.value for value in absent_values(ROWS, source)] == ["Firmato"]
    assert absent_values(ROWS, source, {"firmato"}) == []
