"""The mirror of a Pipedrive account in which leads become deals: no lead is lost, and wins belong to their leads."""

from __future__ import annotations

import itertools
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import mirror_sync
from crm.mirror_outcomes import outcome_rows
from crm.mirror_sync import crm_cipher
from crm.sandbox.peer_account import PeerRecord
from leadworth.crm_records import RecordState, ScoreRow
from store import crm_field_lists
from store.crm_mirror import CrmMirror
from store.crm_runs import RunResult
from tests.crm.connector_bench import ConnectorBench, connector_bench

ACTIONS = (
    "create",
    "convert",
    "move",
    "archive lead",
    "archive deal",
    "bring back",
    "delete",
    "choose",
    "sync",
    "kill",
)
numbers = st.integers(0, 30)
folders = itertools.count()


@pytest.fixture(autouse=True)
def _main_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read leads, deals and organizations only: the other objects are read in the same way."""
    monkeypatch.setattr(mirror_sync, "objects_read", lambda *_: ("leads", "deals", "organizations"))


def one_of(bench: ConnectorBench, name: str, state: RecordState, number: int) -> str | None:
    """Return a record that is not a converted lead."""
    records: dict[str, PeerRecord] = bench.account.of(name)
    converted: set[str] = bench.peer.account.converted  # type: ignore[attr-defined]
    keys = sorted(key for key, record in records.items() if record.state is state and key not in converted)
    return keys[number % len(keys)] if keys else None


def act(bench: ConnectorBench, action: str, first: int, second: int) -> None:
    """Do what people do."""
    account = bench.peer.account
    lead, deal = one_of(bench, "leads", RecordState.LIVE, first), one_of(bench, "deals", RecordState.LIVE, first)
    back = [(name, one_of(bench, name, RecordState.ARCHIVED, first)) for name in ("leads", "deals")][second % 2]
    if action == "create":
        values = {"person_email": f"p{first}@example.org", "organization_name": f"Company {second % 4}"}
        account.create("leads", values)
    elif action == "convert" and lead:
        account.convert(lead, {"stage": "1", "value": float(second)})  # type: ignore[attr-defined]
    elif action == "move" and deal:
        account.edit("deals", deal, {"stage": ("2", "3", "won", "lost")[second % 4]})
    elif action == "archive lead" and lead:
        account.archive("leads", lead)  # type: ignore[attr-defined]
    elif action == "archive deal" and deal:
        account.archive("deals", deal)  # type: ignore[attr-defined]
    elif action == "bring back" and back[1]:
        account.archive(*back, archived=False)  # type: ignore[attr-defined]
    elif action == "delete" and lead:
        account.delete("leads", lead)
    elif action == "choose" and lead:
        account.edit("leads", lead, {"organization_name": f"Company {second % 4}"})
    elif action == "sync":
        bench.sync()
    elif action == "kill":
        bench.sync(kill_after=second)
    account.clock.advance(seconds=1 + second)


def play(folder: Path, actions: list[tuple[str, int, int]]) -> None:
    """Let people work while the mirror is synchronised and killed; then compare."""
    place = folder / str(next(folders))
    place.mkdir()
    with connector_bench("pipedrive", place, faults=0.1, seed=len(actions)) as bench:
        for action, first, second in actions:
            act(bench, action, first, second)
        report = bench.rest()
        assert report.result is RunResult.COMPLETE, report.message
        bench.check()


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions=st.lists(st.tuples(st.sampled_from(ACTIONS), numbers, numbers), min_size=15, max_size=25))
def test_the_mirror_at_rest_equals_the_account(tmp_path: Path, actions: list[tuple[str, int, int]]) -> None:
    play(tmp_path, actions)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions=st.lists(st.tuples(st.sampled_from(ACTIONS), numbers, numbers), min_size=15, max_size=60))
def test_the_mirror_at_rest_equals_the_account_after_long_work(
    tmp_path: Path, actions: list[tuple[str, int, int]]
) -> None:
    play(tmp_path, actions)


def test_a_win_belongs_to_the_lead_that_was_converted(tmp_path: Path) -> None:
    with connector_bench("pipedrive", tmp_path) as bench:
        account = bench.peer.account
        values = {"person_email": "ada@example.org", "organization_name": "Engines Ltd"}
        known = account.create("leads", values)
        before = account.create("leads", values)
        account.convert(before, {"stage": "1"})  # type: ignore[attr-defined]
        account.clock.advance(hours=1)
        bench.sync()
        deal = account.convert(known, {"stage": "1", "value": 500.0, "currency": "SEK"})  # type: ignore[attr-defined]
        for stage in ("2", "1", "won"):
            account.clock.advance(hours=1)
            account.edit("deals", deal, {"stage": stage})
        won = account.clock.now().replace(microsecond=0)
        account.clock.advance(days=8)
        bench.sync()
        info = bench.connector.info
        with bench.engine.connect() as connection:
            mirror = CrmMirror(connection, "pipedrive", crm_cipher(bench.settings))
            stages = {name: crm_field_lists.stages_of(connection, "pipedrive", name) for name in ("leads", "deals")}
            rows = [row for part in outcome_rows(mirror, info, "leads", stages, UTC) for row in part]
            present = mirror.ids("leads")
    assert present == {known, before}
    assert {row["lead_id"] for row in rows} == {known, before}
    path = [(row["stage"], row["won"], row["revenue"], row["currency"]) for row in rows if row["lead_id"] == known]
    assert [stage for stage, *_ in path] == ["Qualified", "Contact made", "Qualified", "Won"]
    assert path[-1] == ("Won", "true", "500", "SEK")
    (wins,) = [row["won_at"] for row in rows if row["won_at"]]
    assert wins == won.isoformat()
    (account_id,) = {row["account"] for row in rows}
    assert account_id in account.of("organizations")


def test_after_our_own_writes_only_the_leads_are_read_again(tmp_path: Path) -> None:
    with connector_bench("pipedrive", tmp_path) as bench:
        account = bench.peer.account
        bench.connector.create_score_fields("leads")
        leads = [account.create("leads", {"person_email": f"p{number}@example.org"}) for number in range(5)]
        account.clock.advance(hours=1)
        bench.sync()
        account.clock.advance(hours=1)
        idle = bench.connector.requests
        bench.sync()
        idle = bench.connector.requests - idle
        bench.connector.write("leads", [ScoreRow(key, {"lw_band": "A"}) for key in leads])
        account.clock.advance(hours=1)
        before = bench.connector.requests
        report = bench.sync()
        assert report is not None
        assert (report.rows["leads"].touched, report.rows["leads"].changed) == (5, 0)
        assert bench.connector.requests - before == idle
        account.edit("leads", leads[0], {"person_email": "another@example.org"})
        account.clock.advance(hours=1)
        bench.sync()
        assert bench.mirror()["leads"][leads[0]]["values"]["person_email"] == "another@example.org"
        bench.check()
