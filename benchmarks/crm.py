"""Requests, speed and memory of the CRM connectors: `python -m benchmarks.crm [NAME ...] [--leads NUMBER ...]`.

The peer of each CRM runs in a process of its own, filled with a simulated business: leads, their companies, and three
deals for ten leads. In another process: a first synchronisation; a second one, which has nothing to write; the scores
of all leads written back; a synchronisation that sees its own writes; and a night in which 2 % of the leads and deals
changed. Requests are compared with the least possible (`benchmarks.crm_least`). Memory is the peak of the resident set
less that after the imports. The limits of the peers on requests in a time are lifted, but for one run that counts with
them. The small account is also synchronised after its scores were written; the searches of the peers in an account
whose every record changed take time that grows with its square.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.crm_least import CLOSED_DEALS, least_requests
from benchmarks.crm_peer import served
from leadworth.console import console, table
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import StageMeaning

RESULTS = Path(__file__).parent / "results" / "crm.json"
SIZES = (10_000, 100_000)
LIMITED_SIZE = 1_000
CHANGED = 0.02
MOST_SINGLE_WRITES = 5_000
"""Scores that are written to a CRM that takes one record a request: a thousand more would need a thousand more."""
NIGHT_HOURS = 24.0
_MIB = 2**20


def main(names: Sequence[str] = (), sizes: Sequence[int] = SIZES) -> None:
    """Measure the named CRMs, or all, print a table and update `results/crm.json`."""
    for name in names or crms():
        runs = [run(name, leads, echoes=leads == sizes[0]) for leads in sizes]
        limited, free = (run(name, LIMITED_SIZE, limited=limits) for limits in (True, False))
        found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
        found[name] = {
            "cpus": os.cpu_count(),
            "runs": runs,
            "requests_with_limits": {phase: item["requests"] for phase, item in limited["phases"].items()},
            "requests_without": {phase: item["requests"] for phase, item in free["phases"].items()},
        }
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _show(name, runs)


def run(name: str, leads: int, *, limited: bool = False, echoes: bool = False) -> dict[str, Any]:
    """Return what one CRM with a number of leads took."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    with served(name, leads, limited=limited) as (values, commands):
        process = context.Process(target=_measure, args=(name, values, commands, theirs, echoes))
        process.start()
        theirs.close()
        try:
            result: dict[str, Any] = ours.recv()
        except EOFError:
            raise RuntimeError(f"the measurement of {name} with {leads:,} leads ended without a result") from None
        finally:
            process.join(30)
            process.kill()
    phases = result["phases"]
    for phase, item in phases.items():
        item["least"] = least_requests(name, phase, result["volumes"], result["changed"], item["rows"])
    return {"leads": leads, **result}


def _measure(name: str, values: Mapping[str, str], commands: Connection, answer: Connection, echoes: bool) -> None:
    """Run all phases in this process and send what they took."""
    with tempfile.TemporaryDirectory(prefix="leadworth-crm-") as folder:
        answer.send(Phases(name, values, commands, Path(folder), echoes=echoes).run())


class Phases:
    """The phases of one CRM.

    Parameters
    ----------
    name
        Name of the connector.
    values
        Settings of its section.
    commands
        Commands to the peer.
    folder
        Folder of the store.
    echoes
        Synchronise after the scores were written, too.
    """

    def __init__(
        self, name: str, values: Mapping[str, str], commands: Connection, folder: Path, *, echoes: bool
    ) -> None:
        import importlib

        from leadworth.http_client import HttpClient
        from leadworth.settings import Settings
        from store.engine import open_engine, store_url
        from store.migrate import upgrade

        self.commands = commands
        self.echoes = echoes
        self.offset = timedelta(0)
        self.kinds: Counter[str] = Counter()
        given = {**values, "quota_share": 1.0}
        self.settings = Settings(currency="EUR", leads={}, crm={name: given}, secret="s" * 32, folder=folder)
        section = self.settings.crm.section(name)
        self.engine = open_engine(store_url(self.settings))
        upgrade(self.engine)
        phases = self

        class Counted(HttpClient):
            def request(self, method: str, url: str, **options: Any) -> Any:
                phases.kinds[_kind(method, url)] += 1
                return super().request(method, url, **options)

        connect = importlib.import_module(f"crm.connectors.{name}.connector").connect
        self.connector = connect(section, Counted(section.timeout_seconds), "EUR")
        self.before = _resident()

    def run(self) -> dict[str, Any]:
        """Return what the phases took."""
        for name in filter(None, (self.connector.lead_object, self.connector.deal_of_converted)):
            self.connector.create_score_fields(name)
        volumes = self.ask("volumes")
        phases = {"first": self.taken(self.sync)}
        volumes[CLOSED_DEALS] = len(self.closed_deals())
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - self.before) / _MIB
        self.advance(1.0)
        phases["second"] = self.taken(self.sync)
        ids = self.ask("change", share=CHANGED)
        self.advance(NIGHT_HOURS)
        phases["night"] = self.taken(self.sync)
        changed = {key: len(some) for key, some in ids.items()}
        changed[CLOSED_DEALS] = len(self.closed_deals() & {key for some in ids.values() for key in some})
        phases["write back"] = self.taken(self.write_back)
        phases["write back again"] = self.taken(self.write_back)
        if self.echoes:
            self.advance(NIGHT_HOURS)
            phases["after writes"] = self.taken(self.sync)
        whole = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - self.before) / _MIB
        return {
            "volumes": volumes,
            "changed": changed,
            "phases": phases,
            "peak_mib": round(peak),
            "peak_of_all_mib": round(whole),
            "writes_in_peer": self.ask("writes"),
        }

    def ask(self, command: str, **options: Any) -> Any:
        """Command the peer, and return its answer."""
        self.commands.send((command, options))
        return self.commands.recv()

    def advance(self, hours: float) -> None:
        """Let time pass, here and in the peer."""
        self.ask("advance", hours=hours)
        self.offset += timedelta(hours=hours)

    def clock(self) -> datetime:
        """Return the present time, in UTC."""
        return datetime.now(UTC) + self.offset

    def taken(self, work: Callable[[], dict[str, int]]) -> dict[str, Any]:
        """Return seconds, requests by kind and rows of some work."""
        self.kinds.clear()
        start, requests = time.perf_counter(), self.connector.requests
        rows = work()
        seconds = time.perf_counter() - start
        result = {"seconds": round(seconds, 2), "requests": self.connector.requests - requests, "rows": rows}
        return {**result, "by_kind": dict(self.kinds.most_common())}

    def sync(self) -> dict[str, int]:
        """Synchronise; return rows read, written, and echoes."""
        from crm.mirror_sync import MirrorSync

        report = MirrorSync(self.engine, self.connector, self.settings, clock=self.clock).run()
        if report.message:
            raise RuntimeError(report.message)
        read = {f"read {name}": rows.read for name, rows in report.rows.items() if rows.read}
        total = {
            what: sum(getattr(rows, what) for rows in report.rows.values())
            for what in ("read", "new", "changed", "touched", "echoes", "written")
        }
        return total | read

    def closed_deals(self) -> set[str]:
        """Return the ids of the deals in the mirror that are won or lost."""
        from crm.mirror_sync import crm_cipher
        from store.crm_mirror import CrmMirror

        info = self.connector.info
        closed = {stage.value for stage in self.connector.stages() if stage.meaning is not StageMeaning.OPEN}
        with self.engine.connect() as connection:
            mirror = CrmMirror(connection, self.connector.name, crm_cipher(self.settings))
            return {
                row.record.record_id
                for name in info.with_role(ObjectRole.DEAL)
                for part in mirror.scan(name)
                for row in part
                if str(row.record.values.get(info.deal.stage)) in closed
            }

    def write_back(self) -> dict[str, int]:
        """Write the scores of all leads that differ from those written before; return how many."""
        from crm.mirror_sync import crm_cipher
        from crm.score_changes import score_values
        from crm.score_writer import WriteBackCounts, worth_writing, write_pending
        from leadworth.crm_records import ScoreRow
        from store import crm_scores
        from store.chunks import chunks
        from store.crm_mirror import CrmMirror

        name, lead, now, counts = self.connector.name, self.connector.lead_object, self.clock(), WriteBackCounts()
        with self.engine.connect() as connection:
            ids = sorted(CrmMirror(connection, name, crm_cipher(self.settings)).ids(lead))
        ids = ids[:MOST_SINGLE_WRITES] if self.connector.write_rows == 1 else ids
        for part in chunks(ids):
            rows = []
            for key in part:
                share = hash_share(key)
                score = {"win_probability": share, "predicted_value": 1_000 * share, "verdict": "accept"}
                rows.append(ScoreRow(key, score_values(score, "ABCDE"[int(share * 5)], now)))
            with self.engine.begin() as connection:
                worth = worth_writing(connection, name, lead, rows, now, counts)
                crm_scores.want(connection, name, lead, [row for row, _ in worth], now)
        write_pending(self.connector, self.engine, lead, self.clock, counts)
        if counts.stopped:
            raise RuntimeError(f"{counts}")
        refused = counts.refused.total() + counts.refused_before.total()
        return {"written": counts.written, "unchanged": counts.unchanged, "refused": refused}


def hash_share(key: str) -> float:
    """Return a number from 0 to below 1 that depends on an id only."""
    import zlib

    return zlib.crc32(key.encode()) / 2**32


def _kind(method: str, url: str) -> str:
    """Return what a request is for: its path without host, versions and ids."""
    parts = [part for part in url.split("?", maxsplit=1)[0].split("/")[3:] if not any(sign.isdigit() for sign in part)]
    return f"{method} {'/'.join(parts)}"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _show(name: str, runs: Sequence[Mapping[str, Any]]) -> None:
    headers = ("leads", "phase", "rows", "seconds", "requests", "least", "ratio")
    rows = []
    for one in runs:
        for phase, item in one["phases"].items():
            number = item["rows"].get("read", item["rows"]["written"])
            ratio = f"{item['requests'] / item['least']:.2f}" if item["least"] else ""
            rows.append(
                [
                    f"{one['leads']:,}",
                    phase,
                    f"{number:,}",
                    f"{item['seconds']:.1f}",
                    item["requests"],
                    item["least"],
                    ratio,
                ]
            )
    console.print(table(headers, [list(map(str, row)) for row in rows], title=name, right=("leads", *headers[2:])))
    for one in runs:
        console.print(f"{one['leads']:,} leads: peak {one['peak_mib']} MiB, {one['peak_of_all_mib']} in all phases")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--leads", nargs="+", type=int, default=SIZES)
    given = parser.parse_args()
    main(given.names, given.leads)
