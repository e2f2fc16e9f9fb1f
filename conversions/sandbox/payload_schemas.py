"""Field types that the payload schemas of several platforms share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
EventId = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Element(BaseModel):
    """An element of a payload; an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)
