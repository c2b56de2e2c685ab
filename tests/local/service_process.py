"""A service over the stub functions in a process of its own, to be stopped by signals.

Its one argument is JSON: `folder` for what the worker marks, `options`, the handler of the `api`,
and whether the database is `away`. It says its URL on its output and logs to its error stream.
"""

import json
import signal
import sys
from pathlib import Path

from indexer.errors import ServiceUnavailable
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.service import ADMIN, API, WORKER, Service, ServiceOptions, Stack


def definition(name, handler, environment, concurrency):
    return FunctionDefinition(
        name=name,
        handler=f"tests.local.{handler}",
        environment=environment,
        timeout=600.0,
        memory_mb=256,
        concurrency=concurrency,
    )


def main() -> None:
    # The tests themselves may run under nohup, which is inherited.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    given = json.loads(sys.argv[1])
    folder = Path(given["folder"])
    marks = {
        name: str(folder / name.lower()) for name in ("EVENTS", "BUSY", "RELEASED", "DRAINING")
    }

    def check():
        if given["away"]:
            raise ServiceUnavailable("The database does not answer")

    service = Service(
        stack=Stack(
            api=definition(API, given["api"], {"WORKER_FUNCTION_NAME": WORKER}, 2),
            worker=definition(WORKER, "stub_handlers.worker", marks, 3),
            admin=definition(ADMIN, "stub_handlers.admin", {}, 1),
        ),
        options=ServiceOptions(**given["options"]),
        log=EventLog(sys.stderr.buffer),
        check=check,
    )

    def ready():
        said = {"url": service.url, "access_key_id": service.access_key_id}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    def stopping(seconds):
        sys.stdout.write(json.dumps({"stops_within": seconds}) + "\n")
        sys.stdout.flush()

    service.run(on_ready=ready, on_stopping=stopping)


if __name__ == "__main__":
    main()
