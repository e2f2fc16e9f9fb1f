"""Webhooks of Dataverse: a service endpoint with a step on create and update of leads and opportunities."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from crm.connector import ForgedEventError
from leadworth.crm_records import RecordEvent

SECRET_HEADER = "x-leadworth-secret"
SECRET_PARAMETER = "code"
"""Parameter of the authentication type WebhookKey."""
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_events(url: str, headers: Mapping[str, str], body: bytes, *, secret: str, user: str) -> list[RecordEvent]:
    """Verify a webhook and return the record to read again; none for a change that leadworth made.

    Dataverse signs nothing: a header, or a query parameter, holds the secret.

    Parameters
    ----------
    headers
        Names in lower case.
    secret
        What the webhook must hold.
    user
        Id of our application user.

    Raises
    ------
    ForgedEventError
        If the secret is another one, or the body is no execution context.
    """
    given = headers.get(SECRET_HEADER) or parse_qs(urlsplit(url).query).get(SECRET_PARAMETER, [""])[0]
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise ForgedEventError(
            "a webhook without the secret of [crm.dynamics] event_secret",
            do=f"register the service endpoint with the header {SECRET_HEADER}, or with a WebhookKey",
        )
    try:
        context = json.loads(body)
        table, key = str(context["PrimaryEntityName"]), str(context["PrimaryEntityId"])
        author, message = str(context["InitiatingUserId"]), str(context["MessageName"])
    except (ValueError, KeyError, TypeError):
        raise ForgedEventError("a webhook whose body is no execution context") from None
    if author.lower() == user.lower():
        return []
    event_id = f"{context.get('OperationId') or context.get('CorrelationId')}:{message}:{key}"
    return [RecordEvent(event_id, table, key.lower(), _time(str(context.get("OperationCreatedOn", ""))))]


def _time(text: str) -> datetime | None:
    """Return the time of a date in the notation of the execution context.

    Examples
    --------
    >>> _time("/Date(1764288000000)/")
    datetime.datetime(2025, 11, 28, 0, 0, tzinfo=datetime.timezone.utc)
    """
    match = _DATE.fullmatch(text)
    return _EPOCH + timedelta(milliseconds=int(match[1])) if match else None
