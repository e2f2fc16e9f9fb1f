"""Reader of form submissions: urlencoded, multipart as of `FormData`, or JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from serving.json_route import read_object, require_json
from serving.problems import Problem

MAX_FIELDS = 500
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FORM_TYPES = (URLENCODED, MULTIPART, "application/json")


async def read_form(request: Request) -> dict[str, Any]:
    """Return the fields of a form; the last value of a repeated field, and no files.

    A body without a content type is read as urlencoded.

    Raises
    ------
    Problem
        415 for another content type, 422 for too many fields or a malformed body.
    """
    content_type = request.headers.get("content-type", URLENCODED)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == MULTIPART:
        return await _read_multipart(request)
    body = await request.body()
    if media_type == URLENCODED:
        return _read_urlencoded(body)
    require_json(content_type)
    return read_object(body)


def _read_urlencoded(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise Problem(422, "too-many-fields", f"the form has too many fields; allowed: {MAX_FIELDS}") from error


async def _read_multipart(request: Request) -> dict[str, Any]:
    # The size of a part is bounded by the limit of the body.
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=MAX_FIELDS, max_fields=MAX_FIELDS, max_part_size=2**31
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        detail = f"the multipart body cannot be read: {error.message}; allowed: {MAX_FIELDS} fields"
        raise Problem(422, "malformed-form", detail) from error
    try:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}
    finally:
        await form.close()
