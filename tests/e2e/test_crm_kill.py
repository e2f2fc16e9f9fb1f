"""`leadworth crm sync` and `leadworth rescore` as processes that are killed at random moments: nothing is lost.

`LEADWORTH_KILL_ROUNDS` is the number of kills of each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.connectors.hubspot.peer import HubSpotPeer
from crm.crm_connection import open_connector
from crm.sandbox.peer_account import PeerAccount, PeerClock
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_catalog import crms
from leadworth.crm_records import RecordLink
from leadworth.peer_server import serve_peer
from leadworth.settings import Settings, load_settings
from store import crm_scores
from store.crm_scores import ScoreState
from store.engine import open_engine, store_url
from store.mirror_scope import PRESENT
from tests.crm.mirror_truth import Seen, known_part, mirror_of, truth_of

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("LEADWORTH_KILL_ROUNDS", "3"))
LEADS = 250
OURS = {field.name for field in SCORE_FIELDS}
READ = ("email", "company", "numemployees", "hs_lead_status", "dealstage", "name")
NIGHTLY = ("rescore", "--no-export", "--bundle")
TOML = """
currency = "EUR"
secret = "{secret}"
[leads]
path = "crm:hubspot"
submitted_at = "created_at"
columns = {{ email = "email", company = "company", employees = "numemployees" }}
[outcomes]
path = "crm:hubspot"
lead_id = "lead_id"
deal_id = "deal_id"
stage = "stage"
stage_at = "stage_at"
won = "won"
won_at = "won_at"
lost = "lost"
lost_at = "lost_at"
revenue = "revenue"
[crm.hubspot]
{section}
"""


@dataclass
class Account:
    """A HubSpot account in which people work while runs are killed."""

    peer: HubSpotPeer
    folder: Path
    settings: Settings
    bundle: Path
    draw: random.Random
    leads: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)

    def add(self, number: int) -> None:
        account = self.peer.account
        for _ in range(number):
            name = f"p{len(self.leads)}"
            values = {"email": f"{name}@c{len(self.leads) // 3}.example", "company": name, "numemployees": "20"}
            self.leads.append(account.create("contacts", values))
            if self.draw.random() < 0.4:
                self.deals.append(account.create("deals", {"dealstage": "qualifiedtobuy", "amount": "900"}))
                account.link("deals", self.deals[-1], RecordLink("contacts", self.leads[-1]))

    def people_work(self) -> None:
        """New leads, edits, closed deals, a deletion and a merge."""
        account = self.peer.account
        self.add(8)
        for lead in self.draw.sample(self.leads, 30):
            account.edit("contacts", lead, {"numemployees": str(self.draw.randrange(1, 5_000))})
        for deal in self.draw.sample(self.deals, 3):
            account.edit("deals", deal, {"dealstage": self.draw.choice(("closedwon", "closedlost"))})
        gone, kept, lost = (self.leads.pop(self.draw.randrange(len(self.leads))) for _ in range(3))
        account.delete("contacts", gone)
        account.merge("contacts", kept, lost)
        self.leads.append(kept)

    def start(self, *command: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-m", "leadworth", *command, "-c", str(self.folder / "leadworth.toml")]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(arguments, text=True, env=os.environ | {"COLUMNS": "200"}, **output)

    def run(self, *command: str) -> tuple[str, int]:
        """Run a command to its end; return its last line and the number of its requests."""
        before = self.peer.requests
        process = self.start(*command)
        printed, _ = process.communicate(timeout=600)
        assert process.returncode == 0, printed
        return printed.strip().splitlines()[-1], self.peer.requests - before

    def kill(self, requests: int, *command: str) -> bool:
        """Kill a command after a number of requests and some milliseconds; return whether it was still running."""
        before = self.peer.requests
        process = self.start(*command)
        while process.poll() is None and self.peer.requests - before < requests:
            time.sleep(0.002)
        time.sleep(self.draw.random() * 0.1)
        alive = process.poll() is None
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate(timeout=60)
        return alive


@pytest.fixture
def account(tmp_path: Path, bundles: Path) -> Iterator[Account]:
    with made(tmp_path, bundles / "1", random.Random(int(os.environ.get("LEADWORTH_KILL_SEED", "11")))) as found:
        yield found


@contextmanager
def made(folder: Path, bundle: Path, draw: random.Random) -> Iterator[Account]:
    # What people do is just old enough for the window of the next run, which ends where the search index is complete.
    peer = HubSpotPeer(PeerAccount(PeerClock(-timedelta(seconds=crms()["hubspot"].search_lag_seconds + 1))))
    peer.limits.searches = peer.limits.ten_seconds = 1_000_000
    with serve_peer(peer) as address:
        section = {**peer.settings(address), "searches_per_second": "1000"}
        numbers = {"searches_per_second"}
        lines = [f"{name} = {value}" if name in numbers else f'{name} = "{value}"' for name, value in section.items()]
        (folder / "leadworth.toml").write_text(TOML.format(secret="s" * 32, section="\n".join(lines)))
        settings = load_settings(folder / "leadworth.toml")
        with open_connector(settings, "hubspot") as connector:
            connector.create_score_fields("contacts")
        found = Account(peer, folder, settings, bundle, draw)
        found.add(LEADS)
        yield found


def test_a_sync_that_is_killed_again_and_again_loses_nothing(account: Account) -> None:
    _, whole = account.run("crm", "sync", "hubspot")
    killed = 0
    for _ in range(ROUNDS):
        account.people_work()
        killed += account.kill(account.draw.randrange(1, whole + 1), "crm", "sync", "hubspot")
    assert killed
    account.run("crm", "sync", "hubspot")
    check_mirror(account)
    line, _ = account.run("crm", "sync", "hubspot")
    assert ", 0 rows stored, " in line


def test_a_nightly_run_that_is_killed_again_and_again_writes_each_score(account: Account) -> None:
    command = (*NIGHTLY, str(account.bundle))
    _, whole = account.run(*command)
    killed = 0
    for _ in range(ROUNDS):
        account.people_work()
        killed += account.kill(account.draw.randrange(1, whole + 1), *command)
    assert killed
    account.run(*command)
    check_mirror(account)
    check_scores(account)
    writes = len(account.peer.account.writes)
    line, _ = account.run(*command)
    assert "0 written" in line
    assert len(account.peer.account.writes) == writes
    line, _ = account.run("crm", "sync", "hubspot")
    assert ", 0 rows stored, " in line


def check_mirror(account: Account) -> None:
    """The mirror holds what the account holds."""
    engine = open_engine(store_url(account.settings))
    with open_connector(account.settings, "hubspot") as connector:
        mirror = mirror_of(engine, connector, account.settings, READ)
        truth = known_part(truth_of(account.peer.account, connector, READ), mirror)
    engine.dispose()
    different = {
        (name, key): (mirror[name].get(key), truth[name].get(key))
        for name in truth
        for key in {*truth[name], *mirror[name]}
        if without_gone(mirror[name].get(key), truth) != without_gone(truth[name].get(key), truth)
    }
    assert not different


def without_gone(entry: dict[str, Any] | None, truth: Seen) -> dict[str, Any] | None:
    """Return an entry without associations with records that are gone, which HubSpot does not show."""
    if entry is None or "links" not in entry:
        return entry
    kept = {link for link in entry["links"] if truth[link.to_object].get(link.to_id, {}).get("state") in PRESENT}
    return {**entry, "links": kept}


def check_scores(account: Account) -> None:
    """The account holds the scores that are recorded as written, nothing waits, and no other field was touched."""
    engine = open_engine(store_url(account.settings))
    with engine.connect() as connection:
        assert set(crm_scores.counts(connection, "hubspot")) == {ScoreState.WRITTEN}
        parts = list(crm_scores.scan(connection, "hubspot", "contacts", ScoreState.WRITTEN))
    engine.dispose()
    assert len({row.record_id for part in parts for row in part}) > LEADS / 2
    for row in (row for part in parts for row in part):
        held = account.peer.account.of("contacts")[row.record_id].values
        assert row.written is not None
        assert str(held["lw_band"]) == str(row.written["lw_band"])
        assert float(str(held["lw_win_probability"])) == pytest.approx(float(str(row.written["lw_win_probability"])))
    assert {name for write in account.peer.account.writes for name in write.values} <= OURS
