"""The nightly plan: CRM and decision log say how far each lead came, and the ledger gets what follows.

Leads that the service never saw (a business with two CSV exports has no others) enter the ledger here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from conversions.outbox_writer import OutboxWriter, sealed_lead
from conversions.person_identifiers import consent_of
from conversions.stage_events import Progress, rows_to_add
from conversions.stage_values import StageHistory, StageValues
from leadworth.arrays import Vector
from leadworth.money import amount
from leadworth.records import Verdict
from store import consents, outbox
from store.schema import decisions, erasures, export_events, export_people, feedback

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings
    from models.bundle import Bundle

Row = dict[str, Any]

CHUNK = 500
LOOK_BACK = timedelta(days=120)
"""Leads older than that are past every platform's window."""
_DAY = 86_400.0


@dataclass(frozen=True)
class PlanInputs:
    """What is known of n leads, all tables row by row.

    Attributes
    ----------
    leads
        Lead table.
    scores
        `win_probability`, `expected_revenue`, `verdict`, `model_version`: as decided, else as the champion says.
    outcomes
        `won`, `lost`, `junk`, `engaged`, `revenue` and the moments `..._at`.
    as_of
        Aware.
    consents_not_understood
        What is written in the consent columns of the CRM and is no known word for consent -> cells.
    """

    leads: pd.DataFrame
    scores: pd.DataFrame
    outcomes: pd.DataFrame
    as_of: datetime
    consents_not_understood: Counter[str] = field(default_factory=Counter)

    def days(self, moment: str) -> Vector:
        """Return the days from the submit to a moment of the outcomes; inf where it has none."""
        waited = (self.outcomes[moment] - self.leads["submitted_at"]).dt.total_seconds() / _DAY
        return np.asarray(waited.fillna(np.inf).clip(lower=0.0), dtype=np.float64)

    def past(self) -> StageHistory:
        """Return them as leads of the past."""
        age = (pd.Timestamp(self.as_of) - self.leads["submitted_at"]).dt.total_seconds() / _DAY
        closed = np.minimum.reduce([self.days(f"{end}_at") for end in ("won", "lost", "junk")])
        return StageHistory(
            win=self.scores["win_probability"].to_numpy(dtype=np.float64),
            expected_revenue=self.scores["expected_revenue"].to_numpy(dtype=np.float64),
            revenue=self.outcomes["revenue"].to_numpy(dtype=np.float64),
            won=self.outcomes["won"].to_numpy(dtype=bool),
            age_days=age.fillna(0.0).to_numpy(dtype=np.float64),
            qualified_days=self.days("engaged_at"),
            closed_days=closed,
        )


@dataclass
class Planned:
    """What a plan adds.

    Attributes
    ----------
    leads
        Looked at.
    added
        (destination, stage, kind or code) -> events.
    erased
        Leads left out because the person was erased.
    """

    leads: int = 0
    added: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    erased: int = 0


def gather(settings: Settings, bundle: Bundle, engine: Engine) -> PlanInputs:
    """Read leads and outcomes of the CRM, what people said since, and what was decided."""
    from crm.feedback_overlay import read_feedback, with_feedback
    from crm.lead_history import read_history

    history = read_history(settings)
    as_of = settings.training.as_of or datetime.now(UTC)
    leads = history.leads[history.leads["submitted_at"].notna()].reset_index(drop=True)
    outcomes = with_feedback(history.outcomes, leads, read_feedback(settings))
    outcomes = outcomes.set_index("lead_id").reindex(leads["lead_id"]).reset_index()
    for name in ("won", "lost", "junk", "engaged"):
        outcomes[name] = outcomes[name].fillna(False).astype(bool)
    if settings.export.qualified_stages:
        outcomes = _qualified(outcomes, settings.export.qualified_stages)
    scores = bundle.score_table(leads, scored_at=as_of)
    with engine.connect() as connection:
        decided = _decided(connection, leads["lead_id"].tolist())
    if decided:
        said = pd.DataFrame.from_dict(decided, orient="index").reindex(scores["lead_id"])
        known = said["model_version"].notna().to_numpy()
        for name in said.columns:
            scores[name] = scores[name].where(~known, said[name].to_numpy())
    return PlanInputs(leads, scores, outcomes, as_of, history.consents_not_understood)


def _qualified(outcomes: pd.DataFrame, stages: Sequence[str]) -> pd.DataFrame:
    """Return the outcomes with `engaged` as of the first of the stages that the settings call qualified."""
    wanted = {stage.casefold() for stage in stages}
    first = [
        next(((True, at) for stage, at in events if stage.casefold() in wanted), (False, None))
        if isinstance(events, tuple)
        else (False, None)
        for events in outcomes["stages"]
    ]
    moments = pd.to_datetime(pd.Series([at for _, at in first], dtype=object), utc=True).astype("datetime64[us, UTC]")
    return outcomes.assign(engaged=[taken for taken, _ in first], engaged_at=moments)


def _decided(connection: Connection, leads: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the first decision of each lead that the service saw, with the verdict that holds now."""
    names = ("win_probability", "expected_revenue", "model_version")
    verdict_of = func.coalesce(decisions.c.would_be, decisions.c.verdict).label("verdict")
    found: dict[str, dict[str, Any]] = {}
    for part in _chunks(leads):
        first = select(func.min(decisions.c.decision_id)).where(decisions.c.lead_id.in_(part))
        asked = select(decisions.c.lead_id, verdict_of, *(decisions.c[name] for name in names)).where(
            decisions.c.decision_id.in_(first.group_by(decisions.c.lead_id))
        )
        for row in connection.execute(asked).mappings():
            found[row["lead_id"]] = {name: row[name] for name in (*names, "verdict")}
        last = select(func.max(feedback.c.feedback_id)).where(feedback.c.lead_id.in_(part))
        said = select(feedback.c.lead_id, feedback.c.verdict_after).where(
            feedback.c.feedback_id.in_(last.group_by(feedback.c.lead_id))
        )
        for lead, verdict in connection.execute(said):
            if lead in found:
                found[lead]["verdict"] = verdict
    return found


def plan(
    settings: Settings, known: PlanInputs, submit: OutboxWriter, engine: Engine, advance: Callable[[int], None],
    *, dry_run: bool = False,
) -> Planned:  # fmt: skip
    """Add what follows to the ledger, some hundred leads at a time.

    Parameters
    ----------
    settings
        Of leadworth.toml.
    known
        What `gather` returned.
    submit
        Destinations and seal.
    engine
        Of the store.
    advance
        Called with the number of leads after each part.
    dry_run
        Add nothing, only say what would be added.
    """
    past = known.past()
    worth = StageValues.learn(past).value(past)
    since = pd.Timestamp(datetime.now(UTC) - LOOK_BACK)
    recent = np.flatnonzero((known.leads["submitted_at"] >= since).to_numpy(dtype=bool))
    planned = Planned()
    for part in _chunks(recent.tolist()):
        now = datetime.now(UTC)
        with engine.connect() as connection:
            rows, junk = _part(settings, known, worth, part, submit, connection, planned, now)
        if not dry_run:
            with engine.begin() as connection:
                outbox.withdraw(connection, junk, "junk", now)
                outbox.add(connection, rows)
        planned.leads += len(part)
        advance(len(part))
    return planned


def _part(
    settings: Settings, known: PlanInputs, worth: Vector, part: list[int], submit: OutboxWriter, connection: Connection,
    planned: Planned, now: datetime,
) -> tuple[outbox.Rows, list[str]]:  # fmt: skip
    """Return the rows of some leads, and which of them are junk."""
    tables = (known.leads.iloc[part], known.scores.iloc[part], known.outcomes.iloc[part])
    leads, scores, outcomes = ([_plain(row) for row in table.to_dict("records")] for table in tables)
    ids = [str(lead["lead_id"]) for lead in leads]
    kept, gone = _kept(connection, ids), _erased(connection, leads, submit)
    agreed, held = consents.of_leads(connection, ids), _held(connection, ids)
    rows: dict[str, list[outbox.Row]] = {"export_people": [], "consents": [], "export_events": []}
    junk: list[str] = []
    for place, lead_id, lead, score, outcome in zip(part, ids, leads, scores, outcomes, strict=True):
        if lead_id in gone:
            planned.erased += 1
            continue
        payload = kept.get(lead_id) or sealed_lead(submit.seal, lead)
        progress = progress_of(settings, lead, score, outcome, float(worth[place]), payload, known.as_of)
        if progress.rejected:
            junk.append(lead_id)
        elif lead_id not in kept:
            rows["export_people"].append(submit.person(lead, payload, lead["submitted_at"]))
            if lead_id not in agreed:
                source = lead.get("consent_source") or "CRM"
                rows["consents"] += consents.rows_of(lead_id, consent_of(lead), source, now)
        for destination in submit.destinations.values():
            of_lead = held.get((lead_id, destination.name), [])
            for row in rows_to_add(progress, destination, of_lead, submit.seal, settings.export.restate_from, now):
                rows["export_events"].append(row)
                planned.added[row["destination"], row["stage"], row["code"] or row["kind"]] += 1
    return rows, junk


def progress_of(
    settings: Settings, lead: Row, score: Row, outcome: Row, worth: float, payload: str | None, as_of: datetime
) -> Progress:
    """Return how far a lead came and what it is worth now; rows of the three tables, None where missing.

    `worth` is what it is worth while it is open.
    """
    submitted: datetime = lead["submitted_at"]
    reached = {"lead": submitted}
    rejected = outcome["junk"] or (score["verdict"] == Verdict.REJECT.value and not outcome["engaged"])
    value, expected = worth, True

    def at(name: str) -> datetime:
        return max(outcome[f"{name}_at"] or as_of, submitted)

    if outcome["engaged"] and not rejected:
        reached["qualified"] = at("engaged")
    if outcome["won"]:
        reached["won"], expected, rejected = at("won"), False, False
        value = score["expected_revenue"] if outcome["revenue"] is None else outcome["revenue"]
    elif rejected:
        reached["junk"], value, expected = at("junk"), 0.0, False
    elif outcome["lost"]:
        reached["lost"], value, expected = at("lost"), 0.0, False
    return Progress(
        lead_id=str(lead["lead_id"]), channel=lead.get("source"), campaign=lead.get("campaign"),
        model_version=str(score["model_version"]), reached=reached, value=amount(value, settings.currency),
        currency=settings.currency, expected=expected, rejected=rejected, payload=payload,
    )  # fmt: skip


def _plain(row: Mapping[Any, Any]) -> Row:
    """Return a row of a table with plain values."""
    found: Row = {}
    for name, value in row.items():
        if value is pd.NaT or value is None or (isinstance(value, float) and math.isnan(value)):
            found[str(name)] = None
        else:
            found[str(name)] = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return found


def _kept(connection: Connection, leads: Sequence[str]) -> dict[str, str]:
    asked = select(export_people.c.lead_id, export_people.c.sealed).where(export_people.c.lead_id.in_(leads))
    return dict(connection.execute(asked).all())


def _held(connection: Connection, leads: Sequence[str]) -> dict[tuple[str, str], list[outbox.Row]]:
    """Return what the ledger holds by lead and destination, in order of version."""
    asked = select(export_events).where(export_events.c.lead_id.in_(leads)).order_by(export_events.c.version)
    found: dict[tuple[str, str], list[outbox.Row]] = {}
    for row in connection.execute(asked).mappings():
        found.setdefault((row["lead_id"], row["destination"]), []).append(dict(row))
    return found


def _erased(connection: Connection, leads: Sequence[Mapping[str, Any]], submit: OutboxWriter) -> set[str]:
    """Return the leads that were erased, or are older leads of a person who was."""
    people = {
        str(lead["lead_id"]): submit.seal.pseudonym(email)
        for lead in leads
        if isinstance(email := lead.get("email"), str) and email
    }
    ids = [str(lead["lead_id"]) for lead in leads]
    by_id = select(erasures.c.lead_id).where(erasures.c.lead_id.in_(ids))
    gone = set(connection.execute(by_id).scalars())
    by_person = select(erasures.c.pseudonym, func.max(erasures.c.erased_at)).where(
        erasures.c.pseudonym.in_(list(people.values()))
    )
    erased = dict(connection.execute(by_person.group_by(erasures.c.pseudonym)).all())
    for lead in leads:
        when = erased.get(people.get(str(lead["lead_id"]), ""))
        if when is not None and lead["submitted_at"] <= datetime.fromisoformat(when):
            gone.add(str(lead["lead_id"]))
    return gone


def _chunks(items: Sequence[Any]) -> Iterator[list[Any]]:
    for begin in range(0, len(items), CHUNK):
        yield list(items[begin : begin + CHUNK])
