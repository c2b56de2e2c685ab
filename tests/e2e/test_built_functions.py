"""The functions as they are deployed, under Lambda's runtime interface emulator and client."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.project import ROOT
from tests.e2e.conftest import ADMIN_KEY
from tests.support.waiting import eventually

from indexer.settings import MEBIBYTE
from kotadb_local.built.artifacts import (
    BuiltFunction,
    build_folder,
    built_functions,
    own_architecture,
)
from kotadb_local.built.build import LARGEST_MB, sizes
from kotadb_local.built.emulator import EmulatedEnvironment
from kotadb_local.built.limits import processes_of
from kotadb_local.built.trim import KEPT_SERVICES
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.functions import Function

SOURCES = {
    "src/money.ts": b"export function total(coins: number[]) { return coins.length; }\n",
    "src/till.ts": b'import { total } from "./money";\nexport const paid = total([1]);\n',
}
HOLDER = """
import sys, pathlib
from kotadb_local.built.artifacts import build_folder, own_architecture
from kotadb_local.built.emulator import Emulator
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
root = pathlib.Path(sys.argv[1])
emulator = Emulator.of(build_folder(root, own_architecture()), project=root)
definition = FunctionDefinition(
    name="held", handler="api_function.handler.lambda_handler", environment={}, timeout=9,
    memory_mb=512, concurrency=1,
)
started = emulator.start(definition, EventLog(sys.stderr.buffer))
started.invoke({}, request_id="one")
print(started.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def write_function(emulator, tmp_path):
    """Makes a function of a few lines, with the layer of the build."""
    layer = next(iter(emulator.functions.values())).layer

    def write_function(body: str, **limits: int) -> tuple[BuiltFunction, FunctionDefinition]:
        code = tmp_path / "code"
        code.mkdir(exist_ok=True)
        (code / "own.py").write_text(body)
        sizes = {"memory_mb": 256, "timeout": 5, "tmp_mb": 64} | limits
        one = BuiltFunction(
            name="Own", handler="own.lambda_handler", code=code, layer=layer, **sizes
        )
        definition = FunctionDefinition(
            name="own",
            handler=one.handler,
            environment={},
            timeout=one.timeout,
            memory_mb=one.memory_mb,
            concurrency=1,
        )
        return one, definition

    return write_function


@pytest.fixture
def run(emulator, write_function):
    """Runs a function of a few lines as the service does; ended after the test."""
    running = []

    def run(body: str, **limits: int) -> tuple[Function, io.BytesIO]:
        one, definition = write_function(body, **limits)
        own = replace(emulator, functions={one.handler: one})
        log = io.BytesIO()
        function = Function(definition, EventLog(log), start_environment=own.start)
        running.append(function)
        return function, log

    yield run
    for function in running:
        function.stop(drain_seconds=0)


def answered(function: Function, event: object = None) -> dict:
    outcome = function.invoke(event or {}).result(timeout=60)
    return {"failed": outcome.failed, "payload": json.loads(outcome.payload)}


def environments(function: Function) -> list[EmulatedEnvironment]:
    return list(function._environments)


def left_in(folder: Path) -> list[Path]:
    """What an environment left on its disk; one that has ended took all of that with it."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def test_a_repository_is_indexed_by_what_is_deployed(start_stack, emulator, repository, git_server):
    # Seldom enough that the API wakes the worker first, often enough for a hint that was lost.
    stack = start_stack(
        tick_seconds=10, start_environment=emulator.start, POWERTOOLS_LOG_LEVEL="DEBUG"
    )
    repository.commit_files(SOURCES)
    job = stack.index(git_server.url("owner/sources"))
    assert job["stats"]["files_indexed"] == 2
    (total,) = stack.get("/symbols", name="total")["symbols"]
    uses = stack.get(f"/symbols/{total['id']}/references")["references"]
    assert [(one["path"], one["line"], one["kind"]) for one in uses] == [
        ("src/till.ts", 1, "import"),
        ("src/till.ts", 2, "call"),
    ]
    (hit, *_) = stack.get("/search", q="/coins\\.len/")["results"]
    assert (hit["path"], hit["line"]) == ("src/money.ts", 1)
    assert any(stack.woken_by_enqueue(git_server.url("owner/sources")) for _ in range(3))
    admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
    queue = stack.http.get("/admin/queue", headers=admin)
    assert queue.status_code == 200, queue.text
    # Requests that meet start more than one environment of a function, and the last may start yet.
    functions = (stack.service._api, stack.service._worker, stack.service._admin)
    running = [environments(function) for function in functions]
    assert all(running)
    environments_of_all = [one for some in running for one in some]
    for one in environments_of_all:
        assert one.watch.peak_memory_bytes <= one._built.memory_mb * MEBIBYTE
        assert eventually(lambda one=one: left_in(one._tmp) == [])
    starts = len(environments_of_all)
    assert eventually(lambda: stack.logged().count("INIT REPORT") == starts)
    stack.service.stop()
    for one in environments_of_all:
        assert list(processes_of(one.process.pid)) == []
        assert not one._tmp.exists()


def test_a_late_invocation_is_ended_and_the_next_one_starts_anew(run):
    function, _ = run(
        "import os, time\n"
        "def lambda_handler(event, context):\n"
        "    time.sleep(event.get('seconds', 0))\n"
        "    return os.getpid()\n",
        timeout=1,
    )
    first = answered(function)
    late = answered(function, {"seconds": 30})
    assert late["failed"]
    assert late["payload"]["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in late["payload"]["errorMessage"]
    after = answered(function)
    assert not after["failed"]
    assert after["payload"] != first["payload"]


def test_who_takes_more_memory_than_the_template_gives_is_ended(run):
    function, log = run(
        "held = []\n"
        "def lambda_handler(event, context):\n"
        "    import time\n"
        "    while True:\n"
        "        held.append(bytearray(b'x' * (1 << 24)))\n"
        "        time.sleep(0.05)\n",
        memory_mb=128,
        timeout=30,
    )
    outcome = answered(function)
    assert outcome["failed"]
    assert outcome["payload"]["errorType"] == "Runtime.ExitError"
    assert "MB of memory, 128 MB are allowed" in outcome["payload"]["errorMessage"]
    assert b"limit passed" in log.getvalue()


def test_who_writes_more_than_the_template_gives_is_ended(run):
    function, _ = run(
        "import tempfile, time\n"
        "def lambda_handler(event, context):\n"
        "    with open(tempfile.mkdtemp() + '/pack', 'wb') as file:\n"
        "        file.write(b'x' * (20 << 20))\n"
        "        file.flush()\n"
        "        time.sleep(20)\n",
        tmp_mb=10,
        timeout=30,
    )
    outcome = answered(function)
    assert outcome["failed"]
    assert "10 MB are allowed" in outcome["payload"]["errorMessage"]


def test_a_function_sees_the_paths_and_the_variables_that_lambda_gives_it(run):
    function, log = run(
        "import os, sys, indexer\n"
        "def lambda_handler(event, context):\n"
        "    print('said', flush=True)\n"
        "    return {'path': sys.path[:2], 'version': sys.version_info[:2],\n"
        "            'indexer': indexer.__file__, 'python': os.environ.get('PYTHONPATH'),\n"
        "            'memory': context.memory_limit_in_mb, 'name': context.function_name,\n"
        "            'milliseconds': context.get_remaining_time_in_millis()}\n"
    )
    (seen,) = [answered(function)["payload"]]
    (environment,) = environments(function)
    built = environment._built
    assert seen["path"] == [str(built.code), f"{built.layer}/python"]
    assert seen["indexer"].startswith(f"{built.layer}/python/")
    assert seen["version"] == [3, 13]
    assert seen["python"] is None
    assert (seen["memory"], seen["name"]) == ("256", "own")
    assert 0 < seen["milliseconds"] <= 5_000
    assert b"said\n" in log.getvalue()


def test_what_is_left_of_the_services_is_enough_for_those_that_are_called(run):
    function, _ = run(
        "import boto3, os\n"
        "from aws_lambda_powertools.utilities import parameters\n"
        "from indexer.jobs.wake import lambda_client\n"
        "def lambda_handler(event, context):\n"
        "    parameters.SecretsProvider()\n"
        "    return [lambda_client().meta.service_model.service_name,\n"
        "            boto3.client('sts').meta.service_model.service_name]\n"
    )
    assert answered(function) == {"failed": False, "payload": ["lambda", "sts"]}


def test_an_error_of_the_handler_is_an_outcome(run):
    function, _ = run(
        "def lambda_handler(event, context):\n    raise ValueError('no such thing')\n"
    )
    outcome = answered(function)
    assert outcome["failed"]
    assert outcome["payload"]["errorType"] == "ValueError"
    assert outcome["payload"]["errorMessage"] == "no such thing"
    assert not answered(run("def lambda_handler(event, context):\n    return []\n")[0])["failed"]


@pytest.mark.usefixtures("emulator")
def test_nothing_runs_on_when_the_service_is_killed():
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert holder.stdout is not None
        session = int(holder.stdout.readline())
        assert len(list(processes_of(session))) == 2
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    eventually(lambda: list(processes_of(session)) == [])


def test_the_built_functions_are_small(built):
    told = {name: code + layer for name, code, layer in sizes(built)}
    assert set(told) == {"ApiFunction", "WorkerFunction", "AdminFunction"}
    assert max(told.values()) < LARGEST_MB * MEBIBYTE


def test_a_build_has_what_a_start_needs_and_no_services_that_nobody_calls(built):
    (layer,) = {one.layer for one in built_functions(built)}
    data = layer / "python" / "botocore" / "data"
    assert {one.name for one in data.iterdir() if one.is_dir()} == KEPT_SERVICES
    for package in ("indexer", "pydantic", "aws_lambda_powertools"):
        assert list((layer / "python" / package / "__pycache__").glob("*.cpython-313.pyc"))


def test_the_build_is_made_of_the_sources_as_they_are(built):
    assert built == build_folder(ROOT, own_architecture())
    for one in built_functions(built):
        (package,) = [path for path in one.code.iterdir() if path.is_dir()]
        source = ROOT / "functions" / one.name.removesuffix("Function").lower() / package.name
        for file in sorted(source.rglob("*.py")):
            assert (package / file.relative_to(source)).read_bytes() == file.read_bytes()
