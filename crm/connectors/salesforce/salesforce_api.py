"""Requests to Salesforce: sign-in without a password, and errors by what they mean."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crm.connectors.salesforce.settings import SalesforceSection
from crm.connectors.salesforce.soql import encoded, full_id
from crm.crm_http import CrmHttp, CrmRefusedError, DailyQuota, QuotaReachedError
from leadworth.errors import ConfigurationError
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnansweredError, UnauthorisedError
from leadworth.oauth import OAuth2Token

if TYPE_CHECKING:
    import httpx2

CLIENT = "leadworth"
ASSERTION_SECONDS = 180
LONGEST_URL = 14_000
"""Characters of an address that Salesforce accepts for certain; it refuses 16,384."""
CREDENTIAL_CODES = frozenset({"API_DISABLED_FOR_ORG", "INSUFFICIENT_ACCESS", "API_CURRENTLY_DISABLED"})


class SalesforceApi:
    """Requests to one org.

    Parameters
    ----------
    section
        Section `[crm.salesforce]`.
    http
        HTTP client.

    Attributes
    ----------
    http
        The connection, with the number of requests and the quota.
    organization, user
        Ids of the org and of our user, from the sign-in; empty before.

    Raises
    ------
    ConfigurationError
        If the settings do not suffice to sign in.
    """

    def __init__(self, section: SalesforceSection, http: HttpClient) -> None:
        self._section = section
        self._key = _private_key(section)
        self.version = section.version
        self.organization = self.user = ""
        server = (section.endpoint or section.audience).rstrip("/")
        self._token = OAuth2Token(http, f"{server}/services/oauth2/token", self._form, on_answer=self._signed_in)
        self.http = CrmHttp(
            http,
            server,
            self._headers,
            renew=self._token.forget,
            read_quota=_limit_info,
            quota_share=section.quota_share,
            own=(403,),
        )

    def sign_in(self) -> None:
        """Sign in unless a token is valid, so that `organization` and `user` are known."""
        if not self.user:
            self.get("limits")

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON answer to a GET of a path below the version, or of a path that Salesforce gave."""
        return _document(self.send("GET", path, params=params or None))

    def query(self, soql: str, *, everything: bool = False) -> dict[str, Any]:
        """Return the first page of a query.

        Parameters
        ----------
        everything
            With deleted, merged and archived rows.
        """
        answer: dict[str, Any] = self.get(f"{'queryAll' if everything else 'query'}?q={encoded(soql)}")
        return answer

    def rows(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """Return all rows of a query whose result is small."""
        answer = self.query(soql, everything=everything)
        rows: list[dict[str, Any]] = answer["records"]
        while not answer["done"]:
            answer = self.get(answer["nextRecordsUrl"])
            rows += answer["records"]
        return rows

    def send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request and return the answer; options are those of `CrmHttp.request`.

        Raises
        ------
        QuotaReachedError
            If the org's requests of 24 hours are used.
        CrmRefusedError
            If Salesforce refuses.
        """
        below = path if path.startswith("/services/") else f"/services/data/v{self.version}/{path}"
        answer = self.http.request(method, below, **options)
        if answer.status_code >= 400:
            _raise(answer)
        return answer

    def _form(self) -> dict[str, str]:
        key, section = self._key, self._section
        if key is None:
            return {
                "grant_type": "client_credentials",
                "client_id": section.consumer_key.get_secret_value(),
                "client_secret": section.consumer_secret.get_secret_value(),
            }
        claims = {
            "iss": section.consumer_key.get_secret_value(),
            "sub": section.username,
            "aud": section.audience,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed(claims, key)}

    def _signed_in(self, answer: Mapping[str, Any]) -> None:
        self.http.base = str(answer.get("instance_url") or self.http.base)
        identity = urlsplit(str(answer.get("id", ""))).path.split("/")
        if len(identity) >= 3:
            self.organization, self.user = map(full_id, identity[-2:])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.token()}", "Sforce-Call-Options": f"client={CLIENT}"}


def signed(claims: Mapping[str, Any], key: rsa.RSAPrivateKey) -> str:
    """Return claims as a JSON Web Token signed by RS256 (RFC 7515, RFC 7519)."""
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    text = b".".join(map(_base64url, parts))
    return b".".join((text, _base64url(key.sign(text, padding.PKCS1v15(), hashes.SHA256())))).decode()


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _private_key(section: SalesforceSection) -> rsa.RSAPrivateKey | None:
    """Return the key that signs; None where the consumer secret is used."""
    text = section.private_key.get_secret_value()
    if not text:
        if not section.endpoint:
            raise ConfigurationError(
                "[crm.salesforce] has a consumer_secret and no endpoint",
                do="set endpoint to the My Domain address, such as https://MYDOMAIN.my.salesforce.com",
            )
        return None
    if not section.username:
        raise ConfigurationError(
            "[crm.salesforce] has a private_key and no username", do="set username to the integration user"
        )
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigurationError(
            "[crm.salesforce] private_key cannot be read", allowed="an RSA key in PEM format without a passphrase"
        )
    return key


def _limit_info(headers: Mapping[str, str]) -> DailyQuota | None:
    """Return the quota of `Sforce-Limit-Info: api-usage=18/150000`."""
    for part in headers.get("sforce-limit-info", "").split(";"):
        name, _, usage = part.strip().partition("=")
        used, _, limit = usage.partition("/")
        if name == "api-usage" and used.isdigit() and limit.isdigit():
            return DailyQuota(int(limit), int(limit) - int(used))
    return None


def _document(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise UnansweredError("not JSON") from None


def _raise(answer: httpx2.Response) -> None:
    """Raise the error that an answer means; its body is a list of errors."""
    try:
        content = answer.json()
    except ValueError:
        content = []
    first = content[0] if isinstance(content, list) and content else {}
    code = str(first.get("errorCode", f"HTTP_{answer.status_code}"))
    if code == "REQUEST_LIMIT_EXCEEDED":
        raise QuotaReachedError("the org has used its API requests of the last 24 hours")
    if code in CREDENTIAL_CODES or (answer.status_code == 403 and not first):
        raise UnauthorisedError(code)
    raise CrmRefusedError("Salesforce", code, str(first.get("message", "")))
