"""Credentials of Google."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from leadworth.errors import ConfigurationError
from leadworth.google_sign_in import sign_in, wait_of

SCOPE = "https://www.googleapis.com/auth/adwords"


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
