"""Exports under faults, their throughput, and the sum of the values by stage: `python -m benchmarks.run exports`.

The platforms are the local peers of `leadworth export sandbox`. Faults: a fifth of all requests is refused (429), fails
(500, 503), is processed after the caller gave up, or is processed and the connection cut; one of two workers is
killed with SIGKILL, twenty times. Throughput: with the outbox, against the same events planned and sent without it.
Values by stage: the truth replaces the model, so that only the stage values are measured.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, text

from conversions.batch_delivery import deliver
from conversions.conversion_event import EventKind
from conversions.event_checks import check, no_plain_address
from conversions.export_worker import ExportWorker
from conversions.outbox_writer import OutboxWriter, next_version
from conversions.platform_factory import destinations
from conversions.sandbox.peer_servers import Sandbox, state_of, variables
from conversions.stage_values import StageHistory, StageValues
from crm.lead_history import read_history
from leadworth.console import console
from leadworth.encryption import IdentifierCipher
from leadworth.fault_injection import Faults, Wait
from leadworth.records import Lead
from leadworth.settings import FILE_NAME, Settings, load_settings
from simulation import simulate
from simulation.export_files import write
from store import outbox
from store.engine import open_engine, store_url
from store.migrate import upgrade

RESULTS = Path(__file__).parent / "results" / "exports.json"
POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
EVENTS = 10_000
KILLS = 20
BATCH = 250
SPEED_EVENTS = 20_000
REPEATS = 5
SEEDS = (201, 202, 203, 204, 205)
LEADS = 45_000
MONTHS = 36
AGES = (3, 7, 14, 30, 60, 90, 180)
REVISED = 500.0
PLATFORMS = ("google", "google_ads", "meta", "linkedin", "microsoft", "tiktok", "ga4")
WORKER = f"""
import time
from dataclasses import replace
from benchmarks.exports import opened
engine, settings, named, submit = opened()
worker = next(iter(named.values()))
from conversions.export_worker import ExportWorker
worker = ExportWorker(engine, worker, settings, submit.cipher)
worker.destination.limits = replace(worker.destination.limits, batch={BATCH})
while True:
    try:
        counts = worker.work()
    except Exception:
        counts = None
    if not counts:
        time.sleep(0.2)
"""


@contextmanager
def business(sandbox: Sandbox, platforms: Sequence[str], store: str, quick: bool) -> Iterator[Path]:
    """Create a folder with settings for some platforms at a sandbox, and an empty store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = ['currency = "EUR"', f'secret = "{"s" * 40}"', "[leads]", 'path = "leads.csv"', "[serving]"]
        lines += [f'store = "{store}"', "[export]"]
        if quick:
            lines += ["timeout_seconds = 1.0", "lease_seconds = 4.0", "retry_seconds = 0.2", "most_attempts = 100000"]
        given = variables(sandbox)
        for platform in platforms:
            lines += [f"[export.{platform}]", "requests_per_minute = 1000000"]
            begin = f"LEADWORTH_EXPORT__{platform.upper()}__"
            for variable, value in given.items():
                if variable.startswith(begin):
                    key = variable.removeprefix(begin).lower()
                    table = '{lead = "101", qualified = "102", won = "103"}'
                    lines.append(f"{key} = {table}" if key == "actions" else f'{key} = "{value}"')
        (folder / FILE_NAME).write_text("\n".join(lines) + "\n")
        os.environ["EXPORT_FOLDER"] = name
        yield folder


def opened() -> tuple[Engine, Settings, dict[str, Any], OutboxWriter]:
    """Open the settings and the store of a folder."""
    settings = load_settings(Path(os.environ["EXPORT_FOLDER"]) / FILE_NAME)
    engine = open_engine(store_url(settings))
    named: dict[str, Any] = dict(destinations(settings))
    return engine, settings, named, OutboxWriter(named, IdentifierCipher.from_settings(settings), 90.0)


def fresh(engine: Engine) -> None:
    """Empty the store."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    upgrade(engine)


def fill(engine: Engine, submit: OutboxWriter, events: int) -> list[outbox.Row]:
    """Add leads of eight hours ago with full consent; return their events."""
    now = datetime.now(UTC)
    added = []
    for number in range(events):
        lead = Lead(
            lead_id=f"L{number}",
            submitted_at=now - timedelta(hours=8),
            email=f"p{number}@firm{number}.de",
            country="DE",
            gclid=f"Cj0KCQ{number}",
            msclkid=f"{number:032x}",
            ga_client_id=f"{number}.1767225600",
            phone="030 123456",
            consent_ad_user_data=True,
            consent_ad_personalization=True,
        )
        score = {"verdict": "accept", "predicted_value": 10.0 + number % 50, "currency": "EUR", "model_version": "1"}
        added.append(submit.rows(lead, score, now, "accept"))
    rows = outbox.join_rows(added)
    with engine.begin() as connection:
        outbox.add(connection, rows)
    return list(rows["export_events"])


def revise(engine: Engine, submit: OutboxWriter, rows: Sequence[outbox.Row]) -> None:
    """Add a later version of every third event while the first ones are being sent."""
    [destination] = submit.destinations.values()
    now = datetime.now(UTC)
    later = [
        next_version(
            now,
            destination.limits,
            row,
            EventKind.RESTATEMENT,
            value=f"{REVISED:.2f}",
            currency="EUR",
            expected=False,
            payload=row["payload"],
            model_version="1",
        )
        for row in rows[::3]
    ]
    with engine.begin() as connection:
        outbox.add(connection, {"export_events": later})


def faults(platform: str, store: str, seed: int) -> dict[str, Any]:
    """Send ten thousand events under faults, killing workers; return the final state of the platform."""
    sandbox = Sandbox(Faults(0.2, seed, Wait(late=1.6, retry_after=0.1)))
    with sandbox.run(), business(sandbox, [platform], store, quick=True):
        engine, _, _, submit = opened()
        fresh(engine)
        rows = fill(engine, submit, EVENTS)
        pool = random.Random(seed)
        began = time.monotonic()
        killed = 0
        revised = False
        workers = [_start(), _start()]
        while killed < KILLS or _open(engine):
            time.sleep(pool.uniform(0.4, 1.6))
            if killed < KILLS:
                victim = pool.randrange(2)
                workers[victim].send_signal(signal.SIGKILL)
                workers[victim].wait()
                workers[victim] = _start()
                killed = killed + 1
            if not revised and killed >= 3 and submit.destinations[platform].limits.restate is not None:
                revise(engine, submit, rows)
                revised = True
        for worker in workers:
            worker.kill()
            worker.wait()
        result = _final_state(engine, state_of(sandbox.http_port)["google" if platform == "ga4" else platform], revised)
        engine.dispose()
        return {**result, "kills": killed, "seconds": time.monotonic() - began, "store": store.partition(":")[0]}


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _open(engine: Engine) -> int:
    with engine.connect() as connection:
        asked = "SELECT count(*) FROM export_events WHERE state IN ('pending', 'retry')"
        return int(connection.execute(text(asked)).scalar_one())


def _final_state(engine: Engine, held: dict[str, Any], revised: bool) -> dict[str, Any]:
    with engine.connect() as connection:
        states = dict(connection.execute(text("SELECT state, count(*) FROM export_events GROUP BY state")).all())
    last = [values[-1] for values in held["values"].values()]
    backwards = sum(any(a == REVISED and b != REVISED for a, b in pairwise(v)) for v in held["values"].values())
    return {
        "events": EVENTS,
        "conversions": len(held["values"]),
        "counted_twice": sum(count != 1 for count in held["counts"].values()),
        "lost": EVENTS - len(held["values"]),
        "revised": len(range(0, EVENTS, 3)) if revised else 0,
        "ended_revised": sum(value == REVISED for value in last),
        "older_over_newer": backwards,
        "repeated": held["counters"].get("repeated", 0),
        "states": states,
    }


def speed(platform: str, store: str) -> dict[str, float]:
    """Return events a second with and without the outbox, and its overhead; medians of runs in turn."""
    bare = []
    kept = []
    for _ in range(REPEATS):
        sandbox = Sandbox()
        with sandbox.run(), business(sandbox, [platform], store, quick=False):
            engine, settings, named, submit = opened()
            fresh(engine)
            rows = fill(engine, submit, SPEED_EVENTS)
            worker = ExportWorker(engine, named[platform], settings, submit.cipher)
            destination = named[platform]
            with engine.connect() as connection:
                batch = worker.preparation.prepare(connection, rows, datetime.now(UTC))
            bare.append(_bare(worker, destination, [event.row for event in batch.events]))
            began = time.perf_counter()
            while worker.work():
                pass
            kept.append(time.perf_counter() - began)
            engine.dispose()
    ratio = statistics.median(k / b for k, b in zip(kept, bare, strict=True))
    return {
        "bare_per_second": SPEED_EVENTS / statistics.median(bare),
        "per_second": SPEED_EVENTS / statistics.median(kept),
        "ledger_share": ratio - 1.0,
    }


def _bare(worker: ExportWorker, destination: Any, rows: Sequence[outbox.Row]) -> float:
    """Return the seconds to check, plan and send the same events without an outbox."""
    from conversions.person_identifiers import from_json
    from leadworth.consent import Consent
    from leadworth.money import amount

    agreed = Consent(True, True)
    now = datetime.now(UTC)
    make = worker.preparation._event
    cipher = worker.preparation._cipher
    contents = [cipher.decrypt(row["payload"]) for row in rows]
    events = [
        make(row, amount(row["value"], "EUR"), content, from_json(content), agreed, set())
        for row, content in zip(rows, contents, strict=True)
    ]
    size = destination.limits.batch
    began = time.perf_counter()
    for start in range(0, len(events), size):
        batch = []
        for event in events[start : start + size]:
            check(event, destination.limits, now)
            payload = destination.plan(event)
            no_plain_address(payload.body)
            batch.append(payload)
        deliver(destination, batch, lambda: True)
    return time.perf_counter() - began


def staged(seed: int) -> dict[str, Any]:
    """Return the values of leads after the training leads: the first sum, that at each age, and their revenue."""
    simulation = simulate(leads=LEADS, months=MONTHS, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        write(simulation, Path(name))
        history = read_history(load_settings(Path(name) / FILE_NAME))
    leads = history.leads
    outcomes = history.outcomes.set_index("lead_id").reindex(leads["lead_id"]).reset_index()
    truth = simulation.truth.set_index("lead_id").loc[leads["lead_id"]]
    submitted = leads["submitted_at"]
    end = submitted.min() + pd.Timedelta(days=24 * 30.4)
    age = ((end - submitted).dt.total_seconds() / 86_400).to_numpy()
    days = {
        name: ((outcomes[f"{name}_at"] - submitted).dt.total_seconds() / 86_400).fillna(np.inf).clip(lower=0).to_numpy()
        for name in ("engaged", "won", "lost", "junk")
    }
    closed = np.minimum.reduce([days["won"], days["lost"], days["junk"]])
    win = np.where(truth["junk"], 1e-4, truth["win_probability"])
    expected_revenue = truth["expected_revenue"].to_numpy()
    revenue = truth["revenue"].to_numpy()
    wins = truth["wins"].to_numpy(dtype=bool)
    early = age > 0
    later = (age <= 0) & (age > -120)
    seen = {name: np.where(values <= age, values, np.inf) for name, values in days.items()}
    won = days["won"] <= age
    learned = StageValues.learn(
        StageHistory(
            win[early],
            expected_revenue[early],
            np.where(won, revenue, np.nan)[early],
            won[early],
            age[early],
            seen["engaged"][early],
            np.where(closed <= age, closed, np.inf)[early],
            np.zeros(int(early.sum()), dtype=bool),
        )
    )
    count = int(later.sum())
    sums = {}
    for at in AGES:
        taken = np.where(days["engaged"] <= at, days["engaged"], np.inf)[later]
        now = StageHistory(
            win[later],
            expected_revenue[later],
            np.full(count, np.nan),
            np.zeros(count, dtype=bool),
            np.full(count, float(at)),
            taken,
            np.full(count, np.inf),
            np.zeros(count, dtype=bool),
        )
        final = np.where((days["won"] <= at)[later], revenue[later], 0.0)
        sums[str(at)] = float(np.where((closed > at)[later], learned.value(now), final).sum())
    return {
        "leads": count,
        "first": float((win * expected_revenue)[later].sum()),
        "at": sums,
        "revenue": float(revenue[later & wins].sum()),
    }


def run() -> dict[str, Any]:
    """Measure everything."""
    result: dict[str, Any] = {"faults": {}, "speed": {}, "staged": {}}
    for seed, platform in enumerate(PLATFORMS):
        store = POSTGRES if seed % 2 else "sqlite:///leadworth.db"
        result["faults"][platform] = figures = faults(platform, store, seed)
        console.print(f"{platform} on {figures['store']}: {figures}", markup=False)
    for platform in ("google", "meta"):
        for store in ("sqlite:///leadworth.db", POSTGRES):
            result["speed"][f"{platform}, {store.partition(':')[0]}"] = figures = speed(platform, store)
            console.print(f"{platform} on {store.partition(':')[0]}: {figures}", markup=False)
    parts = [staged(seed) for seed in SEEDS]
    first = sum(part["first"] for part in parts)
    result["staged"] = {
        "leads": sum(part["leads"] for part in parts),
        "at": {age: sum(part["at"][age] for part in parts) / first for age in map(str, AGES)},
        "by_seed": {age: [part["at"][age] / part["first"] for part in parts] for age in map(str, AGES)},
        "revenue": sum(part["revenue"] for part in parts) / first,
    }
    console.print_json(data=result["staged"])
    return result


def main() -> None:
    """Measure and store the figures."""
    RESULTS.write_text(json.dumps(run(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
