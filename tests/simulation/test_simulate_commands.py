import pytest

from leadworth import cli


def test_the_word_files_may_be_left_out(tmp_path):
    for number, words in enumerate((["simulate"], ["simulate", "files"])):
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, str(tmp_path / str(number)), "--leads", "50", "--months", "3"])
        assert not ended.value.code
    assert (tmp_path / "0" / "leads.csv").read_bytes() == (tmp_path / "1" / "leads.csv").read_bytes()
