import pytest

from leadworth import cli


def test_a_small_market_ends_with_table_and_picture(tmp_path, capsys):
    picture = tmp_path / "market.svg"
    words = ["simulate", "market", "--leads", "3000", "--picture", str(picture)]
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--signal", "form fills", "--signal", "perfect knowledge"])
    assert not ended.value.code
    shown = capsys.readouterr().out
    assert "perfect knowledge" in shown
    assert "Months 7 to 18" in shown
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_unknown_signals_are_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["simulate", "market", "--signal", "guesses"])
    assert ended.value.code
    assert "no signal 'guesses'" in capsys.readouterr().err
