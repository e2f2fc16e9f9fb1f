"""Click ids of ad platforms: platform, agreement with the source, time of the click, age of first-party cookies."""

from __future__ import annotations

import binascii
import math
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from features.collector_payload import number, parse, read_payloads
from features.feature_group import NAN, Cell, Feature, FeatureGroup, key, truth
from features.lexicon import load
from leadworth.arrays import Matrix

_PLATFORMS = load("platforms.toml")
_FIELDS = tuple(field for platform in _PLATFORMS.values() for field in platform["click_ids"])
_OF_FIELD = tuple(name for name, platform in _PLATFORMS.items() for _ in platform["click_ids"])
_OF_SOURCE = {source: name for name, platform in _PLATFORMS.items() for source in platform["sources"]}
_GCLID = re.compile(r"(?:Cj[0-9A-Za-z]|EAIaIQobChMI)[0-9A-Za-z_-]{17,197}|C[A-P][A-Za-z0-9_-]{24}")
_NO_CLICK: tuple[Cell, ...] = (0.0, None, NAN, NAN)
_PRECISE, _DAILY = "EAIaIQobChMI", ("CjwKC", "Cj0KC")
_EARLIEST, _LATEST = 1.2e9, 4.0e9  # plausible times of a click, in seconds since 1970
_HOUR, _DAY = 3_600.0, 86_400.0
_AGREE_SECONDS = 60.0


def compute(source: str | None, *ids: str | None) -> tuple[Cell, ...]:
    """Return the features of the click ids.

    Notes
    -----
    The format of a gclid is undocumented. The prefixes come from public samples, so the flag is only a hint.

    Examples
    --------
    >>> compute("facebook", "CjwKCAjw" + "x" * 83, *[None] * (len(_FIELDS) - 1))
    (1.0, 'google', 1.0, 1.0)
    """
    if not any(ids):
        return _NO_CLICK
    platforms = [platform for platform, value in zip(_OF_FIELD, ids, strict=True) if value]
    gclid = ids[0]
    expected = _OF_SOURCE.get(key(source) or "")
    return (
        float(len(set(platforms))),
        platforms[0],
        NAN if gclid is None else truth(_GCLID.fullmatch(gclid[:300])),
        NAN if expected is None else truth(expected not in platforms),
    )


def gclid_seconds(gclid: str | None) -> float:
    """Return the time encoded in a Google click id, in seconds since 1970; nan where there is none.

    Notes
    -----
    The format is undocumented and was derived from public samples. Ids with the prefix ``EAIaIQobChMI`` contain the
    time in microseconds; those with ``CjwKC`` or ``Cj0KC`` contain midnight (in California) of the click's day in
    seconds. Both are varints of a protocol buffer.

    Examples
    --------
    >>> gclid_seconds("EAIaIQobChMI5_-Dv4bg2gIVFYizCh2aZQTiEAAYASAAEgKDB_D_BwE")
    1525024370.524135
    >>> gclid_seconds("Cj0KCQjw6ar4BRDnARIsAITGzlC8gvR5NTWvpQOIKIPyE4xcO5LjGJoZKBW9YXJrdyeo0q4D3t2UyJYaAoeoEALw_wcB")
    1594537200.0
    >>> gclid_seconds("EAIaIQobChMI"), gclid_seconds(None)
    (nan, nan)
    """
    if gclid is None:
        return NAN
    precise = gclid.startswith(_PRECISE)
    if not precise and not gclid.startswith(_DAILY):
        return NAN
    try:
        raw = urlsafe_b64decode(gclid[:24])
    except (binascii.Error, ValueError):
        return NAN
    value = 0
    shift = 0
    for byte in raw[9:] if precise else raw[5:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    else:
        return NAN
    seconds = value / 1e6 if precise else float(value)
    return seconds if _EARLIEST < seconds < _LATEST else NAN


def compute_age(gclid: str | None, submitted_at: datetime | None) -> tuple[Cell, ...]:
    """Return whether a Google click id contains a time, and the age of the click at the form.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2018, 4, 29, 18, 52, 50, tzinfo=UTC)
    >>> compute_age("EAIaIQobChMI5_-Dv4bg2gIVFYizCh2aZQTiEAAYASAAEgKDB_D_BwE", at)
    (1.0, 0.69..., 0.0)
    """
    if gclid is None:
        return (NAN, NAN, NAN)
    seconds = gclid_seconds(gclid)
    if math.isnan(seconds) or submitted_at is None:
        return (truth(not math.isnan(seconds)), NAN, NAN)
    hours = (submitted_at.timestamp() - seconds) / _HOUR
    return (1.0, math.log1p(max(hours, 0.0)), truth(hours < -1.0))


def compute_cookies(lw_data: str | None, submitted_at: datetime | None) -> tuple[Cell, ...]:
    """Return the ages of the first-party cookies ``_ga`` and ``_fbp``, and whether both have the same first visit.

    Examples
    --------
    >>> from datetime import UTC
    >>> compute_cookies('{"v":1,"ga":1767225600,"fbp":1767225601}', datetime(2026, 1, 2, tzinfo=UTC))
    (0.69..., 0.69..., 1.0)
    """
    payload = parse(lw_data) or {}
    analytics, meta = (number(payload, name, _LATEST) for name in ("ga", "fbp"))
    if submitted_at is None or (math.isnan(analytics) and math.isnan(meta)):
        return (NAN, NAN, NAN)
    now = submitted_at.timestamp()
    ages = [math.log1p(max(now - first, 0.0) / _DAY) for first in (analytics, meta)]
    agree = truth(abs(analytics - meta) < _AGREE_SECONDS)
    return (*ages, NAN if math.isnan(analytics) or math.isnan(meta) else agree)


def compute_cookies_rows(lw_data: Sequence[str | None], submitted_at: Sequence[datetime | None]) -> Matrix:
    """Return the features of `compute_cookies` of n leads, shape (3, n)."""
    payloads = read_payloads(tuple(lw_data))
    first = np.array([payloads.numbers(name, _LATEST) for name in ("ga", "fbp")])
    now = np.array([NAN if moment is None else moment.timestamp() for moment in submitted_at])
    days = np.maximum(now - first, 0.0) / _DAY
    apart = np.where(np.isnan(now), NAN, np.abs(first[0] - first[1]))
    agree = np.where(np.isnan(apart), NAN, apart < _AGREE_SECONDS)
    # numpy's log1p differs in the last digits from that of one lead.
    return np.array([*([*map(math.log1p, of_cookie)] for of_cookie in days.tolist()), agree])


GROUPS = (
    FeatureGroup(
        "click",
        ("source", *_FIELDS),
        (
            Feature("click_platforms", "number", "Ad platforms whose click id the lead carries", unit="n"),
            Feature("click_platform", "category", "Click id of"),
            Feature(
                "click_gclid_valid",
                "flag",
                "Google click id",
                "Google click id is well formed",
                "Google click id is malformed",
            ),
            Feature(
                "click_source_conflict",
                "flag",
                "Click id and source",
                "Click id belongs to another platform than the source",
                "Click id agrees with the source",
            ),
        ),
        compute,
    ),
    FeatureGroup(
        "click_time",
        ("gclid", "submitted_at"),
        (
            Feature(
                "click_gclid_dated",
                "flag",
                "Google click id",
                "Google click id contains the time of the click",
                "Google click id contains no time",
            ),
            Feature("click_age_log", "number", "Time from the click to the form", unit="ln(1 + h)"),
            Feature(
                "click_after_form",
                "flag",
                "Google click id",
                "Click id is later than the form",
                "Click id is earlier than the form",
            ),
        ),
        compute_age,
    ),
    FeatureGroup(
        "click_cookies",
        ("lw_data", "submitted_at"),
        (
            Feature(
                "click_analytics_age_log",
                "number",
                "Days since the first visit by the cookie _ga",
                unit="ln(1 + d)",
                use="junk",
            ),
            Feature(
                "click_meta_age_log",
                "number",
                "Days since the first visit by the cookie _fbp",
                unit="ln(1 + d)",
                use="junk",
            ),
            Feature(
                "click_cookies_agree",
                "flag",
                "Cookies",
                "Cookies agree on the first visit",
                "Cookies disagree on the first visit",
                use="junk",
            ),
        ),
        compute_cookies,
        needs="collector",
        compute_rows=compute_cookies_rows,
    ),
)
