"""Bodies of the scoring calls: a lead is read leniently, arguments of the call strictly."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PlainValidator,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from leadworth.readers.number_reader import read_number
from leadworth.records import AGE, Identifier, Lead
from leadworth.unreadable import readable
from serving.input_warnings import MOST_WARNINGS, InputWarning, unknown_fields, unreadable_fields

MAX_LEADS = 1_000
MAX_ID_LENGTH = 512
EXAMPLE: dict[str, JsonValue] = {
    "email": "ada@acme.example",
    "company": "Acme",
    "job_title": "Head of operations",
    "employees": "50-100",
    "message": "We would like a quote for 40 seats.",
    "source": "google",
    "medium": "cpc",
}


def _check_id_length(lead_id: str | None) -> str | None:
    if lead_id is not None and len(lead_id) > MAX_ID_LENGTH:
        raise PydanticCustomError("lead-id-too-long", f"too long; allowed: {MAX_ID_LENGTH} characters")
    return lead_id


def _check_id_type(lead_id: object) -> object:
    if lead_id is None or (isinstance(lead_id, str | int | float) and not isinstance(lead_id, bool)):
        return lead_id
    raise PydanticCustomError("invalid-lead-id", "neither a text nor a number; what to do: send one, or leave it out")


def _read_age(value: object) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    age = None if isinstance(value, bool) else readable(read_number(value))
    if age is None or age < 0:
        fault = "not a finite number" if age is None else "negative"
        raise PydanticCustomError(
            "invalid-age",
            f"{AGE} is {fault}; allowed: the days that the lead has been open, 0 or more; "
            "what to do: leave it out to score the lead as at submit",
        )
    return age


class ScoreRequest(Lead):
    """Body of a scoring call: the fields of a lead, and its age, which is an argument of the call.

    Unreadable values of a lead count as missing, and are in `warnings`. Only an unusable `age_days` or a `lead_id` that
    is too long or no text and no number is an error; the types of these errors are types of problems.

    Examples
    --------
    >>> ScoreRequest(email="ada@acme.example", employees="about fifty", age_days="30").age_days
    30.0
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    lead_id: Annotated[
        Identifier,
        AfterValidator(_check_id_length),
        BeforeValidator(_check_id_type, json_schema_input_type=str | float | None),
    ] = Field(
        None,
        description=f"At most {MAX_ID_LENGTH} characters; left out: the service makes one",
        json_schema_extra={"maxLength": MAX_ID_LENGTH},
    )
    age_days: Annotated[float | None, BeforeValidator(_read_age)] = Field(
        None, ge=0, allow_inf_nan=False, description="Days that the lead has been open; left out: scored as at submit"
    )
    _unreadable: list[InputWarning] | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _note_unreadable(cls, content: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        request = handler(content)
        if isinstance(content, dict):
            request._unreadable = unreadable_fields(content, request) or None
        return request

    def warnings(self, extras: Collection[str]) -> list[InputWarning]:
        """Return the warnings about the input, at most `MOST_WARNINGS`.

        Parameters
        ----------
        extras
            Additional fields that the model uses.

        Examples
        --------
        >>> [warning.field for warning in ScoreRequest(employees="many", Source="x", Seats=3).warnings(["Seats"])]
        ['employees', 'Source']
        """
        unreadable = self._unreadable or []
        unknown = unknown_fields(self.extras, extras) if self.extras else []
        return [*unreadable, *unknown][:MOST_WARNINGS]


def _unchanged(value: Any) -> Any:
    return value


UnreadLead = Annotated[Any, PlainValidator(_unchanged, json_schema_input_type=ScoreRequest)]
"""A lead of a batch; it is validated when its turn comes, so that one unusable lead does not fail the batch."""


class LeadBatch(BaseModel):
    """Body of a batch."""

    leads: list[UnreadLead] = Field(max_length=MAX_LEADS)

    @model_validator(mode="before")
    @classmethod
    def _check_list(cls, content: Any) -> Any:
        leads = content.get("leads") if isinstance(content, dict) else None
        if not isinstance(leads, list):
            raise PydanticCustomError("no-leads", 'no list "leads"; what to do: send {"leads": [{...}, ...]}')
        if len(leads) > MAX_LEADS:
            raise PydanticCustomError("too-many-leads", f"{len(leads)} leads were sent; allowed: {MAX_LEADS}")
        return content
