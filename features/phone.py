"""Phone number: validity, type, country, runs of digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import sub

import numpy as np

from features.countries import region_of
from features.feature_group import NAN, Cell, Feature, FeatureGroup, Words, truth
from features.phone_metadata import Number, look_up
from leadworth.arrays import Indices, Vector

_NOISE = re.compile(r"[^0-9]+")
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
_UNKNOWN = Number(None)
_NO_STEP = 100
"""More than between two digits."""
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


def compute_rows(phones: Sequence[str | None], countries: Sequence[str | None]) -> list[Vector | Words]:
    """Return the features of `compute` of n numbers."""
    regions = [*map(region_of, countries)]
    known = [
        _UNKNOWN if phone is None else look_up(phone, region) for phone, region in zip(phones, regions, strict=True)
    ]
    given = np.array([phone is not None for phone in phones])
    digits = [
        b"" if phone is None else phone[:60].encode("ascii", "ignore").translate(None, _NO_DIGITS) for phone in phones
    ]
    same, rising = _runs_of_many(digits)
    matches = [
        NAN if number.region is None or region is None else truth(number.region == region)
        for number, region in zip(known, regions, strict=True)
    ]
    abroad = [phone is not None and phone.startswith(("+", "00")) for phone in phones]
    rows = np.arange(len(known))
    return [
        given.astype(np.float64),
        np.array([number.valid for number in known], dtype=np.float64),  # None is nan
        Words([number.kind for number in known], rows),
        Words([None if number.region is None else number.region.lower() for number in known], rows),
        np.array(matches),
        np.where(given, abroad, NAN),
        np.where(given, [*map(len, digits)], NAN),
        np.where(given, same, NAN),
        np.where(given, rising, NAN),
    ]


def _runs_of_many(digits: Sequence[bytes]) -> tuple[Indices, Indices]:
    """Return `_runs` of many numbers."""
    width = max(map(len, digits), default=0)
    table = np.frombuffer(b"".join(text.ljust(width) for text in digits), dtype=np.uint8).reshape(-1, max(width, 1))
    codes = table.astype(np.int8)
    steps = codes[:, 1:] - codes[:, :-1]
    steps[(table == ord(" "))[:, 1:]] = _NO_STEP
    same, rising, run = (np.ones(len(digits), dtype=np.int64) for _ in range(3))
    last = np.full(len(digits), _NO_STEP, dtype=np.int8)
    for step in steps.T:
        run = np.where(step == last, run + 1, 2)
        np.maximum(same, run, out=same, where=step == 0)
        np.maximum(rising, run, out=rising, where=np.abs(step) == 1)
        last = step
    return same, rising


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
    compute_rows=compute_rows,
)

GROUPS = (GROUP,)
