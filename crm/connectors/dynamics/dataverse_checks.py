"""Checks of a Dataverse environment for `leadworth crm doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from crm.connectors.dynamics.dataverse_api import DataverseApi
from crm.connectors.dynamics.dataverse_metadata import DataverseMetadata
from crm.connectors.dynamics.dataverse_reader import DataverseReader
from crm.connectors.dynamics.dataverse_scores import CHOICES, DataverseScores
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from crm.sign_in_failure import SIGN_IN, sign_in_failure
from leadworth.crm_catalog import CrmInfo
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity

GUIDE = "see docs/how-to/crm-dynamics.md"


def check_environment(
    api: DataverseApi,
    metadata: DataverseMetadata,
    reader: DataverseReader,
    scores: DataverseScores,
    info: CrmInfo,
    lead_object: str,
) -> list[HealthFinding]:
    """Return the findings; nothing is changed."""
    try:
        user = api.user()
    except DeliveryError as error:
        remedy = (
            "check tenant, client_id and client_secret, and that the environment has an application user with a role"
        )
        return [sign_in_failure(api.http, error, remedy)]
    findings = [HealthFinding(Severity.OK, SIGN_IN, f"application user {user}")]
    for name, item in info.objects.items():
        findings += _table(metadata, reader, name, item.fields)
    findings += _score_columns(metadata, scores, lead_object)
    return findings


def _table(
    metadata: DataverseMetadata, reader: DataverseReader, name: str, fields: tuple[str, ...]
) -> Iterator[HealthFinding]:
    """Yield whether a table can be read, its missing columns, and whether deletions can be asked for."""
    try:
        table, present, rows = metadata.table(name), metadata.fields(name, again=True), reader.count(name)
    except DeliveryError as error:
        do = "give the application user's role Read on the table, at the level of the organization"
        level = Severity.WARN if isinstance(error, CrmRefusedError) else Severity.FAIL
        yield HealthFinding(level, name, f"cannot be read: {error.given}", do)
        return
    yield HealthFinding(Severity.OK, name, f"{rows:,} records")
    if missing := [field for field in fields if field not in present]:
        yield HealthFinding(
            Severity.WARN, name, f"columns not there: {', '.join(missing)}", "nothing if you do not use them"
        )
    if not table.tracked:
        do = "have an administrator switch change tracking on (for ever); else each run compares all ids"
        yield HealthFinding(Severity.WARN, name, "change tracking is off", do)


def _score_columns(metadata: DataverseMetadata, scores: DataverseScores, lead_object: str) -> Iterator[HealthFinding]:
    present = metadata.fields(lead_object)
    missing = [column for column in scores.names.values() if column not in present]
    if missing:
        yield HealthFinding(Severity.FAIL, "scores", f"{lead_object} has no columns {', '.join(missing)}", GUIDE)
    for field in SCORE_FIELDS:
        column = scores.names[field.name]
        if field.name in CHOICES and column in present:
            labels = set(present[column].options.values())
            if absent := [option for option in field.options if option not in labels]:
                what = f"the choice {column} has no option labelled {', '.join(absent)} in our user's language"
                yield HealthFinding(Severity.FAIL, "scores", what, GUIDE)
    if not missing:
        yield HealthFinding(Severity.OK, "scores", f"{len(scores.names)} columns")
