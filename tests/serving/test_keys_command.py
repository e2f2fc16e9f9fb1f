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
