"""Decision about one lead: score and verdict of a bundle, and the exploration rate.

A rejected lead is never worked, so its outcome stays unknown, and the precision of the filter cannot be measured.
Therefore a small share of the leads that would be rejected is accepted; the share is logged with each decision
as its propensity, so that recall can be estimated without bias. A keyed digest of the lead's id selects them: the
same lead gets the same verdict, and visitors cannot predict it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from features.lead_origin import origin_of
from features.lookup_lists import lists_hash
from leadworth.records import Lead, Verdict
from store.decision_log import Row
from store.row_ids import new_row_id
from store.timestamps import stamp_or_none

if TYPE_CHECKING:
    from leadworth.channel_groups import ChannelGroups
    from leadworth.encryption import IdentifierCipher
    from models.bundle import Bundle, DecisionTrace

_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class ScoredLead:
    """A decision and everything that is needed to compute it again.

    Attributes
    ----------
    score
        Fields of a `Score`, with ``reasons`` as JSON text.
    trace
        Junk log-odds, threshold and rule results.
    vector
        Features as little-endian float64.
    would_be
        Verdict without the exploration rate.
    propensity
        Probability with which this lead is accepted or reviewed.
    """

    score: dict[str, Any]
    trace: DecisionTrace
    bundle_id: str
    policy_version: str
    alpha: float
    features_hash: str
    vector: bytes
    age_days: float | None
    form_id: str | None
    would_be: str
    propensity: float


def decide(
    bundle: Bundle, lead: Lead, at: datetime, exploration: ExplorationRate, age_days: float | None = None
) -> ScoredLead:
    """Decide about a lead.

    Parameters
    ----------
    bundle
        The model.
    lead
        As known at submit.
    at
        Time of the score.
    exploration
        Selects rejected leads that are accepted.
    age_days
        Days that the lead has been open; None scores it as at submit.
    """
    vector = bundle.spec.vector(lead)
    score, trace = bundle.decide(lead, vector, scored_at=at, age_days=age_days)
    would_be = score["verdict"]
    propensity = 1.0
    if would_be == Verdict.REJECT.value:
        propensity = exploration.share
        if exploration.passes(lead.lead_id or ""):
            score["verdict"] = Verdict.ACCEPT.value
    raw = vector.astype("<f8", copy=False).tobytes()
    return ScoredLead(
        score=score,
        trace=trace,
        bundle_id=bundle.id,
        policy_version=bundle.policy.version,
        alpha=bundle.value_model.guarantee.alpha,
        features_hash=hashlib.sha256(bundle.spec.hash.encode() + raw).hexdigest(),
        vector=raw,
        age_days=age_days,
        form_id=lead.form_id,
        would_be=would_be,
        propensity=propensity,
    )


def origin_columns(lead: Lead, groups: ChannelGroups, cipher: IdentifierCipher) -> Row:
    """Return the columns of the decision log that say where a lead came from; company and click id as keyed digests."""
    origin = origin_of(lead.__dict__, groups, lead.extras)
    return {
        "source": origin.source,
        "medium": origin.medium,
        "channel": origin.channel,
        "campaign": origin.campaign,
        "campaign_id": origin.campaign_id,
        "click_platform": origin.click_platform,
        "click": cipher.click_digest(origin.click_id) if origin.click_id else None,
        "country": origin.country,
        "entry": origin.entry,
        "account_key": cipher.account_key(origin.domain) if origin.domain else None,
        "submitted_at": stamp_or_none(lead.submitted_at),
    }


def row_of(decided: ScoredLead, origin: Row, *, request_id: str, idempotency_key: str | None) -> Row:
    """Return the row of the decision log: everything to compute the decision again, and no personal field.

    Parameters
    ----------
    decided
        The decision.
    origin
        Columns of `origin_columns`.
    request_id
        Id of the HTTP request.
    idempotency_key
        Digest of the Idempotency-Key.
    """
    score, trace = decided.score, decided.trace
    return {
        **score,
        **origin,
        "decision_id": new_row_id(),
        "scored_at": score["scored_at"].isoformat(timespec="microseconds"),
        "bundle_id": decided.bundle_id,
        "features_hash": decided.features_hash,
        "request_id": request_id,
        "idempotency_key": idempotency_key,
        "form_id": decided.form_id,
        "vector": decided.vector,
        "age_days": decided.age_days,
        "answers": trace.results.to_json(),
        "junk_log_odds": trace.junk_log_odds,
        "threshold": None if trace.threshold is None else trace.threshold.log_odds,
        "alpha": decided.alpha,
        "calibration_n": None if trace.threshold is None else trace.threshold.n,
        "would_be": decided.would_be,
        "propensity": decided.propensity,
        "policy_version": decided.policy_version,
        "lists_hash": lists_hash(),
    }


@dataclass(frozen=True)
class ExplorationRate:
    """Share of the leads that would be rejected and are accepted to learn from them.

    Examples
    --------
    >>> exploration = ExplorationRate(0.01, b"a key of this installation")
    >>> sum(exploration.passes(str(lead)) for lead in range(10_000))
    84
    """

    share: float
    key: bytes

    def passes(self, lead_id: str) -> bool:
        """Return whether a lead is among them."""
        digest = hashlib.blake2b(lead_id.encode("utf-8", "surrogatepass"), key=self.key[:64], digest_size=8).digest()
        return int.from_bytes(digest, "big") < self.share * _RANGE
