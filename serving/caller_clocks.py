"""Clocks of the servers that post leads: how far they differ from the service's.

A skewed clock is forgiven (`serving.submit_time`), but it is wrong in the caller's own records too. The difference is a
metric, and is kept in a file from which `leadworth doctor` names the caller.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog
from pydantic import TypeAdapter, ValidationError

from serving import service_metrics
from serving.private_file import write_privately

log = structlog.get_logger()

CLOCK_FILE = ".leadworth/caller-clocks.json"
CLOCK_SECONDS = 5.0
"""Difference from which a clock is wrong; less is delay."""
LATEST_LEADS = 100
KEPT_DAYS = 7
FORM_TOKENS = "form tokens"
"""Stands for the machines that sign tokens, where one is ahead of this one."""
_WRITE_SECONDS = 60.0


class ClockDifference(NamedTuple):
    """Difference of a caller's clock.

    Attributes
    ----------
    behind_seconds
        Median of its latest leads; negative where the clock is fast.
    leads
        Number of these leads, at most `LATEST_LEADS`.
    seen_at
        When it was written.
    """

    behind_seconds: float
    leads: int
    seen_at: datetime

    @property
    def wrong(self) -> bool:
        """Whether the difference is more than a delay."""
        return abs(self.behind_seconds) > CLOCK_SECONDS

    @property
    def sentence(self) -> str:
        """The difference in words.

        Examples
        --------
        >>> ClockDifference(70.4, 12, datetime(2026, 6, 1, tzinfo=UTC)).sentence
        '70 s slow (median of its latest 12 leads)'
        """
        direction = "slow" if self.behind_seconds > 0 else "fast"
        return f"{abs(self.behind_seconds):,.0f} s {direction} (median of its latest {self.leads} leads)"


_DIFFERENCES = TypeAdapter(dict[str, ClockDifference])


class CallerClocks:
    """Differences by caller, of this process; those of all processes are in the file.

    Parameters
    ----------
    file
        Where differences are kept for `leadworth doctor`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._latest: dict[str, deque[float]] = defaultdict(partial(deque, maxlen=LATEST_LEADS))
        self._written: dict[str, tuple[bool, float]] = {}
        self._writing = threading.Lock()

    def note(self, caller: str, behind_seconds: float) -> None:
        """Note how far the stated time of a lead was behind the service's clock."""
        latest = self._latest[caller]
        latest.append(behind_seconds)
        difference = ClockDifference(round(statistics.median(latest), 1), len(latest), datetime.now(UTC))
        service_metrics.CALLER_CLOCK.labels(caller).set(difference.behind_seconds)
        wrong, at = self._written.get(caller, (False, 0.0))
        if difference.wrong != wrong or (wrong and time.monotonic() - at > _WRITE_SECONDS):
            self._written[caller] = (difference.wrong, time.monotonic())
            asyncio.get_running_loop().run_in_executor(None, self._write, caller, difference)

    def _write(self, caller: str, difference: ClockDifference) -> None:
        with self._writing:
            kept = {**read_differences(self._file), caller: difference}
            try:
                write_privately(self._file, _DIFFERENCES.dump_json(kept))
            except OSError as error:
                log.warning("clock of a caller not noted", error=type(error).__name__)


def read_differences(file: Path) -> Mapping[str, ClockDifference]:
    """Return the differences of the last `KEPT_DAYS` by caller; none where the file is absent or damaged."""
    oldest = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    try:
        kept = _DIFFERENCES.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return {}
    return {caller: difference for caller, difference in kept.items() if difference.seen_at > oldest}
