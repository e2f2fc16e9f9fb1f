"""Change tracking and sign-in of the peer, asked without the connector."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from crm.connectors.dynamics.peer import CLIENT_ID, CLIENT_SECRET, TENANT
from tests.crm.connectors.dynamics.environment import Environment


def token(environment: Environment) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "scope": f"{environment.address}/.default",
    }
    url = f"{environment.address}/{TENANT}/oauth2/v2.0/token"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = environment.http.post(url, urlencode(form).encode(), kind).json()
    assert answer["expires_in"] > 0
    return str(answer["access_token"])


def get(environment: Environment, path: str, prefer: str = "", **options: str) -> tuple[int, dict[str, object]]:
    url = path if path.startswith("http") else f"{environment.address}/api/data/v9.2/{path}"
    headers = {"Authorization": f"Bearer {token(environment)}", "Prefer": prefer}
    params = {f"${name}": text for name, text in options.items()} or None
    answer = environment.http.request("GET", url, params=params, headers=headers, own=(401,))
    return answer.status_code, answer.json() if answer.content else {}


def test_a_delta_holds_changed_rows_in_full_and_then_deletions(environment: Environment) -> None:
    first, second = environment.lead(1), environment.lead(2)
    _, answer = get(environment, "leads", "odata.track-changes", select="lastname")
    environment.account.edit("lead", first, {"lastname": "Edited"})
    environment.account.delete("lead", second)
    _, delta = get(environment, str(answer["@odata.deltaLink"]))
    changed, deleted = delta["value"]
    assert (changed["leadid"], changed["lastname"]) == (first, "Edited")
    assert (deleted["id"], deleted["reason"]) == (second, "deleted")


@pytest.mark.parametrize("options", [{"filter": "lastname eq 'a'"}, {"orderby": "lastname"}])
def test_change_tracking_refuses_other_query_options(environment: Environment, options: dict[str, str]) -> None:
    status, _ = get(environment, "leads", "odata.track-changes", select="lastname", **options)
    assert status == 400
    assert get(environment, "phonecalls", "odata.track-changes", select="activityid")[0] == 400


def test_a_request_without_a_token_is_refused(environment: Environment) -> None:
    url = f"{environment.address}/api/data/v9.2/WhoAmI"
    assert environment.http.request("GET", url, own=(401,)).status_code == 401
