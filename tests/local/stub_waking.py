"""An API function that wakes the worker, apart from the others because boto3 is slow to import."""

import json
import os

import boto3


def api(_event, _context):
    woken = boto3.client("lambda").invoke(
        FunctionName=os.environ["WORKER_FUNCTION_NAME"],
        InvocationType="Event",
        Payload=json.dumps({"source": "enqueue", "job_id": "1"}),
    )
    return {"statusCode": woken["StatusCode"]}
