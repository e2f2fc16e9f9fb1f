"""Check that the history shows which leads were won."""

from __future__ import annotations

from crm.lead_history import LeadHistory
from crm.win_evidence import WinEvidence
from leadworth.errors import TrainingError
from leadworth.privacy import redact
from leadworth.settings import OutcomesSource
from training.time_split import KnownHistory

_MOST_STAGES = 8

FEW = 0.1
"""Share of the lost rows, and of the won rows, up to which a date without a flag or stage counts as a typing error."""


def require_wins(history: LeadHistory, known: KnownHistory, source: OutcomesSource) -> None:
    """Check that the outcomes identify won leads, and that some leads are won.

    Parameters
    ----------
    history
        As read.
    known
        The history as of the snapshot.
    source
        Source of the outcomes.

    Raises
    ------
    TrainingError
        If wins are identified only by a date that lost rows have as well, or no lead is won.
    """
    evidence = history.win_evidence
    _check_date(source, evidence)
    if known.labels["state"].eq("won").any():
        return
    won = int(history.outcomes["won"].sum())
    if won:
        raise TrainingError(
            f"no lead is won as of {known.as_of or 'the file'} within {known.horizon_days} days of its submit, "
            f"though {won:,} are won in all",
            do="correct --as-of, [training] not_before and as_of, horizon_days, or the dates of the outcomes",
        )
    facts = [f"none of {len(known.labels):,} leads is won", _used(source)]
    if evidence.stages:
        stages = [f"{redact(stage)!r} ({rows:,})" for stage, rows in list(evidence.stages.items())[:_MOST_STAGES]]
        facts.append(f"stages that occur: {', '.join(stages)}")
    do = "set won, won_at, or stage with won_stages in [outcomes]"
    if evidence.candidates:
        do += f"; columns that may show which leads were won: {_candidates(evidence)}"
    else:
        do += "; no column seems to show which leads were won: export the deals or the stage as well"
    raise TrainingError("; ".join(facts), allowed="a history in which some leads are won", do=do)


def _check_date(source: OutcomesSource, evidence: WinEvidence) -> None:
    column = source.won_at
    if evidence.won_by_date <= FEW * evidence.won:
        return
    if source.won and not evidence.flagged:
        raise TrainingError(
            f"[outcomes] won names {source.won!r}, which is empty in every row, so that each of the "
            f"{evidence.won_by_date:,} rows with a date in {column!r} counts as won",
            allowed="a flag that says which leads were won",
            do=f"export {source.won!r} with its values; or remove won from [outcomes] if the date alone shows the wins",
        )
    if column == source.lost_at:
        fault = f"[outcomes] won_at and lost_at both name {column!r}"
    elif evidence.lost_with_date > FEW * evidence.lost:
        fault = (
            f"{evidence.lost_with_date:,} of {evidence.lost:,} lost rows have a date in {column!r}, the won_at column"
        )
    else:
        return
    raise TrainingError(
        f"{fault}, so this date does not show which leads were won, and {evidence.won_by_date:,} of "
        f"{evidence.won:,} won rows have no other evidence",
        allowed="a flag or stage that means won, or a date that only won rows have",
        do="set won, or stage with won_stages, in [outcomes]; or name another column in won_at",
    )


def _used(source: OutcomesSource) -> str:
    """Return which settings identify won leads."""
    named = [f"{name} = {column!r}" for name in ("won", "won_at") if (column := getattr(source, name))]
    if source.stage and source.won_stages:
        named.append(f"stage = {source.stage!r} with won_stages")
    return f"by {', '.join(named)}" if named else "nothing in [outcomes] identifies won leads"


def _candidates(evidence: WinEvidence) -> str:
    return ", ".join(f"{column!r} ({why})" for column, why in evidence.candidates.items())
