"""The signed token of a form: when it was shown, by our own clock, for one use.

Layout (docs/reference/evidence.md): id of the key (1 byte), seconds since 1970 (4), nonce (8), digest of the
form's id (4), then the first 16 bytes of the HMAC-SHA256 over these; base64url, 44 characters. The id of a key
is the first byte of its digest; keys that share one are all tried.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "bad-signature", "wrong-form", "expired"]

_HEAD, _MAC, _LENGTH = 17, 16, 44
AHEAD_SECONDS = 60
"""A token from further in the future than the clocks of two of our machines differ is not ours."""


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What a token says.

    Attributes
    ----------
    state
        As a lead bears it, but for "replayed", which only the history can tell.
    seconds
        From showing the form to now; None where that is not known.
    nonce
        Of a token that was signed by us for this form.
    """

    state: State
    seconds: float | None = None
    nonce: bytes | None = None


class TokenSigner:
    """Issues and checks the tokens of forms.

    Parameters
    ----------
    keys
        The first signs, all of them verify, so that a key can be changed while pages are open.
    token_seconds
        Age up to which a token is good.
    fresh_seconds
        Age above which the time at the form counts as unknown: a tab was left open.

    Examples
    --------
    >>> signer = TokenSigner([b"a key of thirty-two bytes or more"], 86_400, 7_200)
    >>> token = signer.issue("contact", 1_000_000)
    >>> signer.check(token, "contact", 1_000_042).seconds, signer.check(token, "quote", 1_000_042).state
    (42, 'wrong-form')
    """

    def __init__(self, keys: Sequence[bytes], token_seconds: float, fresh_seconds: float) -> None:
        self._keys = [(hashlib.sha256(key).digest()[0], key) for key in keys]
        self._token_seconds, self._fresh_seconds = token_seconds, fresh_seconds

    def issue(self, form: str, now: float) -> str:
        """Return a new token for a form, shown at `now` (seconds since 1970)."""
        number, key = self._keys[0]
        head = bytes((number,)) + int(now).to_bytes(4, "big") + secrets.token_bytes(8) + _digest(form)
        return urlsafe_b64encode(head + _mac(key, head)).decode()

    def check(self, token: str | None, form: str | None, now: float) -> TokenCheck:
        """Return what a token says that came with a lead.

        Parameters
        ----------
        token
            As it came; None: none came.
        form
            Id of the lead's form.
        now
            Seconds since 1970.
        """
        if token is None:
            return TokenCheck("missing")
        raw = _decoded(token)
        if raw is None or not self._signed(raw[:_HEAD], raw[_HEAD:]):
            return TokenCheck("bad-signature")
        age = now - int.from_bytes(raw[1:5], "big")
        if age < -AHEAD_SECONDS:
            return TokenCheck("bad-signature")
        if raw[13:_HEAD] != _digest(form or ""):
            return TokenCheck("wrong-form")
        if age > self._token_seconds:
            return TokenCheck("expired", None, raw[5:13])
        return TokenCheck("ok", max(age, 0.0) if age <= self._fresh_seconds else None, raw[5:13])

    def _signed(self, head: bytes, mac: bytes) -> bool:
        return any(hmac.compare_digest(_mac(key, head), mac) for number, key in self._keys if number == head[0])


def _decoded(token: str) -> bytes | None:
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        return None
    # One token, one spelling: decoding alone lets characters through that stand for nothing.
    return raw if len(raw) == _HEAD + _MAC and urlsafe_b64encode(raw).decode() == token else None


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, head, "sha256")[:_MAC]


def _digest(form: str) -> bytes:
    return hashlib.sha256(form.strip().casefold().encode("utf-8", "surrogatepass")).digest()[:4]
