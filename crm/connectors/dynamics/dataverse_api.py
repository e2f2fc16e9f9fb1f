"""Requests to a Dataverse environment (OData 4): sign-in by client credentials, and errors by their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm.connectors.dynamics.settings import DynamicsSection
from crm.crm_http import NO_HEADERS, CrmHttp, CrmRefusedError
from leadworth.errors import ConfigurationError
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnauthorisedError
from leadworth.oauth import OAuth2Token

if TYPE_CHECKING:
    import httpx2

ODATA = {"OData-Version": "4.0", "OData-MaxVersion": "4.0", "Accept": "application/json"}
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
"""Annotation with the table of a lookup that may refer to several."""


class DataverseApi:
    """Requests to one environment.

    Parameters
    ----------
    section
        Section `[crm.dynamics]`.
    http
        HTTP client.

    Attributes
    ----------
    http
        The connection, with the number of requests.

    Raises
    ------
    ConfigurationError
        If the settings name no environment or no application.
    """

    def __init__(self, section: DynamicsSection, http: HttpClient) -> None:
        missing = [name for name in ("endpoint", "tenant", "client_id") if not getattr(section, name)]
        if missing:
            raise ConfigurationError(
                f"[crm.dynamics] has no {', '.join(missing)}",
                do="set endpoint to the environment's address, such as https://ORG.crm4.dynamics.com, and the ids of "
                "the app registration",
            )
        self._section = section
        self.environment = section.endpoint.rstrip("/")
        self._token = OAuth2Token(http, f"{section.login.rstrip('/')}/{section.tenant}/oauth2/v2.0/token", self._form)
        self.http = CrmHttp(
            http,
            f"{self.environment}/api/data/v{section.version}",
            self._headers,
            renew=self._token.forget,
            quota_share=section.quota_share,
            own=(403,),
        )
        self._user = ""

    def user(self) -> str:
        """Return the id of our application user."""
        if not self._user:
            self._user = str(self.get("WhoAmI")["UserId"])
        return self._user

    def get(self, path: str, *, prefer: str = "", **params: str) -> dict[str, Any]:
        """Return the JSON answer to a GET of a path, or of a link that Dataverse gave.

        Parameters
        ----------
        prefer
            Preferences, such as the size of a page.
        params
            Query options, with `_` for the leading `$`.
        """
        named = {f"${name.removeprefix('_')}" if name.startswith("_") else name: text for name, text in params.items()}
        headers = {"Prefer": prefer} if prefer else NO_HEADERS
        answer: dict[str, Any] = self.send("GET", path, params=named or None, headers=headers).json()
        return answer

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] = NO_HEADERS, **options: Any
    ) -> httpx2.Response:
        """Send a request and return the answer; options are those of `CrmHttp.request`.

        Raises
        ------
        CrmRefusedError
            If Dataverse refuses.
        """
        answer = self.http.request(method, path, headers={**ODATA, **headers}, **options)
        if answer.status_code >= 400:
            _raise(answer)
        return answer

    def relative(self, link: str) -> str:
        """Return a link below the base, to store it and to call no other machine."""
        return link.removeprefix(f"{self.http.base}/")

    def _form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._section.client_id,
            "client_secret": self._section.client_secret.get_secret_value(),
            "scope": f"{self.environment}/.default",
        }

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.token()}"}


def _raise(answer: httpx2.Response) -> None:
    try:
        error = answer.json().get("error", {})
    except (ValueError, AttributeError):
        error = {}
    code = str(error.get("code") or f"HTTP_{answer.status_code}")
    if answer.status_code == 403:
        raise UnauthorisedError(code)
    raise CrmRefusedError("Dataverse", code, str(error.get("message", "")))
