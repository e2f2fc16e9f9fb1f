"""Signed tokens of share links: the id of the link, which the store can revoke."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, URLSafeSerializer

from leadworth.key_derivation import key_for
from store.share_links import ShareLink
from store.timestamps import stamp

if TYPE_CHECKING:
    from leadworth.settings import Settings

PURPOSE = "report-share"
DEFAULT_DAYS = 7
LONGEST_DAYS = 90
MAX_TOKEN = 200


class ShareLinkTokens:
    """Signs and reads the tokens of share links.

    Parameters
    ----------
    settings
        With the secret of the installation.

    Examples
    --------
    >>> from leadworth.settings import Settings
    >>> tokens = ShareLinkTokens(Settings(currency="EUR", leads={}, secret="a secret of thirty-two characters"))
    >>> tokens.link_id(tokens.token("ab12")), tokens.link_id("ab12.x")
    ('ab12', None)
    """

    def __init__(self, settings: Settings) -> None:
        self._serializer = URLSafeSerializer(
            key_for(settings, PURPOSE),
            salt="leadworth.report-share",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def token(self, link_id: str) -> str:
        """Return the last part of the address of a link."""
        return str(self._serializer.dumps(link_id))

    def link_id(self, token: str) -> str | None:
        """Return the id of a link; None where we did not sign it."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            content = self._serializer.loads(token)
        except BadSignature:
            return None
        return content if isinstance(content, str) else None


def new_link(created_by: str, query: str, *, money: bool, days: int, now: datetime) -> ShareLink:
    """Return a new link that ends after some days."""
    return ShareLink(secrets.token_hex(12), created_by, query, money, stamp(now), stamp(now + timedelta(days=days)))
