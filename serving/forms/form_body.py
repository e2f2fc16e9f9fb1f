"""Reader of form submissions: urlencoded, multipart as of `FormData`, or JSON."""

from __future__ import annotations

from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from serving.declared_charset import charset_of, header_of
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
        return await _read_multipart(request, content_type)
    body = await request.body()
    if media_type == URLENCODED:
        return _read_urlencoded(body, charset_of(content_type))
    require_json(content_type)
    return read_object(body, content_type)


def _read_urlencoded(body: bytes, charset: str) -> dict[str, Any]:
    text = body.decode(charset, "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, encoding=charset, max_num_fields=MAX_FIELDS)
        return dict(pairs)
    except ValueError as error:
        raise Problem(422, "too-many-fields", f"the form has too many fields; allowed: {MAX_FIELDS}") from error


async def _read_multipart(request: Request, content_type: str) -> dict[str, Any]:
    header = Message()
    parameters = {"boundary": header_of(content_type).get_boundary() or "", "charset": charset_of(content_type)}
    header.add_header("content-type", MULTIPART, **parameters)
    # The size of a part is bounded by the limit of the body.
    parser = MultiPartParser(
        Headers(dict(header.items())),
        request.stream(),
        max_files=MAX_FIELDS,
        max_fields=MAX_FIELDS,
        max_part_size=2**31,
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
