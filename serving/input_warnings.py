"""Warnings about the input of a scoring call: values that cannot be read, fields that nothing uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crm.inference.header_vocabulary import match_header
from leadworth.consent import not_understood
from leadworth.privacy import redact
from leadworth.readers.flag_reader import folded
from leadworth.readers.text_reader import REPLACEMENT
from leadworth.records import AGE, FormFields, Lead, ServerFields, reader_of
from leadworth.unreadable import Unreadable
from serving.implausible_values import CHECKS, LOST_LETTERS, has_lost_letters, implausible

MOST_WARNINGS = 50
MOST_NEAREST = 10
_LONGEST_NAME = 60
_NAMES = ("lead_id", "submitted_at", *FormFields.model_fields, *ServerFields.model_fields, AGE)
_UNKNOWN = "no field of a lead and no feature of the model"
_CONSENT = "not a word of consent; it counts as not granted"


class InputWarning(BaseModel):
    """Warning about one field of the input; it never repeats a value.

    Examples
    --------
    >>> unreadable_fields({"employees": "about fifty", "company": "Acme"}, Lead(company="Acme"))[0].detail
    'not a number; it counts as missing'
    """

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Name as received, at most 60 characters")
    code: Literal["unreadable-value", "unknown-field"]
    detail: str


def unreadable_fields(content: Mapping[str, object], lead: Lead) -> list[InputWarning]:
    """Return a warning for each field whose value is written but cannot be read, cannot be, or has lost letters.

    Parameters
    ----------
    content
        Fields as received.
    lead
        What was read of them; only what it lacks is read again.

    Examples
    --------
    >>> content = {"employees": -5, "company": ["Acme"], "first_name": "Jos\ufffd"}
    >>> [warning.field for warning in unreadable_fields(content, Lead(**content))]
    ['employees', 'company', 'first_name']
    """
    read = lead.__dict__
    warnings = []
    for name, value in content.items():
        seen = read.get(name)
        if value is None or (seen and name not in CHECKS and (value.__class__ is not str or REPLACEMENT not in value)):
            continue
        detail = _fault(name, value, seen)
        if detail is not None:
            field = redact(name[:_LONGEST_NAME])
            warnings.append(InputWarning(field=field, code="unreadable-value", detail=detail))
    return warnings


def _fault(name: str, value: object, seen: object) -> str | None:
    """Return what is wrong with a value; None where nothing is."""
    if has_lost_letters(value):
        return LOST_LETTERS
    if seen:
        return implausible(name, seen)
    if name not in Lead.model_fields:
        return None
    reader = reader_of(name)
    if reader.kind == "consent":
        return None if not_understood(value) is None else _CONSENT
    result = reader.read(value)
    return f"{result.reason}; it counts as missing" if isinstance(result, Unreadable) else None


def unknown_fields(names: Collection[str], extras: Collection[str]) -> list[InputWarning]:
    """Return a warning for each name that is neither a field of a lead nor a feature of the model, at most 50.

    The nearest name is looked for in the first `MOST_NEAREST` of them: it takes some milliseconds each.

    Parameters
    ----------
    names
        Fields that are not declared.
    extras
        Additional columns that the model uses.

    Examples
    --------
    >>> [warning.detail for warning in unknown_fields(["Source", "Seats"], ["Seats"])]
    ['no field of a lead and no feature of the model; nearest: source']
    """
    known = frozenset(extras)
    unknown = islice((name for name in names if name not in known), MOST_WARNINGS)
    return [
        InputWarning(
            field=redact(name[:_LONGEST_NAME]),
            code="unknown-field",
            detail=_UNKNOWN + (_suggestion(name, known) if number < MOST_NEAREST else ""),
        )
        for number, name in enumerate(unknown)
    ]


# The same caller sends the same wrong name with each lead. At most 1,000 names of 60 characters are compared.
@lru_cache(maxsize=1_000)
def _nearest(name: str, extras: frozenset[str]) -> str | None:
    by_fold = {folded(known).replace(" ", "_"): known for known in (*extras, *_NAMES)}
    word = folded(name).replace(" ", "_").replace("-", "_")
    if word in by_fold:
        return by_fold[word]
    known = [match.name for match in match_header(name) if match.section == "fields" and match.name in _NAMES]
    if known:
        return known[0]
    close = get_close_matches(word, by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def _suggestion(name: str, extras: frozenset[str]) -> str:
    nearest = _nearest(name[:_LONGEST_NAME], extras)
    return f"; nearest: {nearest}" if nearest else ""
