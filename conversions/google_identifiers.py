"""Identifiers that Google Ads matches by, whichever API takes them."""

from __future__ import annotations

from conversions.conversion_event import PersonIdentifiers
from conversions.identifier_normalisation import Normaliser

NORMALISER = Normaliser(gmail=True)
NEEDED = "a click id of Google, a valid e-mail address, a valid phone number"


def google_click_id(identity: PersonIdentifiers) -> dict[str, str]:
    """Return the click id by its kind, or nothing; Google accepts only one.

    Examples
    --------
    >>> google_click_id(PersonIdentifiers(platform_ids={"wbraid": "w", "gbraid": "g"}))
    {'gbraid': 'g'}
    """
    for kind in ("gclid", "gbraid", "wbraid"):
        if value := identity.platform_ids.get(kind):
            return {kind: value}
    return {}
