"""A peer of a source, and a store that is filled from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from leadworth.fault_injection import Faults, Wait
from leadworth.settings import Settings
from reporting.pulls.pull_peer import PullPeer
from reporting.pulls.pull_run import AccountPull, pull_source
from reporting.pulls.pull_store import PullStore
from reporting.pulls.source_factory import open_source
from reporting.pulls.source_sandbox import peer_of
from store.engine import open_store
from store.report_schema import metric_days, query_days, spend_days, traffic_days

NOW = datetime.now(UTC).replace(hour=12, minute=0)
LAST_DAY = NOW.date() - timedelta(days=1)
LOOKBACK = 30

Sums = dict[tuple[str, date], Decimal]


class PullBench:
    """One source, its peer and a store."""

    def __init__(self, peer: PullPeer, settings: Settings, engine: sa.Engine) -> None:
        self.peer, self.settings, self.engine = peer, settings, engine
        self.store = PullStore(engine, settings, NOW)

    @property
    def days(self) -> list[date]:
        """The days that a pull fetches."""
        newest = LAST_DAY - timedelta(days=self.settings.report.sources.section(self.peer.name).settle_days)
        return [newest - timedelta(days=offset) for offset in range(LOOKBACK)]

    def pull(self, *, dry_run: bool = False, **options: Any) -> AccountPull:
        """Pull the account of the peer."""
        section = self.settings.report.sources.section(self.peer.name)
        connect = partial(open_source, self.settings, self.peer.name)
        store = (lambda _: None) if dry_run else self.store.store
        [result] = pull_source(self.peer.name, section.accounts, connect, store, now=NOW, **options)
        return result

    def rows(self) -> list[tuple[Any, ...]]:
        """All stored rows, without the id of the import."""
        rows = []
        with self.engine.connect() as connection:
            for table in (spend_days, traffic_days, metric_days, query_days):
                columns = [column for column in table.columns if column.name != "import_id"]
                rows += [(table.name, *row) for row in connection.execute(sa.select(*columns)).all()]
        return sorted(rows, key=repr)

    def sums(self) -> Sums:
        """What the store adds up to, by the names and days of the peer."""
        sums: Sums = defaultdict(Decimal)
        with self.engine.connect() as connection:
            for row in connection.execute(sa.select(spend_days)).mappings():
                day = date.fromisoformat(row["day"])
                sums["cost", day] += Decimal(row["cost_micros"]) / 1_000_000
                sums["impressions", day] += row["impressions"] or 0
                sums["clicks", day] += row["clicks"] or 0
            for row in connection.execute(sa.select(traffic_days)).mappings():
                for name in ("sessions", "engaged_sessions", "views", "session_seconds"):
                    sums[name, date.fromisoformat(row["day"])] += row[name]
            for row in connection.execute(sa.select(metric_days)).mappings():
                sums[row["name"], date.fromisoformat(row["day"])] += row["count"]
            for row in connection.execute(sa.select(query_days)).mappings():
                sums["query clicks", date.fromisoformat(row["day"])] += row["clicks"]
        return {key: value for key, value in sums.items() if value}

    def truth(self) -> Sums:
        """What the store should add up to."""
        days = set(self.days)
        return {key: value for key, value in self.peer.sums().items() if value and key[1] in days}


@contextmanager
def pull_bench(
    name: str, folder: Path, *, url: str = "", faults: float = 0.0, seed: int = 0, **changes: Any
) -> Iterator[PullBench]:
    """Serve the peer of a source and open a store; `changes` are settings of the source."""
    peer = peer_of(name, LAST_DAY)
    injected = Faults(faults, seed, Wait(late=0.0, retry_after=0.0))
    with peer.serve(injected) as section:
        settings = settings_of({name: {**section, **changes}}, folder, url)
        with open_store(settings, migrate=True) as engine:
            yield PullBench(peer, settings, engine)


def settings_of(sources: Mapping[str, Mapping[str, Any]], folder: Path, url: str = "") -> Settings:
    """Settings with sources."""
    return Settings(
        currency="EUR",
        leads={},
        folder=folder,
        serving={"store": url} if url else {},
        report={"sources": sources},
    )
