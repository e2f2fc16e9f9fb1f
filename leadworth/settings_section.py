"""What every section of leadworth.toml is made of."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode


def _as_list(value: Any) -> Any:
    """Let one text stand for a list of one, and the JSON of a list (from the environment) for the list."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") and value.endswith("]") else [value]


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_as_list)]


class Section(BaseModel):
    """A section of the file; a key that does not exist is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
