"""Sentences in English with plain numbers, and pages as JSON: for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from reporting.page.page_model import Message, Quantity
from reporting.page.plural_forms import with_plurals


def english(message: Message | str) -> str:
    """Return a sentence in English with numbers as they are.

    Examples
    --------
    >>> english(Message("about {count} more leads", {"count": Quantity(80)}))
    'about 80 more leads'
    """
    if isinstance(message, str):
        return message
    text = with_plurals(message.text, message.values, "en")
    return text.format_map({name: _plain(value) for name, value in message.values.items()})


def _plain(value: Quantity | Message | str | date | datetime) -> str:
    if isinstance(value, Quantity):
        number = f"{value.value:.10g}"
        return number if value.currency is None else f"{value.currency} {number}"
    if isinstance(value, Message):
        return english(value)
    return value if isinstance(value, str) else value.isoformat()


def as_json(content: Any) -> Any:
    """Return the content of a page as values of JSON; sentences are text in English.

    Examples
    --------
    >>> as_json(Quantity(0.5, currency="EUR"))
    {'value': 0.5, 'unit': 'count', 'currency': 'EUR'}
    """
    if isinstance(content, Message):
        return english(content)
    if is_dataclass(content) and not isinstance(content, type):
        return {field.name: as_json(getattr(content, field.name)) for field in fields(content)}
    if isinstance(content, Mapping):
        return {str(name): as_json(value) for name, value in content.items()}
    if isinstance(content, tuple | list):
        return [as_json(item) for item in content]
    if isinstance(content, date | datetime):
        return content.isoformat()
    if isinstance(content, StrEnum):
        return str(content)
    return content
