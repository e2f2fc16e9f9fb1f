"""Read leads from a request's body, as leniently as JSON allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from leadworth import values
from leadworth.ids import new_id
from leadworth.records import AGE, Lead
from serving.problems import Problem

MOST_LEADS = 1_000
LONGEST_ID = 512


def read_object(body: bytes, content_type: str | None) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises
    ------
    Problem
        415 for another content type, 422 for what is not a JSON object.
    """
    if content_type is not None and not _is_json(content_type):
        raise Problem(
            415,
            "unsupported-media-type",
            "the body is not declared as JSON; allowed: Content-Type: application/json",
            {"Accept-Post": "application/json"},
        )
    try:
        content = _read(body)
    except (ValueError, RecursionError) as error:
        raise Problem(422, "not-json", "the body is not valid JSON; what to do: send one JSON object") from error
    if not isinstance(content, dict):
        raise Problem(422, "not-an-object", "the body is not a JSON object; what to do: send one, {...}")
    return content


def read_lead(content: Mapping[str, Any], at: datetime) -> Lead:
    """Return a lead with an id and a time of submit, whatever its fields say.

    Raises
    ------
    Problem
        422 where the id is too long to be one.
    """
    lead = Lead.model_validate(content)
    if lead.lead_id is not None and len(lead.lead_id) > LONGEST_ID:
        raise Problem(422, "lead-id-too-long", f"lead_id is too long; allowed: {LONGEST_ID} characters")
    if lead.lead_id is not None and lead.submitted_at is not None:
        return lead
    return lead.model_copy(update={"lead_id": lead.lead_id or new_id(), "submitted_at": lead.submitted_at or at})


def take_age(content: dict[str, Any]) -> float | None:
    """Remove the argument `age_days` from the body of a scoring call and return it; None where it is left out.

    Raises
    ------
    Problem
        422 where it is not a number of days, is negative or is not finite.

    Examples
    --------
    >>> content = {"email": "ada@acme.example", "age_days": "30"}
    >>> take_age(content), content
    (30.0, {'email': 'ada@acme.example'})
    """
    given = content.pop(AGE, None)
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    age = None if isinstance(given, bool) else values.number(given)
    if age is None or age < 0:
        what = "negative" if age is not None else "not a finite number"
        raise Problem(
            422,
            "invalid-age",
            f"{AGE} is {what}; allowed: the days that the lead has been open, 0 or more; "
            "what to do: leave it out to score the lead as at submit",
        )
    return age


def read_leads(content: Mapping[str, Any]) -> list[Any]:
    """Return the items of a batch; each is read on its own later.

    Raises
    ------
    Problem
        422 where there is no list of leads, or it is too long.
    """
    leads = content.get("leads")
    if not isinstance(leads, list):
        raise Problem(422, "no-leads", 'the body has no list "leads"; what to do: send {"leads": [{...}, ...]}')
    if len(leads) > MOST_LEADS:
        raise Problem(422, "too-many-leads", f"{len(leads)} leads were sent; allowed: {MOST_LEADS}")
    return leads


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _read(body: bytes) -> Any:
    """Parse JSON; what a browser cut in two (half an emoji, a byte of Latin-1) becomes a question mark."""
    try:
        return from_json(body)
    except ValueError:
        return _clean(json.loads(body.decode("utf-8", "replace"), parse_int=float))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value
