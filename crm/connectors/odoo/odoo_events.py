"""Webhooks of Odoo's automation rules: unsigned, with a secret in the address."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crm.connector import ForgedEventError
from crm.connectors.odoo.odoo_values import read_time
from leadworth.crm_records import RecordEvent

PARAMETER = "secret"


def read_webhook(
    url: str, body: bytes, *, secret: str, objects: Collection[str], received: datetime
) -> list[RecordEvent]:
    """Verify a webhook and return the record that it names.

    Odoo sends each event once. It is known by the write date where the rule sends this field, else by the time at
    which it came.

    Parameters
    ----------
    url
        Address that Odoo called, with the parameter `secret`.
    secret
        What the address must contain.
    objects
        Models that are read; an event of another one is ignored.

    Raises
    ------
    ForgedEventError
        If the secret is another one, or the body is no webhook of Odoo.

    Examples
    --------
    >>> body = b'{"_action": "Rule(#3)", "_id": 12, "_model": "crm.lead", "write_date": "2026-03-01 08:00:00"}'
    >>> at = datetime.fromisoformat("2026-03-01T08:00:01+00:00")
    >>> event, = read_webhook("https://x/e?secret=s", body, secret="s", objects=["crm.lead"], received=at)
    >>> event.event_id, event.record_id
    ('crm.lead:12:2026-03-01T08:00:00+00:00', '12')
    """
    given = parse_qs(urlsplit(url).query).get(PARAMETER, [""])[0]
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise ForgedEventError(
            "a webhook without the secret of [crm.odoo] event_secret in its address",
            do=f"add ?{PARAMETER}=... to the address in the automation rule",
        )
    content = _content(body)
    model, key = content.get("_model"), content.get("_id")
    if not isinstance(model, str) or not isinstance(key, int) or isinstance(key, bool):
        raise ForgedEventError("a body that is no webhook of Odoo", allowed="JSON with _model and _id")
    if model not in objects:
        return []
    try:
        at = read_time(str(content.get("write_date") or "").replace("T", " "))
    except ValueError:
        at = received
    return [RecordEvent(f"{model}:{key}:{at.isoformat()}", model, str(key), at)]


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
