"""Route whose JSON body is read leniently; other content types are refused."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from serving.declared_charset import charset_of
from serving.problems import Problem, field_name
from serving.required_scope import RequireScope


class JsonRequest(Request):
    """Request that reads its body as one JSON object."""

    async def json(self) -> dict[str, Any]:
        """Return the JSON object of the body; see `read_object`."""
        return read_object(await self.body(), self.headers.get("content-type"))


class JsonRoute(APIRoute):
    """Route of an API that takes JSON bodies.

    A body without a content type is read as JSON. The API key is checked before the body is read: FastAPI alone
    would parse the body of a caller without a key first.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of requests, which refuses bodies that are not declared as JSON (415)."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler
        scopes = [part.call for part in self.dependant.dependencies if isinstance(part.call, RequireScope)]

        async def handle(request: Request) -> Response:
            for scope in scopes:
                await scope(request)
            require_json(request.headers.get("content-type"))
            return await handler(JsonRequest(request.scope, request.receive))

        return handle


def require_json(content_type: str | None) -> None:
    """Refuse a content type other than JSON.

    Raises
    ------
    Problem
        415.
    """
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise Problem(
            415,
            "unsupported-media-type",
            "the body is not declared as JSON; allowed: Content-Type: application/json",
            {"Accept-Post": "application/json"},
        )


def read_object(body: bytes, content_type: str | None = None) -> dict[str, Any]:
    r"""Return the JSON object of a body.

    A body is UTF-8 (RFC 8259); one that is not is read in the charset that its content type declares, if it is one of
    pages and the body is valid in it. Other bytes become U+FFFD, which is warned of (`serving.input_warnings`): a form
    must not be lost for a letter. Half an emoji that a browser cut in two becomes a question mark; integers of any size
    are read.

    Parameters
    ----------
    body
        As received.
    content_type
        Header of the request; None where there is none.

    Raises
    ------
    Problem
        422 if the body is not a JSON object, or an object in it has a key twice: parsers differ in which one counts.

    Examples
    --------
    >>> read_object(b'{"first_name": "Ada \\ud83d"}')
    {'first_name': 'Ada ?'}
    >>> read_object(b'\xef\xbb\xbf{}')
    {}
    >>> read_object(b'{"a": "Jos\xe9"}', "application/json; charset=latin1"), read_object(b'{"a": "Jos\xe9"}')
    ({'a': 'José'}, {'a': 'Jos�'})
    """
    try:
        content = _parse(body.removeprefix(codecs.BOM_UTF8), content_type)
    except (ValueError, RecursionError) as error:
        raise Problem(422, "not-json", "the body is not valid JSON; what to do: send one JSON object") from error
    if not isinstance(content, dict):
        raise Problem(422, "not-an-object", "the body is not a JSON object; what to do: send one, {...}")
    return content


def _parse(body: bytes, content_type: str | None) -> Any:
    try:
        content = from_json(body)
    except ValueError:
        return _without_surrogates(_with_keys_once(_decoded(body, content_type)))
    # A text, as a key or as a value, has two quotes, so twice as many quotes as texts leave none for a repeated key. A
    # quote after two backslashes may or may not end a text.
    quotes = body.count(b'"') - body.count(b'\\"')
    if quotes != 2 * _count_texts(content) or b'\\\\"' in body:
        _with_keys_once(body)
    return content


def _decoded(body: bytes, content_type: str | None) -> str:
    """Return a body as text: UTF-8, else in the declared charset, else with U+FFFD for what is not UTF-8."""
    for charset in ("utf-8", charset_of(content_type or "")):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _count_texts(value: Any) -> int:
    """Return the number of keys and text values of a JSON value."""
    if isinstance(value, str):
        return 1
    if isinstance(value, dict):
        return len(value) + sum(map(_count_texts, value.values()))
    return sum(map(_count_texts, value)) if isinstance(value, list) else 0


def _with_keys_once(body: bytes | str) -> Any:
    """Parse a body and refuse an object with a repeated key (422)."""
    return json.loads(body, parse_int=float, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        repeated = ", ".join(sorted(field_name(name) for name, count in counts.items() if count > 1))
        raise Problem(
            422, "repeated-key", f"an object of the body has a key more than once: {repeated}; allowed: each key once"
        )
    return content


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    return value
