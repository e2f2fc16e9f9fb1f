"""Checks of a Pipedrive account before it is used; they change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crm.connectors.pipedrive.pipedrive_api import PipedriveApi
from crm.connectors.pipedrive.pipedrive_fields import LEADS, TYPES, PipedriveFields
from crm.connectors.pipedrive.pipedrive_reader import PARTS
from crm.connectors.pipedrive.settings import PipedriveSection
from crm.score_fields import SCORE_FIELDS, MissingScoreFields
from crm.sign_in_failure import SIGN_IN, sign_in_failure
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity

UPDATE_TOKENS = 10
"""Tokens of one write of a lead."""
LEAST_TOKENS = 1_500
"""Tokens of a page of closed deals with their change logs, and of what a run reads before."""


def check_account(api: PipedriveApi, fields: PipedriveFields, section: PipedriveSection) -> Iterator[HealthFinding]:
    """Yield the findings; where Pipedrive refuses the credentials, nothing more is checked."""
    try:
        user = api.get("v1/users/me")["data"]
    except DeliveryError as error:
        do = "copy the API token of a user (Personal preferences, API) and set it as the token"
        yield sign_in_failure(api.http, error, do)
        return
    yield HealthFinding(Severity.OK, SIGN_IN, f"user {user['id']} of {user.get('company_domain', 'the account')}")
    for path in dict.fromkeys(part.path for parts in PARTS.values() for part in parts):
        yield _readable(api, path)
    yield from _scores(fields)
    yield _budget(api, section)
    yield _webhooks(api, section)


def _readable(api: PipedriveApi, path: str) -> HealthFinding:
    try:
        api.get(path, {"limit": "1"})
    except DeliveryError as error:
        do = "give the user of the token, or the app, the right to see them"
        return HealthFinding(Severity.FAIL, "rights", f"{path} cannot be read: {error}", do)
    return HealthFinding(Severity.OK, "rights", f"{path} can be read")


def _scores(fields: PipedriveFields) -> Iterator[HealthFinding]:
    fields.read_again(LEADS)
    found = fields.scores(LEADS)
    if missing := [score.name for score in SCORE_FIELDS if score.name not in found]:
        do = "run `leadworth crm connect pipedrive --create-fields`"
        yield MissingScoreFields(Severity.WARN, "fields", f"the account lacks {', '.join(missing)}", do)
    for score in SCORE_FIELDS:
        item = found.get(score.name)
        if item is None:
            continue
        if item.kind != TYPES[score.kind]:
            what = f"the field {item.label!r} has the type {item.kind}, not {TYPES[score.kind]}"
            yield HealthFinding(Severity.FAIL, "fields", what, "rename or delete the field in Pipedrive")
        elif lacking := [option for option in score.options if option not in item.labels.values()]:
            what = f"the field {item.label!r} lacks the options {', '.join(lacking)}"
            yield HealthFinding(
                Severity.FAIL, "fields", what, "add them in Pipedrive, in Company settings, Data fields"
            )


def _budget(api: PipedriveApi, section: PipedriveSection) -> HealthFinding:
    """Return how many scores a run can write, and whether it can store a page of deals with their histories."""
    quota = api.http.quota
    limit = section.daily_tokens if quota is None else quota.limit
    share = int(limit * section.quota_share)
    what = f"{limit:,} tokens a day, {share:,} for a run: at most {share // UPDATE_TOKENS:,} scores of leads"
    if share < LEAST_TOKENS:
        do = f"raise quota_share in [crm.pipedrive]: a page of closed deals takes up to {LEAST_TOKENS:,} tokens"
        return HealthFinding(Severity.FAIL, "budget", what, do)
    return HealthFinding(Severity.OK, "budget", what)


def _webhooks(api: PipedriveApi, section: PipedriveSection) -> HealthFinding:
    """Return whether webhooks can be checked, and whether some are there twice."""
    if not section.webhook_password.get_secret_value():
        what = "no webhook_password: webhooks are refused, and changes come with the next sync"
        return HealthFinding(Severity.WARN, "webhooks", what, "set it, and give it to the webhook in Pipedrive")
    try:
        hooks = api.get("v1/webhooks")["data"] or ()
    except DeliveryError as error:
        return HealthFinding(Severity.WARN, "webhooks", f"they cannot be listed: {error}", "see them in Pipedrive")
    names = Counter((hook["subscription_url"], hook["event_action"], hook["event_object"]) for hook in hooks)
    if double := sum(number - 1 for number in names.values()):
        return HealthFinding(Severity.WARN, "webhooks", f"{double} are there twice", "delete one of each in Pipedrive")
    return HealthFinding(Severity.OK, "webhooks", f"{len(hooks)} are created, none twice")
