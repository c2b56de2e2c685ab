"""The file that the keys of a development start are written into."""

import stat

import pytest

from kotadb_local import dotenv

KEY = "kota_team_secret"


@pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
def test_keys_are_written_where_only_their_owner_reads_them(tmp_path, mode):
    path = tmp_path / ".env"
    path.write_text("PORT=8000")
    path.chmod(mode)
    added = dotenv.add_missing(path, {"PORT": "9", "KOTADB_API_KEY": KEY}, heading="Ours")
    assert added == ["KOTADB_API_KEY"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == f"PORT=8000\n\n# Ours\nKOTADB_API_KEY={KEY}\n"


def test_a_new_file_is_readable_to_its_owner_alone(tmp_path):
    path = tmp_path / ".env"
    dotenv.add_missing(path, {"KOTADB_API_KEY": KEY}, heading="Ours")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_lacks_nothing_is_left_as_it_is(tmp_path):
    path = tmp_path / ".env"
    path.write_text("PORT=8000\n")
    path.chmod(0o644)
    assert dotenv.add_missing(path, {"PORT": "9"}, heading="Ours") == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
