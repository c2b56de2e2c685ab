"""The examples of the description: one small world that all of them speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JOB_ID = "0199d3c8-5c1e-7c05-9d4b-3f2f6f1a9b10"
REPOSITORY_ID = "0199d3c8-5c1e-7a31-8f02-6a1d0c9b7e55"
TENANT_ID = "0199d3c8-5c1e-7b44-9a6e-0d4c1f7e2a83"

# By the name of the parameter, whatever the route.
PARAMETERS: Mapping[str, Any] = {
    "account": "ada-engines",
    "action": "retry_job",
    "column": 8,
    "contains": "retry",
    "cursor": "WyJqb2JzIiwgIjIwMjYtMTEtMjIiXQ",
    "depth": 3,
    "email": "ada@example.com",
    "entry": ["source/index.ts", "source/types.ts"],
    "folder": "source/core",
    "hours": 24,
    "idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "installation_id": "41522108",
    "job_id": JOB_ID,
    "key_id": "3fT9xQ2LmB7k",
    "limit": 20,
    "line": 3,
    "lines": "10-20",
    "name": "retry",
    "offset": 50,
    "organization": "engines",
    "package": "expect-type",
    "path": "source/index.ts",
    "prefix": "retry",
    "q": "retry delay -test",
    "ref": "main",
    "repository": "sindresorhus/ky",
    "repository_id": REPOSITORY_ID,
    "symbol_id": "42-7",
    "target": JOB_ID,
    "tenant_id": TENANT_ID,
    "user": "ada@example.com",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "push",
    "x-hub-signature-256": "sha256="
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
}

# By operation: what a request names where no single parameter is required, but one of several is.
ASKED_WITH: Mapping[str, Sequence[str]] = {"list_symbols": ("name",)}

# By operation, then by what the example shows; the simplest first, in the order of the names.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "index_repository": {
        "A repository by its name": {"repository": "sindresorhus/ky"},
        "A tag, by URL": {"repository": "https://github.com/sindresorhus/ky", "ref": "v1.14.0"},
    },
    "answer_message": {
        "Search code": {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "search_code", "arguments": {"query": "retry limit -path:test"}},
        },
        "Which tools are there?": {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    },
    "show_impact": {
        "A changed file": {"repository": "sindresorhus/ky", "files": ["source/core/Ky.ts"]},
        "Which tests a changed definition needs": {
            "repository": "sindresorhus/ky",
            "symbols": ["Ky.create"],
            "depth": 10,
            "tests_only": True,
        },
    },
    "retry_many_jobs": {
        "Say what would be retried": {"error_code": "remote_unavailable", "dry_run": True},
        "What failed since then": {"failed_after": "2026-11-22T12:00:00Z"},
    },
    "prioritise_job": {
        "Before all others": {"priority": -100},
        "Behind those that nobody moved": {"priority": 1},
    },
    "create_user": {
        "A user": {"email": "ada@example.com", "tier": "solo"},
    },
    "create_organization": {
        "With its first owner": {"name": "engines", "tier": "team", "owner": "ada@example.com"},
    },
    "add_member": {
        "A member": {"user": "bob@example.com", "role": "member"},
    },
    "create_key": {
        "For a user": {"email": "ada@example.com", "name": "laptop"},
        "For an organisation, for a month": {"organization": "engines", "valid_days": 30},
    },
    "link_installation": {
        "To a user": {"email": "ada@example.com"},
        "To an organisation": {"organization": "engines"},
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
            },
            "cancel": {
                "operationId": "cancel_job",
                "parameters": {"job_id": "$response.body#/jobId"},
                "description": "End the job.",
            },
        }
    },
}
