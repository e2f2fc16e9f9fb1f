"""CRM files of a business that wins a part of the simulated leads: they grow day by day, up to the replayed day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv

from leadworth.settings import FILE_NAME
from simulation.csv_columns import LATER_COLUMNS
from simulation.export_files import naive_times, settings_text
from simulation.world import Simulation

LEADS = "leads.csv"
STAGES = "stages.csv"


class ReplayedCrm:
    """The files `leads.csv` and `stages.csv` of a business.

    Parameters
    ----------
    world
        All leads that the business could get, and all their events.
    folder
        Where the files are; both are begun anew.
    """

    def __init__(self, world: Simulation, folder: Path) -> None:
        self.world = world
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.leads = pd.concat([world.leads, world.new_leads], ignore_index=True).drop(columns=list(LATER_COLUMNS))
        self._rows = pd.Series(np.arange(len(self.leads)), index=self.leads["Lead ID"])
        events = world.events.sort_values("stage_at", kind="stable", ignore_index=True)
        self._events = events
        self._row_of_event = self._rows.reindex(events["lead_id"]).to_numpy()
        self._time_of_event = pd.DatetimeIndex(events["stage_at"])
        self._won = np.zeros(len(self.leads), dtype=bool)
        self._written = np.zeros(len(events), dtype=bool)
        for table, name in ((self.leads, LEADS), (events, STAGES)):
            _append(table.iloc[:0], folder / name, header=True)

    def settings(self) -> str:
        """Return the leadworth.toml of the files, without a fixed day."""
        lines = settings_text(self.world).splitlines()
        kept = [line for line in lines if not line.startswith(("as_of", "[training]", "ignore"))]
        return "\n".join([*kept, ""])

    def write_settings(self, more: str = "") -> Path:
        """Write leadworth.toml with further sections; return its path."""
        path = self.folder / FILE_NAME
        path.write_text(f"{self.settings()}\n{more}", encoding="utf-8")
        return path

    def add(self, leads: Iterable[str], now: datetime) -> None:
        """Append leads that the business won, and the events of all its leads before `now`.

        Parameters
        ----------
        leads
            Ids of leads submitted before `now`.
        now
            Timezone-aware time of the files.
        """
        rows = np.sort(self._rows.loc[list(leads)].to_numpy(dtype=np.int64))
        self._won[rows] = True
        _append(self.leads.iloc[rows], self.folder / LEADS)
        end = int(self._time_of_event.searchsorted(pd.Timestamp(now)))
        due = np.flatnonzero(self._won[self._row_of_event[:end]] & ~self._written[:end])
        self._written[due] = True
        _append(self._events.iloc[due], self.folder / STAGES)


def _append(table: pd.DataFrame, path: Path, *, header: bool = False) -> None:
    options = pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed", quoting_header="needed")
    with path.open("wb" if header else "ab") as file:
        pyarrow.csv.write_csv(naive_times(table), file, options)
