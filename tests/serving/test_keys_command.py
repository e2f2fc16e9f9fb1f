"""leadworth keys, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadworth.errors import InputError
from serving.keys_command import app


def run(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "-c", str(folder / "leadworth.toml")], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_create_list_revoke(tmp_path: Path) -> None:
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n')
    secret = run(tmp_path, "create", "shop", "--scope", "score", "--scope", "read", "--quiet").strip()
    assert secret.startswith("lw_")
    listed = run(tmp_path, "list")
    key_id = secret.split("_")[1]
    assert key_id in listed
    assert "read, score" in listed
    assert secret not in listed
    run(tmp_path, "revoke", key_id)
    with pytest.raises(InputError, match="no key"):
        run(tmp_path, "revoke", key_id)
    with pytest.raises(InputError, match="scopes write"):
        run(tmp_path, "create", "shop", "--scope", "write")


def test_rotate_and_expiry(tmp_path: Path) -> None:
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n')
    old = run(tmp_path, "create", "shop", "--expires", "10d", "-q").strip()
    run(tmp_path, "create", "crm", "--scope", "read", "-q")
    listed = run(tmp_path, "list")
    assert "Without expiry: crm" in listed
    assert f"shop ({old.split('_')[1]}) expires at" in listed
    new = run(tmp_path, "rotate", "shop", "--grace", "2d", "--expires", "90d", "--quiet").strip()
    assert new != old
    listed = run(tmp_path, "list")
    assert f"replaced by {new.split('_')[1]}" in listed
    assert "expires at" not in listed
    shown = run(tmp_path, "rotate", "shop", "--grace", "0d")
    assert "which is valid for 0d more" in shown
    assert "expired" in run(tmp_path, "list")
    with pytest.raises(InputError, match="grace period"):
        run(tmp_path, "rotate", "shop", "--grace", "soon")
    with pytest.raises(InputError, match="not in the future"):
        run(tmp_path, "create", "shop", "--expires", "2020-01-01")
    with pytest.raises(InputError, match="cannot be read"):
        run(tmp_path, "create", "shop", "--expires", "soon")
