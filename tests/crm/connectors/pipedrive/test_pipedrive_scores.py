"""Scores written to Pipedrive: one record a request, refusals, converted leads, and what a run may spend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.connectors.pipedrive.connector import PipedriveConnector
from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_scores import SCOPE
from crm.mirror_sync import MirrorSync, crm_cipher
from crm.score_writer import WriteBackCounts, write_pending
from leadworth.crm_records import RecordState, ScoreRow
from leadworth.http_errors import UnauthorisedError
from leadworth.settings import Settings
from store import crm_scores
from store.crm_mirror import CrmMirror
from store.engine import open_engine
from store.migrate import upgrade
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, seed

SCORED = {
    "lw_win_probability": 0.1234,
    "lw_expected_revenue": 20_000.0,
    "lw_predicted_value": 2_468.0,
    "lw_currency": "EUR",
    "lw_junk_probability": 0.01,
    "lw_band": "B",
    "lw_verdict": "accept",
    "lw_reasons": "Large company; asked for a demo",
    "lw_model": "leadworth 7",
    "lw_scored_at": "2026-11-28T02:00:00+00:00",
}
BAND = {"lw_band": "A"}


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def connector(peer: PipedrivePeer) -> Iterator[PipedriveConnector]:
    with connected(peer) as connector:
        connector.create_score_fields("leads")
        yield connector


@pytest.mark.parametrize("name", ["leads", "deals"])
def test_only_score_fields_change_and_read_back_as_written(
    peer: PipedrivePeer, connector: PipedriveConnector, name: str
) -> None:
    keys = seed(peer, 3, name)
    before = connector.requests
    connector.write(name, [ScoreRow(key, SCORED) for key in keys[:1]])
    connector.write(name, [ScoreRow(key, SCORED) for key in keys[1:]])
    assert connector.requests - before <= 4  # one of them reads the keys
    record = connector.read(name, keys[:1], [*SCORED, "title"])[0]
    assert record.values == {**SCORED, "title": "n0"}
    own = {item["field_code"] for item in peer.fields.custom.values()}
    assert {field for write in peer.account.writes for field in write.values} == own
    assert [write.record_id for write in peer.account.writes] == keys


def test_a_result_has_the_time_of_the_write_and_an_empty_value_clears(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    (key,) = seed(peer, 1)
    connector.write("leads", [ScoreRow(key, SCORED)])
    (result,) = connector.write("leads", [ScoreRow(key, {**SCORED, "lw_band": "", "lw_expected_revenue": None})])
    record = connector.read("leads", [key], ["lw_band", "lw_expected_revenue", "lw_model"])[0]
    assert result.modified_at == record.modified_at
    assert record.values == {"lw_band": None, "lw_expected_revenue": None, "lw_model": "leadworth 7"}


def test_no_other_field_can_be_written(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    (key,) = seed(peer, 1)
    with pytest.raises(ValueError, match="owner_id"):
        connector.write("leads", [ScoreRow(key, {"owner_id": 5})])
    assert peer.account.writes == []


def test_the_score_of_a_converted_lead_goes_to_its_deal(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    lead, gone = seed(peer, 2)
    deal = peer.account.convert(lead, {"stage": "1"})
    peer.account.delete("leads", gone)
    results = connector.write("leads", [ScoreRow(lead, BAND), ScoreRow(gone, BAND)])
    assert [(result.record_id, result.reason) for result in results] == [(lead, ""), (gone, "NOT_FOUND")]
    assert [(write.object, write.record_id) for write in peer.account.writes] == [("deals", deal)]
    assert connector.read("leads", [lead], ["lw_band"])[0].values == BAND


def test_a_deal_that_is_known_takes_one_request(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    lead, other = seed(peer, 2)
    deal, gone = (peer.account.convert(key, {"stage": "1"}) for key in (lead, other))
    peer.account.delete("deals", gone)
    connector.write("leads", [ScoreRow(seed(peer, 1)[0], BAND)])  # reads the keys
    before = connector.requests
    results = connector.write("leads", [ScoreRow(lead, BAND, deal), ScoreRow(other, BAND, gone)])
    assert [(result.record_id, result.reason) for result in results] == [(lead, ""), (other, "NOT_FOUND")]
    assert connector.requests - before == 2
    assert (peer.account.writes[-1].object, peer.account.writes[-1].record_id) == ("deals", deal)


def test_refused_rows_cost_no_other_row(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    first, refused, faulty, last = seed(peer, 4)
    peer.refusals[refused] = (403, "forbidden")
    rows = [
        ScoreRow(first, BAND),
        ScoreRow(refused, BAND),
        ScoreRow(faulty, {"lw_band": "Z"}),
        ScoreRow(last, BAND),
    ]
    results = connector.write("leads", rows)
    assert [result.reason for result in results] == ["", "HTTP 403 forbidden", "INVALID_OPTION lw_band", ""]
    assert [write.record_id for write in peer.account.writes] == [first, last]


def test_a_token_without_the_right_to_write_stops_the_write(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    (key,) = seed(peer, 1)
    peer.refusals[key] = (403, SCOPE)
    with pytest.raises(UnauthorisedError, match="Scope and URL mismatch"):
        connector.write("leads", [ScoreRow(key, BAND)])


def test_a_field_that_was_created_again_gets_its_new_key(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    (key,) = seed(peer, 1)
    connector.write("leads", [ScoreRow(key, BAND)])
    peer.fields.remove("leadworth band")
    assert connector.write("leads", [ScoreRow(key, BAND)])[0].reason == "NO_FIELD lw_band"
    with connected(peer) as other:
        other.create_score_fields("leads")
    assert connector.write("leads", [ScoreRow(key, BAND)])[0].reason == ""
    assert len({field for write in peer.account.writes for field in write.values}) == 2


def test_a_write_back_ends_with_the_share_of_the_day_and_goes_on_the_next(tmp_path: Path) -> None:
    peer = quick_peer()
    keys = seed(peer, 30)
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        crm_scores.want(
            connection, "pipedrive", "leads", [ScoreRow(key, BAND) for key in keys], peer.account.clock.now()
        )
    with connected(peer) as connector:
        connector.create_score_fields("leads")
    runs = []
    peer.limits.daily = 1_000
    for _ in range(4):
        counts = WriteBackCounts()
        with connected(peer, quota_share=0.12) as connector:
            write_pending(connector, engine, "leads", peer.account.clock.now, counts)
        runs.append((counts.written, counts.waiting, bool(counts.stopped)))
    engine.dispose()
    assert runs == [(11, 19, True), (11, 8, True), (8, 0, False), (0, 0, False)]
    assert sorted(write.record_id for write in peer.account.writes) == sorted(keys)


def test_a_lead_that_is_gone_makes_the_next_sync_look_for_all_that_are(tmp_path: Path) -> None:
    peer = quick_peer()
    kept, gone, also_gone = seed(peer, 3)
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    settings = Settings(currency="EUR", leads={}, secret="s" * 32, folder=tmp_path)
    with connected(peer) as connector:
        connector.create_score_fields("leads")

        def sync() -> dict[RecordState, int]:
            peer.account.clock.advance(minutes=20)
            MirrorSync(engine, connector, settings, clock=peer.account.clock.now).run()
            with engine.connect() as connection:
                return CrmMirror(connection, "pipedrive", crm_cipher(settings)).counts()["leads"]

        sync()
        for key in (gone, also_gone):
            peer.account.delete("leads", key)
        assert sync() == {RecordState.LIVE: 3}  # Pipedrive does not say it
        with engine.begin() as connection:
            rows = [ScoreRow(key, BAND) for key in (kept, gone)]
            crm_scores.want(connection, "pipedrive", "leads", rows, peer.account.clock.now())
        write_pending(connector, engine, "leads", peer.account.clock.now, WriteBackCounts())
        assert sync() == {RecordState.LIVE: 1, RecordState.DELETED: 2}
    engine.dispose()
