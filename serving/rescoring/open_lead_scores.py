"""Scores of the open leads in the mirror of a CRM, given their age, with one decision counted once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crm.cell_faults import CellFaults
from crm.lead_table import column_of
from crm.mirror_fields import ACCOUNT, PREFIX
from crm.rejects import Rejects, TableCounts, rejected_path
from crm.score_changes import BandScale, score_values
from leadworth.crm_records import ScoreRow
from models.decision_units import decision_units, unit_factors
from monitoring.input_skew import VectorSample, input_skew
from monitoring.skew_finding import SkewFinding
from serving.batch.lead_statuses import OPEN, StatusCounts
from serving.batch.score_job import ScoreJob
from serving.batch.scored_rows import RowLayout

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from models.bundle import Bundle

_IDENTITY = ("email", "phone", "country")


@dataclass(frozen=True)
class OpenLeadScores:
    """Scores of the open leads of a CRM.

    Attributes
    ----------
    table
        One row per open lead: `lead_id`, the columns of a score and `account_value`, the predicted value as a share
        of the value of its decision unit.
    units
        Number of decision units.
    statuses
        All leads by status.
    counts
        Row counts of the mirror's leads.
    cells
        Unreadable cells.
    skew
        Inputs that differ from training and change the predicted value.
    """

    table: pd.DataFrame
    units: int
    statuses: StatusCounts
    counts: TableCounts
    cells: CellFaults
    skew: list[SkewFinding]

    def rows(self, scale: BandScale, scored_at: datetime) -> list[ScoreRow]:
        """Return the score fields of each lead, in order of the record's id.

        The band and the predicted value are those of the lead as a share of its decision unit.
        """
        result = []
        for score in self.table.to_dict("records"):
            value = float(score["account_value"])
            band = scale.band(value, float(score["win_probability"]), str(score["verdict"]))
            content = {str(name): item for name, item in score.items()} | {"predicted_value": value}
            result.append(ScoreRow(str(score["lead_id"]), score_values(content, band, scored_at)))
        return sorted(result, key=lambda row: row.record_id)


def score_open_leads(
    settings: Settings,
    bundle: Bundle,
    crm: str,
    as_of: datetime,
    *,
    write: bool = True,
    only: Collection[str] | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> OpenLeadScores:
    """Score the leads of a mirror that are open, as `leadworth score crm:NAME` does.

    Rows that cannot be read go to `crm-NAME.rejected.csv` in the folder of the settings, where all leads are scored.

    Parameters
    ----------
    crm
        Name of the connector.
    as_of
        Timezone-aware time of scoring.
    write
        Whether the velocity events of the leads are added to the store.
    only
        Ids of the leads to score, with all others of their decision units; None: all.
    advance
        Called with the number of leads after each batch.

    Raises
    ------
    InputError
        If the mirror is empty or lacks a column of the settings.
    """
    chosen = None if only is None else frozenset(only)
    layout = RowLayout(reasons="text")
    job = ScoreJob(Path(f"{PREFIX}{crm}"), bundle, settings, as_of, layout=layout, only=chosen)
    statuses, sample = StatusCounts(), VectorSample()
    velocity = job.count(write=write)
    whole = write and only is None
    rejected = rejected_path(settings.resolve(f"{PREFIX}{crm}".replace(":", "-"))) if whole else None
    scores: list[pd.DataFrame] = []
    people: list[pd.DataFrame] = []
    with Rejects(rejected) as rejects:
        leads = job.open(rejects)
        for batch in job.scored(leads, velocity, statuses, sample):
            is_open = batch.statuses == OPEN
            accounts = column_of(batch.raw, ACCOUNT).to_pylist()
            identity = batch.leads.reindex(columns=list(_IDENTITY)).assign(account=accounts)
            scores.append(batch.scores[is_open])
            people.append(identity[is_open])
            advance(len(batch.scores))
        counts = leads.counts
    table = pd.concat(scores, ignore_index=True) if scores else pd.DataFrame({"lead_id": []})
    units = 0
    if len(table):
        persons = pd.concat(people, ignore_index=True)
        accounts = [account if isinstance(account, str) else None for account in persons["account"]]
        numbers = decision_units(persons, accounts)
        units = int(numbers.max()) + 1
        factors = unit_factors(numbers, table["win_probability"].to_numpy(dtype=np.float64))
        table = table.assign(account_value=table["predicted_value"].to_numpy(dtype=np.float64) * factors)
    compared = len(table) and only is None  # a few leads differ from the history by chance
    skew = input_skew(bundle, sample.matrix, sample.age_days, limit=settings.skew_limit) if compared else []
    return OpenLeadScores(table, units, statuses, counts, leads.cells, skew)
