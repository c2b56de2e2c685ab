"""Functions in real processes: warm, late, crashed, many at a time, stopped."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.waiting import PATIENCE, eventually

from kotadb_local.functions import Function, FunctionStopped


def run(function, event):
    return function.invoke(event).result(PATIENCE)


def value(function, event=None):
    outcome = run(function, event)
    assert not outcome.failed, outcome.payload
    return json.loads(outcome.payload)


def error(function, event):
    outcome = run(function, event)
    assert outcome.failed
    return json.loads(outcome.payload)


def is_running(pid):
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_environment_is_kept_warm_and_used_again(function):
    who = function("who")
    first, second = value(who), value(who)
    assert first["pid"] == second["pid"]
    assert [first["calls"], second["calls"]] == [1, 2]


def test_who_asks_again_because_of_an_answer_meets_the_warm_environment(function):
    who = function("who")
    again = []
    # Called by the thread that ran the first one, which thus cannot take the second.
    first = who.invoke(None)
    first.add_done_callback(lambda _: again.append(value(who)))
    first.result(PATIENCE)
    (second,) = eventually(lambda: again)
    assert second == json.loads(first.result().payload) | {"calls": 2}


def test_a_handler_sees_its_context_as_on_lambda(function):
    seen = value(function("describe", name="kotadb-seen", memory_mb=512, timeout=20.0))
    assert seen["function_name"] == "kotadb-seen"
    assert seen["memory_limit_in_mb"] == "512"
    assert seen["invoked_function_arn"].endswith(":function:kotadb-seen")
    assert 0 < seen["remaining"] <= 20_000
    assert len(seen["aws_request_id"]) == 36


def test_a_handler_gets_its_own_variables_and_none_of_the_persons_secrets(function, monkeypatch):
    for name in ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "DATABASE_URL", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "secret of the shell")
    seen = value(function("describe", environment={"DATABASE_URL": "postgresql://own"}))
    assert seen["environment"]["DATABASE_URL"] == "postgresql://own"
    assert seen["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "kotadb-test"
    assert "secret of the shell" not in seen["environment"].values()


@pytest.mark.parametrize("event", [None, 0, "ä\u2028\ud83d", [], {"deep": [{"er": 1.5}]}])
def test_any_json_value_goes_in_and_comes_out(function, event):
    assert value(function("echo"), event) == event


def test_a_late_invocation_is_killed_with_its_children_and_replaced(function, tmp_path):
    act = function("act", timeout=0.5)
    warm = value(act, {})["pid"]
    late = error(act, {"do": "hang_with_child", "mark": str(tmp_path / "child")})
    assert late["errorType"] == "Sandbox.Timedout"
    assert "timed out after 0.50 seconds" in late["errorMessage"]
    assert not is_running(warm)
    eventually(lambda: not is_running(int((tmp_path / "child").read_text())))
    assert value(act, {})["pid"] != warm


@pytest.mark.parametrize(
    ("deed", "kind", "message"),
    [
        ("raise", "ValueError", "as asked"),
        ("exit", "Runtime.ExitError", "exit status 3"),
        ("kill", "Runtime.ExitError", "SIGKILL"),
        ("unserialisable", "Runtime.MarshalError", "Unable to marshal response"),
        ("large", "Function.ResponseSizeTooLarge", "exceeded maximum allowed payload size"),
    ],
)
def test_a_failing_invocation_says_how_and_the_next_one_works(function, log, deed, kind, message):
    act = function("act")
    failed = error(act, {"do": deed})
    assert failed["errorType"] == kind
    assert message in failed["errorMessage"]
    assert value(act, {})["pid"]
    assert [event["error"] for event in log.events("invocation failed")] == [kind]


def test_a_handler_that_raises_keeps_its_environment_and_logs_its_trace(function, log):
    act = function("act", concurrency=1)
    before = value(act, {})["pid"]
    assert error(act, {"do": "raise"})["stackTrace"]
    assert value(act, {})["pid"] == before
    raised = eventually(lambda: log.events("handler raised"))
    assert "as asked" in raised[0]["errorMessage"]


@pytest.mark.parametrize(
    ("deed", "code"), [("raise", "internal_error"), ("refuse", "service_unavailable")]
)
def test_what_a_handler_raised_is_logged_with_the_fields_of_other_lines(function, log, deed, code):
    before = datetime.now(UTC)
    failed = error(function("act", environment={"POWERTOOLS_SERVICE_NAME": "acts"}), {"do": deed})
    (raised,) = eventually(lambda: log.events("handler raised"))
    assert (raised["level"], raised["service"], raised["error_code"]) == ("ERROR", "acts", code)
    assert raised["function_request_id"] == failed["requestId"]
    logged_at = datetime.fromisoformat(raised["timestamp"])
    assert timedelta(seconds=-1) < logged_at - before < timedelta(seconds=PATIENCE)


def test_a_handler_that_cannot_be_imported_is_an_error_of_each_invocation(function):
    broken = function("NotImportable.handler")
    for _ in range(2):
        assert error(broken, {})["errorType"] == "ModuleNotFoundError"


def test_an_environment_that_died_between_two_events_is_replaced_unnoticed(function):
    who = function("who", concurrency=1)
    first = value(who)["pid"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not is_running(first))
    assert value(who)["pid"] != first


def test_no_more_environments_run_than_the_maximum_and_the_rest_waits(function, tmp_path):
    act = function("act", concurrency=2)
    go = tmp_path / "go"
    futures = [
        act.invoke({"do": "wait_for", "mark": str(tmp_path / f"busy-{n}"), "until": str(go)})
        for n in range(5)
    ]
    eventually(lambda: len(list(tmp_path.glob("busy-*"))) == 2)
    assert sum(future.running() for future in futures) == 2
    go.touch()
    pids = {json.loads(future.result(PATIENCE).payload)["pid"] for future in futures}
    assert len(pids) == 2


def test_environments_are_made_only_when_they_are_needed(function):
    who = function("who", concurrency=4)
    assert {value(who)["pid"] for _ in range(6)} == {value(who)["pid"]}


def test_an_asynchronous_event_that_waited_too_long_is_dropped(function, log, tmp_path):
    act = function("act", concurrency=1, maximum_event_age=0.0)
    busy, go, ran = tmp_path / "busy", tmp_path / "go", tmp_path / "ran"
    first = act.invoke({"do": "wait_for", "mark": str(busy), "until": str(go)})
    request_id = act.invoke_async({"do": "wait_for", "mark": str(ran), "until": str(go)})
    go.touch()
    assert not first.result(PATIENCE).failed
    dropped = eventually(lambda: log.events("event dropped"))
    assert [event["request_id"] for event in dropped] == [request_id]
    assert not ran.exists()


def test_an_asynchronous_event_that_fails_is_not_tried_again(function, log):
    act = function("act", concurrency=1)
    act.invoke_async({"do": "raise"})
    assert value(act, {})
    assert len(log.events("invocation failed")) == 1


def test_lines_of_a_handler_are_passed_on_whole_and_unchanged(function, log):
    lines = ['{"level":"INFO","message":"x"}', "no json: ä\t{", "y" * 100_000]
    assert value(function("act"), {"do": "print", "lines": lines})
    eventually(lambda: "and on the other stream" in log.lines())
    assert [line for line in log.lines() if line in lines] == lines


@pytest.mark.proves("Q19")
def test_stopping_lets_the_running_invocation_end_and_refuses_what_waits(function, tmp_path):
    act = function("act", concurrency=1)
    busy, go = tmp_path / "busy", tmp_path / "go"
    running = act.invoke({"do": "wait_for", "mark": str(busy), "until": str(go)})
    eventually(busy.exists)
    waiting = act.invoke({})
    stopping = threading.Thread(target=act.stop, kwargs={"drain_seconds": PATIENCE})
    stopping.start()
    eventually(lambda: act._stopping)
    go.touch()
    assert json.loads(running.result(PATIENCE).payload)["pid"] == int(busy.read_text())
    with pytest.raises(FunctionStopped):
        waiting.result(PATIENCE)
    stopping.join(PATIENCE)
    assert not is_running(int(busy.read_text()))
    with pytest.raises(FunctionStopped):
        act.invoke({})


@pytest.fixture
def starting_up(define, log, tmp_path):
    """A function whose environments are still starting up when they are told to stop."""
    importing = tmp_path / "importing"
    definition = replace(
        define("echo", environment={"IMPORTING": str(importing)}),
        handler="tests.local.stub_slow_import.handler",
    )
    return Function(definition, log), importing


def test_stopping_an_environment_that_is_starting_up_refuses_what_waits_for_it(starting_up, log):
    function, importing = starting_up
    waiting = function.invoke({})
    eventually(importing.exists)
    function.stop(drain_seconds=PATIENCE)
    with pytest.raises(FunctionStopped):
        waiting.result(PATIENCE)
    assert not log.events("invocation failed")


def test_stopping_an_environment_that_is_starting_up_drops_its_event_without_alarm(
    starting_up, log
):
    function, importing = starting_up
    request_id = function.invoke_async({})
    eventually(importing.exists)
    function.stop(drain_seconds=PATIENCE)
    (dropped,) = log.events("event dropped")
    assert (dropped["request_id"], dropped["level"]) == (request_id, "INFO")
    assert not log.events("invocation failed")


@pytest.mark.proves("Q19")
def test_stopping_kills_what_does_not_end_within_the_drain(function, tmp_path):
    act = function("act")
    mark = tmp_path / "pid"
    hanging = act.invoke({"do": "hang", "mark": str(mark)})
    pid = int(eventually(lambda: mark.exists() and mark.read_text()))
    started = time.monotonic()
    act.stop(drain_seconds=0.2)
    assert time.monotonic() - started < 10
    assert hanging.result(PATIENCE).failed
    assert not is_running(pid)


@pytest.mark.parametrize("busy", [False, True])
def test_environments_die_with_a_parent_that_was_killed(tmp_path, busy):
    event = {"do": "hang", "mark": str(tmp_path / "pid")} if busy else {}
    parent = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("function_parent.py"), json.dumps(event)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    with parent.stdout:
        if busy:
            mark = tmp_path / "pid"
            pid = int(eventually(lambda: mark.exists() and mark.read_text()))
        else:
            pid = json.loads(parent.stdout.readline())["pid"]
        assert is_running(pid)
        parent.kill()
        parent.wait(PATIENCE)
    eventually(lambda: not is_running(pid))
