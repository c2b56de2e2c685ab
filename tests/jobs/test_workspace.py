import fcntl
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from tests.support.processes import open_descriptors

from indexer.jobs.workspace import WorkspaceUnusable, sweep_leftovers, workspace

JOB = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
HOLDER = """
import sys, uuid, pathlib
from indexer.jobs.workspace import workspace
with workspace(pathlib.Path(sys.argv[1]), uuid.UUID(sys.argv[2]), 1) as folder:
    (folder / "pack").write_bytes(b"x")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has a run's folder."""
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(JOB)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert started.stdout.readline() == b"ready\n"
    yield started
    started.kill()
    started.communicate()


@pytest.mark.proves("W7", "W8")
def test_two_runs_of_one_job_have_folders_of_their_own(tmp_path):
    with workspace(tmp_path, JOB, 1) as first:
        with workspace(tmp_path, JOB, 2) as second:
            assert first != second
            (second / "file").write_bytes(b"x")
        assert first.is_dir()
        assert not second.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.proves("W8")
def test_the_folder_is_gone_and_its_descriptor_closed_after_an_error(tmp_path):
    before = open_descriptors()

    def work():
        with workspace(tmp_path, JOB, 1) as folder:
            (folder / "deep" / "er").mkdir(parents=True)
            (folder / "deep" / "er" / "file").write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert list(tmp_path.iterdir()) == []
    assert open_descriptors() == before


@pytest.mark.proves("W9")
def test_the_folder_of_another_living_process_is_left_alone_until_it_is_killed(tmp_path, holder):
    assert sweep_leftovers(tmp_path) == 0
    assert (tmp_path / f"kotadb-{JOB}" / "run-1" / "pack").exists()
    holder.kill()
    holder.wait()
    assert sweep_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_living_run_cannot_be_taken(tmp_path, holder):
    assert holder.poll() is None
    with pytest.raises(WorkspaceUnusable), workspace(tmp_path, JOB, 1):
        pass
    assert (tmp_path / f"kotadb-{JOB}" / "run-1" / "pack").exists()


def test_sweeps_by_others_keep_no_run_from_its_folder(tmp_path):
    done = threading.Event()

    def sweep():
        while not done.is_set():
            sweep_leftovers(tmp_path)

    with ThreadPoolExecutor(2) as others:
        sweeping = [others.submit(sweep) for _ in range(2)]
        try:
            for attempt in range(150):
                with workspace(tmp_path, JOB, attempt) as folder:
                    (folder / "pack").write_bytes(b"x")
        finally:
            done.set()
        for one in sweeping:
            one.result()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_sweep_is_about_to_remove_is_waited_for(tmp_path):
    left = tmp_path / f"kotadb-{JOB}" / "run-1"
    left.mkdir(parents=True)
    lock = os.open(left, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)

    def swept():
        left.rmdir()
        left.parent.rmdir()
        os.close(lock)

    sweep = threading.Timer(0.2, swept)
    sweep.start()
    with workspace(tmp_path, JOB, 1) as folder:
        (folder / "pack").write_bytes(b"x")
    sweep.join()


def test_what_a_killed_attempt_left_in_the_very_folder_is_gone_at_its_start(tmp_path):
    left = tmp_path / f"kotadb-{JOB}" / "run-1"
    (left / "folder").mkdir(parents=True)
    (left / "folder" / "file").write_bytes(b"x")
    (left / "link").symlink_to(tmp_path)
    with workspace(tmp_path, JOB, 1) as folder:
        assert list(folder.iterdir()) == []
    assert tmp_path.is_dir()


def test_a_sweep_follows_no_link(tmp_path):
    precious = tmp_path / "precious"
    (precious / "run-1").mkdir(parents=True)
    (precious / "run-1" / "letter").write_text("keep me")
    root = tmp_path / "root"
    (root / f"kotadb-{JOB}").mkdir(parents=True)
    (root / "kotadb-link").symlink_to(precious)
    (root / f"kotadb-{JOB}" / "run-1").symlink_to(precious / "run-1")
    assert sweep_leftovers(root) == 0
    assert (precious / "run-1" / "letter").read_text() == "keep me"


def test_a_place_where_no_folder_can_be_made_is_a_passing_failure(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceUnusable) as failed, workspace(tmp_path / "file", JOB, 1):
        pass
    assert failed.value.transient
    assert str(tmp_path) not in str(failed.value)
