"""Request headers of the visitor: missing headers and their order."""

from __future__ import annotations

from functools import lru_cache

from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth

_ALWAYS = ("accept", "accept-encoding", "accept-language", "user-agent")
_CHROMIUM = ("sec-ch-ua", "sec-fetch-mode", "sec-fetch-site")
LONGEST = 2_000


# Browsers send few distinct combinations and one takes 4 us. At most 2,000 texts of 2,500 characters.
@lru_cache(maxsize=2_000)
def compute(headers: str | None, user_agent: str | None) -> tuple[Cell, ...]:
    """Return the features of the header names, as sent.

    Company gateways strip the `sec-` headers of all their users, so these are counted apart from the headers that
    every browser sends.

    Examples
    --------
    >>> chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36"
    >>> compute("host,user-agent,accept", chrome)
    (2.0, 3.0, 0.0, 3.0)
    """
    if headers is None:
        return (NAN,) * 4
    names = [name.strip() for name in headers[:LONGEST].casefold().split(",")]
    distinct = set(names)
    chromium = "chrome/" in (user_agent or "").casefold()
    order = [name for name in names if name in {"accept", "accept-language"}]
    return (
        float(sum(name not in distinct for name in _ALWAYS)),
        float(sum(name not in distinct for name in _CHROMIUM)) if chromium else NAN,
        truth(order == ["accept-language", "accept"]),
        float(len(names)),
    )


GROUP = FeatureGroup(
    "headers",
    ("headers", "user_agent"),
    (
        Feature("headers_missing", "number", "Missing headers that every browser sends", unit="n", junk=1),
        Feature("headers_stripped", "number", "Missing headers that this browser sends", unit="n"),
        Feature(
            "headers_odd_order",
            "flag",
            "Headers",
            "Headers in an order that no browser uses",
            "Headers in the usual order",
        ),
        Feature("headers_count", "number", "Headers sent", unit="n"),
    ),
    compute,
)

GROUPS = (GROUP,)
