"""Erasure of a person from the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from conversions.conversion_event import EventKind
from conversions.erasure import PlatformErasure, erase_events
from store import erasures
from store.schema import export_events
from store.timestamps import stamp
from tests.conversions.export_setup import ExportSetup, lead


def erase(export: ExportSetup, *leads: str) -> PlatformErasure:
    with export.engine.begin() as connection:
        return erase_events(connection, leads, export.destinations, export.writer.cipher, datetime.now(UTC))


def test_events_are_withdrawn_or_retracted_and_anonymous(export: ExportSetup) -> None:
    retracting = ("google_ads", "microsoft", "google")
    export.add(lead(1), to=retracting)
    for name in retracting:
        export.worker(name).work()
    export.add(lead(2), to=("meta", "linkedin"))
    export.worker("linkedin").work()
    result = erase(export, "L1", "L2")
    assert result.withdrawn == 1
    assert result.anonymised == 5
    assert result.retractions == dict.fromkeys(retracting, 1)
    assert result.not_retractable == {"linkedin": 1}
    for name in retracting:
        export.make_due()
        assert export.worker(name).work() == {"accepted": 1}
    assert [values[-1] for values in export.sandbox.of("google_ads").values.values()] == [None]
    assert [values[-1] for values in export.sandbox.of("microsoft").values.values()] == [None]
    assert [values[-1] for values in export.sandbox.of("google").values.values()] == [0.0]
    rows = export.rows()
    assert {row["payload"] for row in rows} == {None}
    assert len({row["lead_id"] for row in rows}) == 2
    assert all(row["lead_id"].startswith("erased-") for row in rows)


def test_event_in_doubt_is_retracted(export: ExportSetup) -> None:
    export.add(lead(), to=("google_ads",))
    with export.engine.begin() as connection:
        at = stamp(datetime.now(UTC) - timedelta(minutes=1))
        connection.execute(update(export_events).values(state="retry", first_sent_at=at, in_doubt_until=at))
    result = erase(export, "L1")
    assert (result.withdrawn, result.retractions) == (0, {"google_ads": 1})
    assert sorted(export.states()) == [("pending", ""), ("uncertain", "erased")]
    export.make_due()
    assert export.worker("google_ads").work().total() == 1


def test_waiting_retraction_keeps_only_click_ids(export: ExportSetup) -> None:
    export.add(lead(), to=("google_ads",))
    export.worker("google_ads").work()
    export.restate("0.00", EventKind.RETRACTION)
    result = erase(export, "L1")
    assert (result.withdrawn, result.retractions) == (0, {})
    payload = export.rows()[-1]["payload"]
    assert export.writer.cipher.decrypt(payload) == {"identity": {"gclid": "Cj0KCQ1", "region": "DE"}}
    export.make_due()
    assert export.worker("google_ads").work() == {"accepted": 1}


def test_later_event_of_an_erased_lead_is_suppressed(export: ExportSetup) -> None:
    digest = export.writer.cipher.lead_digest("L1")
    with export.engine.begin() as connection:
        erasures.add(connection, "e1", [("lead", digest)], "{}", datetime.now(UTC))
    export.add(lead(), to=("meta",))
    assert export.worker("meta").work() == {"suppressed": 1}
    assert export.states()[-1] == ("suppressed", "erased")
