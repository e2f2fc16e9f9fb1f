"""Base of the sections of leadworth.toml, and the type of lists of names."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode


def _as_list(value: Any) -> Any:
    """Return a single text as a list of one, and JSON (from the environment) as the list it contains."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") and value.endswith("]") else [value]


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_as_list)]


class Section(BaseModel):
    """Section of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
