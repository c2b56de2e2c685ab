"""A process that runs one event in an environment, says how it ended, and stays to be killed."""

import json
import sys
import threading

from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.functions import Function


def main() -> None:
    definition = FunctionDefinition(
        name="kotadb-test",
        handler="tests.local.stub_handlers.act",
        environment={},
        timeout=600.0,
        memory_mb=256,
        concurrency=1,
    )
    function = Function(definition, EventLog(sys.stderr.buffer))
    outcome = function.invoke(json.loads(sys.argv[1])).result()
    sys.stdout.write(outcome.payload.decode() + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
