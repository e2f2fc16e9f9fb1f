"""Look for alarms now and then while the service runs, and show them in /metrics."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from serving import metrics

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from store.decision_store import DecisionStore

log = structlog.get_logger()

PERIOD = timedelta(days=365)
SHARE_DAYS = 30
MOST_CHANNELS = 50
"""Channels with a figure of their own; a label for each name that a visitor can make up would grow without end."""


class AlarmWatcher:
    """Looks every so many seconds, on a thread of its own.

    Parameters
    ----------
    settings
        Say how often.
    store
        Whose decisions are looked at.
    """

    def __init__(self, settings: Settings, store: DecisionStore) -> None:
        self._settings, self._store = settings, store
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin, unless the settings say never."""
        if self._settings.serving.watch_seconds:
            self._thread.start()

    def stop(self) -> None:
        """End; a look under way is not waited for long."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)

    def look(self) -> None:
        """Look once."""
        from monitoring.watch_command import SUSPECT, seen_in
        from store.recent_decisions import recent

        now = datetime.now(UTC)
        with self._store.engine.connect() as connection:
            seen = seen_in(connection, self._settings, now - PERIOD, None)
            latest = recent(connection, now - timedelta(days=SHARE_DAYS))
        suspect = latest.junk_probability >= SUSPECT
        names, counts = _largest(latest.channel.tolist())
        for gauge in (metrics.JUNK_SHARE, metrics.JUNK_ALARM, metrics.MONEY_AT_RISK):
            gauge.clear()
        for name in names:
            metrics.JUNK_SHARE.labels(name).set(float(suspect[latest.channel == name].sum()) / counts[name])
            metrics.JUNK_ALARM.labels(name).set(0)
        for alarm in seen.alarms[:MOST_CHANNELS]:
            metrics.JUNK_ALARM.labels(alarm.channel).set(1)
            metrics.MONEY_AT_RISK.labels(alarm.channel).set(alarm.at_risk)
            log.warning(
                "junk has risen", channel=alarm.channel, campaign=alarm.campaign, leads=alarm.leads,
                share=round(alarm.after, 3), before=round(alarm.before, 3), at_risk=round(alarm.at_risk, 2),
            )  # fmt: skip

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.serving.watch_seconds):
            began = time.monotonic()
            try:
                if self._store.away is None:
                    self.look()
            except Exception as error:  # what watches must not stop what serves
                log.warning("could not look for alarms", error=type(error).__name__)
            if (spent := time.monotonic() - began) > self._settings.serving.watch_seconds:
                log.warning("looking for alarms takes longer than the time between", seconds=round(spent, 1))


def _largest(channels: list[str]) -> tuple[list[str], dict[str, int]]:
    counts: dict[str, int] = {}
    for name in channels:
        counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])[:MOST_CHANNELS], counts
