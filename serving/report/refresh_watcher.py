"""Background thread that prepares the report and refreshes its facts, so that its page fills while the service runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from store import report_refreshes
from store.store_lease import store_lease

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from store.decision_store import DecisionStore

log = structlog.get_logger()

JOB = "report"


class RefreshWatcher:
    """Refresh facts and sums at the interval of the settings; of all processes on a store one does it at a time.

    Scores are those that decisions and the nightly run of `leadworth rescore` have stored: a service does not score
    all open leads anew beside its requests.

    Parameters
    ----------
    settings
        With the interval, `report.refresh_minutes`.
    store
        Decision store whose facts are refreshed.
    """

    def __init__(self, settings: Settings, store: DecisionStore) -> None:
        self._settings = settings
        self._store = store
        self._interval = timedelta(minutes=settings.report.refresh_minutes)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)

    def start(self) -> None:
        """Start the thread, unless the interval is 0."""
        if self._interval:
            self._thread.start()

    def stop(self) -> None:
        """Stop; wait at most a second for a running refresh, which a later one repeats."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)

    def prepare(self, now: datetime) -> bool:
        """Build the page once, so that no reader waits for templates, languages and queries to be compiled.

        Parameters
        ----------
        now
            Timezone-aware.

        Returns
        -------
        bool
            False where there are no facts yet.
        """
        from reporting.page.html_page import render_html
        from reporting.views.report_filters import ReportFilters
        from reporting.views.report_page import build_page

        with self._store.engine.connect() as connection:
            if report_refreshes.newest(connection) is None:
                return False
            render_html(build_page(connection, self._settings, ReportFilters(), money=True, now=now))
        return True

    def look(self, now: datetime) -> bool:
        """Refresh unless another process is at it or has just been; return whether it was done.

        Parameters
        ----------
        now
            Timezone-aware.
        """
        from reporting.views.page_snapshots import keep_figures
        from serving.report.fact_refresh import ReportJob

        engine = self._store.engine
        with store_lease(engine, JOB) as held:
            if not held or self._is_fresh(now):
                return False
            counts = ReportJob(engine, self._settings, None, now).run()
            keep_figures(engine, self._settings, now)
        log.info("report refreshed", facts=counts.facts, rows=counts.rows, seconds=round(counts.seconds, 1))
        return True

    def _is_fresh(self, now: datetime) -> bool:
        with self._store.engine.connect() as connection:
            last = report_refreshes.newest(connection)
        return last is not None and now - last.started_at < self._interval / 2

    def _run(self) -> None:
        self._try(self.prepare, "could not prepare the report")
        while not self._stopping.wait(self._interval.total_seconds()):
            self._try(self.look, "could not refresh the report")

    def _try(self, job: Callable[[datetime], bool], failed: str) -> None:
        """Do a job unless the store is away; a report that cannot be made must not stop the service."""
        try:
            if self._store.away is None:
                job(datetime.now(UTC))
        except Exception as error:
            log.warning(failed, error=type(error).__name__, reason=str(error)[:200])
