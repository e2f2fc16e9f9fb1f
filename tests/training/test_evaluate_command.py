"""`leadworth evaluate` from files and a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.cli import main
from leadworth.settings import Settings
from models.bundle import Bundle
from models.policy import Policy
from training.pipeline import TrainingResult


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def earlier(training: TrainingResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the forward split, saved with its snapshot."""
    forward = training.forward
    assert forward is not None
    assert forward.split.cut is not None
    meta = training.bundle.meta.model_copy(update={"as_of": forward.split.cut.to_pydatetime(), "intervals": None})
    fitted = forward.fitted
    bundle = Bundle(fitted.spec, fitted.value_model, Policy.read(None), meta, fitted.reference)
    return bundle.save(tmp_path_factory.mktemp("earlier") / "bundle")


def test_the_champion_is_compared_with_the_outcomes_since(
    earlier: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(settings.folder / "leadworth.toml")
    assert _run("evaluate", "--config", config, "--bundle", str(earlier)) == 0
    printed = capsys.readouterr().out
    assert "leads since" in printed
    assert "Backtest" in printed
    assert "Verdict: 3 of 3 rules passed" in printed


def test_an_early_snapshot_gives_no_verdict(
    earlier: Path, settings: Settings, training: TrainingResult, capsys: pytest.CaptureFixture[str]
) -> None:
    assert training.forward is not None
    day = f"{training.forward.split.cut:%Y-%m-%d}T23:00:00"
    config = str(settings.folder / "leadworth.toml")
    assert _run("evaluate", "--config", config, "--bundle", str(earlier), "--as-of", day) == 0
    assert "no verdict" in capsys.readouterr().out


def test_a_model_that_says_nothing_fails(
    settings: Settings, training: TrainingResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forward = training.forward
    assert forward is not None
    fitted = forward.fitted
    meta = training.bundle.meta.model_copy(update={"as_of": None, "intervals": None})
    inverted = fitted.value_model.platt.__class__(shift=fitted.value_model.platt.shift, slope=-1.0)
    from dataclasses import replace

    model = replace(fitted.value_model, platt=inverted)
    folder = Bundle(fitted.spec, model, Policy.read(None), meta).save(tmp_path / "bundle")
    config = str(settings.folder / "leadworth.toml")
    assert _run("evaluate", "--config", config, "--bundle", str(folder)) == 2
    assert "add --all" in capsys.readouterr().err
    assert _run("evaluate", "--config", config, "--bundle", str(folder), "--all") == 1
    assert "the data do not tell won from lost" in " ".join(capsys.readouterr().out.split())
