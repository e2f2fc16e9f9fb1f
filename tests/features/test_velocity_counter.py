"""The counts of a lead are those of the definition, whatever the order in which leads become known."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import event_log
from features.velocity_counter import VelocityCounter
from features.velocity_kernel import MAX_SCANNED
from features.velocity_keys import KINDS, MAX_COUNT
from tests.features.velocity_leads import DAY, LEADS, VelocityLead, defined_counts, keys


@given(leads=LEADS, seed=st.integers(0, 9))
@settings(max_examples=80)
def test_any_order_and_repetition_gives_the_defined_counts(leads: list[VelocityLead], seed: int) -> None:
    """Once all leads are known, each is counted as by definition, also when it is observed again and again."""
    counter = VelocityCounter()
    shuffled = [*leads, *leads[::2]]
    random.Random(seed).shuffle(shuffled)
    for lead in shuffled:
        counter.observe(lead.keys, lead.at)
    for lead in leads:
        assert repr(counter.observe(lead.keys, lead.at)) == repr(defined_counts(lead, leads))


@given(leads=LEADS)
@settings(max_examples=60)
def test_in_order_of_time_each_lead_has_its_final_counts_at_once(leads: list[VelocityLead]) -> None:
    counter = VelocityCounter()
    for lead in sorted(leads, key=lambda lead: lead.at):
        assert repr(counter.observe(lead.keys, lead.at)) == repr(defined_counts(lead, leads))


@given(leads=LEADS, seed=st.integers(0, 9))
@settings(max_examples=40)
def test_events_of_other_processes_count_as_own_leads(leads: list[VelocityLead], seed: int) -> None:
    counter = VelocityCounter()
    random.Random(seed).shuffle(leads)
    add(counter, [*leads, *leads[:3]])
    for lead in leads:
        assert repr(counter.observe(lead.keys, lead.at, add=False)) == repr(defined_counts(lead, leads))


def add(counter: VelocityCounter, leads: list[VelocityLead]) -> None:
    counter.add(
        np.array([lead.at for lead in leads], dtype=np.int64),
        np.array([lead.keys.person for lead in leads], dtype=np.int64),
        np.array([lead.keys.of for lead in leads], dtype=np.int64).reshape(-1, len(KINDS)),
    )


def test_counting_alone_adds_nothing() -> None:
    counter = VelocityCounter()
    counter.observe(keys(1, ip=7, domain=8), 0, add=False)
    counts = counter.observe(keys(2, ip=7, domain=8), 5, add=False)
    assert (counts["recent_ip_10m"], counts["domain_age_days"], len(counter)) == (0.0, 0.0, 0)


def test_counts_are_capped() -> None:
    counter = VelocityCounter()
    for person in range(1, MAX_COUNT + 10):
        counter.observe(keys(person, ip=7), person)
    assert counter.observe(keys(1, ip=7), 10_000)["recent_ip_30d"] == MAX_COUNT


def test_one_person_without_end_hides_others_and_keeps_counting_fast() -> None:
    counter = VelocityCounter()
    counter.observe(keys(1, ip=7), 0)
    for at in range(1, MAX_SCANNED):
        counter.observe(keys(2, ip=7), at)
    assert counter.observe(keys(3, ip=7), MAX_SCANNED)["recent_ip_10m"] == 2.0
    counter.observe(keys(2, ip=7), MAX_SCANNED)
    assert counter.observe(keys(3, ip=7), MAX_SCANNED + 1)["recent_ip_10m"] == 1.0  # person 2, no longer person 1


def test_the_age_of_a_domain_has_a_limit() -> None:
    counter = VelocityCounter()
    ages = [counter.observe(keys(1, domain=5), day * DAY)["domain_age_days"] for day in (0, 100, 180, 181, 500)]
    assert ages == [0.0, 100.0, 180.0, 81.0, 0.0]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "MAX_EVENTS", 2_000)
    counter = VelocityCounter()
    for number in range(5_000):
        counter.observe(keys(number, ip=number + 1, domain=-number - 1), number)
    assert len(counter) <= 2_000
    assert counter.observe(keys(1, ip=5_000), 5_001)["recent_ip_10m"] == 1.0  # the latest are there
    assert counter.observe(keys(1, ip=1), 5_001)["recent_ip_10m"] == 0.0  # the earliest are not


def test_events_older_than_the_retention_reserve() -> None:
    counter = VelocityCounter()
    for number in range(3_000):
        counter.observe(keys(number + 1, ip=7), number * DAY)
    assert len(counter) <= event_log.SMALLEST
    assert counter.observe(keys(1, ip=7), 3_000 * DAY)["recent_ip_30d"] == 29.0


def test_a_lead_without_keys_has_no_counts() -> None:
    counts = VelocityCounter().observe(keys(1), 0)
    assert all(math.isnan(count) for count in counts.values())
