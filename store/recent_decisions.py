"""The latest decision of each lead of a period, in columns, for what watches the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from store.schema import decisions, feedback

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = (
    "lead_id", "scored_at", "channel", "campaign", "junk_probability", "predicted_value", "would_be", "verdict",
    "propensity",
)  # fmt: skip


@dataclass(frozen=True)
class RecentDecisions:
    """Decisions in order of time, arrays of shape (n,).

    Attributes
    ----------
    seconds
        When each lead was first decided about, since 1970.
    caught
        Would be rejected.
    not_accepted
        Would be reviewed or rejected.
    labelled, junk
        What people said of it through the service: something, and that it was junk.
    """

    lead_id: NDArray[np.object_]
    seconds: NDArray[np.float64]
    channel: NDArray[np.object_]
    campaign: NDArray[np.object_]
    junk_probability: NDArray[np.float64]
    value: NDArray[np.float64]
    caught: NDArray[np.bool_]
    not_accepted: NDArray[np.bool_]
    propensity: NDArray[np.float64]
    labelled: NDArray[np.bool_]
    junk: NDArray[np.bool_]


def recent(connection: Connection, since: datetime) -> RecentDecisions:
    """Return the first decision of each lead since a moment: how it looked when it came, once a lead."""
    start = since.isoformat(timespec="microseconds")
    first = (
        select(func.min(decisions.c.decision_id)).where(decisions.c.scored_at >= start).group_by(decisions.c.lead_id)
    )
    wanted = select(*(decisions.c[name] for name in _COLUMNS)).where(decisions.c.decision_id.in_(first))
    rows = connection.execute(wanted.order_by(decisions.c.decision_id)).all()
    last = select(func.max(feedback.c.feedback_id)).group_by(feedback.c.lead_id)
    said = select(feedback.c.lead_id, feedback.c.label).where(feedback.c.feedback_id.in_(last))
    labels: dict[str, str] = {row.lead_id: row.label for row in connection.execute(said)}
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    lead, at, channel, campaign, junk, value, would_be, verdict, propensity = columns
    told = [labels.get(one) for one in lead]
    decided = [one or other for one, other in zip(would_be, verdict, strict=True)]
    return RecentDecisions(
        np.array(lead, dtype=object),
        np.array([datetime.fromisoformat(one).timestamp() for one in at]),
        np.array([one or "" for one in channel], dtype=object),
        np.array([one or "" for one in campaign], dtype=object),
        np.array(junk, dtype=np.float64),
        np.array(value, dtype=np.float64),
        np.array([one == "reject" for one in decided], dtype=bool),
        np.array([one != "accept" for one in decided], dtype=bool),
        np.array([1.0 if one is None else one for one in propensity], dtype=np.float64),
        np.array([one is not None for one in told], dtype=bool),
        np.array([one == "junk" for one in told], dtype=bool),
    )


def vectors(connection: Connection, bundle_id: str, most: int) -> tuple[NDArray[np.float64], list[str]]:
    """Return the features of the newest decisions of a bundle, shape (rows, n_features), and their leads' ids."""
    wanted = (
        select(decisions.c.lead_id, decisions.c.vector)
        .where(decisions.c.bundle_id == bundle_id, decisions.c.vector.is_not(None))
        .order_by(decisions.c.decision_id.desc())
        .limit(most)
    )
    rows = connection.execute(wanted).all()
    matrix = np.array([np.frombuffer(vector, dtype="<f8") for _, vector in rows])
    return matrix, [lead for lead, _ in rows]
