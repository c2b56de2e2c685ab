"""Repositories that attack whoever reads them, each with the outcome that it shall have.

They are made object by object, so a tree may hold what no git program would put there. A maker gets
an empty repository and the address of a server that nobody may ask for anything; it gives a fault
where the server itself takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.support.git_server import Fault
from tests.support.repositories import FILE, FOLDER, SUBMODULE, SYMLINK, Repository

Maker = Callable[[Repository, str], Fault | None]
Entry = tuple[str, bytes, str]

GOOD = "good.ts"
GOOD_SOURCE = b"export function good() { return 1; }\n"
# The bounds within which each of them has to end.
BOUNDS = {
    "FETCH_SECONDS": 30,
    "FETCH_MAX_BYTES": 4 << 20,
    "FETCH_MAX_INFLATED_BYTES": 24 << 20,
    "FETCH_MAX_OBJECTS": 1_000,
    "MAX_FILES": 100,
    "MAX_TREE_ENTRIES": 3_000,
    "MAX_FILE_BYTES": 100_000,
    "PARSE_FILE_SECONDS": 10,
    "PARSE_PROCESSES": 1,
}


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A hostile repository: what is found of it, or the error that its job ends with.

    A permanent error ends the job; after a `passing` one it waits for another try.
    """

    name: str
    make: Maker
    error: str | None = None
    passing: bool = False
    files: frozenset[str] = frozenset()
    skipped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)


ALL: list[Hostile] = []


def hostile(
    *,
    error: str | None = None,
    passing: bool = False,
    files: Sequence[str] = (),
    skipped: dict[str, int] | None = None,
    failed: dict[str, int] | None = None,
) -> Callable[[Maker], Maker]:
    """Note a maker and its outcome; without an error the good file is among what is found."""

    def note(make: Maker) -> Maker:
        ALL.append(
            Hostile(
                name=make.__name__,
                make=make,
                error=error,
                passing=passing,
                files=frozenset() if error else frozenset({GOOD, *files}),
                skipped=skipped or {},
                failed=failed or {},
            )
        )
        return make

    return note


def commit(repository: Repository, *entries: Entry) -> None:
    """Commit these entries, in this order, and the good file after them."""
    repository.commit_tree([*entries, (FILE, GOOD.encode(), repository.blob(GOOD_SOURCE))])


def commit_files(repository: Repository, files: dict[str, bytes]) -> None:
    repository.commit_files({**files, GOOD: GOOD_SOURCE})


@hostile(skipped={"symlink": 9})
def links_that_lead_out(repository, _elsewhere):
    targets = {
        b".gitattributes": b"/etc/passwd",
        b".gitignore": b"/proc/self/environ",
        b"absolute.ts": b"/etc/passwd",
        b"environment.ts": b"/proc/self/environ",
        b"folder": b"/proc/self/fd",
        b"loop.ts": b"loop.ts",
        b"package.json": b"../../../../../../etc/passwd",
        b"relative.ts": b"../../../../../../etc/passwd",
        b"tsconfig.json": b"/proc/self/environ",
    }
    commit(
        repository,
        *((SYMLINK, name, repository.blob(target)) for name, target in targets.items()),
    )


@hostile(skipped={"odd_name": 11})
def names_that_lead_out(repository, _elsewhere):
    blob = repository.blob(b"export const outside = 1;\n")
    hooks = repository.tree([(FILE, b"post-checkout.js", blob)])
    folder = repository.tree([(FILE, b"out.ts", blob), (FOLDER, b"hooks", hooks)])
    commit(
        repository,
        *((FOLDER, name, folder) for name in (b"..", b".", b".git", b".GIT", b"GIT~1")),
        *((FILE, name, blob) for name in (b"..", b"/etc/x.ts", b"../../x.ts", b"a/b.ts")),
        *((FILE, name, blob) for name in (b"C:\\x.ts", b"..\\x.ts")),
    )


@hostile(skipped={"duplicate_name": 3, "odd_mode": 3}, files=["src/a.ts"])
def entries_twice_and_of_no_kind(repository, _elsewhere):
    one, two = repository.blob(b"export const a = 1;\n"), repository.blob(b"export const b = 2;\n")
    folder = repository.tree([(FILE, b"a.ts", one), (FILE, b"a.ts", two)])
    commit(
        repository,
        (FOLDER, b"src", folder),
        (FOLDER, b"src", repository.tree([(FILE, b"c.ts", one)])),
        (FILE, b"src", two),
        *((mode, b"odd.ts", one) for mode in ("100600", "140000", "7")),
    )


# Case, NFC and NFD, and what SQL, COPY, shells, formats and terminals read otherwise than as text.
STRANGE_NAMES = [
    *("CASE.ts", "case.ts", "\u00e9.ts", "e\u0301.ts", "-rf.ts", "~.ts", "nul.ts", "%s %(x)s.ts"),
    *(
        "{0}.ts",
        "$(id).ts",
        "`id`.ts",
        "'; DROP TABLE kotadb.files; --.ts",
        '"quoted".ts',
        "<b>.ts",
    ),
    *(
        "\u202egnp.ts",
        "\u2028.ts",
        "\x85.ts",
        "\ufeff.ts",
        " .ts",
        "\U0001d49c.ts",
        "*.ts",
        "a,b.ts",
    ),
]


@hostile(files=STRANGE_NAMES, skipped={"odd_name": 5, "not_utf8_name": 3})
def names_that_are_no_words(repository, _elsewhere):
    blob = repository.blob(b"export const strange = 1;\n")
    refused = [b"a\nb.ts", b"a\tb.ts", b"a\x1b[2Jb.ts", b"\\N.ts", b"\x7f.ts"]
    refused += [b"\xe9.ts", b"\xed\xa0\x80.ts", b"\xc0\xae\xc0\xae.ts"]
    names = [*(name.encode() for name in STRANGE_NAMES), *refused]
    commit(repository, *((FILE, name, blob) for name in names))


@hostile(
    files=[
        *("empty.ts", "ends.ts", "every.ts", "latin.ts"),
        *("lone.ts", "nul.ts", "wide.ts", "wtf.ts"),
    ],
    skipped={"binary": 1, "not_code": 1},
    failed={"not_text": 1, "not_utf16": 1},
)
def bytes_that_are_no_text(repository, _elsewhere):
    commit_files(
        repository,
        {
            "binary.ts": b"\0\1" * 500,
            "empty.ts": b"",
            "ends.ts": b"export const a = 1;\r\n\r\xe2\x80\xa8export const b = 2;",
            "every.ts": bytes(range(256)) * 40,
            "latin.ts": b"export const caf\xe9 = '" + b"x" * 100 + b"';\n",
            "lone.ts": b"\xff\xfe" + b"\x00\xd8" * 9,
            "nul.ts": b"export const a = 'a\0b';\n" + b"//" + b"x" * 200,
            "page.ts": b"<!DOCTYPE html><script>1</script>",
            "wide.ts": b"\xff\xfe" + "export const wide = '\U0001d49c';".encode("utf-16-le"),
            "wtf.ts": b"export const half = '\xed\xa0\x80';\n" + b"//" + b"x" * 200,
        },
    )


@hostile(skipped={"too_large": 2, "minified": 1}, files=["lines.ts", "words.ts", "name.ts"])
def files_that_are_too_much(repository, _elsewhere):
    words = b" ".join(b"w%x" % number for number in range(12_000))
    commit_files(
        repository,
        {
            "large.ts": b"export const a = 1;\n" * 5_001,
            "line.ts": b"a" * 3_000_000,
            "lines.ts": b"\n" * 100_000,
            "minified.ts": b"export const a=1;" * 4_000,
            "name.ts": b"export const " + b"n" * 30_000 + b" = 1;\n" * 300,
            "words.ts": b"/** " + words.replace(b"w1f", b"\n * ") + b" */\nexport const w = 1;\n",
        },
    )


@hostile(error="too_many_files")
def more_files_than_may_be(repository, _elsewhere):
    blob = repository.blob(b"export const a = 1;\n")
    repository.commit_tree([(FILE, b"%03d.ts" % number, blob) for number in range(101)])


@hostile(files=[f"{shape}.ts" for shape in ("array", "block", "chain", "jsx", "paren", "type")])
def sources_that_nest_without_end(repository, _elsewhere):
    shapes = {"array": b"[", "block": b"{", "jsx": b"<a>", "paren": b"(", "type": b"let a:A<"}
    files = {f"{name}.ts": b"\n".join([text] * 20_000)[:99_000] for name, text in shapes.items()}
    commit_files(repository, {**files, "chain.ts": b"x" + b"\n.y" * 30_000})


@hostile(skipped={"too_deep": 1}, files=[f"{'d/' * depth}a.ts" for depth in range(65)])
def folders_that_nest_without_end(repository, _elsewhere):
    blob = repository.blob(b"export const a = 1;\n")
    tree = repository.tree([(FILE, b"a.ts", blob)])
    for _ in range(300):
        tree = repository.tree([(FILE, b"a.ts", blob), (FOLDER, b"d", tree)])
    commit(repository, (FILE, b"a.ts", blob), (FOLDER, b"d", tree))


@hostile(skipped={"path_too_long": 1}, files=[f"{'d' * 500}/g.ts"])
def paths_that_are_too_long(repository, _elsewhere):
    blob = repository.blob(b"export const a = 1;\n")
    folder = repository.tree([(FILE, b"f" * 600 + b".ts", blob), (FILE, b"g.ts", blob)])
    commit(repository, (FOLDER, b"d" * 500, folder))


@hostile(error="too_many_entries")
def a_tree_that_holds_itself_ten_million_times(repository, _elsewhere):
    tree = repository.tree([(FILE, b"a.ts", repository.blob(b"x"))])
    for _ in range(7):
        tree = repository.tree([(FOLDER, b"d%02d" % one, tree) for one in range(10)])
    commit(repository, (FOLDER, b"d", tree))


@hostile(skipped={"submodule": 2}, files=["src/a.ts"])
def submodules(repository, elsewhere):
    modules = "".join(
        f'[submodule "{name}"]\n\tpath = {path}\n\turl = {url}\n\tupdate = !touch pwned\n'
        for name, path, url in [
            ("a", "module", f"{elsewhere}/evil"),
            ("../../hooks", "src/inner", "ext::sh -c touch% pwned"),
        ]
    )
    inner = repository.tree(
        [(FILE, b"a.ts", repository.blob(b"export const a = 1;\n")), (SUBMODULE, b"i", "cd" * 20)]
    )
    commit(
        repository,
        (FILE, b".gitmodules", repository.blob(modules.encode())),
        (SUBMODULE, b"module", "ab" * 20),
        (FOLDER, b"src", inner),
    )


@hostile(skipped={"lfs_pointer": 1}, files=["filtered.ts"])
def filters_and_large_files_elsewhere(repository, elsewhere):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%064x\nsize 12\n" % 1
    commit_files(
        repository,
        {
            ".lfsconfig": f'[lfs]\n\turl = "{elsewhere}/evil"\n'.encode(),
            ".gitattributes": b"*.ts filter=lfs diff=lfs merge=lfs export-subst ident eol=crlf "
            b"working-tree-encoding=UTF-16\n* filter=evil\n[attr]a a\n",
            ".gitconfig": b'[filter "evil"]\n\tsmudge = touch pwned\n',
            "filtered.ts": b"// $Id$ $Format:%H$\nexport const a = 1;\n",
            "pointer.ts": pointer,
        },
    )


@hostile(files=["src/a.ts"])
def configurations_that_lead_out(repository, elsewhere):
    deep = b'{"compilerOptions":' + b"[" * 40_000
    commit_files(
        repository,
        {
            ".gitignore": b"(a|a)*\n" + b"a*" * 60 + b"b\n[[[\n!!\n\xff\0\n",
            "package.json": b'{"name": "a", "main": "/etc/passwd", "workspaces": ["../../*", "/"], '
            b'"exports": {".": "../../../etc/passwd"}, "dependencies": {"a": "file:///etc"}}',
            "tsconfig.json": b'{"extends": ["./tsconfig.json", "/etc/passwd", "../../../etc/passwd"'
            b'], "compilerOptions": {"paths": {"*": ["/etc/*", "../../../*"]}, "baseUrl": "/"}, '
            b'"references": [{"path": "/etc"}], "__proto__": {"a": 1}}',
            "src/tsconfig.json": deep,
            "src/a.ts": (
                'import "/etc/passwd"; import "../../../../../etc/passwd"; import "\\0";\n'
                f'import "file:///etc/passwd"; import "{elsewhere}/evil.js"; import "passwd";\n'
                '/// <reference path="/proc/self/environ" />\nimport("./" + "a"); require("a");\n'
            ).encode(),
        },
    )


@hostile(error="repository_empty")
def nothing_at_all(_repository, _elsewhere):
    return None


@hostile(error="ref_not_found")
def a_head_that_leads_nowhere(repository, _elsewhere):
    sha = repository.commit_files({GOOD: GOOD_SOURCE})
    repository.set_ref("refs/heads/other", sha)
    (repository.path / "refs" / "heads" / "main").unlink()


@hostile()
def no_other_source(repository, _elsewhere):
    commit_files(repository, {"README.md": b"# Nothing\n", "a.py": b"1\n"})
