"""JSON of a protobuf message as the arguments of its type, whose constructor is in C.

That takes a fifth of the time of the official reader of JSON, `ParseDict`, which was a third of the work of an event.
The official type still refuses unknown names, values and kinds of values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

TIMESTAMP = "google.protobuf.Timestamp"


class _Field(NamedTuple):
    name: str
    message: Any
    is_repeated: bool


@cache
def _fields(descriptor: Any) -> Mapping[str, _Field]:
    """Return name in JSON -> field."""
    return {field.json_name: _Field(field.name, field.message_type, field.is_repeated) for field in descriptor.fields}


def protobuf_arguments(body: Mapping[str, Any], descriptor: Any) -> dict[str, Any]:
    """Return the arguments of the constructor of a message.

    Parameters
    ----------
    body
        The message as JSON, with names in camel case.
    descriptor
        Of its type.

    Raises
    ------
    TypeError, ValueError
        Where it has a name that the type has not, a list in place of one value or the reverse, or no readable moment.

    Examples
    --------
    >>> from google.protobuf.type_pb2 import Field
    >>> protobuf_arguments({"typeUrl": "a", "options": [{"name": "b"}]}, Field.DESCRIPTOR)
    {'type_url': 'a', 'options': [{'name': 'b'}]}
    """
    known = _fields(descriptor)
    arguments = {}
    for key, value in body.items():
        if key not in known:
            raise ValueError(f"{descriptor.full_name} has no {key}")
        field = known[key]
        if isinstance(value, list) is not field.is_repeated:
            raise TypeError(f"{descriptor.full_name}.{key} is {'a' if field.is_repeated else 'no'} list")
        if field.message is None:
            arguments[field.name] = value
        elif field.is_repeated:
            arguments[field.name] = [_message(part, field.message) for part in value]
        else:
            arguments[field.name] = _message(value, field.message)
    return arguments


def _message(value: Any, descriptor: Any) -> dict[str, Any]:
    if descriptor.full_name == TIMESTAMP:
        moment = datetime.fromisoformat(value)
        return {"seconds": int(moment.timestamp()), "nanos": 1_000 * moment.microsecond}
    if not isinstance(value, Mapping):
        raise TypeError(f"{descriptor.full_name} is a message")
    return protobuf_arguments(value, descriptor)
