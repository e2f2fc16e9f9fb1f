"""Tables and columns from metadata."""

from __future__ import annotations

from crm.connectors.dynamics.dataverse_api import DataverseApi
from crm.connectors.dynamics.dataverse_metadata import DataverseMetadata
from crm.connectors.dynamics.settings import DynamicsSection
from tests.crm.connectors.dynamics.environment import Environment


def test_metadata_are_asked_for_once(environment: Environment) -> None:
    section = DynamicsSection.model_validate(environment.peer.settings(environment.address))
    api = DataverseApi(section, environment.http)
    metadata = DataverseMetadata(api, ["lead"])
    table = metadata.table("phonecall")
    assert (table.path, table.key, table.tracked) == ("phonecalls", "activityid", False)
    fields = metadata.fields("lead")
    assert fields["statuscode"].options["5"] == "Cannot Contact"
    assert not fields["createdon"].writable
    assert fields["_parentcontactid_value"].kind == "Customer"
    assert not metadata.fields("account")["industrycode"].options  # only of the tables that are named
    asked = api.http.requests
    assert metadata.fields("lead") is fields
    assert metadata.table("phonecall") is table
    assert api.http.requests == asked
    environment.peer.remove_field("lead", "jobtitle")
    assert "jobtitle" not in metadata.fields("lead", again=True)


def test_dates_have_the_behaviour_of_their_column(environment: Environment) -> None:
    fields = {field.name: field.kind for field in environment.connector().fields("opportunity")}
    assert (fields["actualclosedate"], fields["createdon"]) == ("DateOnly", "DateTime")
