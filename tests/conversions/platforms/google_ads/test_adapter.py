"""Google Ads API: credentials."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from leadworth.http_errors import UnauthorisedError
from tests.conversions.events import event, running_platforms
from tests.leadworth.test_google_sign_in import REVOKED, raises


def test_a_call_that_had_no_access_token_is_a_refusal_of_the_credentials(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        ads = named["google_ads"]
        ads.__dict__["_clients"] = (SimpleNamespace(upload_click_conversions=raises(REVOKED)), None)
        with pytest.raises(UnauthorisedError) as raised:
            ads.send([ads.plan(event())])
        del ads.__dict__["_clients"]
    assert raised.value.code == "invalid_grant"
