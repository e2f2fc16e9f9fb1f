"""Stop a training whose history does not say which leads were won."""

from __future__ import annotations

from crm.lead_history import LeadHistory
from crm.outcome_table import outcomes_source
from crm.win_evidence import WinEvidence
from leadworth.errors import TrainingError
from leadworth.privacy import redact
from leadworth.settings import OutcomesSource, Settings
from training.time_split import KnownHistory

_MOST_STAGES = 8

FEW = 0.1
"""Share of the lost rows, and of the won ones, up to which a date without a flag or stage may be a slip."""


def require_wins(history: LeadHistory, known: KnownHistory, settings: Settings) -> None:
    """Check that something says which leads were won, and that some were.

    Parameters
    ----------
    history
        As read.
    known
        The history as of the snapshot.
    settings
        [outcomes] is used.

    Raises
    ------
    TrainingError
        Where a date that lost rows carry as well is all that says won, or no lead is won.
    """
    source, evidence = outcomes_source(settings), history.win_evidence
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
    found = [f"none of {len(known.labels):,} leads is won", _used(source), *absent_stages(history, settings)]
    if evidence.stages:
        stages = [f"{redact(stage)!r} ({rows:,})" for stage, rows in list(evidence.stages.items())[:_MOST_STAGES]]
        found.append(f"stages that occur: {', '.join(stages)}")
    do = "set won, won_at, or stage with won_stages in [outcomes]"
    if evidence.candidates:
        do += f"; columns that may say which leads were won: {_listed(evidence)}"
    else:
        do += "; no column looks as if it said which leads were won: export the deals or the stage as well"
    raise TrainingError("; ".join(found), allowed="a history in which some leads are won", do=do)


def absent_stages(history: LeadHistory, settings: Settings) -> list[str]:
    """Return a sentence for each of `won_stages` that never occurs, with the nearest stage that does."""
    source, evidence = outcomes_source(settings), history.win_evidence
    known = {stage.casefold() for stage in evidence.stages}
    sentences = []
    for stage in source.won_stages if source.stage else ():
        if stage.strip().casefold() not in known:
            near = evidence.nearest(stage)
            hint = f" (nearest that does: {near!r}, {evidence.stages[near]:,} rows)" if near else ""
            sentences.append(f"{stage!r} of won_stages never occurs in {source.stage!r}{hint}")
    return sentences


def _check_date(source: OutcomesSource, evidence: WinEvidence) -> None:
    column = source.won_at
    if evidence.won_by_date <= FEW * evidence.won:
        return
    if column == source.lost_at:
        found = f"[outcomes] won_at and lost_at both name {column!r}"
    elif evidence.lost_with_date > FEW * evidence.lost:
        found = f"{evidence.lost_with_date:,} of {evidence.lost:,} lost rows carry {column!r}, the column of won_at"
    else:
        return
    raise TrainingError(
        f"{found}, so this date does not say which leads were won, and for {evidence.won_by_date:,} of "
        f"{evidence.won:,} won rows nothing else does",
        allowed="a flag or stage that means won, or a date that only won rows carry",
        do="set won, or stage with won_stages, in [outcomes]; or name another column in won_at",
    )


def _used(source: OutcomesSource) -> str:
    """Return what the settings say of winning."""
    named = [f"{name} = {column!r}" for name in ("won", "won_at") if (column := getattr(source, name))]
    if source.stage and source.won_stages:
        named.append(f"stage = {source.stage!r} with won_stages")
    return f"by {', '.join(named)}" if named else "nothing in [outcomes] says which leads were won"


def _listed(evidence: WinEvidence) -> str:
    return ", ".join(f"{column!r} ({why})" for column, why in evidence.candidates.items())
