"""Consent of a person: for which purpose, and what counts where nobody recorded any."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

EEA = frozenset({
    "AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MF", "MQ", "MT", "NL", "NO", "PL", "PT", "RE", "RO", "SE", "SI", "SK",
    "YT",
})  # fmt: skip
STRICT = EEA | {"GB", "CH"}
"""European Economic Area, United Kingdom, Switzerland: nothing counts as granted that was not recorded."""


PURPOSES = ("ad_user_data", "ad_personalization")


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to; None where nobody asked or nothing was recorded.

    Attributes
    ----------
    ad_user_data
        That the platform receives data of the person for advertising.
    ad_personalization
        That it uses them for personalised advertising.
    """

    ad_user_data: bool | None = None
    ad_personalization: bool | None = None

    def settled(self, region: str | None, assumed: Collection[str]) -> Consent:
        """Return the consent that holds: unknown is not granted, except where the settings assume it.

        Parameters
        ----------
        region
            Country of the person, two letters; None where not known.
        assumed
            Countries where unknown counts as granted; never those of `STRICT`.

        Examples
        --------
        >>> Consent().settled("US", {"US"}), Consent().settled("DE", {"DE"}), Consent(True).settled("DE", ())
        (Consent(ad_user_data=True, ad_personalization=True),
         Consent(ad_user_data=False, ad_personalization=False),
         Consent(ad_user_data=True, ad_personalization=False))
        """
        unknown = region is not None and region in assumed and region not in STRICT
        return Consent(
            unknown if self.ad_user_data is None else self.ad_user_data,
            unknown if self.ad_personalization is None else self.ad_personalization,
        )
