"""What is wrong with settings, in words: which setting, what was given (never a secret) and what is allowed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

PREFIX = "LEADWORTH_"
RENAMED = {
    "junk.always_pass": "exploration_rate",
    "export.keep_days": "retention.identifiers_days",
    "serving.idempotency_hours": "retention.answers_hours",
}
"""Former key -> present name, with the section where that changed too."""


def issues(error: ValidationError, settings: type[BaseModel]) -> str:
    """Return what is wrong with settings of a class, in one line."""
    return "; ".join(_issue(issue, settings) for issue in error.errors())


def _issue(issue: ErrorDetails, settings: type[BaseModel]) -> str:
    """Return which setting is wrong, what was given (never a secret) and what is allowed."""
    steps = [str(part) for part in issue["loc"]]
    variable = PREFIX + "__".join(steps).upper()
    name = ".".join(steps) or "file"
    name += f" (from {variable})" if variable in os.environ else ""
    if issue["type"] == "extra_forbidden":
        if (renamed := RENAMED.get(".".join(steps))) is not None:
            return f"{name}: this setting was renamed to {renamed}"
        near = get_close_matches(steps[-1], _settings_of_section(steps, settings), n=1)
        return f"{name}: there is no such setting" + (f" (nearest: {near[0]})" if near else "")
    given = issue["input"]
    shown = f" (given: {given!r})" if isinstance(given, int | float) else ""
    return f"{name}: {issue['msg'].removeprefix('Value error, ')}{shown}"


def _settings_of_section(steps: Sequence[str], settings: type[BaseModel]) -> list[str]:
    """Return the settings of the section of the last step."""
    section = settings
    for step in steps[:-1]:
        field = section.model_fields.get(step)
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        section = inner
    return list(section.model_fields)
