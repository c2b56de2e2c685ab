"""When the cycle collector of Python waits: seen from processes of their own."""

import subprocess
import sys

import pytest

WATCHED = "import gc\nruns = []\ngc.callbacks.append(lambda *_: runs.append(1))\n"
MANY = "many = [[] for _ in range(50_000)]\n"


def printed(program):
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("if True", "True True False"),
        ("with collector.collector_paused()", "False True False"),
        ("with collector.imports_that_last()", "False True True"),
    ],
)
def test_the_collector_waits_while_something_is_built_up(block, expected):
    program = (
        f"{WATCHED}from indexer import collector\nruns.clear()\n"
        f"{block}:\n    {MANY}    ran = bool(runs)\n"
        "print(ran, gc.isenabled(), gc.get_freeze_count() > 50_000)"
    )
    assert printed(program) == f"{expected}\n"


@pytest.mark.parametrize("name", ["collector_paused", "imports_that_last"])
def test_a_collector_that_was_off_stays_off(name):
    program = (
        f"import gc\nfrom indexer.collector import {name}\ngc.disable()\nwith {name}():\n    pass\n"
        "print(gc.isenabled())"
    )
    assert printed(program) == "False\n"


def test_what_a_command_imports_is_not_walked():
    program = (
        f"{WATCHED}import indexer.collector\nruns.clear()\nimport kotadb_local.cli\n"
        "print(len(runs) < 6, gc.isenabled())"
    )
    assert printed(program) == "True True\n"
