"""What may be named as a repository, and what is refused however it is written."""

from __future__ import annotations

import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import Refused
from indexer.git.remote import HostNotAllowed, Remote, RepositoryInvalid, Scheme

LOADED = "print({'dulwich', 'urllib3', 'ssl', 'subprocess'} & set(sys.modules))"
HOSTS = ("github.com", "gitlab.example.org")


def parse(text: str, *, allow_local: bool = False) -> Remote:
    return Remote.parse(text, allowed_hosts=HOSTS, allow_local=allow_local)


@pytest.mark.parametrize(
    "text",
    [
        "ada/engine",
        "https://github.com/ada/engine",
        "https://github.com/ada/engine/",
        "https://github.com/ada/engine.git",
        "https://github.com/ada/engine.git/",
        "https://github.com:443/ada/engine",
        "HTTPS://GitHub.COM/ada/engine",
        "https://github.com./ada/engine",
    ],
)
def test_every_way_to_write_a_repository_gives_one_canonical_form(text):
    remote = parse(text)
    assert remote.location == "https://github.com/ada/engine.git"
    assert (remote.host, remote.full_name) == ("github.com", "ada/engine")
    assert not remote.is_local


def test_the_case_of_a_name_is_kept_as_written():
    assert parse("Ada/Engine").full_name == "Ada/Engine"
    assert parse("Ada/Engine").location == "https://github.com/Ada/Engine.git"


def test_groups_within_groups_and_dotted_names_are_kept():
    url = "https://gitlab.example.org/a/b/c.d/.github"
    assert parse(url).full_name == "a/b/c.d/.github"


def test_an_international_host_is_compared_in_punycode():
    remote = Remote.parse("https://Bücher.example/a/b", allowed_hosts=["xn--bcher-kva.example"])
    assert remote.host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "engine",
        "ada/engine/extra",
        "/ada/engine",
        "./ada",
        "../engine",
        "ada/..",
        "ada/engine\n",
        "ada/eng ine",
        "ada/engine\u202e",
        "ada/engine?x",
        "ada/engine#x",
        "ada/engine@main",
        "ada/.git",
        "ada/a.git.git",
        "ada//engine",
        "ada/" + "e" * 200,
        "https://github.com",
        "https://github.com/",
        "https://github.com/ada",
        "https://github.com/ada/../engine",
        "https://github.com/ada/%2e%2e/engine",
        "https://github.com/ada/engine?ref=main",
        "https://github.com/ada/engine?",
        "https://github.com/ada/engine#readme",
        "https://github.com\\@evil.example/ada/engine",
        "https://user:pass@github.com/ada/engine",
        "https://token@github.com/ada/engine",
        "https://@github.com/ada/engine",
        "https://github.com:444/ada/engine",
        "https://github.com:99999/ada/engine",
        "https://github.com:/ada/engine:",
        "https://[::1]/ada/engine",
        "https://[github.com]/ada/engine",
        "https://-github.com/ada/engine",
        "https:///ada/engine",
        "https://github.com/ada/engine\x00",
        "https://github.com/" + "a/" * 1200,
        "http://github.com/ada/engine",
        "git://github.com/ada/engine",
        "ssh://git@github.com/ada/engine",
        "git@github.com:ada/engine",
        "file:///etc/passwd",
        "ext::sh -c id",
        "ftp://github.com/ada/engine",
        "http://127.0.0.1/ada/engine",
        "/srv/repository",
    ],
)
def test_what_is_no_address_of_a_repository_is_refused(text):
    with pytest.raises(RepositoryInvalid) as caught:
        parse(text)
    assert caught.value.code == "repository_invalid"
    assert "pass" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:ada/engine.git",
        "ssh://git@github.com/ada/engine",
        "SSH://github.com/ada/engine",
        "git+ssh://git@github.com/ada/engine.git",
    ],
)
def test_an_address_of_ssh_is_told_what_to_write_instead(text):
    with pytest.raises(RepositoryInvalid, match=r"over SSH; write owner/name"):
        parse(text)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "github.com.evil.example",
        "notgithub.com",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "169.254.169.254",
        "localhost",
        "xn--gthub-n4a.com",
        "www.github.com",
    ],
)
def test_a_host_that_is_not_on_the_list_is_refused(host):
    with pytest.raises(HostNotAllowed) as caught:
        parse(f"https://{host}/ada/engine")
    assert caught.value.code == "host_not_allowed"
    assert "evil" not in str(caught.value)


def test_without_an_allowed_host_a_bare_name_means_nothing():
    with pytest.raises(HostNotAllowed):
        Remote.parse("ada/engine", allowed_hosts=())


@pytest.mark.parametrize(
    ("text", "location", "name"),
    [
        ("/srv/code", "/srv/code", "local/code"),
        ("/srv/code/", "/srv/code", "local/code"),
        ("/srv/code.git", "/srv/code.git", "local/code"),
        ("/srv/code/.git", "/srv/code/.git", "local/code"),
        ("//srv/./my code", "/srv/my code", "local/my code"),
        ("file:///srv/code", "/srv/code", "local/code"),
        ("file://localhost/srv/code", "/srv/code", "local/code"),
        ("http://127.0.0.1:8080/a/b", "http://127.0.0.1:8080/a/b.git", "a/b"),
        ("http://LOCALHOST/b.git", "http://localhost/b.git", "local/b"),
    ],
)
def test_the_local_run_takes_paths_and_the_loopback(text, location, name):
    remote = parse(text, allow_local=True)
    assert (remote.location, remote.full_name) == (location, name)
    assert remote.is_local


@pytest.mark.parametrize(
    "text",
    [
        "/",
        "/srv/../etc",
        "/srv/a\nb",
        "/.git",
        "file://evil.example/srv",
        "file:relative",
        "file:///srv/../etc",
        "http://192.168.0.1/a/b",
        "http://evil.example/a/b",
        "http://user@127.0.0.1/a/b",
        "http://127.0.0.1:8080/",
        "relative/path/deep",
        "~/code",
    ],
)
def test_the_local_run_takes_nothing_else(text):
    with pytest.raises(Refused):
        parse(text, allow_local=True)


@given(st.text(max_size=60) | st.text(string.printable, max_size=60))
def test_any_text_is_either_refused_or_gives_a_safe_address(text):
    try:
        remote = parse(text)
    except Refused:
        return
    assert remote.scheme is Scheme.HTTPS
    assert remote.host in HOSTS
    rest = remote.location.removeprefix(f"https://{remote.host}/")
    assert rest == f"{remote.full_name}.git"
    assert set(rest) <= set(string.ascii_letters + string.digits + "-_./")
    assert ".." not in rest.split("/")


names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,30}", fullmatch=True).filter(
    lambda name: not name.lower().endswith(".git")
)


@given(owner=names, name=names, port=st.sampled_from(["", ":443"]), end=st.sampled_from(["", "/"]))
def test_reading_a_canonical_address_again_changes_nothing(owner, name, port, end):
    remote = parse(f"https://github.com{port}/{owner}/{name}{end}")
    assert remote == parse(f"{owner}/{name}") == parse(remote.location)


@given(prefix=st.sampled_from(["https://", "https://github.com", "//", "file://", "http://"]),
       rest=st.text("@:/\\#?.[]%abc1", max_size=30))  # fmt: skip
def test_no_mixture_of_delimiters_leads_to_another_host(prefix, rest):
    try:
        remote = parse(prefix + rest)
    except Refused:
        return
    assert remote.host in HOSTS


def test_judging_an_address_loads_nothing_that_fetches():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, indexer.git.remote, indexer.git.refs;" + LOADED,
        ],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == "set()"
