"""The page for coding agents has a row for each tool, and a place for each route."""

import json
import re

from tests.contract.project import ROOT, table

from indexer.tools.toolbox import TOOLBOX

PAGE = "docs/agents.md"
NAMED = re.compile(r"`((?:GET|POST|DELETE) /[^`]*)`")


def test_every_tool_has_a_row():
    rows = [row[0].strip("`") for row in table(PAGE, "Tools")]
    assert sorted(rows) == sorted(one["name"] for one in TOOLBOX.described())


def test_every_route_has_a_tool_or_a_reason_why_not():
    answered = NAMED.findall(" ".join(row[2] for row in table(PAGE, "Tools")))
    without = table(PAGE, "Routes without a tool")
    left_out = NAMED.findall(" ".join(row[0] for row in without))
    described = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    routes = [
        f"{method.upper()} {path}"
        for path, methods in described["paths"].items()
        for method in methods
        if not path.startswith("/admin/")
    ]
    assert sorted([*answered, *left_out]) == sorted(routes)
    assert all(row[1] for row in without)
