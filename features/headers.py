"""The headers of the visitor's request: what his browser always sends, and in which order."""

from __future__ import annotations

from functools import lru_cache

from features.base import NAN, Cell, Feature, Group, truth

_ALWAYS = ("accept", "accept-encoding", "accept-language", "user-agent")
_CHROMIUM = ("sec-ch-ua", "sec-fetch-mode", "sec-fetch-site")
MOST = 2_000


@lru_cache(maxsize=20_000)
def compute(headers: str | None, user_agent: str | None) -> tuple[Cell, ...]:
    """Return the features of the names of headers, as sent.

    A gateway of a company strips the `sec-` headers of all its people, so those count apart from what
    every browser sends.

    Examples
    --------
    >>> chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36"
    >>> compute("host,user-agent,accept", chrome)
    (2.0, 3.0, 0.0, 3.0)
    """
    if headers is None:
        return (NAN,) * 4
    names = [name.strip() for name in headers[:MOST].casefold().split(",")]
    held = set(names)
    chromium = "chrome/" in (user_agent or "").casefold()
    order = [name for name in names if name in {"accept", "accept-language"}]
    return (
        float(sum(name not in held for name in _ALWAYS)),
        float(sum(name not in held for name in _CHROMIUM)) if chromium else NAN,
        truth(order == ["accept-language", "accept"]),
        float(len(names)),
    )


GROUP = Group(
    "headers",
    ("headers", "user_agent"),
    (
        Feature("headers_missing", "number", "Headers missing that every browser sends", unit="n", junk=1),
        Feature("headers_stripped", "number", "Headers missing that this browser sends", unit="n"),
        Feature(
            "headers_odd_order", "flag", "Headers", "Headers in an order of no browser", "Headers in the usual order"
        ),
        Feature("headers_count", "number", "Headers sent", unit="n"),
    ),
    compute,
)

GROUPS = (GROUP,)
