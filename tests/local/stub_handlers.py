"""Handlers that the execution environments of these tests import."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from indexer.errors import ServiceUnavailable

_stop = threading.Event()
_calls = 0


def echo(event, _context):
    return event


def who(_event, _context):
    """Which process this is, and how often it was called."""
    global _calls  # noqa: PLW0603 - warmth is what this shows
    _calls += 1
    return {"pid": os.getpid(), "calls": _calls}


def describe(_event, context):
    remaining = context.get_remaining_time_in_millis()
    return {
        "aws_request_id": context.aws_request_id,
        "function_name": context.function_name,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "invoked_function_arn": context.invoked_function_arn,
        "remaining": remaining,
        "environment": dict(os.environ),
    }


def act(event, _context):
    """Do what the event says: the ways in which a function can go wrong."""
    deed = _DEEDS.get(event.get("do"))
    answer = deed(event) if deed else None
    return {"pid": os.getpid()} if answer is None else answer


def _hang(event):
    Path(event["mark"]).write_text(str(os.getpid()))
    threading.Event().wait()


def _hang_with_child(event):
    child = subprocess.Popen(["sleep", "600"])
    Path(event["mark"]).write_text(str(child.pid))
    threading.Event().wait()


def _raise(_event):
    raise ValueError("as asked")


def _refuse(_event):
    raise ServiceUnavailable("The database does not answer")


def _wait_for(event):
    Path(event["mark"]).write_text(str(os.getpid()))
    while not Path(event["until"]).exists():
        time.sleep(0.01)
    return "x" * event["size"] if "size" in event else None


def _print(event):
    for line in event["lines"]:
        sys.stdout.write(line + "\n")
    sys.stderr.write("and on the other stream\n")


_DEEDS = {
    "hang": _hang,
    "hang_with_child": _hang_with_child,
    "raise": _raise,
    "refuse": _refuse,
    "exit": lambda _event: os._exit(3),
    "kill": lambda _event: os.kill(os.getpid(), signal.SIGKILL),
    "unserialisable": lambda _event: {1, 2},
    "large": lambda _event: "x" * 7_000_000,
    "wait_for": _wait_for,
    "print": _print,
}


def api(event, _context):
    """Answers with the event; some paths do as the body says."""
    path = event["rawPath"]
    if path == "/answer":
        return json.loads(event["body"])
    if path == "/slow":
        return act(json.loads(event["body"]), None)
    return {"statusCode": 200, "body": json.dumps(event)}


def admin(event, _context):
    return {"statusCode": 200, "body": json.dumps({"admin": event["rawPath"]})}


def worker(event, _context):
    """Writes each event down; a long job ends when it is asked to drain, a stubborn one never."""
    with Path(os.environ["EVENTS"]).open("a") as events:
        events.write(json.dumps(event) + "\n")
    if "long_job" in event:
        signal.signal(signal.SIGTERM, lambda *_: _stop.set())
        Path(os.environ["BUSY"]).touch()
        _stop.wait()
        Path(os.environ["RELEASED"]).touch()
    if "stubborn" in event:
        signal.signal(signal.SIGTERM, lambda *_: Path(os.environ["DRAINING"]).touch())
        Path(os.environ["BUSY"]).touch()
        threading.Event().wait()
    return {}


class NotImportable:
    """Stands for a module whose import fails: `stub_handlers.NotImportable.handler` is absent."""
