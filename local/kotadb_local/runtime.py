"""What runs inside an execution environment: imports a handler, then serves events one at a time.

Started by `environments.Environment` with a descriptor, `module.function` and the parent's id. It
ends when the descriptor's other end closes, after the invocation that runs. SIGTERM by itself
changes nothing here, so that a handler may take it as the sign to drain.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from indexer.errors import KotaError
from indexer.sandbox.limits import die_with_parent
from kotadb_local import frames

Handler = Callable[[Any, "LambdaContext"], Any]

MAX_RESPONSE_BYTES = 6_291_556


class LambdaContext:
    """The second argument of a handler, with the names that Lambda gives it."""

    def __init__(self, *, request_id: str, function_arn: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = function_arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is killed; never negative."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Serve until the parent closes its end."""
    die_with_parent(int(sys.argv[3]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whole lines, so that those of threads and of child processes do not run into each other.
        sys.stdout.reconfigure(line_buffering=True)
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(False)
    try:
        handler = _load(sys.argv[2])
    except Exception as error:  # noqa: BLE001 - whatever an import raises is the function's error
        frames.send(connection, {"error": _described(error, request_id="")})
        sys.exit(1)
    frames.send(connection, {"ready": True})
    while (invocation := frames.receive(connection)) is not None:
        frames.send(connection, _invoke(handler, invocation))


def _load(path: str) -> Handler:
    module, _, name = path.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def _invoke(handler: Handler, invocation: dict[str, Any]) -> dict[str, Any]:
    context = LambdaContext(
        request_id=invocation["request_id"],
        function_arn=invocation["function_arn"],
        deadline=invocation["deadline"],
    )
    try:
        result = handler(invocation["event"], context)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is the function's error
        description = _described(error, request_id=context.aws_request_id)
        sys.stdout.write(json.dumps(_log_fields(error, context) | description) + "\n")
        return {"error": description}
    return _answer(result, request_id=context.aws_request_id)


def _log_fields(error: Exception, context: LambdaContext) -> dict[str, str]:
    """Those that the functions' own lines have."""
    return {
        "level": "ERROR",
        "message": "handler raised",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME", context.function_name),
        "function_request_id": context.aws_request_id,
        "error_code": error.code if isinstance(error, KotaError) else KotaError.code,
    }


def _answer(result: object, *, request_id: str) -> dict[str, Any]:
    try:
        payload = json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        return {
            "error": {
                "errorMessage": f"Unable to marshal response: {error}",
                "errorType": "Runtime.MarshalError",
                "requestId": request_id,
                "stackTrace": [],
            }
        }
    if len(payload.encode("utf-8", "surrogatepass")) > MAX_RESPONSE_BYTES:
        return {
            "error": {
                "errorMessage": "Response payload size exceeded maximum allowed payload size "
                f"({MAX_RESPONSE_BYTES} bytes).",
                "errorType": "Function.ResponseSizeTooLarge",
            }
        }
    return {"payload": payload}


def _described(error: Exception, *, request_id: str) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


if __name__ == "__main__":
    main()
