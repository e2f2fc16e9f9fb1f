"""Check that a history was read right, before anything is trained on it."""

from __future__ import annotations

import pandas as pd

from crm.cell_faults import describe_fault
from crm.lead_history import LeadHistory
from crm.match_evidence import MatchEvidence
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from training.labels import CLOCK_NOISE_DAYS, data_end
from training.remedies import (
    ADD_AMOUNTS,
    CHECK_LARGEST,
    COMPLETE_EXPORTS,
    CORRECT_DATES,
    CORRECT_VALUES,
    EXPORT_OPEN,
    MATCH_IDS,
    NET_AMOUNTS,
    NO_CHECKBOX,
    READ_CELLS,
    REMOVE_REPEATED,
    SAME_FORM,
    WIN_DATES,
)

MANY_UNMATCHED = 0.05
"""Share of rows of outcomes that meet no lead above which a warning is printed."""
MANY_EARLY = 0.05
"""Share of wins before the submit of their lead above which a warning is printed."""
FEWEST_LEADS = 50
"""Leads of which at least one is open in a complete export."""
FEWEST_AMOUNTS = 20
USUAL_QUANTILE = 0.9
FAR_LARGER = 100
"""Of log-normal amounts whose logs have a standard deviation of 2, one in 6,000 is so large; of 1.5, one in 150,000."""
_STOPPING = {"date", "flag", "money", "id"}


def require_readable(history: LeadHistory, settings: Settings) -> None:
    """Check that outcomes meet leads, that cells can be read, and that declared values occur.

    Parameters
    ----------
    history
        As read.
    settings
        With the largest shares of unreadable cells and of outcomes without a lead.

    Raises
    ------
    TrainingError
        If more than the share of the settings is unreadable or unmatched, or a declared value never occurs.
    """
    _require_matches(history.matches, settings)
    limit = settings.training.max_unreadable
    columns = [
        (name, fault) for cells in history.cells.values() for name, fault in cells.items() if fault.kind in _STOPPING
    ]
    unreadable = [(name, fault) for name, fault in columns if fault.share > limit]
    if unreadable:
        raise TrainingError(
            "; ".join(describe_fault(name, fault) for name, fault in unreadable),
            allowed=f"at most {limit:.0%} unreadable cells in a column ([training] max_unreadable)",
            do=READ_CELLS,
        )
    if history.absent:
        raise TrainingError(
            "; ".join(map(str, history.absent)),
            allowed="values that occur in the data",
            do=CORRECT_VALUES,
        )


def history_warnings(history: LeadHistory, settings: Settings) -> list[tuple[str, str]]:
    """Return what may be wrong with a history that can be trained on, and what to do about it."""
    warnings: list[tuple[str, str]] = []
    matches = history.matches
    if matches is not None and matches.share > MANY_UNMATCHED:
        warnings.append((_unmatched(matches), COMPLETE_EXPORTS))
    if matches is not None and matches.ambiguous:
        warnings.append(
            (
                f"{matches.ambiguous:,} rows of outcomes have an id that several leads have in another form, such as "
                "0123 and 123, so they were set aside",
                SAME_FORM,
            )
        )
    if history.twins:
        warnings.append(
            (
                f"{history.twins:,} lead ids differ from another only in their form, such as 0123 and 123, and count "
                "as different leads",
                REMOVE_REPEATED,
            )
        )
    if later := _in_the_future(history):
        warnings.append((later, CORRECT_DATES))
    if early := _won_before_submit(history):
        warnings.append((early, WIN_DATES))
    if _all_closed(history):
        warnings.append((f"all {len(history.leads):,} leads are closed, the newest ones too", EXPORT_OPEN))
    evidence = history.win_evidence
    if evidence.unticked:
        outcomes = settings.outcomes
        warnings.append(
            (
                f"{evidence.unticked:,} rows have a date in {outcomes.won_at!r}, but an empty {outcomes.won!r}: they "
                f"are not won, since {outcomes.won!r} never says no",
                NO_CHECKBOX,
            )
        )
    unpaid, unreadable = evidence.unpaid, evidence.unreadable_revenue
    if settings.outcomes.revenue and unpaid + unreadable:
        parts = [f"{unpaid:,} have no revenue"] if unpaid else []
        parts += [f"the revenue of {unreadable:,} cannot be read"] if unreadable else []
        warnings.append((f"of {evidence.won + unreadable:,} won rows, {' and '.join(parts)}", ADD_AMOUNTS))
    if settings.outcomes.revenue and evidence.negative:
        warnings.append(
            (
                f"of {evidence.won + unreadable:,} won rows, {evidence.negative:,} have a negative revenue: it is "
                "deducted from the other won amounts of the lead, and leaves the revenue unknown where it exceeds them",
                NET_AMOUNTS,
            )
        )
    if largest := _far_larger(history):
        warnings.append((largest, CHECK_LARGEST))
    return warnings


def _require_matches(matches: MatchEvidence | None, settings: Settings) -> None:
    if matches is None or not matches.unmatched or matches.share <= settings.training.max_unmatched:
        return
    raise TrainingError(
        _unmatched(matches),
        allowed=f"at most {settings.training.max_unmatched:.0%} ([training] max_unmatched)",
        do=MATCH_IDS,
    )


def _in_the_future(history: LeadHistory) -> str:
    """Return a sentence if leads or outcomes are dated after the end of the data; else an empty text."""
    end = data_end(history.leads, history.outcomes)
    tables = {"submitted_at": history.leads, **{f"{one}_at": history.outcomes for one in ("won", "lost")}}
    later = {name: rows[rows[name] > end] for name, rows in tables.items() if name in rows}
    name, rows = max(later.items(), key=lambda item: len(item[1]), default=("", history.leads.head(0)))
    if rows.empty:
        return ""
    return (
        f"dates in the future: {sum(map(len, later.values())):,}, such as {rows[name].iloc[0]:%Y-%m-%d} in {name} of "
        f"lead {rows['lead_id'].iloc[0]}; such a lead is left out, such a win counts as won on an unknown day if a "
        "flag or stage shows it, and other outcomes have not happened yet"
    )


def _won_before_submit(history: LeadHistory) -> str:
    """Return a sentence if more wins than a few are dated before the submit of their lead; else an empty text."""
    won = history.outcomes[history.outcomes["won"]]
    if "submitted_at" not in history.leads:
        return ""
    submitted = won["lead_id"].map(history.leads.set_index("lead_id")["submitted_at"])
    early = won["won_at"] < submitted - pd.Timedelta(days=CLOCK_NOISE_DAYS)
    if not early.any() or early.mean() <= MANY_EARLY:
        return ""
    win, submit = won.loc[early, "won_at"].iloc[0], submitted[early].iloc[0]
    return (
        f"{early.sum():,} of {len(won):,} won leads were won before their submit, such as on {win:%Y-%m-%d} and "
        f"{submit:%Y-%m-%d}: they count as won on an unknown day"
    )


def _far_larger(history: LeadHistory) -> str:
    """Return a sentence if amounts are so much larger than the others that a slip is likely; else an empty text."""
    won = history.outcomes[history.outcomes["won"] & (history.outcomes["revenue"] > 0)]
    if len(won) < FEWEST_AMOUNTS:
        return ""
    usual = float(won["revenue"].quantile(USUAL_QUANTILE))
    far = won[won["revenue"] > FAR_LARGER * usual]
    if far.empty:
        return ""
    largest = far.sort_values("revenue").iloc[-1]
    return (
        f"{len(far):,} of {len(won):,} won amounts are over {FAR_LARGER} times as large as {USUAL_QUANTILE:.0%} all, "
        f"such as {largest['revenue']:,.2f} of lead {largest['lead_id']}"
    )


def _all_closed(history: LeadHistory) -> bool:
    """Return whether no lead is open where lost ones are recorded, as in an export of closed deals."""
    outcomes = history.outcomes
    closed = outcomes.loc[outcomes["won"] | outcomes["lost"] | outcomes["junk"], "lead_id"]
    return bool(
        len(history.leads) >= FEWEST_LEADS and outcomes["lost"].any() and history.leads["lead_id"].isin(closed).all()
    )


def _unmatched(matches: MatchEvidence) -> str:
    examples = ""
    if matches.outcome_example and matches.lead_example:
        examples = f", such as {matches.outcome_example!r}, while the leads have {matches.lead_example!r}"
    return (
        f"{matches.unmatched:,} of {matches.rows:,} rows of outcomes with an id meet no lead: "
        f"{matches.outcome_column!r} of the outcomes is compared with {matches.lead_column!r} of the leads{examples}"
    )
