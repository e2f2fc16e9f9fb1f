"""Values by stage: increments add up to the revenue to the cent, restated values end at it, junk is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversions.destination import Destination
from conversions.encryption import IdentifierCipher
from conversions.stage_events import NEGATIVE, Progress, rows_to_add
from tests.conversions.events import running_platforms

NOW = datetime.now(UTC)
SEAL = IdentifierCipher(b"k" * 32)
CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_platforms(Path(tmp_path_factory.mktemp("exports"))) as (_, found):
        yield found


def progress(*stages: str, value: Decimal, rejected: bool = False) -> Progress:
    start = NOW - timedelta(hours=20)
    reached = {stage: start + timedelta(hours=place) for place, stage in enumerate(("lead", *stages))}
    expected = not set(stages) & {"won", "lost", "junk"}
    return Progress("L1", "search", "brand", "1", reached, value, "EUR", expected, rejected, "sealed")


def sent(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as the ledger has them once the platform took what can be told."""
    taken = []
    for row in rows:
        told = str(max(Decimal(row["value"]), Decimal("0.00")))
        taken.append(
            row if row["state"] == "suppressed" else {**row, "state": "accepted", "sent_value": told, "payload": None}
        )
    return taken


def play(destination: Destination, course: Sequence[Progress], restate_from: float = 0.0) -> list[dict[str, Any]]:
    """Plan night after night, each step until nothing more is added."""
    book: list[dict[str, Any]] = []
    for step in course:
        for _ in range(6):
            added = list(rows_to_add(step, destination, book, SEAL, restate_from, NOW))
            book += sent(added)
            if not added:
                break
        assert not list(rows_to_add(step, destination, book, SEAL, restate_from, NOW))  # the same night adds nothing
    return book


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok", "ga4"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CENTS, second=CENTS, revenue=CENTS)
def test_increments_of_a_won_lead_add_up_to_its_revenue(
    named: dict[str, Destination], name: str, first: Decimal, second: Decimal, revenue: Decimal
) -> None:
    course = [
        progress(value=first), progress("qualified", value=second), progress("qualified", "won", value=revenue),
    ]  # fmt: skip
    book = play(named[name], course)
    total = sum(Decimal(row["sent_value"] or row["value"]) for row in book if row["code"] != NEGATIVE)
    below = sum(Decimal(row["value"]) for row in book if row["code"] == NEGATIVE and row["stage"] == "won")
    assert total + below == revenue
    assert all(Decimal(row["sent_value"]) >= 0 for row in book if row["sent_value"] is not None)


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok"])
def test_a_lost_lead_stands_in_the_ledger_with_what_was_told_too_much(named: dict[str, Destination], name: str) -> None:
    book = play(named[name], [progress(value=Decimal("80.00")), progress("lost", value=Decimal("0.00"))])
    assert [(row["stage"], row["value"], row["code"]) for row in book] == [
        ("lead", "80.00", ""), ("lost", "-80.00", NEGATIVE),
    ]  # fmt: skip
    assert sum(Decimal(row["value"]) for row in book) == 0


def test_a_lead_that_was_lost_and_then_won_is_told_only_the_rest(named: dict[str, Destination]) -> None:
    course = [
        progress(value=Decimal("80.00")), progress("lost", value=Decimal("0.00")),
        progress("qualified", "won", value=Decimal("500.00")),
    ]  # fmt: skip
    book = play(named["meta"], course)
    assert sum(Decimal(row["sent_value"]) for row in book if row["sent_value"]) == Decimal("500.00")


def test_ga4_is_told_of_the_loss_with_zero(named: dict[str, Destination]) -> None:
    book = play(named["ga4"], [progress(value=Decimal("80.00")), progress("lost", value=Decimal("0.00"))])
    assert [(row["stage"], row["sent_value"]) for row in book] == [("lead", "80.00"), ("lost", "0.00")]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(CENTS, min_size=1, max_size=5), revenue=CENTS)
def test_restated_values_end_at_the_revenue(
    named: dict[str, Destination], name: str, values: list[Decimal], revenue: Decimal
) -> None:
    course = [progress(value=value) for value in values] + [progress("qualified", "won", value=revenue)]
    book = play(named[name], course)
    for stage in ("lead", "qualified", "won"):
        versions = [row for row in book if row["stage"] == stage]
        assert Decimal(versions[-1]["value"]) == revenue
        assert [row["version"] for row in versions] == list(range(1, len(versions) + 1))
        assert len({row["transaction_id"] for row in versions}) == 1


def test_a_small_change_is_not_worth_a_restatement(named: dict[str, Destination]) -> None:
    course = [progress(value=Decimal("100.00")), progress(value=Decimal("109.00")), progress(value=Decimal("89.00"))]
    assert [row["value"] for row in play(named["google"], course, restate_from=0.1)] == ["100.00", "89.00"]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
def test_junk_that_was_told_is_taken_back_once(named: dict[str, Destination], name: str) -> None:
    junk = progress("junk", value=Decimal("0.00"), rejected=True)
    book = play(named[name], [progress(value=Decimal("80.00")), junk, junk])
    assert [(row["kind"], row["value"]) for row in book] == [("conversion", "80.00"), ("retraction", "0.00")]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft", "meta", "linkedin", "tiktok", "ga4"])
def test_junk_is_never_told(named: dict[str, Destination], name: str) -> None:
    assert play(named[name], [progress("junk", value=Decimal("0.00"), rejected=True)]) == []


def test_nothing_is_added_while_an_increment_is_on_its_way(named: dict[str, Destination]) -> None:
    [waits] = rows_to_add(progress(value=Decimal("80.00")), named["meta"], [], SEAL, 0.1, NOW)
    later = progress("qualified", value=Decimal("90.00"))
    assert list(rows_to_add(later, named["meta"], [waits], SEAL, 0.1, NOW)) == []
