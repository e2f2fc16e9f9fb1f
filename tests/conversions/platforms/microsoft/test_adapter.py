"""Microsoft Advertising: access tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversions.platforms.microsoft.adapter import MicrosoftDestination
from leadworth.http_errors import UnauthorisedError
from store.event_state import EventState
from tests.conversions.events import of_person, running_platforms


def test_a_token_that_is_revoked_before_its_end_is_renewed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_platforms(tmp_path) as (sandbox, named):
        microsoft = named["microsoft"]
        assert isinstance(microsoft, MicrosoftDestination)
        microsoft.send([microsoft.plan(of_person(1))])
        monkeypatch.setattr("conversions.platforms.microsoft.peer.TOKEN", "a-later-one")
        [result] = microsoft.send([microsoft.plan(of_person(2))])
        assert result.state is EventState.ACCEPTED
        assert sandbox.of("microsoft").counters["tokens"] == 2


def test_credentials_that_are_refused_with_a_new_token_too_are_named(tmp_path: Path) -> None:
    with running_platforms(tmp_path, microsoft={"developer_token": ""}) as (_, named):
        microsoft = named["microsoft"]
        with pytest.raises(UnauthorisedError, match="InvalidCredentials"):
            microsoft.send([microsoft.plan(of_person(1))])
