"""Events by stage: increments add up to the revenue to the cent, restated values end at it, junk is retracted."""

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
from conversions.stage_events import (
    JUNK,
    NEGATIVE,
    TOO_OLD,
    WAITS,
    Progress,
    rows_to_add,
    unplanned,
)
from leadworth.encryption import IdentifierCipher
from tests.conversions.events import running_platforms

NOW = datetime.now(UTC)
CIPHER = IdentifierCipher(b"k" * 32)
CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_platforms(Path(tmp_path_factory.mktemp("exports"))) as (_, destinations):
        yield destinations


def progress(*stages: str, value: Decimal, rejected: bool = False) -> Progress:
    start = NOW - timedelta(hours=20)
    reached = {stage: start + timedelta(hours=index) for index, stage in enumerate(("lead", *stages))}
    expected = not set(stages) & {"won", "lost", "junk"}
    return Progress("L1", "search", "brand", "1", reached, value, "EUR", expected, rejected, "sealed")


def sent(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as the outbox has them after the platform accepted those that can be sent."""
    accepted = []
    for row in rows:
        value = str(max(Decimal(row["value"]), Decimal("0.00")))
        accepted.append(
            row if row["state"] == "suppressed" else {**row, "state": "accepted", "sent_value": value, "payload": None}
        )
    return accepted


def play(destination: Destination, steps: Sequence[Progress], restate_from: float | None = 0.0) -> list[dict[str, Any]]:
    """Plan night after night, each step until nothing more is added."""
    outbox: list[dict[str, Any]] = []
    for step in steps:
        for _ in range(6):
            added = list(rows_to_add(step, destination, outbox, CIPHER, restate_from, NOW))
            outbox += sent(added)
            if not added:
                break
        assert not list(
            rows_to_add(step, destination, outbox, CIPHER, restate_from, NOW)
        )  # the same night adds nothing
    return outbox


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok", "ga4"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CENTS, second=CENTS, revenue=CENTS)
def test_increments_of_a_won_lead_add_up_to_its_revenue(
    named: dict[str, Destination], name: str, first: Decimal, second: Decimal, revenue: Decimal
) -> None:
    steps = [
        progress(value=first),
        progress("qualified", value=second),
        progress("qualified", "won", value=revenue),
    ]
    outbox = play(named[name], steps)
    total = sum(Decimal(row["sent_value"] or row["value"]) for row in outbox if row["code"] != NEGATIVE)
    below = sum(Decimal(row["value"]) for row in outbox if row["code"] == NEGATIVE and row["stage"] == "won")
    assert total + below == revenue
    assert all(Decimal(row["sent_value"]) >= 0 for row in outbox if row["sent_value"] is not None)


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok"])
def test_lost_lead_leaves_a_suppressed_negative_increment(named: dict[str, Destination], name: str) -> None:
    outbox = play(named[name], [progress(value=Decimal("80.00")), progress("lost", value=Decimal("0.00"))])
    assert [(row["stage"], row["value"], row["code"]) for row in outbox] == [
        ("lead", "80.00", ""),
        ("lost", "-80.00", NEGATIVE),
    ]
    assert sum(Decimal(row["value"]) for row in outbox) == 0


def test_lead_that_was_lost_and_then_won_gets_the_remaining_increment(named: dict[str, Destination]) -> None:
    steps = [
        progress(value=Decimal("80.00")),
        progress("lost", value=Decimal("0.00")),
        progress("qualified", "won", value=Decimal("500.00")),
    ]
    outbox = play(named["meta"], steps)
    assert sum(Decimal(row["sent_value"]) for row in outbox if row["sent_value"]) == Decimal("500.00")


def test_ga4_gets_the_loss_with_zero(named: dict[str, Destination]) -> None:
    outbox = play(named["ga4"], [progress(value=Decimal("80.00")), progress("lost", value=Decimal("0.00"))])
    assert [(row["stage"], row["sent_value"]) for row in outbox] == [("lead", "80.00"), ("lost", "0.00")]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(CENTS, min_size=1, max_size=5), revenue=CENTS)
def test_restated_values_end_at_the_revenue(
    named: dict[str, Destination], name: str, values: list[Decimal], revenue: Decimal
) -> None:
    steps = [progress(value=value) for value in values] + [progress("qualified", "won", value=revenue)]
    outbox = play(named[name], steps)
    for stage in ("lead", "qualified", "won"):
        versions = [row for row in outbox if row["stage"] == stage]
        assert Decimal(versions[-1]["value"]) == revenue
        assert [row["version"] for row in versions] == list(range(1, len(versions) + 1))
        assert len({row["transaction_id"] for row in versions}) == 1


def test_small_change_is_not_restated(named: dict[str, Destination]) -> None:
    steps = [progress(value=Decimal("100.00")), progress(value=Decimal("109.00")), progress(value=Decimal("89.00"))]
    assert [row["value"] for row in play(named["google"], steps, restate_from=0.1)] == ["100.00", "89.00"]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
def test_without_restatement_the_value_at_submit_stays_and_junk_is_retracted(
    named: dict[str, Destination], name: str
) -> None:
    steps = [progress(value=Decimal("100.00")), progress("qualified", "won", value=Decimal("900.00"))]
    outbox = play(named[name], steps, restate_from=None)
    assert [(row["stage"], row["value"]) for row in outbox] == [
        ("lead", "100.00"),
        ("qualified", "900.00"),
        ("won", "900.00"),
    ]
    junk = progress("junk", value=Decimal("0.00"), rejected=True)
    outbox = play(named[name], [progress(value=Decimal("80.00")), junk], restate_from=None)
    assert [(row["kind"], row["value"]) for row in outbox] == [("conversion", "80.00"), ("retraction", "0.00")]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
def test_junk_that_was_sent_is_retracted_once(named: dict[str, Destination], name: str) -> None:
    junk = progress("junk", value=Decimal("0.00"), rejected=True)
    outbox = play(named[name], [progress(value=Decimal("80.00")), junk, junk])
    assert [(row["kind"], row["value"]) for row in outbox] == [("conversion", "80.00"), ("retraction", "0.00")]


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft", "meta", "linkedin", "tiktok", "ga4"])
def test_junk_is_never_sent(named: dict[str, Destination], name: str) -> None:
    assert play(named[name], [progress("junk", value=Decimal("0.00"), rejected=True)]) == []


def test_nothing_is_added_while_an_increment_is_waiting(named: dict[str, Destination]) -> None:
    [waiting] = rows_to_add(progress(value=Decimal("80.00")), named["meta"], [], CIPHER, 0.1, NOW)
    later = progress("qualified", value=Decimal("90.00"))
    assert list(rows_to_add(later, named["meta"], [waiting], CIPHER, 0.1, NOW)) == []


def test_later_stages_wait_for_the_first_where_a_platform_adds_up(named: dict[str, Destination]) -> None:
    won = progress("qualified", "won", value=Decimal("90.00"))
    meta, outbox = named["meta"], list[dict[str, Any]]()
    waiting = [["qualified", "won"], ["won"], []]
    for stages in waiting:
        for outbox_now in (outbox, [*outbox, *rows_to_add(won, meta, outbox, CIPHER, 0.1, NOW)]):
            assert list(unplanned(won, meta, outbox_now, NOW)) == [(stage, WAITS) for stage in stages]
        outbox += sent(list(rows_to_add(won, meta, outbox, CIPHER, 0.1, NOW)))
    assert [row["stage"] for row in outbox] == ["lead", "qualified", "won"]
    assert list(unplanned(won, named["google"], [], NOW)) == []


def test_stages_without_an_event_have_a_reason(named: dict[str, Destination]) -> None:
    later = NOW + timedelta(days=8)
    lead = progress(value=Decimal("80.00"))
    assert list(unplanned(lead, named["meta"], [], later)) == [("lead", TOO_OLD)]
    assert list(unplanned(lead, named["google"], [], later)) == []
    junk = progress("junk", value=Decimal("0.00"), rejected=True)
    assert list(unplanned(junk, named["meta"], [], NOW)) == [("lead", JUNK)]
    assert list(unplanned(junk, named["google"], [], NOW)) == [("lead", JUNK)]
    [row] = rows_to_add(lead, named["ga4"], [], CIPHER, 0.1, NOW)
    lost = progress("lost", value=Decimal("0.00"))
    assert list(unplanned(lost, named["ga4"], [{**row, "state": "rejected"}], NOW)) == []
    assert list(unplanned(junk, named["ga4"], [row], NOW)) == [("junk", JUNK)]


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok"])
def test_qualified_lead_that_is_worth_less_than_was_sent_is_not_sent(named: dict[str, Destination], name: str) -> None:
    steps = [progress(value=Decimal("50.00")), progress("qualified", value=Decimal("30.00"))]
    lead, qualified = play(named[name], steps)
    assert (lead["stage"], lead["code"]) != (qualified["stage"], NEGATIVE)
    assert (qualified["stage"], qualified["code"], qualified["value"]) == ("qualified", NEGATIVE, "-20.00")
    won = play(named[name], [*steps, progress("qualified", "won", value=Decimal("900.00"))])[-1]
    assert (won["stage"], won["value"]) == ("won", "850.00")


def test_nothing_follows_an_event_without_consent_until_it_is_given(named: dict[str, Destination]) -> None:
    google = named["google"]
    first = progress(value=Decimal("10.00"))
    [row] = rows_to_add(first, google, [], CIPHER, 0.0, NOW)
    withheld = {**row, "state": "suppressed", "code": "no-consent"}
    later = progress(value=Decimal("20.00"))
    assert not list(rows_to_add(later, google, [withheld], CIPHER, 0.0, NOW))
    [restated] = rows_to_add(later, google, [{**withheld, "state": "pending", "code": ""}], CIPHER, 0.0, NOW)
    assert (restated["version"], restated["value"]) == (2, "20.00")
