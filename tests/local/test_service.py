"""The whole local service in a process of its own, with signals as a terminal sends them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx
import pytest
from botocore.config import Config
from tests.support.waiting import PATIENCE, eventually

from indexer.settings import Settings, SettingUnusable
from kotadb_local.launch import preferred_port
from kotadb_local.schedule import Schedule, reconcile_seconds, scheduled_event
from kotadb_local.service import ADMIN, API, WORKER, deployed_stack
from kotadb_local.state import state_directory

SLOW_TICK = {"tick_seconds": 3600.0}


class Running:
    """A service process, what it said when it was ready, and what it logged."""

    def __init__(self, process, log):
        self.process = process
        self._log = log
        said = json.loads(process.stdout.readline() or "{}")
        self.url, self.access_key_id = said.get("url"), said.get("access_key_id")

    def messages(self):
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def message(self, text):
        return next((one for one in self.messages() if one["message"] == text), None)

    def invoke_worker(self, event):
        boto3.client(
            "lambda",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        ).invoke(FunctionName=WORKER, InvocationType="Event", Payload=json.dumps(event))

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def service(tmp_path):
    """Starts service processes, and lets none of them outlive the test."""

    @contextmanager
    def service(*, api="stub_handlers.api", away=False, **options):
        log = tmp_path / "log"
        given = {"folder": str(tmp_path), "api": api, "away": away, "options": SLOW_TICK | options}
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                [sys.executable, Path(__file__).with_name("service_process.py"), json.dumps(given)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
                start_new_session=True,
            ) as process,
        ):
            try:
                yield Running(process, log)
            finally:
                process.kill()

    return service


@pytest.mark.proves("Q20")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_service_cleanly_and_the_log_says_so(service, number):
    with service() as running:
        assert httpx.get(f"{running.url}/x").status_code == 200
        started = running.message("Job queue started")
        assert started["workers"] == 3
        assert started["function"] == WORKER
        assert running.message("Job queue stopped") is None
        assert running.stop(number) == 0
        assert running.message("Job queue stopped")["function"] == WORKER
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{running.url}/x")


@pytest.mark.proves("Q19", "Q20")
def test_a_stopping_worker_gets_the_time_to_give_its_job_back(service, tmp_path):
    with service() as running:
        running.invoke_worker({"long_job": True})
        eventually((tmp_path / "busy").exists)
        assert running.stop() == 0
        assert (tmp_path / "released").exists()


def test_ctrl_c_reaches_the_whole_group_and_still_drains_the_worker(service, tmp_path):
    with service() as running:
        running.invoke_worker({"long_job": True})
        eventually((tmp_path / "busy").exists)
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(PATIENCE) == 0
        assert (tmp_path / "released").exists()


def test_a_second_signal_ends_the_draining(service, tmp_path):
    with service(drain_seconds=600.0) as running:
        running.invoke_worker({"stubborn": True})
        eventually((tmp_path / "busy").exists)
        running.process.send_signal(signal.SIGTERM)
        eventually((tmp_path / "draining").exists)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 0
        assert running.message("Job queue stopped")


def test_a_service_says_how_long_it_may_take_to_stop_before_it_drains(service, tmp_path):
    with service(drain_seconds=600.0) as running:
        running.invoke_worker({"stubborn": True})
        eventually((tmp_path / "busy").exists)
        running.process.send_signal(signal.SIGTERM)
        assert json.loads(running.process.stdout.readline()) == {"stops_within": 620.0}
        assert running.process.poll() is None
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 0


@pytest.mark.proves("Q9")
def test_without_a_database_the_worker_does_not_start_and_the_process_fails(service, tmp_path):
    with service(away=True) as running:
        assert running.process.wait(PATIENCE) != 0
        refused = running.message("Job queue not started")
        assert refused["reason"] == "The database does not answer"
        assert running.message("Job queue started") is None
        assert not (tmp_path / "events").exists()


def test_the_schedule_wakes_the_worker_with_the_event_of_the_scheduler(service, tmp_path):
    with service(tick_seconds=0.05):
        events = tmp_path / "events"
        eventually(lambda: events.exists() and len(events.read_text().splitlines()) >= 3)
        ticks = [json.loads(line) for line in events.read_text().splitlines()[:3]]
        assert {tick["source"] for tick in ticks} == {"aws.scheduler"}
        assert len({tick["id"] for tick in ticks}) == 3


def test_where_github_tells_of_pushes_the_worker_looks_for_lost_ones_too(service, tmp_path):
    def sources():
        lines = (tmp_path / "events").read_text().splitlines()
        return [json.loads(line).get("source") for line in lines]

    with service(reconcile_seconds=0.05):
        eventually((tmp_path / "events").exists)
        eventually(lambda: sources().count("reconcile") >= 2 and "aws.scheduler" in sources())


@pytest.mark.parametrize(
    ("set_up", "ticks"),
    [
        ({}, False),
        ({"github_app_id": "123456"}, False),
        ({"github_app_id": "123456", "github_app_private_keys": ("a key",)}, True),
        ({"github_webhook_secrets": ("a secret",)}, True),
    ],
)
def test_nobody_looks_for_lost_pushes_where_none_are_told_of(set_up, ticks):
    assert (reconcile_seconds(Settings(**set_up)) is not None) == ticks


def test_the_api_function_wakes_the_worker_as_the_deployed_code_does(service, tmp_path):
    with service(api="stub_waking.api") as running:
        assert httpx.get(f"{running.url}/wake", timeout=PATIENCE).status_code == 202
        events = tmp_path / "events"
        hint = {"source": "enqueue", "job_id": "1"}
        eventually(
            lambda: (
                hint in [json.loads(line) for line in events.read_text().splitlines()]
                if events.exists()
                else False
            )
        )


def test_a_port_in_use_stops_the_start(service):
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, service(port=taken.getsockname()[1]) as running:
        assert running.process.wait(PATIENCE) != 0


def test_a_tick_is_an_event_of_the_scheduler():
    tick = scheduled_event(now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert tick["detail-type"] == "Scheduled Event"
    assert tick["time"] == "2026-01-02T03:04:05Z"


def test_a_schedule_stops_at_once_however_long_its_pause(function):
    schedule = Schedule(function("echo"), seconds=3600.0)
    schedule.start()
    started = time.monotonic()
    schedule.stop()
    assert time.monotonic() - started < 5


def test_each_function_gets_its_own_database_login_and_the_settings_that_are_set(monkeypatch):
    monkeypatch.setenv("LEASE_SECONDS", "7")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("ADMIN_API_KEY", "of another run")
    monkeypatch.setenv("ADMIN_ALLOWED_NETWORKS", "127.0.0.0/8")
    stack = deployed_stack(
        database_urls={API: "postgresql://a", WORKER: "postgresql://w", ADMIN: "postgresql://m"},
        settings=replace(Settings(), worker_team_size=5),
        environment={"ADMIN_KEY": "k"},
        admin_keys=("one", "two"),
    )
    assert stack.admin.environment["ADMIN_API_KEY"] == "one two"
    assert stack.admin.environment["ADMIN_ALLOWED_NETWORKS"] == "127.0.0.0/8"
    for other in (stack.api, stack.worker):
        assert not {"ADMIN_API_KEY", "ADMIN_ALLOWED_NETWORKS"} & set(other.environment)
    assert stack.worker.concurrency == 5
    for definition, url in ((stack.api, "a"), (stack.worker, "w"), (stack.admin, "m")):
        assert definition.environment["DATABASE_URL"] == f"postgresql://{url}"
        assert definition.environment["LEASE_SECONDS"] == "7"
        assert definition.environment["POWERTOOLS_LOG_LEVEL"] == "DEBUG"
        assert definition.environment["WORKER_FUNCTION_NAME"] == WORKER
        assert definition.environment["ADMIN_KEY"] == "k"
        assert "DATABASE_URL" not in repr(definition)


def test_the_state_lies_in_the_project_unless_a_variable_names_another_place(tmp_path):
    assert state_directory({}, project=tmp_path) == tmp_path / ".kotadb"
    assert state_directory({"KOTADB_HOME": ""}, project=tmp_path) == tmp_path / ".kotadb"
    elsewhere = tmp_path / "else where"
    assert state_directory({"KOTADB_HOME": str(elsewhere)}, project=tmp_path) == elsewhere


def test_the_port_of_a_first_start_can_be_chosen():
    assert preferred_port({}) == preferred_port({"KOTADB_PORT": " "}) == 8787
    assert preferred_port({"KOTADB_PORT": "9000"}) == 9000
    assert preferred_port({"KOTADB_PORT": "0"}) == 0
    for wrong in ("65536", "http", "-1", "8787.5", "\u0661"):
        with pytest.raises(SettingUnusable, match="KOTADB_PORT"):
            preferred_port({"KOTADB_PORT": wrong})
