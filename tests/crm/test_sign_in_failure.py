"""The finding about a first request that failed."""

from __future__ import annotations

from crm.crm_http import CrmHttp
from crm.sign_in_failure import sign_in_failure
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError


def test_an_address_without_an_answer_is_told_from_refused_credentials() -> None:
    http = CrmHttp(HttpClient(1.0), "https://crm.example", dict)
    for error in (BusyError("ConnectError"), UnansweredError("ReadTimeout")):
        finding = sign_in_failure(http, error, "make a new key")
        assert "no answer from https://crm.example" in finding.what
        assert "endpoint" in finding.do
    finding = sign_in_failure(http, UnauthorisedError("HTTP 401"), "make a new key")
    assert (finding.what, finding.do) == ("the other system refused the credentials: HTTP 401", "make a new key")
