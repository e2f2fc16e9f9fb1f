"""Credentials of Google."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import ServiceUnavailable
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from leadworth.errors import ConfigurationError
from leadworth.google_sign_in import sign_in, token_error, wait_of
from leadworth.http_errors import BusyError, UnauthorisedError

SCOPE = "https://www.googleapis.com/auth/adwords"
REVOKED = ServiceUnavailable(
    "Getting metadata from plugin failed with error: ('invalid_grant: Token has been expired or revoked.', {})"
)


def raises(error: Exception) -> Callable[..., Any]:
    """Return a method that raises an error."""

    def call(**_: Any) -> None:
        raise error

    return call


def key_file(folder: Path, **changes: str) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    content = {"type": "service_account", "client_email": "a@b.c", "private_key": pem, "token_uri": "https://x"}
    file = folder / "key.json"
    file.write_text(json.dumps(content | changes), encoding="utf-8")
    return file


def test_the_key_file_of_a_service_account_is_read(tmp_path: Path) -> None:
    credentials = sign_in(key_file(tmp_path), SCOPE)
    assert credentials.service_account_email == "a@b.c"
    assert credentials.scopes == [SCOPE]


def test_the_file_of_a_user_is_read(tmp_path: Path) -> None:
    file = tmp_path / "user.json"
    content = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    file.write_text(json.dumps(content), encoding="utf-8")
    assert sign_in(file, SCOPE).refresh_token == "r"


@pytest.mark.parametrize("kind", ["external_account", "impersonated_service_account", ""])
def test_files_that_may_run_programs_or_call_any_address_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        sign_in(key_file(tmp_path, type=kind), SCOPE)


def test_a_file_that_is_absent_or_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no json", encoding="utf-8")
    for name in ("absent", "text"):
        with pytest.raises(ConfigurationError):
            sign_in(tmp_path / name, SCOPE)


def test_a_wait_is_read_from_the_details_or_the_header() -> None:
    assert wait_of(SimpleNamespace(details=[{"retryDelay": "7s"}])) == timedelta(seconds=7)
    response = SimpleNamespace(headers={"Retry-After": "3"})
    assert wait_of(SimpleNamespace(details=None, response=response)) == timedelta(seconds=3)
    assert wait_of(SimpleNamespace(details=())) is None


def error_without_token(folder: Path, cause: GoogleAuthError) -> Exception:
    """Return what a client raises over gRPC where its credentials raise an error; a local socket, no TLS."""
    from google.ads.datamanager_v1 import IngestionServiceClient
    from google.ads.datamanager_v1.services.ingestion_service.transports import IngestionServiceGrpcTransport
    from google.auth.credentials import AnonymousCredentials
    from google.auth.transport.grpc import AuthMetadataPlugin

    class Refused(AnonymousCredentials):
        def before_request(self, *_: Any) -> None:
            raise cause

    address = f"unix:{folder}/grpc"
    kind = grpc.LocalConnectionType.UDS
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_secure_port(address, grpc.local_server_credentials(kind))
    server.start()
    token = grpc.metadata_call_credentials(AuthMetadataPlugin(Refused(), None))
    secure = grpc.composite_channel_credentials(grpc.local_channel_credentials(kind), token)
    with grpc.secure_channel(address, secure) as channel:
        client = IngestionServiceClient(transport=IngestionServiceGrpcTransport(channel=channel))
        with pytest.raises(ServiceUnavailable) as raised:
            client.ingest_events(request={}, retry=None, timeout=20)
    server.stop(None)
    return raised.value


def test_credentials_that_are_refused_are_no_platform_that_is_away(tmp_path: Path) -> None:
    cause = RefreshError("invalid_grant: Token has been expired or revoked.", {"error": "invalid_grant"})
    refused = token_error(error_without_token(tmp_path, cause))
    assert isinstance(refused, UnauthorisedError)
    assert refused.code == "invalid_grant"


def test_a_token_server_that_is_away_is_busy(tmp_path: Path) -> None:
    away = token_error(error_without_token(tmp_path, TransportError("Max retries exceeded with url: /token")))
    assert isinstance(away, BusyError)


def test_another_error_is_none_of_the_token() -> None:
    assert token_error(ServiceUnavailable("failed to connect to all addresses")) is None
