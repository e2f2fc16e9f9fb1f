"""Outcomes of accounts: a deal of several leads of one account is won once, by one of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from crm.lead_history import LeadHistory
from leadworth.arrays import Indices
from models.decision_units import decision_units, same_decision_as_a_win


def account_units(history: LeadHistory) -> Indices | None:
    """Return the decision unit of each lead, shape (n,); None where the settings name no column with the account."""
    if history.accounts is None:
        return None
    accounts = [account if isinstance(account, str) else None for account in history.accounts]
    return decision_units(history.leads, accounts)


def with_decision_units(history: LeadHistory) -> LeadHistory:
    """Return a history whose deals are won once; unchanged where the settings name no column with the account."""
    units = account_units(history)
    return history if units is None else won_once(history, units)


def won_once(history: LeadHistory, units: Indices) -> LeadHistory:
    """Return a history in which each deal is won by one lead.

    Wins of one decision unit at the same time are one deal: the earliest lead carries it, with the revenue of all. The
    other leads of a unit with a win, if they were submitted before it, are neither won nor lost: the outcomes get the
    columns `other_win` and `other_win_at`.

    Parameters
    ----------
    history
        Leads and outcomes as read.
    units
        Decision unit of each lead, shape (n,).
    """
    leads = history.leads
    outcomes = history.outcomes.set_index("lead_id").reindex(leads["lead_id"]).reset_index()
    submitted_at = leads["submitted_at"].reset_index(drop=True)
    won = outcomes["won"].eq(True).fillna(value=False).astype(bool)
    carriers, revenue = _carriers(units, won, outcomes["won_at"], submitted_at, outcomes["revenue"])
    won_at = outcomes["won_at"].where(carriers)
    others = same_decision_as_a_win(units, carriers.to_numpy(), submitted_at, won_at)
    latest = won_at.groupby(units).transform("max")
    outcomes = outcomes.assign(
        won=carriers,
        won_at=won_at,
        revenue=revenue.where(carriers),
        other_win=others,
        other_win_at=latest.where(others),
    )
    touched = leads["lead_id"].isin(history.outcomes["lead_id"]).to_numpy() | others
    return replace(history, outcomes=outcomes[touched].reset_index(drop=True))


def _carriers(
    units: Indices, won: pd.Series, won_at: pd.Series, submitted_at: pd.Series, revenue: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return which leads carry a win, and the revenue of each with that of the leads of the same deal."""
    carriers, sums = won.copy(), revenue.copy()
    dated = won & won_at.notna()
    for _, deal in submitted_at[dated].groupby([units[dated], won_at[dated]]):
        if len(deal) > 1:
            first = int(deal.sort_values(kind="stable").index[0])
            sums[first] = revenue[deal.index].sum(min_count=1)
            carriers[deal.index.difference([first])] = False
    return carriers, sums
