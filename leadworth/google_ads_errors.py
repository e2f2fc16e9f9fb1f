"""Codes of the errors of the Google Ads API, for every version of its official client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def error_code(error: Any) -> str:
    """Return the name of a `GoogleAdsError`: the one field of its code that is set."""
    message = type(error.error_code).pb(error.error_code)
    kind = message.WhichOneof("error_code")
    return str(getattr(error.error_code, kind).name) if kind else "UNKNOWN"


def failure_codes(error: Any, failure: Any) -> Iterator[str]:
    """Yield the codes that came with an exception of the client, in the trailing metadata.

    Parameters
    ----------
    error
        Exception of `google.api_core`.
    failure
        Class `GoogleAdsFailure` of the version in use.
    """
    trailing: Any = getattr(error.response, "trailing_metadata", tuple)() or ()
    for key, value in trailing:
        if key.endswith("googleadsfailure-bin"):
            yield from (error_code(part) for part in failure.deserialize(value).errors)
