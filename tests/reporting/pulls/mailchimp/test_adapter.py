"""Mailchimp: the data centre of a key, and opens by proxies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadworth.errors import ConfigurationError
from reporting.pulls.mailchimp.peer import MailchimpPeer
from reporting.pulls.source_factory import open_source
from tests.reporting.pulls.pull_bench import pull_bench, settings_of


def test_a_key_without_a_data_centre_is_refused(tmp_path: Path) -> None:
    settings = settings_of({"mailchimp": {"accounts": ["a1"], "token": "0123456789"}}, tmp_path)
    with pytest.raises(ConfigurationError, match="data centre"), open_source(settings, "mailchimp"):
        pass


def test_reports_that_do_not_tell_proxies_apart_count_no_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = MailchimpPeer._report

    def old(self: MailchimpPeer, mail: Any) -> dict[str, Any]:
        return report(self, mail) | {"opens": {"unique_opens": mail.opens + mail.proxied}}

    monkeypatch.setattr(MailchimpPeer, "_report", old)
    with pull_bench("mailchimp", tmp_path) as bench:
        assert bench.pull().is_complete
        names = {name for name, _ in bench.sums()}
        assert "email_delivered" in names
        assert not names & {"email_opens", "email_trackable"}
