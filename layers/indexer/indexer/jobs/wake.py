"""Wakes the worker after an enqueue. It is only a hint: the schedule is the guarantee.

So nothing here fails a request, and nothing here may take long.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from indexer.observability import Metric, count, logger
from indexer.settings import Settings

CONNECT_SECONDS = 0.3
ANSWER_SECONDS = 1.0

# Workers that wake the next in a row. AWS Lambda takes some 16 invocations of a function by itself
# for a loop, drops the next and warns the owner of the account ("Use Lambda recursive loop
# detection to prevent infinite loops"); ours ends before, and within a minute the schedule begins
# another.
LONGEST_CHAIN = 10


def lambda_client() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client of AWS Lambda that gives up early and never tries twice."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "lambda",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
        ),
    )


class WorkerWaker:
    """Invokes the worker function asynchronously, where WORKER_FUNCTION_NAME names one."""

    def __init__(self, settings: Settings, *, connect: Callable[[], Any] = lambda_client) -> None:
        self._function_name = settings.worker_function_name
        self._connect = connect
        self._client: Any = None

    def wake(self, job_id: UUID | None = None, *, chain: int = 0) -> bool:
        """Hint that this job, or any, is waiting; whether the hint was taken. Never an error.

        `chain` is how many workers have woken the next in a row, this time included; none is woken
        beyond LONGEST_CHAIN.
        """
        if not self._function_name or chain > LONGEST_CHAIN:
            return False
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._invoke(
                {"source": "enqueue"}
                | ({"job_id": str(job_id)} if job_id else {})
                | ({"chain": chain} if chain else {})
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning(
                "the worker could not be woken; the schedule will wake it",
                cause=type(error).__name__,
                job_id=None if job_id is None else str(job_id),
            )
            count(Metric.WORKER_WAKES_FAILED)
            return False
        return True

    def _invoke(self, payload: dict[str, str | int]) -> None:
        # The client loads slowly and most environments of the API only read.
        if self._client is None:
            self._client = self._connect()
        self._client.invoke(
            FunctionName=self._function_name,
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )
