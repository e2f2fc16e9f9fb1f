"""Finding of a CRM's checks where the first request fails: refused credentials, or an address without an answer."""

from __future__ import annotations

from crm.crm_http import CrmHttp
from leadworth.errors import DeliveryError, TransientError
from leadworth.health_findings import HealthFinding, Severity

SIGN_IN = "sign-in"
"""Name of the check of the credentials, the same in all CRMs."""


def sign_in_failure(http: CrmHttp, error: DeliveryError, do: str) -> HealthFinding:
    """Return the finding about a first request that failed.

    Parameters
    ----------
    http
        The connection.
    do
        What to do where the credentials are refused.
    """
    if isinstance(error, TransientError):
        remedy = "check the endpoint and the network; if both are right, try again later"
        return HealthFinding(Severity.FAIL, SIGN_IN, f"no answer from {http.base}: {error.given}", remedy)
    return HealthFinding(Severity.FAIL, SIGN_IN, error.given, do)
