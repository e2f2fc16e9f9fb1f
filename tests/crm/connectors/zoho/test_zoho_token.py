"""Access tokens: data centre, errors with HTTP 200, the limit of ten, and sharing between processes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_token import ZohoToken, accounts_server
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError, UnauthorisedError
from tests.crm.connectors.zoho.zoho_world import ZohoWorld


def test_data_is_read_from_the_server_that_the_token_names(world: ZohoWorld) -> None:
    world.peer.api_domain = world.address.replace("127.0.0.1", "localhost")
    world.lead()
    assert len(world.connector().read("Leads", list(world.account.of("Leads")), ["Email"])) == 1
    assert ZohoToken(world.http, world.section()).held().api_domain == world.peer.api_domain


@pytest.mark.parametrize(
    ("name", "named"),
    [("client_id", "data_centre"), ("client_secret", "client_secret"), ("refresh_token", "create another")],
)
def test_an_error_with_status_200_is_an_error_and_says_what_to_do(world: ZohoWorld, name: str, named: str) -> None:
    with pytest.raises(UnauthorisedError, match=named):
        world.connector(**{name: "wrong"}).stages()


def test_the_eleventh_token_in_ten_minutes_is_a_wait_and_no_wrong_secret(world: ZohoWorld) -> None:
    for _ in range(10):
        ZohoToken(world.http, world.section()).held()
    with pytest.raises(BusyError) as caught:
        ZohoToken(world.http, world.section()).held()
    assert caught.value.after is not None
    world.account.clock.advance(minutes=11)
    assert ZohoToken(world.http, world.section()).held().token


def test_processes_share_a_token_through_a_file_that_only_we_can_read(world: ZohoWorld, tmp_path: Path) -> None:
    section = world.section(token_file=str(tmp_path / "zoho.json"))
    tokens = {ZohoToken(world.http, section).held().token for _ in range(12)}
    assert len(tokens) == len(world.peer.given) == 1
    assert stat.S_IMODE((tmp_path / "zoho.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["zoho.json"]


def test_a_refused_token_of_the_file_is_replaced(world: ZohoWorld, tmp_path: Path) -> None:
    world.lead()
    file = str(tmp_path / "zoho.json")
    first = world.connector(token_file=file)
    first.stages()
    world.peer.tokens.clear()
    assert first.stages()
    assert world.connector(token_file=file).stages()  # takes the new one
    assert len(world.peer.given) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"token": "x"})])
def test_a_broken_file_is_no_token(world: ZohoWorld, tmp_path: Path, text: str) -> None:
    (tmp_path / "zoho.json").write_text(text)
    assert ZohoToken(world.http, world.section(token_file=str(tmp_path / "zoho.json"))).held().token.startswith("1000.")


def test_the_file_of_another_account_is_not_used(world: ZohoWorld, tmp_path: Path) -> None:
    file = tmp_path / "zoho.json"
    ZohoToken(world.http, world.section(token_file=str(file))).held()
    file.write_text(json.dumps({**json.loads(file.read_text()), "account": "another"}))
    ZohoToken(world.http, world.section(token_file=str(file))).held()
    assert len(world.peer.given) == 2


def test_a_file_that_cannot_be_written_is_named(world: ZohoWorld, tmp_path: Path) -> None:
    section = world.section(token_file=str(tmp_path / "nowhere" / "zoho.json"))
    with pytest.raises(ConfigurationError, match=r"token_file.*nowhere"):
        ZohoToken(world.http, section).held()


@pytest.mark.parametrize("milliseconds", [False, True])
def test_a_token_is_renewed_before_its_end(world: ZohoWorld, milliseconds: bool) -> None:
    world.peer.milliseconds = milliseconds
    now = [1_000_000.0]
    token = ZohoToken(world.http, world.section(), clock=lambda: now[0])
    first = token.held().token
    now[0] += 3_400
    assert token.held().token == first
    now[0] += 150
    assert token.held().token != first


def test_each_data_centre_has_its_own_server() -> None:
    assert accounts_server(ZohoSection(data_centre="in")) == "https://accounts.zoho.in"
    assert accounts_server(ZohoSection(endpoint="http://127.0.0.1:1/")) == "http://127.0.0.1:1"
