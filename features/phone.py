"""Phone number: validity, type, country, runs of digits."""

from __future__ import annotations

import re
from operator import sub

from features.countries import region_of
from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.phone_metadata import look_up

_NOISE = re.compile(r"[^0-9]+")
_ABSENT: tuple[Cell, ...] = (0.0, NAN, None, None, NAN, NAN, NAN, NAN, NAN)


def compute(phone: str | None, country: str | None) -> tuple[Cell, ...]:
    """Return the features of a phone number.

    The numbering plan is that of the international prefix, or else that of the lead's country. Without either,
    validity is missing.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> cells = dict(zip(names, compute("+39 333 1234567", "Italy"), strict=True))
    >>> cells["phone_valid"], cells["phone_type"], cells["phone_country_match"], cells["phone_rising"]
    (1.0, 'mobile', 1.0, 7.0)
    """
    if phone is None:
        return _ABSENT
    region = region_of(country)
    number = look_up(phone, region)
    digits = _NOISE.sub("", phone[:60])
    same, rising = _runs(digits)
    return (
        1.0,
        NAN if number.valid is None else truth(number.valid),
        number.kind,
        None if number.region is None else number.region.lower(),
        NAN if number.region is None or region is None else truth(number.region == region),
        truth(phone.startswith(("+", "00"))),
        float(len(digits)),
        float(same),
        float(rising),
    )


def _runs(digits: str) -> tuple[int, int]:
    """Return the length of the longest run of one digit, and of digits that rise or fall by one."""
    longest = {0: 1, 1: 1, -1: 1}
    run = 1
    last = None
    raw = digits.encode()
    for step in map(sub, raw[1:], raw):
        run = run + 1 if step == last else 2
        last = step
        if run > longest.get(step, run):
            longest[step] = run
    return longest[0], max(longest[1], longest[-1])


GROUP = FeatureGroup(
    "phone",
    ("phone", "country"),
    (
        Feature("phone_present", "flag", "Phone", "Phone given", "No phone given"),
        Feature(
            "phone_valid",
            "flag",
            "Phone",
            "Phone number is valid in its country",
            "Phone number is not valid in its country",
            keep_with=("phone",),
        ),
        Feature("phone_type", "category", "Phone type"),
        Feature("phone_country", "category", "Country of the phone"),
        Feature(
            "phone_country_match",
            "flag",
            "Phone and country",
            "Phone number belongs to the lead's country",
            "Phone number belongs to another country than the lead",
        ),
        Feature(
            "phone_international",
            "flag",
            "Phone",
            "Phone number with international prefix",
            "Phone number without international prefix",
        ),
        Feature("phone_digits", "number", "Digits of the phone number", unit="n"),
        Feature("phone_repeated", "number", "Longest run of one digit in the phone number", unit="n"),
        Feature("phone_rising", "number", "Longest run of rising or falling digits in the phone number", unit="n"),
    ),
    compute,
)

GROUPS = (GROUP,)
