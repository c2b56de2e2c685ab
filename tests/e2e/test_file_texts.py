"""The text that comes out is the file that went in, and every answer points into it."""

from pathlib import Path

import pytest

from indexer.parsing.source import line_starts

ROOT = Path(__file__).parents[2]
ODD = {
    "odd/astral.ts": "// \U0001d49c\u2028const \U0001d49c = '\U0001f680', b = \U0001d49c;".encode(),
    "odd/bom.ts": b"\xef\xbb\xbfexport const marked = 1;\r\nexport const two = marked;\r\n",
    "odd/cr.js": b"var one = 1;\rvar two = one;\r\r\nvar three = two;",
    "odd/empty.ts": b"",
    "odd/nul.ts": b"export const nul = 1; // \0 " + b"x" * 40 + b"\nexport const after = nul;\n",
    "odd/wide.ts": b"\xff\xfe" + "export const wide\u00e9 = 1; wide\u00e9;\n".encode("utf-16-le"),
}


@pytest.fixture
def sources():
    found = {}
    for folder in ("examples/storefront", "tests/parsing/cases"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                found[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    return {**found, **ODD}


@pytest.fixture
def ask(start_stack, repository, git_server, sources):
    """Asks about the repository with these files, which is indexed."""
    repository.commit_files(sources)
    stack = start_stack()
    job = stack.index(git_server.url("owner/sources"))

    def get(route, /, **query):
        return stack.get(route, repository=job["repository_id"], **query)

    get.stack = stack
    return get


def entries(get, route, key, /, **query):
    found, cursor = [], None
    while True:
        page = get(route, limit=100, **query, **({"cursor": cursor} if cursor else {}))
        found += page[key]
        if (cursor := page["next_cursor"]) is None:
            return found


def at(text, place):
    """What a text holds from a line and a column on, counted as the answers count them."""
    raw = text.encode()
    starts = [*line_starts(raw), len(raw)]
    line = raw[starts[place["line"] - 1] : starts[place["line"]]].decode()
    return line.encode("utf-16-le")[2 * place["column"] :].decode("utf-16-le")


def test_every_file_comes_back_as_it_was_and_every_answer_points_into_it(ask, sources):
    files = entries(ask, "/files", "files")
    assert len(files) > 80
    pointed = 0
    for file in files:
        path, raw = file["path"], sources[file["path"]]
        told = ask("/file", path=path)
        text = told["text"]
        if path not in ODD:
            assert text.encode() == raw
        assert (told["line_count"], file["byte_size"]) == (file["line_count"], len(raw))
        symbols = entries(ask, "/outline", "symbols", path=path)
        for symbol in symbols:
            # A name in quotes begins after its quote, and a default export need not have one.
            found = at(text, symbol)
            assert found.lstrip("'\"").startswith(symbol["name"]) or (
                found[:1] in {"'", '"'} or symbol["name"] == "default"
            ), (path, symbol)
            pointed += 1
        if not path.startswith("tests/"):
            for symbol in symbols:
                uses = ask.stack.get(f"/symbols/{symbol['id']}/references", limit=100)
                for use in uses["references"]:
                    used = ask("/file", path=use["path"])["text"]
                    assert at(used, use).startswith(use["name"]), use
                    pointed += 1
    assert pointed > 500
    assert ask("/file", path="odd/bom.ts")["text"].encode() == ODD["odd/bom.ts"][3:]
    assert ask("/file", path="odd/nul.ts")["text"].encode() == ODD["odd/nul.ts"].replace(
        b"\0", b" "
    )
    wide = ask("/file", path="odd/wide.ts")["text"]
    assert wide == ODD["odd/wide.ts"][2:].decode("utf-16-le")


def test_callers_of_the_examples_total_are_those_in_its_source(ask):
    (total,) = [
        one
        for one in ask.stack.get("/symbols", name="total")["symbols"]
        if one["path"].startswith("examples/") and one["kind"] == "function"
    ]
    assert ask.stack.get(f"/symbols/{total['id']}") == total
    callers = ask.stack.get(f"/symbols/{total['id']}/callers")["callers"]
    for caller in callers:
        text = ask("/file", path=caller["path"])["text"]
        assert caller["calls"] == len(caller["sites"])
        for site in caller["sites"]:
            assert at(text, site).startswith("total(")
    assert {one["symbol"]["name"] for one in callers if one["symbol"]} == {"checkout", "price"}
