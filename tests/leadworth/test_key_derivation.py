"""Keys depend on the purpose and the secret, and are the same in all processes of an installation."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from leadworth.errors import ConfigurationError
from leadworth.key_derivation import KEY_FILE, key_for
from leadworth.settings import Settings


def settings(folder: Path, secret: str | None = None) -> Settings:
    return Settings(currency="EUR", leads={}, folder=folder, secret=SecretStr(secret) if secret else None)


def test_keys_differ_by_purpose_and_secret(tmp_path: Path) -> None:
    first, second = settings(tmp_path, "a" * 32), settings(tmp_path, "b" * 32)
    keys = {key_for(first, "tokens"), key_for(first, "export"), key_for(second, "tokens")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert not list(tmp_path.iterdir())


def test_without_a_secret_a_private_file_is_created_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: key_for(settings(tmp_path), "tokens"), range(32)))
    assert len(keys) == 1
    [file] = (tmp_path / ".leadworth").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"half of the key."])
def test_a_damaged_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    key_for(settings(tmp_path), "tokens")
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"has {len(content)} bytes"):
        key_for(settings(tmp_path), "tokens")
