"""Credit of channels: worked examples, and sums that are the revenue of the leads."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from reporting.facts.channel_credits import MODELS, channel_credits
from store.credit_schema import credit_days, credit_months
from store.touch_queries import LeadPath
from tests.reporting.make_facts import insert_facts, random_facts

T1, T2, T3 = (f"2026-10-{day:02}T09:00:00+00:00" for day in (1, 8, 15))
KEY = ("2026-10-01", "Email", "c", "IT")
TWO = LeadPath("a", *KEY, T1, T2, T3, 300, ((T1, "Email"), (T3, "Display")))
ONE = LeadPath("b", *KEY, T1, None, T3, 100, ((T1, "Display"),))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"Email": 300, "Display": 100}),
        ("last", {"Email": 0, "Display": 400}),
        ("linear", {"Email": 150, "Display": 250}),
        ("decay", {"Email": 60, "Display": 340}),  # 14 days are two half-lives: 1 to 4
        ("w", {"Email": 270, "Display": 130}),  # first, lead and opportunity: 90 to 10
    ],
)
def test_credit_of_two_deals(model: str, expected: dict[str, int]) -> None:
    credits = channel_credits([TWO, ONE], lambda path: path.day)
    place = [str(name) for name in MODELS].index(model)
    assert {cell[-1]: amounts[place] for cell, amounts in credits.items()} == expected
    assert {cell[:-1] for cell in credits} == {KEY}


def test_each_model_has_the_whole_revenue_on_both_days(engine: Engine) -> None:
    made = random_facts(3, leads=300, days=90)
    with engine.begin() as connection:
        insert_facts(connection, made)
    revenue = sum(row["revenue_micros"] or 0 for row in made.leads if row["won_at"] is not None)
    assert revenue > 0
    for table in (credit_days, credit_months):
        with engine.connect() as connection:
            rows = list(connection.execute(select(table)).mappings())
        for basis in ("submit", "win"):
            for model in MODELS:
                assert sum(row[f"{model}_micros"] for row in rows if row["basis"] == basis) == revenue
