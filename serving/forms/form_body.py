"""Read what a form sends: urlencoded, multipart as of `FormData`, or JSON."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from serving.lead_bodies import read_object
from serving.problems import Problem

MOST_FIELDS = 500
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})')
_NAME = re.compile(rb'[; ]name="([^"]*)"', re.IGNORECASE)


def read_form(body: bytes, content_type: str | None) -> dict[str, Any]:
    """Return the fields of a form; of one sent twice the last, of files nothing.

    Parameters
    ----------
    body
        As it came.
    content_type
        Of the body; None counts as urlencoded.

    Raises
    ------
    Problem
        415 for another content type, 422 for too many fields or what is not of its type.

    Examples
    --------
    >>> read_form(b"email=ada%40acme.example&message=Two+seats", None)
    {'email': 'ada@acme.example', 'message': 'Two seats'}
    """
    kind = (content_type or URLENCODED).partition(";")[0].strip().lower()
    if kind == URLENCODED:
        return _urlencoded(body)
    if kind == MULTIPART:
        return _multipart(body, content_type or "")
    return read_object(body, content_type)


def _urlencoded(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise _too_many() from error


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the text fields of a multipart body (RFC 7578)."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise Problem(
            422, "no-boundary", "the multipart body has no boundary; what to do: let the browser set the type"
        )
    fields: dict[str, Any] = {}
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode("latin-1", "replace"), MOST_FIELDS + 2)
    if len(parts) > MOST_FIELDS + 2:
        raise _too_many()
    for part in parts[1:]:
        head, ended, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if ended and name and b"filename" not in head.lower():
            fields[name[1].decode("utf-8", "replace")] = content.decode("utf-8", "replace")
    return fields


def _too_many() -> Problem:
    return Problem(422, "too-many-fields", f"the form has too many fields; allowed: {MOST_FIELDS}")
