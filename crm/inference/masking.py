"""Mask personal data in example values."""

from __future__ import annotations

import re

PERSONAL_KINDS = frozenset({"email", "phone", "ip", "url", "user_agent", "click_id", "text", "code", "many"})
_EMAIL = re.compile(r"(.).*@.*\.(\w+)")


def mask(value: str, kind: str) -> str:
    """Return a value with personal data masked.

    Parameters
    ----------
    value
        Value of a column.
    kind
        Kind of the column, see `crm.inference.column_profile.ColumnProfile`.

    Examples
    --------
    >>> mask("ada@example.org", "email"), mask("+39 333 1234567", "phone"), mask("93.184.216.34", "ip")
    ('a***@***.org', '+39 *** *******', '93.184.*.*')
    >>> mask("https://shop.example/x?gclid=Cj0", "url"), mask("Please call me", "text"), mask("web", "category")
    ('https://***/...', '(3 words)', 'web')
    """
    email = _EMAIL.fullmatch(value) if kind == "email" else None
    if email:
        return f"{email[1]}***@***.{email[2]}"
    if kind == "phone":
        return value[:3] + re.sub(r"\w", "*", value[3:])
    if kind == "ip" and value.count(".") == 3:
        return ".".join([*value.split(".")[:2], "*", "*"])
    if kind == "url":
        return f"{value.partition('://')[0]}://***/..." if "://" in value else "***"
    if kind == "text":
        return f"({len(value.split())} words)"
    if kind in PERSONAL_KINDS:
        return f"{value[:3]}***"
    return value if len(value) <= 40 else value[:37] + "..."
