"""Leads and outcomes of a history as they were at an earlier moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd

from crm.lead_history import LeadHistory

_FLAGS = ("won", "lost", "junk", "engaged")


def history_as_of(history: LeadHistory, at: datetime) -> LeadHistory:
    """Return a history without what happened after a moment.

    Leads submitted later are left out; outcomes, revenue and stages that came later are removed from the others. An
    outcome without a time stays.

    Parameters
    ----------
    history
        Leads and outcomes as read.
    at
        Timezone-aware moment.
    """
    moment = pd.Timestamp(at)
    keep = ~(history.leads["submitted_at"] > moment).to_numpy(dtype=bool)
    leads = history.leads[keep].reset_index(drop=True)
    accounts = None if history.accounts is None else history.accounts[keep].reset_index(drop=True)
    outcomes = history.outcomes[history.outcomes["lead_id"].isin(set(leads["lead_id"]))].copy()
    for flag in _FLAGS:
        if flag not in outcomes or f"{flag}_at" not in outcomes:
            continue
        later = (outcomes[f"{flag}_at"] > moment).to_numpy(dtype=bool)
        outcomes[flag] = outcomes[flag].mask(later, False)
        outcomes[f"{flag}_at"] = outcomes[f"{flag}_at"].mask(later)
        if flag == "won" and "revenue" in outcomes:
            outcomes["revenue"] = outcomes["revenue"].mask(later)
    if "stages" in outcomes:
        until = [_until(stages, moment) for stages in outcomes["stages"]]
        outcomes["stages"] = pd.Series(until, index=outcomes.index, dtype=object)
    return replace(history, leads=leads, outcomes=outcomes.reset_index(drop=True), accounts=accounts)


def _until(stages: object, moment: pd.Timestamp) -> object:
    if not isinstance(stages, tuple):
        return stages
    return tuple((stage, at) for stage, at in stages if at is None or pd.isna(at) or not at > moment)
