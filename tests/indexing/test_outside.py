"""What the sources of a repository need from outside, and what leads nowhere."""

import pytest

from indexer.database.paging import CursorInvalid
from indexer.parsing.facts import DependencyKind
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search import definitions, dependencies, outside
from indexer.search.outside import PackageNotFound

SOURCES = {
    "src/a.ts": """import fs from "node:fs/promises";
import react from "react";
import { x } from "react/jsx-runtime"; import "react";
import "./gone";
import "@org/kit/deep";
""",
    "src/b.ts": """import type { Kit } from "@org/kit";
const path = require("path"); const react = require("react");
import("./" + path);
import "../../far";
""",
    "tests/c.ts": """import fs from "fs";
import "./gone";
import "../src/a";
""",
}


@pytest.fixture
def ask_for(repository, indexing, ask, work_off):
    """One of the questions about these sources."""
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def find(question, *named, **wishes):
        return question(
            indexing.api,
            *named,
            tenant_id=indexing.tenant,
            repository=str(made.repository_id),
            **wishes,
        )

    return find


def pages(ask_for, question, *named, **wishes):
    found = ask_for(question, *named, limit=1, **wishes)
    told = list(found.page.items)
    while found.page.next_cursor:
        found = ask_for(question, *named, limit=1, cursor=found.page.next_cursor, **wishes)
        told += found.page.items
        assert len(told) < 20
    return told


def test_packages_are_counted_and_builtins_stand_apart(ask_for):
    found = ask_for(outside.packages)
    assert [(one.name, one.builtin, one.files, one.imports) for one in found.page.items] == [
        ("@org/kit", False, 2, 2),
        ("react", False, 2, 4),
        ("fs", True, 2, 2),
        ("path", True, 1, 1),
    ]
    assert (found.total_packages, found.total_builtins) == (2, 2)
    assert pages(ask_for, outside.packages) == list(found.page.items)


def places(imports):
    return [(one.path, one.line, one.column, one.specifier) for one in imports]


REACT = [
    ("src/a.ts", 2, 18, "react"),
    ("src/a.ts", 3, 18, "react/jsx-runtime"),
    ("src/a.ts", 3, 46, "react"),
    ("src/b.ts", 2, 52, "react"),
]


def test_the_users_of_a_package_are_told_by_file_and_line(ask_for):
    found = ask_for(outside.users_of, "react")
    assert places(found.page.items) == REACT
    assert found.page.items[-1].kind is DependencyKind.REQUIRE
    assert places(pages(ask_for, outside.users_of, "react")) == REACT
    assert places(ask_for(outside.users_of, "fs").page.items) == [
        ("src/a.ts", 1, 15, "node:fs/promises"),
        ("tests/c.ts", 1, 15, "fs"),
    ]
    for name in ("nothing", "reac", "./gone"):
        with pytest.raises(PackageNotFound):
            ask_for(outside.users_of, name)


GONE = [("src/a.ts", 4, 7, "./gone"), ("tests/c.ts", 2, 7, "./gone")]
NOT_STATIC, FAR = ("src/b.ts", 3, 7, ""), ("src/b.ts", 4, 7, "../../far")


def test_what_leads_nowhere_is_counted_by_reason_and_listed(ask_for):
    found = ask_for(outside.unresolved)
    assert [(one.reason, one.imports, one.files) for one in found.reasons] == [
        (Unresolved.FILE_NOT_FOUND, 2, 2),
        (Unresolved.NOT_STATIC, 1, 1),
        (Unresolved.OUTSIDE_REPOSITORY, 1, 1),
    ]
    everything = [GONE[0], NOT_STATIC, FAR, GONE[1]]
    assert places(found.page.items) == everything
    assert places(pages(ask_for, outside.unresolved)) == everything


def test_what_leads_nowhere_is_narrowed_by_path_and_reason(ask_for):
    below = ask_for(outside.unresolved, path="tests/")
    assert places(below.page.items) == [GONE[1]]
    assert [one.imports for one in below.reasons] == [1]
    missing = ask_for(outside.unresolved, reason=Unresolved.FILE_NOT_FOUND)
    assert places(missing.page.items) == GONE
    assert len(missing.reasons) == 3
    assert places(pages(ask_for, outside.unresolved, reason=Unresolved.FILE_NOT_FOUND)) == GONE
    assert ask_for(outside.unresolved, path="nowhere/").page.items == ()


def test_an_import_of_a_file_that_is_there_and_is_no_code_is_no_fault(
    repository, indexing, ask, work_off
):
    repository.commit_files(
        {
            "src/a.ts": b'import seed from "./seed.json";\nimport "./a.css";\n'
            b'import logo from "./logo.svg?url";\nimport "./gone.json";\nseed.length; logo;\n',
            "src/seed.json": b"[]",
            "src/a.css": b"",
            "src/logo.svg": b"<svg/>",
        }
    )
    made = ask()
    work_off()
    asked = {"tenant_id": indexing.tenant, "repository": str(made.repository_id)}
    found = outside.unresolved(indexing.api, **asked)
    assert places(found.page.items) == [("src/a.ts", 4, 7, "./gone.json")]
    assert [(one.reason, one.imports) for one in found.reasons] == [(Unresolved.FILE_NOT_FOUND, 1)]
    assert outside.unresolved(indexing.api, **asked, reason=Unresolved.NOT_CODE).page.items == ()
    told = dependencies.of_file(indexing.api, **asked, path="src/a.ts")
    assert [one.specifier for one in told.unresolved] == ["./gone.json"]
    assert {one.specifier: one.reason for one in told.imports} == {
        "./seed.json": Unresolved.NOT_CODE,
        "./a.css": Unresolved.NOT_CODE,
        "./logo.svg?url": Unresolved.NOT_CODE,
        "./gone.json": Unresolved.FILE_NOT_FOUND,
    }
    used = definitions.at(indexing.api, **asked, path="src/a.ts", line=5, column=1)
    assert (used.name, used.resolution, used.definitions) == ("seed", Resolution.NOT_CODE, [])


def test_a_cursor_of_another_list_is_refused(ask_for):
    cursor = ask_for(outside.unresolved, limit=1).page.next_cursor
    assert cursor
    with pytest.raises(CursorInvalid):
        ask_for(outside.users_of, "react", cursor=cursor)
    with pytest.raises(CursorInvalid):
        ask_for(outside.packages, cursor=cursor)
