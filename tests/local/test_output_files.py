import os
import threading

import pytest

from kotadb_local.cli.output_files import replacing


class Interrupted(Exception):
    pass


def write_and_fail(path):
    with replacing(path) as file:
        file.write(b"ne")
        raise Interrupted


def test_a_file_is_replaced_once_it_is_whole(tmp_path):
    path = tmp_path / "tags"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_on_the_way_leaves_nothing_behind_and_takes_nothing_away(tmp_path):
    path = tmp_path / "tags"
    path.write_bytes(b"old")
    with pytest.raises(Interrupted):
        write_and_fail(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_written_to_and_stays(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    with replacing(path) as file:
        file.write(b"new")
    reader.join(timeout=30)
    assert read == [b"new"]
    assert path.is_fifo()
