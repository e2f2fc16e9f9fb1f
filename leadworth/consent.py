"""Consent of a person: reader, purposes, and the default where none was recorded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from leadworth.consent_words import DENIED, GRANTED, UNSPECIFIED
from leadworth.readers.text_reader import LONGEST_VALUE, trimmed_text

EEA = frozenset(
    (
        *("AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU"),
        *("IE", "IS", "IT", "LI", "LT", "LU", "LV", "MF", "MQ", "MT", "NL", "NO", "PL", "PT", "RE", "RO", "SE"),
        *("SI", "SK", "YT"),
    )
)
STRICT = EEA | {"GB", "CH"}
"""European Economic Area, United Kingdom, Switzerland: consent that was not recorded counts as denied."""


PURPOSES = ("ad_user_data", "ad_personalization")

_SHOWN = 40
_SEPARATORS = re.compile(r"(?:(?<=[^\W\d])\s*[‐-―-]\s*(?=[^\W\d])|[\s_/;:'\"’´`]|[.,](?!\d)|(?<=\w)!+)+")
"""Not in "yes?", "!yes", ".1", "-1" and "1---" of the IAB: hyphens are separators between words only."""
_DECIMAL = re.compile(r"([01])\.0+")


def _normalised(written: str) -> str:
    if len(written) > LONGEST_VALUE:
        return written
    plain = unicodedata.normalize("NFKC", written).casefold()
    decimal = _DECIMAL.fullmatch(plain)
    return decimal[1] if decimal else _SEPARATORS.sub(" ", plain).strip()


_GRANTED = frozenset(map(_normalised, GRANTED))
_DENIED = frozenset(map(_normalised, DENIED))
_UNSPECIFIED = frozenset(map(_normalised, UNSPECIFIED))


def read_consent(value: Any) -> bool | None:
    """Return whether consent was granted; None where none was recorded.

    Compared without case and separators. A value that is not in the vocabulary of `leadworth.consent_words` is not
    consent: it is read as False.

    Examples
    --------
    >>> read_consent("GRANTED"), read_consent("opt-out"), read_consent("UNSPECIFIED"), read_consent("")
    (True, False, None, None)
    >>> read_consent("ask me later")
    False
    """
    if isinstance(value, bool):
        return value
    written = trimmed_text(value)
    if written is None:
        return None
    word = _normalised(written)
    return None if word in _UNSPECIFIED else word in _GRANTED


def not_understood(value: Any) -> str | None:
    """Return the start of a value that is not in the vocabulary of consent; None for any other value.

    Examples
    --------
    >>> not_understood("ask me later"), not_understood("denied"), not_understood(None)
    ('ask me later', None, None)
    """
    written = None if isinstance(value, bool) else trimmed_text(value)
    if written is None or _normalised(written) in _GRANTED | _DENIED | _UNSPECIFIED:
        return None
    return written[:_SHOWN]


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent of a person by purpose; None where none was recorded.

    Attributes
    ----------
    ad_user_data
        Whether the platform may receive data of the person for advertising.
    ad_personalization
        Whether it may use them for personalised advertising.
    """

    ad_user_data: bool | None = None
    ad_personalization: bool | None = None

    def settled(self, region: str | None, assumed: Collection[str]) -> Consent:
        """Return the effective consent: assumed_granted counts as denied, except where the settings assume it.

        Parameters
        ----------
        region
            Country of the person, two letters; None where assumed_granted.
        assumed
            Countries where assumed_granted counts as granted; never those of `STRICT`.

        Examples
        --------
        >>> Consent().settled("US", {"US"}), Consent().settled("DE", {"DE"}), Consent(True).settled("DE", ())
        (Consent(ad_user_data=True, ad_personalization=True),
         Consent(ad_user_data=False, ad_personalization=False),
         Consent(ad_user_data=True, ad_personalization=False))
        """
        assumed_granted = region is not None and region in assumed and region not in STRICT
        return Consent(
            assumed_granted if self.ad_user_data is None else self.ad_user_data,
            assumed_granted if self.ad_personalization is None else self.ad_personalization,
        )
