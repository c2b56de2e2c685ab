import re
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.export.sources import ODD, SHOP
from tests.export.tags_file import read
from tests.search.indexed import Commit

from indexer.parsing.facts import SymbolKind

pytestmark = pytest.mark.usefixtures("ada")

# The readers of others are tried where they are installed; the strict one of these tests always is.
readtags = pytest.mark.skipif(shutil.which("readtags") is None, reason="there is no readtags")
vim = pytest.mark.skipif(shutil.which("vim") is None, reason="there is no vim")


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return done.stdout.decode()


def test_a_tags_file_has_a_tag_for_every_symbol(tags):
    path, account = tags(Commit.of(SHOP))
    header, found = read(path)
    assert header["!_TAG_PROGRAM_NAME"] == "KotaDB"
    assert header["!_TAG_OUTPUT_MODE"] == "u-ctags"
    shapes = "src/shapes.ts"

    def tag(name, file, line, kind, end, **more):
        fields = {"kind": kind, "line": str(line), "language": "TypeScript", **more}
        return (name, file, line, {**fields, "end": str(end)})

    twice = {"kind": "function"}
    assert [tuple(one) for one in found] == [
        tag("Base", shapes, 5, "class", 9, export="named"),
        tag("Shape", shapes, 2, "interface", 4, export="named"),
        tag("Square", "src/square.ts", 5, "class", 11, export="named"),
        tag("area", shapes, 3, "method", 3, interface="Shape", signature="(): number"),
        tag("area", shapes, 7, "method", 7, **{"class": "Base"}, signature="(): number"),
        tag(
            "area", "src/square.ts", 6, "method", 10, **{"class": "Square"}, signature="(): number"
        ),
        tag(
            *("constructor", shapes, 6, "method", 6),
            **{"class": "Base"},
            signature="(protected readonly name: string)",
        ),
        tag("count", shapes, 8, "property", 8, **{"class": "Base"}),
        tag("enlarge", shapes, 16, "function", 16, signature="(by: number)", export="named"),
        tag("helper", shapes, 13, "function", 13, function="twice", signature="()"),
        tag("name", shapes, 6, "property", 6, **{"class": "Base"}, access="protected"),
        tag("twice", shapes, 10, end=10, **twice, signature="(value: number): number"),
        tag("twice", shapes, 11, end=11, **twice, signature="(value: string): number"),
        tag("twice", shapes, 12, end=15, **twice, signature="(value: unknown)"),
    ]
    assert account.written == {"tags": 14}
    assert account.left_out == {}


def test_what_is_odd_but_can_be_written_is_written(tags):
    commit = Commit.of(ODD)
    path, account = tags(commit)
    _, found = read(path)
    assert account.left_out == {"tags whose names no tags file can hold": 1}
    wanted = [
        (row.name, commit.paths[row.file_no], row.line, str(row.end_line))
        for row in commit.symbols
        if row.name
    ]
    written = [(one.name, one.path, one.line, one.fields["end"]) for one in found]
    assert sorted(written) == sorted(wanted)
    (value,) = [one for one in found if one.name == "v"]
    assert value.fields["namespace"] == "N.M"
    (default,) = [one for one in found if one.name == "default"]
    assert (default.fields["export"], default.fields["signature"]) == ("default", "()")
    languages = {one.path: one.fields["language"] for one in found}
    assert languages["plain.jsx"] == "JavaScript"


NAMES = st.text(
    st.sampled_from('aZ_$ !\t\n\r\\/;":|\x1b\x7f~é🚀')
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(names=st.lists(NAMES, min_size=1, max_size=12), scope=NAMES, signature=NAMES)
def test_hostile_names_are_written_so_that_they_are_read_back_or_counted(
    tags, names, scope, signature
):
    commit = Commit(("a.ts", "b\tc.ts", "d\\e.ts", "f\ng.ts", "h i/é.ts"))
    outer = commit.define("a.ts", scope, kind=SymbolKind.CLASS, signature=None)
    for line, name in enumerate(names, 2):
        commit.define(
            "a.ts", name, line=line, container=outer, signature=f"function {name}({signature})"
        )
    for path in commit.paths[1:4]:
        commit.define(path, "lost")
    commit.define("h i/é.ts", "kept")
    path, account = tags(commit)
    _, found = read(path)
    # What a tags file cannot hold, by the format: nothing, a control character, and at its
    # beginning what would be taken for the header.
    unheld = re.compile(r"$|[! ]|.*[\x00-\x1f\x7f]", re.DOTALL)
    held = [(name, line) for line, name in enumerate(names, 2) if not unheld.match(name)]
    held += [(name, 1) for name in [scope] if not unheld.match(name)]
    assert sorted((one.name, one.line) for one in found) == sorted([*held, ("kept", 1)])
    lost = len(names) + 1 - len(held)
    assert account.left_out["tags whose names no tags file can hold"] == lost
    assert account.left_out["tags whose paths no tags file can hold"] == 3
    for one in found:
        if one.line > 1:
            assert one.fields["class"] == scope


def test_a_backslash_is_doubled(tags):
    commit = Commit(("a.ts",))
    commit.define("a.ts", "a\\tb")
    path, _ = tags(commit)
    assert "a\\\\tb\ta.ts\t" in path.read_text()
    assert [one.name for one in read(path)[1]] == ["a\\tb"]


@readtags
def test_readtags_finds_each_name_by_its_binary_search(tags):
    commit = Commit.of(SHOP | ODD)
    path, account = tags(commit)
    listed = run("readtags", "-t", str(path), "-E", "-e", "-n", "-l").splitlines()
    written = path.read_text().split("\n")[:-1]
    assert sorted(line.split("\t")[:2] for line in listed) == sorted(
        line.split("\t")[:2] for line in written if not line.startswith("!_TAG_")
    )
    assert account.written["tags"] == len(listed)
    for name in {row.name for row in commit.symbols if row.name}:
        found = run("readtags", "-t", str(path), "-e", "-n", "-", name).splitlines()
        assert len(found) == sum(row.name == name for row in commit.symbols), name
    (square,) = run("readtags", "-t", str(path), "-e", "-n", "-", "Square").splitlines()
    name, file, address, *fields = square.split("\t")
    assert (name, file, address) == ("Square", "src/square.ts", '5;"')
    assert {"kind:class", "line:5", "language:TypeScript", "end:11"} <= set(fields)


@vim
def test_vim_goes_where_a_tag_leads(tags, tmp_path):
    tags(Commit.of(SHOP))
    for path, text in SHOP.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    run(
        *("vim", "-es", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "set tags=tags"),
        *("-c", "tag enlarge", "-c", "call writefile([expand('%'), getline('.')], 'there')"),
        *("-c", "call writefile(map(taglist('^area$'), 'v:val.filename.v:val.kind'), 'all')"),
        *("-c", "qa!"),
        cwd=tmp_path,
    )
    assert (tmp_path / "there").read_text().splitlines() == [
        "src/shapes.ts",
        "export const enlarge = (by: number) => twice(by);",
    ]
    assert (tmp_path / "all").read_text().splitlines() == [
        "src/shapes.tsmethod",
        "src/shapes.tsmethod",
        "src/square.tsmethod",
    ]
