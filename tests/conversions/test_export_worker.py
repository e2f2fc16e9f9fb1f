"""The ledger and its workers: once, in order, with consent, and nothing lost, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from conversions import erasure, reconciliation, sent_values
from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_results import Payload
from conversions.outbox_writer import later_version
from conversions.retention import tidy
from conversions.sandbox.fault_injection import Fault, Faults, Wait
from store import consents, feedback, outbox
from store.idempotency_records import stamp
from store.schema import export_events, export_people
from tests.conversions.outboxes import SCORE, Ledger, lead, ledger_at


@pytest.fixture
def book(store_url: str, tmp_path: Path) -> Iterator[Ledger]:
    with ledger_at(store_url, tmp_path) as opened:
        yield opened


class Script(Faults):
    """Fails as it is told, then no more."""

    def __init__(self, *faults: Fault | None) -> None:
        super().__init__(wait=Wait(late=1.5, retry_after=0.1))
        self.script = list(faults)

    def draw(self) -> Fault | None:
        return self.script.pop(0) if self.script else None


def restated(book: Ledger, value: str, kind: EventKind = EventKind.RESTATEMENT) -> None:
    """Add the next version of the only transaction."""
    last = book.rows()[-1]
    with book.engine.begin() as connection:
        sealed = connection.execute(export_people.select()).mappings().one()["sealed"]
        destination = book.destinations[last["destination"]]
        row = later_version(
            datetime.now(UTC), destination.limits, last, kind, value=value, currency="EUR", expected=False,
            payload=sealed, model_version="1",
        )  # fmt: skip
        assert outbox.add(connection, {"export_events": [row]}) == 1


def due_now(book: Ledger) -> None:
    with book.engine.begin() as connection:
        connection.execute(update(export_events).values(not_before=stamp(datetime.now(UTC) - timedelta(minutes=1))))


def test_a_lead_is_told_once_and_its_payload_goes(book: Ledger) -> None:
    book.add(lead(), lead(), to=("google", "meta"))
    assert len(book.rows()) == 2
    for name in ("google", "meta"):
        assert book.worker(name).work() == {"accepted": 1}
        assert not book.worker(name).work()
    assert {(row["state"], row["payload"], row["told"]) for row in book.rows()} == {("accepted", None, "10.00")}
    assert set(book.sandbox.of("google").counts.values()) == {1}


def test_a_rejected_lead_is_not_told(book: Ledger) -> None:
    book.add(lead(), to=("google",), score={"verdict": "reject"})
    assert book.rows() == []


def test_a_lead_called_junk_before_it_was_sent_is_not_told(book: Ledger) -> None:
    from tests.store.test_group_commit import row as decision_row

    book.add(lead(), to=("google", "meta"))
    with book.engine.begin() as connection:
        from store import decision_log

        decision_log.insert(connection, [decision_row("L1")])
        feedback.give(connection, "L1", "junk", given_by="test", why=None)
    assert book.states() == [("suppressed", "junk")] * 2
    assert not book.worker("google").work()


def test_two_workers_never_hold_the_same_event(book: Ledger) -> None:
    book.add(*map(lead, range(50)), to=("google",))
    now, lease = datetime.now(UTC), timedelta(seconds=5)
    taken = []
    for worker in ("a", "b", "c"):
        with book.engine.begin() as connection:
            taken.append({row["event_id"] for row in outbox.take(connection, "google", worker, now, lease, 30)})
    assert [len(part) for part in taken] == [30, 20, 0]
    assert not taken[0] & taken[1]


def test_a_newer_version_waits_for_the_one_on_its_way(book: Ledger) -> None:
    book.add(lead(), to=("google",))
    now, lease = datetime.now(UTC), timedelta(seconds=5)
    with book.engine.begin() as connection:
        [held] = outbox.take(connection, "google", "a", now, lease, 10)
    restated(book, "99.00")
    with book.engine.begin() as connection:
        assert outbox.take(connection, "google", "b", datetime.now(UTC), lease, 10) == []
        settled = {**held, "state": "accepted", "keeps": False, "told": "10.00"}
        names = (
            "event_id",
            "state",
            "code",
            "attempts",
            "not_before",
            "quiet_until",
            "told",
            "receipt",
            "digest",
            "keeps",
        )
        assert outbox.settle(connection, "google", "b", [{name: settled[name] for name in names}], now) == 0
        assert outbox.settle(connection, "google", "a", [{name: settled[name] for name in names}], now) == 1
        assert [row["value"] for row in outbox.take(connection, "google", "b", datetime.now(UTC), lease, 10)] == [
            "99.00"
        ]


def test_a_newer_version_takes_the_place_of_one_that_waits(book: Ledger) -> None:
    book.add(lead(), to=("google_ads",))
    restated(book, "99.00")
    assert book.worker("google_ads").work() == {"accepted": 1}
    assert [state for state, _ in book.states()] == ["superseded", "accepted"]
    assert list(book.sandbox.of("google_ads").values.values()) == [[99.0]]  # sent as a conversion: it was never told


def test_what_may_have_arrived_is_settled_before_anything_newer(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, Script(Fault.CUT)) as book:
        book.add(lead(), to=("google_ads",))
        worker = book.worker("google_ads")
        assert worker.work() == {"retry": 1}
        restated(book, "99.00")
        due_now(book)
        assert worker.work() == {"duplicate": 1}  # the platform had it
        assert not worker.work()  # and another copy may still be on its way
        time.sleep(2.1)
        assert worker.work() == {"accepted": 1}
        assert list(book.sandbox.of("google_ads").values.values()) == [[10.0, 99.0]]


def test_what_a_dead_worker_held_is_taken_over(book: Ledger) -> None:
    book.add(lead(), to=("meta",))
    with book.engine.begin() as connection:
        outbox.take(connection, "meta", "dead", datetime.now(UTC), timedelta(seconds=0.2), 10)
    assert not book.worker("meta").work()
    time.sleep(0.3)
    assert book.worker("meta").work() == {"accepted": 1}


def test_what_a_platform_would_count_twice_stays_uncertain(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path) as probe:
        address = f"http://127.0.0.1:{probe.sandbox.http_port}"
        measured = {"via": "measurement_protocol", "api_secret": "s", "endpoint": address}
        probe.sandbox.faults = Script(Fault.CUT)
        with ledger_at(store_url, tmp_path, ga4=measured) as book:
            book.add(lead(), to=("ga4",))
            assert book.worker("ga4").work() == {"uncertain": 1}
            assert not book.worker("ga4").work()
        assert set(probe.sandbox.of("ga4").counts.values()) == {1}


def test_consent_counts_at_the_moment_of_sending(book: Ledger) -> None:
    book.add(
        lead(1), lead(2, consent_ad_user_data=None), lead(3, consent_ad_user_data=None, country="US"), to=("google",)
    )
    with book.engine.begin() as connection:
        consents.record(connection, "L1", {"ad_user_data": False}, "a tool", datetime.now(UTC))
    assert book.worker("google").work() == {"suppressed": 3}
    assert set(book.states()) == {("suppressed", "no-consent")}
    assert {row["payload"] for row in book.rows()} == {None}


def test_unknown_consent_counts_where_the_settings_assume_it(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, consent={"assume_granted_in": ["US"]}) as book:
        nothing = {"consent_ad_user_data": None, "consent_ad_personalization": None}
        book.add(lead(1, **nothing), lead(2, country="US", **nothing), to=("google",))
        assert book.worker("google").work() == {"suppressed": 1, "accepted": 1}


def test_a_platform_that_lets_no_one_in_burns_no_attempt(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, meta={"token": ""}) as book:
        book.add(lead(), to=("meta",))
        assert book.worker("meta").work() == {"retry": 1}
        assert [(row["attempts"], row["code"]) for row in book.rows()] == [(0, "door-closed")]
        due_now(book)
        assert not book.worker("meta").work()


def test_a_busy_platform_is_asked_when_it_said(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, Script(Fault.BUSY)) as book:
        book.add(lead(), to=("meta",))
        began = datetime.now(UTC)
        assert book.worker("meta").work() == {"retry": 1}
        [row] = book.rows()
        assert (row["code"], row["attempts"]) == ("HTTP 429", 1)
        assert datetime.fromisoformat(row["not_before"]) >= began + timedelta(seconds=0.1)


def test_attempts_have_an_end(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, Script(*[Fault.AWAY] * 3), most_attempts=3) as book:
        book.add(lead(), to=("meta",))
        for expected in ("retry", "retry", "rejected"):
            due_now(book)
            assert book.worker("meta").work() == {expected: 1}
        assert book.states() == [("rejected", "attempts: HTTP 503")]


def test_what_is_too_old_is_given_up(book: Ledger) -> None:
    book.add(lead(submitted_at=datetime.now(UTC) - timedelta(days=8)), to=("meta", "google"))
    assert book.worker("meta").work() == {"expired": 1}
    assert book.worker("google").work() == {"accepted": 1}


def test_an_erased_person_is_withdrawn_and_taken_back(book: Ledger) -> None:
    book.add(lead(1), to=("google_ads", "microsoft", "google"))
    for name in ("google_ads", "microsoft", "google"):
        book.worker(name).work()
    book.add(lead(2, email="P1@firm1.example "), to=("meta", "linkedin"))
    book.worker("linkedin").work()
    with book.engine.begin() as connection:
        leads = erasure.leads_of(connection, book.submit.seal, None, "p1@firm1.example")
        done = erasure.erase(connection, leads, book.destinations, book.submit.seal, datetime.now(UTC))
    assert leads == ["L1", "L2"]
    assert done.withdrawn == 1
    assert done.retractions == {"google_ads": 1, "microsoft": 1, "google": 1}
    assert done.beyond == {"linkedin": 1}
    for name in ("google_ads", "microsoft", "google"):
        due_now(book)
        assert book.worker(name).work() == {"accepted": 1}
    assert [values[-1] for values in book.sandbox.of("google_ads").values.values()] == [None]
    assert [values[-1] for values in book.sandbox.of("microsoft").values.values()] == [None]
    assert [values[-1] for values in book.sandbox.of("google").values.values()] == [0.0]
    with book.engine.connect() as connection:
        assert connection.execute(export_people.select()).all() == []
    assert {row["payload"] for row in book.rows()} == {None}


def test_a_late_failure_that_passes_is_told_again(book: Ledger) -> None:
    book.sandbox.fails = 1.0
    book.add(lead(), to=("google",))
    book.worker("google").work()
    later = datetime.now(UTC) + timedelta(minutes=31)
    assert reconciliation.ask(book.engine, book.destinations["google"], later) == 1
    assert [(row["version"], row["state"], row["code"]) for row in book.rows()] == [
        (1, "accepted", ""), (2, "pending", "told-again"),
    ]  # fmt: skip
    with book.engine.connect() as connection:
        assert list(reconciliation.differences(connection, later)) == []
        [one] = reconciliation.differences(connection, later + timedelta(hours=73))
    assert (one.told, one.found, one.alarming) == (1, 0, True)


def test_a_new_model_is_eased_in(book: Ledger) -> None:
    book.add(*map(lead, range(40)), to=("google",))
    while book.worker("google").work():
        pass
    book.add(*map(lead, range(100, 110)), to=("google",), score={"predicted_value": 30.0, "model_version": "2"})
    assert book.worker("google").work() == {"retry": 10}  # too few to say how far it moves the channel
    assert ("retry", "held-new-model") in book.states()
    book.add(*map(lead, range(110, 140)), to=("google",), score={"predicted_value": 30.0, "model_version": "2"})
    due_now(book)
    while book.worker("google").work():
        pass
    assert {row["told"] for row in book.rows() if row["model_version"] == "2"} == {"12.00"}
    with book.engine.begin() as connection:
        sent_values.approve(connection, "2", "test", datetime.now(UTC))
    book.add(lead(200), to=("google",), score={"predicted_value": 30.0, "model_version": "2"})
    book.worker("google").work()
    assert book.rows()[-1]["told"] == "30.00"


def test_a_cap_keeps_the_mean(store_url: str, tmp_path: Path) -> None:
    values = [5.0, 10.0, 15.0, 170.0]
    with ledger_at(store_url, tmp_path, cap=20.0) as book:
        for number, value in enumerate(values):
            book.add(lead(number), to=("google",), score={"predicted_value": value})
        book.worker("google").work()
        told = sorted(float(row["told"]) for row in book.rows())
    assert told == [20.0, 40.0, 60.0, 80.0]
    assert sum(told) == sum(values)


def test_a_genuine_lead_is_worth_something(book: Ledger) -> None:
    book.add(lead(), to=("google",), score={"predicted_value": 0.0})
    book.worker("google").work()
    assert book.rows()[0]["told"] == "1.00"


def test_identifiers_go_when_their_time_is_over(book: Ledger) -> None:
    book.add(lead(), to=("google",))
    assert tidy(book.engine, datetime.now(UTC)) == (0, 0)
    assert tidy(book.engine, datetime.now(UTC) + timedelta(days=91)) == (1, 0)


def test_sealed_with_another_secret_it_is_not_sent(book: Ledger) -> None:
    book.add(lead(), to=("google",))
    with book.engine.begin() as connection:
        connection.execute(update(export_events).values(payload="gAAAAAB"))
    assert book.worker("google").work() == {"rejected": 1}
    assert book.states() == [("rejected", "sealed-otherwise")]


def test_no_identifier_stands_in_the_store_in_clear(book: Ledger) -> None:
    book.add(lead(), to=("google", "meta", "microsoft"))
    with book.engine.connect() as connection:
        text = str([connection.execute(table.select()).all() for table in (export_events, export_people)])
    assert SCORE["currency"] in text
    assert not any(part in text for part in ("firm1", "Cj0KCQ1", f"{1:032x}"))


def test_a_row_that_cannot_be_made_does_not_hold_the_others_up(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    book.add(*map(lead, range(3)), to=("meta",))
    plan = book.destinations["meta"].plan

    def broken(event: ConversionEvent) -> Payload:
        if "p1@" in (event.identity.email or ""):
            raise OverflowError
        return plan(event)

    monkeypatch.setattr(book.destinations["meta"], "plan", broken)
    assert book.worker("meta").work() == {"accepted": 2, "rejected": 1}
    assert ("rejected", "unusable: OverflowError") in book.states()


def test_an_answer_that_nobody_foresaw_may_mean_that_it_arrived(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    book.add(lead(), to=("meta",))

    def odd(*_: object, **__: object) -> None:
        raise KeyError("Index")

    monkeypatch.setattr(book.destinations["meta"], "send", odd)
    assert book.worker("meta").work() == {"retry": 1}
    [row] = book.rows()
    assert (row["code"], row["attempts"]) == ("KeyError", 1)
    assert row["quiet_until"] > row["updated_at"]


def test_what_passes_only_to_be_learned_from_is_not_told(book: Ledger) -> None:
    told = book.only("google").rows(lead(), {**SCORE, "verdict": "accept"}, datetime.now(UTC), "reject")
    assert "export_events" not in told


def test_a_slow_pace_is_waited_for(store_url: str, tmp_path: Path) -> None:
    with ledger_at(store_url, tmp_path, meta={"requests_per_minute": 60}) as book:
        gate = book.worker("meta").gate
        began = time.monotonic()
        assert all(gate.leave() for _ in range(12))  # ten seconds may run ahead
        assert time.monotonic() - began > 0.5
        gate.close("190")
        assert not gate.leave()
