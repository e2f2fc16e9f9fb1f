"""Canonical form of an id (placeholder until `leadworth` has its own reader of ids)."""

from __future__ import annotations

import re

_SALESFORCE = re.compile(r"([A-Za-z0-9]{5}[A-Za-z0-9]{10})(?:[A-Z0-5]{3})", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def canonical_id(written: str) -> str:
    """Return the form in which two spellings of an id are equal, except for the case of letters.

    Examples
    --------
    >>> [canonical_id(text) for text in ("020240", "20240.0", "'20240", "{AB-1}", "00Q5e00000Ab000EAB")]
    ['20240', '20240', '20240', 'AB-1', '00Q5e00000Ab000']
    """
    text = written.strip().lstrip("'\u2019=").strip(" \"'{}()[]")
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    if (match := _SALESFORCE.fullmatch(text)) and any(char.isdigit() for char in text):
        return match[1]
    return text.replace("-", "") if _GUID.fullmatch(text) else text
