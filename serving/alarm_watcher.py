"""Background thread that looks for junk alarms, inputs that differ from training, and exports that are overdue."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from leadworth.platform_catalog import platforms
from serving import service_metrics
from serving.champion_skew import ChampionSkew
from serving.report.fact_alarms import FactAlarms, joined
from serving.worker_metrics import remove_series
from store.outbox_totals import oldest_due

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from monitoring.junk_alarms import JunkAlarm
    from serving.champion import Champion
    from store.decision_store import DecisionStore

log = structlog.get_logger()

PERIOD = timedelta(days=365)
MAX_CHANNELS = 50
"""Channels with metrics of their own: visitors can invent names, so labels need a bound."""


class AlarmWatcher:
    """Look for alarms and skewed inputs at regular intervals on a background thread.

    Parameters
    ----------
    settings
        With the interval, `serving.watch_seconds`.
    store
        Decision store that is read.
    champion
        Its policy has the junk probability from which a lead is suspect.

    Attributes
    ----------
    skew
        Inputs that differ from training.
    junk_alarms
        Rises of the junk share that had not ended at the last look.
    """

    def __init__(self, settings: Settings, store: DecisionStore, champion: Champion) -> None:
        from monitoring.junk_alarms import JunkMonitor

        self._settings = settings
        self._store = store
        self._champion = champion
        self.skew = ChampionSkew(champion, settings.skew_limit)
        self._monitor = JunkMonitor(PERIOD)
        self._facts = FactAlarms(settings.mql.touch_cost)
        self.junk_alarms: list[JunkAlarm] = []
        self._platforms = [name for name in platforms() if settings.export.platform(name).in_use()]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Start the thread, unless the interval is 0."""
        if self._settings.serving.watch_seconds:
            self._thread.start()

    def stop(self) -> None:
        """Stop; wait at most a second for a running look."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)

    def look(self) -> None:
        """Read the decisions since the last look, and the facts of a new refresh; update the metrics."""
        loaded = self._champion.current
        threshold = loaded.bundle.policy.verdict.review_junk if loaded else None
        now = datetime.now(UTC)
        with self._store.engine.connect() as connection:
            self._monitor.look(connection, now, threshold)
            self._facts.look(connection, now)
            self.skew.look(connection)
            due = oldest_due(connection, now)
        for name in self._platforms:
            age = now - due.get(name, now)
            service_metrics.EXPORT_OLDEST_DUE.labels(name).set(age.total_seconds())
        for gauge in (service_metrics.JUNK_SHARE, service_metrics.JUNK_ALARM, service_metrics.MONEY_AT_RISK):
            remove_series(gauge)
        counts = {name: channel.recent_counts(now) for name, channel in self._monitor.channels.items()}
        largest = sorted((name for name in counts if counts[name][0]), key=lambda name: -counts[name][0])
        for name in largest[:MAX_CHANNELS]:
            leads, junk = counts[name]
            service_metrics.JUNK_SHARE.labels(name).set(junk / leads)
            service_metrics.JUNK_ALARM.labels(name).set(0)
        self.junk_alarms = joined(self._monitor.alarms(self._settings.mql.touch_cost), self._facts.alarms)
        for alarm in self.junk_alarms[:MAX_CHANNELS]:
            service_metrics.JUNK_ALARM.labels(alarm.channel).set(1)
            service_metrics.MONEY_AT_RISK.labels(alarm.channel).set(alarm.at_risk)
            log.warning(
                "junk has risen",
                channel=alarm.channel,
                campaign=alarm.campaign,
                leads=alarm.leads,
                share=round(alarm.after, 3),
                before=round(alarm.before, 3),
                at_risk=round(alarm.at_risk, 2),
            )

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.serving.watch_seconds):
            began = time.monotonic()
            try:
                if self._store.away is None:
                    self.look()
            except Exception as error:  # an error of monitoring must not stop the service
                log.warning("could not look for alarms", error=type(error).__name__)
            if (spent := time.monotonic() - began) > self._settings.serving.watch_seconds:
                log.warning("looking for alarms takes longer than the time between", seconds=round(spent, 1))
