"""`leadworth export plan` on leads of one account: its deal is expected once, and its revenue is sent once."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from conversions import export_command
from conversions.sandbox.peer_servers import Sandbox, variables
from crm import crm_command
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.sandbox.peer_account import PeerAccount, PeerClock
from leadworth.crm_catalog import crms
from leadworth.crm_records import RecordLink
from leadworth.peer_server import serve_peer
from store.engine import open_engine
from store.schema import export_events

SEVEN = Decimal("10434.06")
"""(1 - 0.9 ** 7) x 20,000: the expected revenue of seven leads of one account."""
ALONE = Decimal("2000.00")
RESTATING, COUNTING = "google", "meta"
OUTCOMES = ("stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue")
TOML = """
currency = "EUR"
secret = "{secret}"
[leads]
path = "{leads}"
submitted_at = "created_at"
columns = {{ email = "email", consent_ad_user_data = "may_send" }}
{account}
[outcomes]
path = "{outcomes}"
lead_id = "lead_id"
deal_id = "deal_id"
{columns}
"""


class EqualScores:
    """Gives every lead a win probability of 0.1 and an expected revenue of 20,000."""

    id = "equal"
    spec = SimpleNamespace(needs=frozenset())

    def score_table(self, leads: pd.DataFrame, *, scored_at: datetime, reasons: str) -> pd.DataFrame:
        del scored_at, reasons
        score = {"win_probability": 0.1, "expected_revenue": 20_000.0, "verdict": "accept", "model_version": "1"}
        return pd.DataFrame({"lead_id": leads["lead_id"]}).assign(**score)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder, with a sandbox of the platforms."""
    monkeypatch.setattr("models.bundle_loading.load_bundle", lambda *_: EqualScores())
    with Sandbox().run() as sandbox:
        for name, value in variables(sandbox).items():
            if f"__{RESTATING.upper()}__" in name or f"__{COUNTING.upper()}__" in name:
                monkeypatch.setenv(name, value)
        yield tmp_path


def write_settings(folder: Path, leads: str, outcomes: str, account: str = "", more: str = "") -> None:
    columns = "\n".join(f'{name} = "{name}"' for name in OUTCOMES)
    settings = TOML.format(secret="s" * 32, leads=leads, outcomes=outcomes, account=account, columns=columns)
    (folder / "leadworth.toml").write_text(settings + more)


def run(app: Any, folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "-c", str(folder / "leadworth.toml")])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def values_of(folder: Path, platform: str) -> dict[str, list[dict[str, Any]]]:
    """Return lead -> its events at a platform, in order."""
    engine = open_engine(f"sqlite:///{folder / 'leadworth.db'}")
    with engine.connect() as connection:
        found = connection.execute(export_events.select().where(export_events.c.destination == platform)).mappings()
        rows = [dict(row) for row in found]
    engine.dispose()
    events = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["created_at"], row["version"])):
        events[row["lead_id"]].append(row)
    return events


def present_value(folder: Path) -> dict[str, Decimal]:
    """Return lead -> its present value at the platform that restates."""
    return {lead: Decimal(rows[-1]["value"]) for lead, rows in values_of(folder, RESTATING).items()}


def check_accounts(folder: Path, alone: str, win: Callable[[], None], carrier: str) -> None:
    """Plan before and after a win of one of the seven leads, and check what the platforms receive."""
    run(export_command.app, folder, "plan")
    before = present_value(folder)
    assert (len(before), before[alone]) == (8, ALONE)
    assert abs(sum(before.values()) - before[alone] - SEVEN) <= Decimal("0.04")  # seven are rounded to cents
    run(export_command.app, folder, "run")
    win()
    run(export_command.app, folder, "plan")
    after = present_value(folder)
    assert after == dict.fromkeys(before, Decimal(0)) | {alone: ALONE, carrier: Decimal("18000.00")}
    counted = {lead: sum(Decimal(row["value"]) for row in rows) for lead, rows in values_of(folder, COUNTING).items()}
    assert counted == after
    output = run(export_command.app, folder, "plan")
    assert "0 events added" in " ".join(output.split())


def test_leads_and_outcomes_of_files(folder: Path) -> None:
    write_settings(folder, "leads.csv", "deals.csv", 'account = "account"')
    now = datetime.now(UTC).replace(microsecond=0)
    leads = [
        [f"L{number}", str(now - timedelta(hours=9 - number)), f"p{number}@mail{number}.example", "yes", account]
        for number, account in enumerate(["7"] * 7 + ["8"])
    ]
    deals: list[list[object]] = [["L9", "D9", "Won", now, True, now, False, "", 5]]  # of a lead of another year

    def write() -> None:
        for name, header, rows in (
            ("leads.csv", ("lead_id", "created_at", "email", "may_send", "account"), leads),
            ("deals.csv", ("lead_id", "deal_id", *OUTCOMES), deals),
        ):
            with (folder / name).open("w", newline="") as file:
                csv.writer(file).writerows([header, *rows])

    def win() -> None:
        for lead in ("L2", "L4"):  # both are people of the deal
            deals.append([lead, "D1", "Won", now, True, now, False, "", 18_000])
        write()

    leads.append(["L9", str(now - timedelta(days=400)), "old@mail9.example", "yes", "9"])
    write()
    check_accounts(folder, "L7", win, "L2")


def test_leads_and_deals_of_a_crm(folder: Path) -> None:
    peer = HubSpotPeer(PeerAccount(PeerClock(-timedelta(seconds=crms()["hubspot"].search_lag_seconds + 1))))
    account, now = peer.account, peer.account.clock.now
    company = account.create("companies", {"name": "Acme", "domain": "acme.example"})
    leads = [
        account.create("contacts", values, at=now() - timedelta(hours=9 - number))
        for number, values in enumerate({"email": f"p{key}@mail{key}.example", "may_send": "yes"} for key in range(8))
    ]
    for lead in leads[:7]:
        account.link("contacts", lead, RecordLink("companies", company, "primary"))
    with serve_peer(peer) as address:
        section = [f'{name} = "{value}"' for name, value in peer.settings(address).items()]
        write_settings(folder, "crm:hubspot", "crm:hubspot", more="[crm.hubspot]\n" + "\n".join(section))

        def win() -> None:
            values = {"dealstage": "closedwon", "amount": "18000", "closedate": now().isoformat()}
            deal = account.create("deals", values)
            account.link("deals", deal, RecordLink("contacts", leads[3]))
            run(crm_command.app, folder, "sync", "hubspot")

        run(crm_command.app, folder, "sync", "hubspot")
        check_accounts(folder, leads[7], win, leads[3])
