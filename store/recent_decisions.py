"""Queries of monitoring on the decision log: first decisions of leads, labelled leads, feature vectors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from store.schema import decisions, feedback
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACCEPT = "accept"
REJECT = "reject"
_VERDICT = func.coalesce(decisions.c.would_be, decisions.c.verdict)
"""Verdict without exploration."""


class FirstDecision(NamedTuple):
    """First decision about a lead: time in seconds since 1970, and whether it is accepted, exploration aside."""

    decision_id: str
    seconds: float
    channel: str
    campaign: str
    junk_probability: float
    value: float
    accepted: bool


@dataclass(frozen=True)
class LabelledDecisions:
    """First decisions of the leads that have feedback, arrays of shape (n,).

    Attributes
    ----------
    caught
        Whether the lead is rejected, or would be if it were not in the exploration share.
    propensity
        Probability with which it was let pass.
    junk
        Whether the newest feedback says junk.
    """

    lead_id: list[str]
    caught: NDArray[np.bool_]
    propensity: NDArray[np.float64]
    junk: NDArray[np.bool_]


def first_decisions(
    connection: Connection, since: datetime, after_id: str, until: datetime, rows: int
) -> list[FirstDecision]:
    """Return the first decision of each lead, in order of their ids.

    Parameters
    ----------
    connection
        Of the decision store.
    since
        Leads whose first decision was earlier are left out.
    after_id
        Only decisions with a larger id are returned.
    until
        Decisions whose id was made at this time or later are left out.
    rows
        Largest number of decisions returned.
    """
    earlier = decisions.alias()
    columns = ("decision_id", "scored_at", "channel", "campaign", "junk_probability", "predicted_value")
    query = (
        select(*(decisions.c[name] for name in columns))
        .add_columns(_VERDICT)
        .where(
            decisions.c.decision_id > after_id,
            decisions.c.decision_id < f"{int(until.timestamp() * 1e9):016x}",
            decisions.c.scored_at >= stamp(since),
            ~select(1)
            .where(earlier.c.lead_id == decisions.c.lead_id, earlier.c.decision_id < decisions.c.decision_id)
            .exists(),
        )
        .order_by(decisions.c.decision_id)
        .limit(rows)
    )
    return [
        FirstDecision(
            key, datetime.fromisoformat(at).timestamp(), channel or "", campaign or "", junk, value, verdict == ACCEPT
        )
        for key, at, channel, campaign, junk, value, verdict in connection.execute(query)
    ]


def labelled_decisions(connection: Connection, since: datetime) -> LabelledDecisions:
    """Return the leads decided since a time about which people gave feedback."""
    newest = select(func.max(feedback.c.feedback_id)).group_by(feedback.c.lead_id)
    first = (
        select(func.min(decisions.c.decision_id))
        .where(decisions.c.lead_id.in_(select(feedback.c.lead_id)))
        .group_by(decisions.c.lead_id)
    )
    query = (
        select(
            decisions.c.lead_id,
            _VERDICT,
            func.coalesce(decisions.c.propensity, 1.0),
            feedback.c.label,
        )
        .join(feedback, feedback.c.lead_id == decisions.c.lead_id)
        .where(
            decisions.c.decision_id.in_(first),
            decisions.c.scored_at >= stamp(since),
            feedback.c.feedback_id.in_(newest),
        )
        .order_by(decisions.c.decision_id)
    )
    rows = connection.execute(query).all()
    return LabelledDecisions(
        [lead for lead, *_ in rows],
        np.array([verdict == REJECT for _, verdict, _, _ in rows], dtype=bool),
        np.array([propensity for _, _, propensity, _ in rows], dtype=np.float64),
        np.array([label == "junk" for *_, label in rows], dtype=bool),
    )


def smallest_propensity(connection: Connection, since: datetime) -> float:
    """Return the smallest probability with which a rejected lead was let pass since a time; 1.0 where there is none."""
    query = select(func.min(func.coalesce(decisions.c.propensity, 1.0))).where(
        _VERDICT == REJECT, decisions.c.scored_at >= stamp(since)
    )
    smallest = connection.execute(query).scalar()
    return 1.0 if smallest is None else float(smallest)


@dataclass(frozen=True)
class DecidedVectors:
    """Features of decisions, newest first.

    Attributes
    ----------
    lead_id
        Ids of the leads.
    matrix
        Features, shape (rows, n_features); (0, 0) without decisions.
    age_days
        Days since submit of open leads, nan at submit, shape (rows,).
    """

    lead_id: list[str]
    matrix: NDArray[np.float64]
    age_days: NDArray[np.float64]


def vectors(connection: Connection, bundle_id: str, most: int, since: datetime | None = None) -> DecidedVectors:
    """Return the features of a bundle's decisions among the newest `most` decisions, and since a time."""
    names = ("decision_id", "lead_id", "vector", "age_days", "bundle_id")
    newest = select(*(decisions.c[name] for name in names)).order_by(decisions.c.decision_id.desc()).limit(most)
    if since is not None:
        newest = newest.where(decisions.c.scored_at >= stamp(since))
    query = newest.subquery()
    rows = connection.execute(
        select(query.c.lead_id, query.c.vector, query.c.age_days)
        .where(query.c.bundle_id == bundle_id, query.c.vector.is_not(None))
        .order_by(query.c.decision_id.desc())
    ).all()
    return DecidedVectors(
        [lead for lead, *_ in rows],
        np.array([np.frombuffer(vector, dtype="<f8") for _, vector, _ in rows]).reshape(len(rows), -1 if rows else 0),
        np.array([np.nan if age is None else age for *_, age in rows], dtype=np.float64),
    )
