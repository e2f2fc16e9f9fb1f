"""Every CRM connector, found in its folder, against its peer over HTTP: what a mirror at rest must show."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import mirror_sync
from crm.crm_http import QuotaReachedError
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import RecordLink, RecordState, ScoreRow
from leadworth.http_errors import UnauthorisedError
from store import crm_scores
from store.crm_runs import RunResult
from tests.crm.connector_bench import ROLES, ConnectorBench, connector_bench, names

pytestmark = pytest.mark.skipif(not names(), reason="no connector is installed")
each_crm = pytest.mark.parametrize("name", names())
numbers = st.integers(0, 99)
ACTIONS = ("create", "deal", "edit", "stage", "delete", "restore", "merge", "link", "unlink", "wait", "sync", "kill")
steps = st.lists(st.tuples(st.sampled_from(ACTIONS), numbers, numbers), min_size=6, max_size=14)
folders = itertools.count()


@pytest.fixture(autouse=True)
def _main_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read leads, deals and companies only: the other objects are read in the same way."""
    every = mirror_sync.objects_read

    def main(info: object, lead_object: str) -> tuple[str, ...]:
        found = every(info, lead_object)  # type: ignore[arg-type]
        return tuple(item for item in found if item == lead_object or info.objects[item].role in ROLES)  # type: ignore[attr-defined]

    monkeypatch.setattr(mirror_sync, "objects_read", main)


@pytest.fixture
def bench(name: str, tmp_path: Path) -> Iterator[ConnectorBench]:
    with connector_bench(name, tmp_path) as made:
        yield made


class People:
    """What people and time do to an account, by numbers that hypothesis draws."""

    def __init__(self, bench: ConnectorBench) -> None:
        self.bench = bench
        self.account = bench.account

    def do(self, action: str, first: int, second: int) -> None:
        getattr(self, action)(first, second)
        self.account.clock.advance(seconds=1 + first % 3)

    def create(self, first: int, second: int) -> None:
        columns = self.bench.connector.info.columns
        values = {columns["email"]: f"p{first}@example.org", columns["company"]: f"Company {second}"}
        self.account.create(self.bench.lead, values)

    def deal(self, first: int, second: int) -> None:
        deal = self.bench.connector.info.deal
        stages = self.bench.stages
        self.account.create(self.bench.deal, {deal.stage: stages[first % len(stages)], deal.amount: float(second)})

    def edit(self, first: int, second: int) -> None:
        if (key := self._of(self.bench.lead, first)) is not None:
            company = self.bench.connector.info.columns["company"]
            self.account.edit(self.bench.lead, key, {company: f"Company {second}"})

    def stage(self, first: int, second: int) -> None:
        if (key := self._of(self.bench.deal, first)) is not None:
            stages = self.bench.stages
            deal = self.bench.connector.info.deal
            self.account.edit(self.bench.deal, key, {deal.stage: stages[second % len(stages)]})

    def delete(self, first: int, second: int) -> None:
        if (key := self._of(self.bench.lead, first)) is not None:
            self.account.delete(self.bench.lead, key)

    def restore(self, first: int, second: int) -> None:
        if (key := self._of(self.bench.lead, first, RecordState.DELETED)) is not None:
            self.account.restore(self.bench.lead, key)

    def merge(self, first: int, second: int) -> None:
        survivor, absorbed = self._of(self.bench.lead, first), self._of(self.bench.lead, second)
        if survivor is not None and absorbed is not None and survivor != absorbed:
            self.account.merge(self.bench.lead, survivor, absorbed)

    def link(self, first: int, second: int) -> None:
        if (pair := self._pair(first, second)) is not None:
            self.account.link(pair[0], pair[1], pair[2])

    def unlink(self, first: int, second: int) -> None:
        if (pair := self._pair(first, second)) is not None:
            for link in list(self.account.of(pair[0])[pair[1]].links):
                if (link.to_object, link.to_id) == (pair[2].to_object, pair[2].to_id):
                    self.account.unlink(pair[0], pair[1], link)

    def wait(self, first: int, second: int) -> None:
        self.account.clock.advance(minutes=1 + first)

    def sync(self, first: int, second: int) -> None:
        self.bench.sync()

    def kill(self, first: int, second: int) -> None:
        self.bench.sync(kill_after=first)

    def _pair(self, first: int, second: int) -> tuple[str, str, RecordLink] | None:
        """Return a record and another that the CRM may associate with it."""
        info = self.bench.connector.info
        objects = [
            (name, other)
            for name in (self.bench.lead, self.bench.deal)
            for other in info.objects[name].links
            if other in (self.bench.lead, self.bench.deal) and name in info.objects[other].links
        ]
        if not objects:
            return None
        name, other = objects[first % len(objects)]
        key, to = self._of(name, first), self._of(other, second)
        return None if key is None or to is None else (name, key, RecordLink(other, to))

    def _of(self, name: str, number: int, state: RecordState = RecordState.LIVE) -> str | None:
        keys = sorted(key for key, record in self.account.of(name).items() if record.state is state)
        return keys[number % len(keys)] if keys else None


def play(name: str, folder: Path, actions: list[tuple[str, int, int]], faults: float) -> None:
    """Let people work while the mirror is synchronised and killed; then compare."""
    place = folder / str(next(folders))
    place.mkdir()
    with connector_bench(name, place, faults=faults, seed=len(actions)) as bench:
        people = People(bench)
        for action, first, second in actions:
            people.do(action, first, second)
        report = bench.rest()
        assert report.result is RunResult.COMPLETE, report.message
        bench.check()
        last = bench.sync()
        assert last is not None
        assert last.written == 0, last.rows


@each_crm
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions=steps)
def test_the_mirror_at_rest_equals_the_account(name: str, tmp_path: Path, actions: list[tuple[str, int, int]]) -> None:
    play(name, tmp_path, actions, faults=0.2)


@pytest.mark.slow
@each_crm
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions=st.lists(st.tuples(st.sampled_from(ACTIONS), numbers, numbers), min_size=10, max_size=60))
def test_the_mirror_at_rest_equals_the_account_after_long_work(
    name: str, tmp_path: Path, actions: list[tuple[str, int, int]]
) -> None:
    play(name, tmp_path, actions, faults=0.2)


@each_crm
def test_records_that_share_one_time_are_all_read_and_then_none_again(bench: ConnectorBench) -> None:
    people = People(bench)
    people.create(0, 0)
    bench.account.clock.advance(hours=1)
    assert bench.sync() is not None
    at = bench.account.clock.now()
    email = bench.connector.info.columns["email"]
    for number in range(450):
        bench.account.create(bench.lead, {email: f"p{number}@example.org"}, at=at)
    bench.account.clock.advance(hours=1)
    report = bench.sync()
    assert report is not None
    assert report.rows[bench.lead].new == 450
    bench.check()
    again = bench.sync()
    assert again is not None
    assert again.written == 0


@each_crm
def test_a_record_that_commits_late_is_found_within_the_lookback(bench: ConnectorBench) -> None:
    People(bench).create(0, 0)
    bench.account.clock.advance(hours=1)
    bench.sync()
    bench.account.clock.advance(hours=1)
    bench.sync()
    lag = timedelta(seconds=bench.connector.info.search_lag_seconds)
    late = (
        bench.account.clock.now() - lag - timedelta(minutes=bench.settings.crm.section(bench.name).lookback_minutes - 1)
    )
    bench.account.create(bench.lead, {bench.connector.info.columns["email"]: "late@example.org"}, at=late)
    bench.account.clock.advance(minutes=1)
    bench.sync()
    bench.check()


@each_crm
def test_a_field_that_vanishes_and_one_that_comes_back_cost_no_record(bench: ConnectorBench) -> None:
    people = People(bench)
    for number in range(3):
        people.create(number, number)
    bench.rest()
    field = bench.connector.info.columns["company"]
    bench.fields -= {field}
    with bench.without_field(bench.lead, field):
        people.create(7, 7)
        bench.account.clock.advance(hours=1)
        report = bench.sync()
        assert report is not None
        assert f"{bench.lead}: the field {field} vanished; the run goes on without it" in report.warnings
        bench.check()
    bench.fields |= {field}
    report = bench.sync()
    assert report is not None
    assert any("all records are read again" in warning for warning in report.warnings)
    bench.check()


@each_crm
def test_our_own_scores_are_no_new_version_of_a_lead(bench: ConnectorBench) -> None:
    for number in range(3):
        People(bench).create(number, number)
    bench.rest()
    bench.connector.create_score_fields(bench.lead)
    bench.sync()
    known = {key: bench.known_at(key) for key in bench.account.of(bench.lead)}
    bench.connector.write(bench.lead, [ScoreRow(key, {"lw_win_probability": 0.25, "lw_band": "C"}) for key in known])
    bench.account.clock.advance(hours=1)
    report = bench.sync()
    assert report is not None
    rows = report.rows[bench.lead]
    assert (rows.new, rows.changed, rows.changes, rows.links) == (0, 0, 0, 0)
    assert {key: bench.known_at(key) for key in known} == known
    again = bench.sync()
    assert again is not None
    assert again.written == 0


@each_crm
def test_scores_that_a_person_edits_are_found_and_only_those(bench: ConnectorBench) -> None:
    for number in range(4):
        People(bench).create(number, number)
    bench.rest()
    bench.connector.create_score_fields(bench.lead)
    leads = list(bench.account.of(bench.lead))
    rows = [ScoreRow(key, {"lw_win_probability": 0.25, "lw_band": "C"}) for key in leads]
    with bench.engine.begin() as connection:
        now = bench.account.clock.now()
        crm_scores.want(connection, bench.name, bench.lead, rows, now)
        results = bench.connector.write(bench.lead, rows)
        crm_scores.note_results(connection, bench.name, bench.lead, rows, results, now)
    bench.account.clock.advance(hours=1)
    bench.sync()
    edited, cleared, touched, _ = leads
    by_others = [
        ScoreRow(edited, {"lw_win_probability": 0.25, "lw_band": "A"}),
        ScoreRow(cleared, {"lw_win_probability": None, "lw_band": "C"}),
    ]
    bench.connector.write(bench.lead, by_others)
    for row in by_others:
        bench.account.edit(bench.lead, row.record_id, {})  # the last change is a person's
    bench.account.edit(bench.lead, touched, {bench.connector.info.columns["company"]: "Plant"})
    bench.account.clock.advance(hours=1)
    bench.sync()
    with bench.engine.connect() as connection:
        known = crm_scores.of_records(connection, bench.name, bench.lead, leads)
    assert {key for key in leads if known[key].written is None} == {edited, cleared}


@each_crm
def test_a_quota_that_is_used_up_ends_the_run_and_the_next_goes_on(
    bench: ConnectorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        People(bench).create(number, number)
    bench.account.clock.advance(hours=1)
    read = bench.connector.pages

    def exhausted(*_arguments: object) -> Iterator[object]:
        yield from read(*_arguments)  # type: ignore[arg-type]
        raise QuotaReachedError("5 of 5")

    with monkeypatch.context() as patch:
        patch.setattr(bench.connector, "pages", exhausted)
        report = bench.sync()
    assert report is not None
    assert (report.result, report.rows[bench.lead].new) == (RunResult.UNFINISHED, 5)
    assert "run again later" in report.message
    report = bench.sync()
    assert report is not None
    assert (report.result, report.rows[bench.lead].new) == (RunResult.COMPLETE, 0)
    bench.check()


@each_crm
def test_refused_credentials_end_the_run_with_a_clear_error(name: str, tmp_path: Path) -> None:
    from importlib import import_module

    from leadworth.http_client import HttpClient
    from leadworth.peer_server import serve_peer
    from leadworth.settings import Settings
    from tests.crm.connector_bench import peer_of

    peer = peer_of(name)
    with serve_peer(peer) as address:
        values = dict(peer.settings(address))
        base = Settings(currency="EUR", leads={}, crm={name: values})
        secret = base.crm.section(name).required_secrets[0]
        section = Settings(currency="EUR", leads={}, crm={name: {**values, secret: "wrong"}}).crm.section(name)
        connect: Callable[..., object] = import_module(f"crm.connectors.{name}.connector").connect
        connector = connect(section, HttpClient(10.0), "EUR")
        with pytest.raises(Exception, match=r"\w") as caught:
            connector.stages()  # type: ignore[attr-defined]
        connector.close()  # type: ignore[attr-defined]
    assert isinstance(caught.value, UnauthorisedError) or "secret" in str(caught.value) or "key" in str(caught.value)


def test_the_catalog_of_each_crm_says_what_the_mirror_needs() -> None:
    for name, info in crms().items():
        assert set(info.lead_objects) <= set(info.objects), name
        assert {"email", "company"} <= set(info.columns), name
        assert any(item.role is ObjectRole.COMPANY for item in info.objects.values()), name
