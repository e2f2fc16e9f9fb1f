"""How many rows of outcomes meet a lead, with an id of each side where some do not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import pandas as pd

from crm.id_matching import IdMatches, Positions
from leadworth.privacy import redact
from leadworth.settings import OutcomesSource, Settings

_MOST_COMPARED, _LONGEST_SHOWN = 2_000, 40


@dataclass(frozen=True)
class MatchEvidence:
    """How many rows of outcomes meet a lead.

    Attributes
    ----------
    lead_column, outcome_column
        Columns that are compared.
    rows
        Rows with an id.
    unmatched
        Of these, rows that meet no lead.
    ambiguous
        Of the unmatched, rows whose id several leads have in another form.
    outcome_example, lead_example
        Id of an unmatched row and the most similar one of the leads, redacted.
    """

    lead_column: str
    outcome_column: str
    rows: int
    unmatched: int
    ambiguous: int
    outcome_example: str = ""
    lead_example: str = ""

    @property
    def share(self) -> float:
        """Share of the rows with an id that meet no lead."""
        return self.unmatched / self.rows if self.rows else 0.0


def match_evidence(
    ids: pd.Series,
    keys: pd.Series,
    matches: IdMatches,
    origin: Positions,
    outcomes: OutcomesSource,
    settings: Settings,
) -> MatchEvidence:
    """Return how many rows of outcomes meet a lead.

    Parameters
    ----------
    ids
        Id of each joined row of outcomes; missing ones are not counted.
    keys
        Ids of the leads that they are compared with.
    matches
        Matches of `ids` with `keys`.
    origin
        Row of the table of outcomes of each joined row.
    outcomes, settings
        With the names of the columns.
    """
    written = np.unique(origin[ids.notna().to_numpy(dtype=bool)])
    unmatched = np.setdiff1d(written, origin[matches.met])
    ambiguous = np.intersect1d(unmatched, origin[matches.ambiguous])
    evidence = MatchEvidence(
        lead_column=outcomes.key or settings.leads.id,
        outcome_column=str(outcomes.lead_id),
        rows=len(written),
        unmatched=len(unmatched),
        ambiguous=len(ambiguous),
    )
    strange = np.isin(origin, unmatched) & ids.notna().to_numpy(dtype=bool)
    if not strange.any():
        return evidence
    example = str(ids.to_numpy(dtype=object)[np.flatnonzero(strange)[0]])
    existing = [str(key) for key in keys.dropna().unique()[:_MOST_COMPARED]]
    nearest = get_close_matches(example, existing, n=1, cutoff=0.0)
    return replace(evidence, outcome_example=_shown(example), lead_example=_shown(nearest[0]) if nearest else "")


def _shown(written: str) -> str:
    """Return an id for a message; of one that may be personal only the kinds of its characters."""
    shown = redact(written)
    if shown != written or "@" in written:
        return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", written))
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
