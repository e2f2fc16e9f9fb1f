"""Win evidence: counts of won rows, and candidate columns if no row is won."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from crm import casts as typed
from crm.inference.header_vocabulary import match_header
from crm.inference.stage_meanings import stage_kind
from crm.outcome_table import UNREADABLE_REVENUE, OutcomeFacts
from leadworth.privacy import redact

_MOST_STAGES = 60
_MOST_CANDIDATES = 8
_HEADERS = {
    "won": "the header may mean won",
    "won_at": "the header may mean the time of winning",
    "stage": "the header may mean a stage",
    "closed_at": "the header may mean the time of closing, won or lost",
}


@dataclass(frozen=True)
class WinEvidence:
    """Counts over the usable rows of outcomes.

    Attributes
    ----------
    won
        Rows that are won.
    won_by_date
        Of these, rows that are won by a filled `won_at` alone.
    flagged
        Rows in which the flag of won says yes or no.
    unticked
        Rows that are not won though `won_at` is filled, because the flag of won never says no and is empty.
    lost
        Rows whose flag or stage means lost.
    lost_with_date
        Of these, rows in which `won_at` is filled.
    unpaid
        Won rows whose revenue is missing.
    negative
        Won rows whose revenue is below 0.
    unreadable_revenue
        Won rows that were rejected because their revenue cannot be read.
    stages
        Stage -> number of rows.
    candidates
        If no row is won: column -> why it may show which leads were won.
    """

    won: int = 0
    won_by_date: int = 0
    flagged: int = 0
    unticked: int = 0
    lost: int = 0
    lost_with_date: int = 0
    unpaid: int = 0
    negative: int = 0
    unreadable_revenue: int = 0
    stages: Mapping[str, int] = field(default_factory=dict)
    candidates: Mapping[str, str] = field(default_factory=dict)


def win_evidence(facts: OutcomeFacts) -> WinEvidence:
    """Return the counts over rows of outcomes, all but `unreadable_revenue` over the usable ones."""
    rows = facts.usable
    won, lost = rows["won"], rows["says_lost"]
    return WinEvidence(
        won=int(won.sum()),
        won_by_date=int(rows["won_by_date"].sum()),
        flagged=int(rows["won_flag"].notna().sum()),
        unticked=int((rows["unticked"] & ~won).sum()),
        lost=int(lost.sum()),
        lost_with_date=int((lost & rows["dated"]).sum()),
        unpaid=int((won & rows["revenue"].isna()).sum()),
        negative=int((won & (rows["revenue"] < 0)).sum()),
        unreadable_revenue=int((facts.rows["won"] & (facts.faults == UNREADABLE_REVENUE)).sum()),
        stages={str(stage): int(count) for stage, count in rows["stage"].value_counts().items()},
    )


def win_candidates(rows: pa.Table, used: Collection[str], missing: Collection[str]) -> dict[str, str]:
    """Return the columns of a table that may show which leads were won, with the reason.

    Parameters
    ----------
    rows
        Raw rows.
    used
        Columns that are fields of a lead.
    missing
        Tokens that mean missing.

    Examples
    --------
    >>> win_candidates(pa.table({"Stato": ["Vinto", "Perso"], "Email": ["a@b.it", "c@d.it"]}), ["Email"], [])
    {'Stato': "1 rows say 'Vinto'"}
    """
    candidates: dict[str, str] = {}
    for name in rows.column_names:
        if name in used:
            continue
        reason = _won_values(rows.column(name), missing) or _header_meaning(name)
        if reason:
            candidates[redact(name)] = reason
    by_values = sorted(candidates, key=lambda name: candidates[name] in _HEADERS.values())
    return {name: candidates[name] for name in by_values[:_MOST_CANDIDATES]}


def _won_values(column: pa.ChunkedArray, missing: Collection[str]) -> str:
    """Return which values mean won; empty for a column with many distinct values."""
    counts = pc.value_counts(typed.texts(column, missing).drop_null()).to_pylist()
    if len(counts) > _MOST_STAGES:
        return ""
    won = [count for count in counts if stage_kind(count["values"]) == "won"]
    return ", ".join(f"{count['counts']:,} rows say {redact(count['values'])!r}" for count in won[:3])


def _header_meaning(header: str) -> str:
    for match in match_header(header):
        if match.section == "outcomes" and match.name in _HEADERS and not match.near:
            return _HEADERS[match.name]
    return ""
