"""First decision of each lead in a period, as arrays, for monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from leadworth.records import Verdict
from store.feedback import latest_labels
from store.schema import decisions
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = (
    "lead_id",
    "scored_at",
    "channel",
    "campaign",
    "junk_probability",
    "predicted_value",
    "would_be",
    "verdict",
    "propensity",
)


@dataclass(frozen=True)
class RecentDecisions:
    """Decisions in order of time, arrays of shape (n,).

    Attributes
    ----------
    seconds
        Time of each lead's first decision, in seconds since 1970.
    caught
        Whether the lead is rejected, exploration aside.
    propensity
        Probability of the verdict, given exploration.
    labelled, junk
        Whether people gave the lead a label through the service, and whether the newest is junk.
    """

    lead_id: NDArray[np.object_]
    seconds: NDArray[np.float64]
    channel: NDArray[np.object_]
    campaign: NDArray[np.object_]
    junk_probability: NDArray[np.float64]
    value: NDArray[np.float64]
    caught: NDArray[np.bool_]
    propensity: NDArray[np.float64]
    labelled: NDArray[np.bool_]
    junk: NDArray[np.bool_]


def recent(connection: Connection, since: datetime) -> RecentDecisions:
    """Return the first decision of each lead that was scored since a moment."""
    first = (
        select(func.min(decisions.c.decision_id))
        .where(decisions.c.scored_at >= stamp(since))
        .group_by(decisions.c.lead_id)
    )
    query = select(*(decisions.c[name] for name in _COLUMNS)).where(decisions.c.decision_id.in_(first))
    rows = connection.execute(query.order_by(decisions.c.decision_id)).all()
    label_of = {latest.lead_id: latest.label for latest in latest_labels(connection)}
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    lead_id, scored_at, channel, campaign, junk_probability, value, would_be, verdict, propensity = columns
    labels = [label_of.get(lead) for lead in lead_id]
    verdicts = [unexplored or final for unexplored, final in zip(would_be, verdict, strict=True)]
    return RecentDecisions(
        lead_id=np.array(lead_id, dtype=object),
        seconds=np.array([datetime.fromisoformat(at).timestamp() for at in scored_at]),
        channel=np.array([name or "" for name in channel], dtype=object),
        campaign=np.array([name or "" for name in campaign], dtype=object),
        junk_probability=np.array(junk_probability, dtype=np.float64),
        value=np.array(value, dtype=np.float64),
        caught=np.array([name == Verdict.REJECT.value for name in verdicts], dtype=bool),
        propensity=np.array([1.0 if share is None else share for share in propensity], dtype=np.float64),
        labelled=np.array([label is not None for label in labels], dtype=bool),
        junk=np.array([label == "junk" for label in labels], dtype=bool),
    )


def vectors(connection: Connection, bundle_id: str, limit: int) -> tuple[NDArray[np.float64], list[str]]:
    """Return the features of the newest decisions of a bundle, shape (rows, n_features), and their leads' ids."""
    query = (
        select(decisions.c.lead_id, decisions.c.vector)
        .where(decisions.c.bundle_id == bundle_id, decisions.c.vector.is_not(None))
        .order_by(decisions.c.decision_id.desc())
        .limit(limit)
    )
    rows = connection.execute(query).all()
    matrix = np.array([np.frombuffer(vector, dtype="<f8") for _, vector in rows])
    return matrix, [lead for lead, _ in rows]
