"""Signed token of a form (itsdangerous): the time at which the form was shown, for one submission.

Layout (docs/reference/evidence.md): nonce (8 bytes) and digest of the form's id (4) in base64url, time in base64url,
then 18 bytes of the HMAC-SHA256 over both in base64url, joined by dots; 48 characters.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from itsdangerous import BadSignature, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm

State = Literal["ok", "missing", "bad-signature", "wrong-form", "expired", "future"]

MAX_CLOCK_SKEW_SECONDS = 60
"""How far the clocks of two machines that share a key may differ without notice."""
_NONCE_BYTES = 8
_SIGNATURE_BYTES = 18
"""24 characters without spare bits, so that a signature has one spelling."""
_TOKEN = re.compile(r"[\w-]{16}\.[\w-]{6}\.[\w-]{24}", re.ASCII)
"""Decoding skips characters that are not base64, so they are refused before."""


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """Result of a check.

    Attributes
    ----------
    state
        Value of the lead's `token_state`, except "replayed", which only the velocity store can find.
    seconds
        From showing the form to sending it; None if unknown.
    nonce
        Of a token that we signed; None for others.
    issued_at
        When we signed it, in seconds since 1970; None for others.
    """

    state: State
    seconds: float | None = None
    nonce: bytes | None = None
    issued_at: float | None = None


class _TruncatedHmac(HMACAlgorithm):
    """HMAC-SHA256 of which the first bytes are sent (RFC 2104, section 5)."""

    default_digest_method = staticmethod(hashlib.sha256)

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]


class TokenSigner:
    """Issues and checks tokens of forms.

    Parameters
    ----------
    keys
        The first one signs, all of them verify, so that a key can be rotated while pages are open.
    token_seconds
        Age up to which a token is accepted.
    fresh_seconds
        Age from which the time at the form counts as unknown: a tab was left open.

    Examples
    --------
    >>> import time
    >>> signer = TokenSigner([b"a key of thirty-two bytes or more"], 86_400, 7_200)
    >>> token = signer.issue("contact")
    >>> len(token), signer.check(token, "quote", time.time()).state
    (48, 'wrong-form')
    """

    def __init__(self, keys: Sequence[bytes], token_seconds: float, fresh_seconds: float) -> None:
        self._signer = TimestampSigner(
            list(reversed(keys)),  # itsdangerous signs with the last one
            salt="leadworth.form-token",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
            algorithm=_TruncatedHmac(),
        )
        self._token_seconds = token_seconds
        self._fresh_seconds = fresh_seconds

    def issue(self, form: str) -> str:
        """Return a new token for a form that is shown now."""
        payload = base64_encode(secrets.token_bytes(_NONCE_BYTES) + _digest(form))
        return self._signer.sign(payload).decode()

    def check(self, token: str | None, form: str | None, at: float) -> TokenCheck:
        """Return the state of a token that came with a lead.

        Only a token that we did not sign has a bad signature: one of another form, an old one, or one that is newer
        than the lead has a state of its own.

        Parameters
        ----------
        token
            As received; None if none was received.
        form
            Id of the lead's form.
        at
            When the form was sent, in seconds since 1970.
        """
        if token is None:
            return TokenCheck("missing")
        try:
            payload, signed_at = self._signer.unsign(token if _TOKEN.fullmatch(token) else "", return_timestamp=True)
        except BadSignature:
            return TokenCheck("bad-signature")
        content = base64_decode(payload)
        issued_at = signed_at.timestamp()
        age = at - issued_at
        seconds = max(age, 0.0) if age <= self._fresh_seconds else None
        if content[_NONCE_BYTES:] != _digest(form or ""):
            state: State = "wrong-form"
        elif age < -MAX_CLOCK_SKEW_SECONDS:
            state, seconds = "future", None
        elif age > self._token_seconds:
            state, seconds = "expired", None
        else:
            state = "ok"
        return TokenCheck(state, None if state == "wrong-form" else seconds, content[:_NONCE_BYTES], issued_at)


def _digest(form: str) -> bytes:
    return hashlib.sha256(form.strip().casefold().encode("utf-8", "surrogatepass")).digest()[:4]
