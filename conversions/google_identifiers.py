"""Identifiers that Google Ads matches by, whichever API takes them."""

from __future__ import annotations

from conversions.ad_clicks import latest_click
from conversions.conversion_event import PersonIdentifiers
from conversions.identifier_normalisation import Normaliser

NORMALISER = Normaliser(gmail=True)
NEEDED = "a click id of Google, a valid e-mail address, a valid phone number"


def google_click_id(identity: PersonIdentifiers) -> dict[str, str]:
    """Return the id of the latest click by its kind, or nothing; Google accepts only one.

    Examples
    --------
    >>> google_click_id(PersonIdentifiers(platform_ids={"wbraid": "w", "gbraid": "g"}))
    {'gbraid': 'g'}
    """
    kind = latest_click(identity, ("gclid", "gbraid", "wbraid"))
    return {} if kind is None else {kind: identity.platform_ids[kind]}
