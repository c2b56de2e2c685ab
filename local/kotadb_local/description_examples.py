"""The examples of the description: one small world that all of them speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JOB_ID = "0199d3c8-5c1e-7c05-9d4b-3f2f6f1a9b10"

# By the name of the parameter, whatever the route.
PARAMETERS: Mapping[str, Any] = {
    "cursor": "WyJqb2JzIiwgIjIwMjYtMTEtMjIiXQ",
    "depth": 3,
    "job_id": JOB_ID,
    "limit": 20,
    "lines": "10-20",
    "name": "retry",
    "path": "source/index.ts",
    "prefix": "retry",
    "ref": "main",
    "repository": "sindresorhus/ky",
    "symbol_id": "42-7",
}

# By operation, then by what the example shows.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "index_repository": {
        "The default branch": {"repository": "sindresorhus/ky"},
        "A tag, by URL": {"repository": "https://github.com/sindresorhus/ky", "ref": "v1.14.0"},
    },
    "rotate_own_key": {
        "As usual": {},
        "The old key ends in an hour": {"overlap_seconds": 3600, "name": "laptop"},
    },
}

# By operation and status: which answer leads to which request.
LINKS: Mapping[str, Mapping[str, Any]] = {
    "index_repository": {
        "202": {
            "follow": {
                "operationId": "show_job",
                "parameters": {"job_id": "$response.body#/jobId"},
                "description": "How far the job is.",
            }
        }
    },
}
