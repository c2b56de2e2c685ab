"""Paths and repositories on the command line, written as a shell and its completion write them."""

import subprocess

import pytest
from tests.local.person import KOTADB
from tests.support.repositories import Repository


def of_shop(served, *words):
    return served.answer(*words, "-r", "local/shop")


@pytest.mark.parametrize(
    "written",
    ["./src/cart.ts", "src/../src//cart.ts", "{shop}/src/cart.ts", "{shop}/x/../src/cart.ts"],
)
def test_a_path_is_taken_as_a_shell_gives_it(served, shop, written):
    served.answer("index", shop)
    path = written.format(shop=shop)
    for command in ("dependencies", "graph", "exports", "outline", "occurrences", "file"):
        assert of_shop(served, command, path) == of_shop(served, command, "src/cart.ts")
    assert of_shop(served, "impact", path) == of_shop(served, "impact", "src/cart.ts")
    for command in ("definition", "hover"):
        assert "src/money.ts:1:17" in of_shop(served, command, f"{path}:1:10")
    folder = path.removesuffix("/cart.ts")
    assert of_shop(served, "folder", folder) == of_shop(served, "folder", "src")
    assert of_shop(served, "files", "--path", f"{folder}/ca") == of_shop(
        served, "files", "--path", "src/ca"
    )
    unused = ("unused", "--all", "--path")
    assert "sum" in of_shop(served, *unused, f"{folder}/")
    assert "sum" not in of_shop(served, *unused, f"{folder}/", "--entry", path)


def test_a_path_that_leads_out_of_the_repository_is_refused(served, shop, tmp_path):
    served.answer("index", shop)
    for path in ("../shop/src/cart.ts", f"{tmp_path}/cart.ts", f"{shop}-other/src/cart.ts"):
        done = served.run("dependencies", path, "-r", "local/shop", COLUMNS="400")
        assert done.returncode == 2
        assert path in done.stderr


def test_a_name_longer_than_a_path_can_be_is_no_folder(served):
    for name in ("a" * 5_000, "./" + "a" * 5_000):
        for words in (("index", name), ("files", "-r", name)):
            done = served.run(*words, COLUMNS="200")
            assert done.returncode in {1, 2}
            assert "Traceback" not in done.stderr
            assert "error:" in done.stderr


def test_a_repository_is_named_by_its_folder(served, shop, tmp_path):
    served.answer("index", shop)
    link = tmp_path / "link"
    link.symlink_to(shop)
    for folder in (shop, f"{shop}/", f"{shop}/../shop", link):
        assert "src/cart.ts" in served.answer("files", "-r", folder)
        assert "src/money.ts" in served.answer("dependencies", f"{link}/src/cart.ts", "-r", folder)
        assert "src/money.ts" in served.answer("symbols", "total", "-r", folder)
        assert "src/cart.ts:1:10" in served.answer("references", "total", "-r", folder)
        assert "completed" in served.answer("jobs", "-r", folder)
    # Wherever in the checkout a person stands, as with Git.
    (shop / "src").mkdir()
    for stands_in, named in ((shop, "."), (shop / "src", "."), (tmp_path, "shop")):
        here = subprocess.run(
            [*KOTADB, "files", "-r", named],
            env=served.environment,
            cwd=stands_in,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "src/cart.ts" in here.stdout
    part = served.run("repositories", "delete", f"{shop}/src", "--yes")
    assert part.returncode == 1
    assert f"{shop}/src is a folder of the repository {shop}" in part.stderr.replace("\n", " ")
    assert served.run("files", "-r", f"{shop}/none").returncode == 1
    assert '"path":"src/cart.ts"' in served.answer("export", f"{shop}/.").replace(" ", "")
    other = Repository.create(tmp_path / "other")
    other.commit_files({"a.ts": b"export const one = 1;\n"})
    unknown = served.run("files", "-r", other.path)
    assert unknown.returncode == 1
    assert f"nothing of {other.path} is indexed" in unknown.stderr
    assert "deleted: local/shop" in served.run("repositories", "delete", link, "--yes").stderr
