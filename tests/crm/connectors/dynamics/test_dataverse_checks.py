"""What `crm doctor` finds."""

from __future__ import annotations

from leadworth.health_findings import HealthFinding, Severity
from tests.crm.connectors.dynamics.environment import Environment


def worst(findings: list[HealthFinding]) -> dict[str, str]:
    return {finding.name: finding.what for finding in findings if finding.level is not Severity.OK}


def test_a_sound_environment(environment: Environment) -> None:
    found = worst(environment.connector().check())
    assert set(found) == {"phonecall", "email", "appointment"}
    assert set(found.values()) == {"change tracking is off"}
    assert not environment.account.writes


def test_wrong_credentials_rights_tables_and_columns(environment: Environment) -> None:
    assert set(worst(environment.connector(client_secret="x").check())) == {"sign-in"}
    environment.peer.remove_field("lead", "lw_model")
    environment.peer.remove_field("lead", "jobtitle")
    environment.peer.tables.options["lead"]["lw_band"].pop()
    del environment.peer.tables.kinds["campaign"]
    found = environment.connector().check()
    scores = [finding.what for finding in found if finding.name == "scores"]
    assert scores == [
        "lead has no columns lw_model",
        "the choice lw_band has no option labelled E in our user's language",
    ]
    assert worst(found)["lead"] == "columns not there: jobtitle"
    assert "0x80060888" in worst(found)["campaign"]
    environment.peer.reads_all = False
    assert "0x80040220" in worst(environment.connector().check())["account"]
