"""Background thread that looks for junk alarms and publishes them as metrics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from serving import metrics

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from serving.champion import Champion
    from store.decision_store import DecisionStore

log = structlog.get_logger()

PERIOD = timedelta(days=365)
SHARE_DAYS = 30
MAX_CHANNELS = 50
"""Channels with a metric of their own; channel names come from visitors, so their number has no bound."""


class AlarmWatcher:
    """Looks for alarms every `[serving] watch_seconds`.

    Parameters
    ----------
    settings
        With the time between two runs.
    store
        Decisions to look at.
    champion
        Its policy says from which junk probability a lead is suspect.
    """

    def __init__(self, settings: Settings, store: DecisionStore, champion: Champion) -> None:
        self._settings = settings
        self._store = store
        self._champion = champion
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Start the thread, unless `watch_seconds` is 0."""
        if self._settings.serving.watch_seconds:
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread; wait at most a second for a run in progress."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)

    def look(self) -> None:
        """Look for alarms once."""
        from monitoring.watch_command import seen_in, suspects
        from store.recent_decisions import recent

        loaded = self._champion.current
        bundle = loaded.bundle if loaded else None
        now = datetime.now(UTC)
        with self._store.engine.connect() as connection:
            seen = seen_in(connection, self._settings, now - PERIOD, bundle, with_drift=False)
            latest = recent(connection, now - timedelta(days=SHARE_DAYS))
        suspect = suspects(latest, bundle)
        for gauge in (metrics.JUNK_SHARE, metrics.JUNK_ALARM, metrics.MONEY_AT_RISK):
            gauge.clear()
        for channel, leads in Counter(latest.channel.tolist()).most_common(MAX_CHANNELS):
            metrics.JUNK_SHARE.labels(channel).set(float(suspect[latest.channel == channel].sum()) / leads)
            metrics.JUNK_ALARM.labels(channel).set(0)
        for alarm in seen.alarms[:MAX_CHANNELS]:
            metrics.JUNK_ALARM.labels(alarm.channel).set(1)
            metrics.MONEY_AT_RISK.labels(alarm.channel).set(alarm.at_risk)
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
            start = time.monotonic()
            try:
                if self._store.away is None:
                    self.look()
            except Exception as error:  # monitoring must not stop the service
                log.warning("could not look for alarms", error=type(error).__name__)
            if (seconds := time.monotonic() - start) > self._settings.serving.watch_seconds:
                log.warning("looking for alarms takes longer than watch_seconds", seconds=round(seconds, 1))
