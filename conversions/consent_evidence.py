"""Evidence of the consent that allowed or forbade an event: the entries of the consent log, kept with the event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from leadworth.consent import PURPOSES, Consent

if TYPE_CHECKING:
    from store.consents import Records

NOT_RECORDED = "not recorded"


def consent_evidence(records: Records, effective: Consent | None = None, region: str | None = None) -> str:
    """Return purpose -> entry as JSON; a purpose without an entry is null, or the country whose consent is assumed.

    Parameters
    ----------
    records
        Entries that hold.
    effective
        Consent with which the event was prepared; None where it was not.
    region
        Country of the person.

    Examples
    --------
    >>> consent_evidence({}, Consent(True, False), "US")
    '{"ad_user_data":{"assumed_in":"US"},"ad_personalization":null}'
    """
    evidence: dict[str, Any] = {}
    for purpose in PURPOSES:
        assumed = {"assumed_in": region} if effective is not None and getattr(effective, purpose) else None
        evidence[purpose] = records[purpose].as_json() if purpose in records else assumed
    return to_json(evidence).decode()


def describe_evidence(evidence: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a line for each purpose: granted or denied, when, by which source, and the id of the entry.

    Examples
    --------
    >>> import json
    >>> list(describe_evidence(json.loads(consent_evidence({}))))
    ['ad_user_data: not recorded', 'ad_personalization: not recorded']
    """
    for purpose, entry in (evidence or {}).items():
        if entry is None:
            yield f"{purpose}: {NOT_RECORDED}"
            continue
        if "assumed_in" in entry:
            yield f"{purpose}: not recorded; [export.consent] assume_granted_in has {entry['assumed_in']}"
            continue
        answer = "granted" if entry["granted"] else "denied"
        yield f"{purpose}: {answer} {entry['given_at'][:16]} UTC by {entry['source']!r} (record {entry['consent_id']})"
