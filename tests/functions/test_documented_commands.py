"""The commands of the pages, carried out: a route takes each, and it does what is said."""

import argparse
import html
import re
import shlex
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.contract.project import section
from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import http_event
from tests.functions.world import install
from tests.support.waiting import eventually

from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.http.documentation import page
from indexer.settings import Settings

COMMAND = re.compile(r"<code>(curl .*?)</code></pre>", re.DOTALL)
# An id of an example may lead nowhere, and the examples before may stand in the way of one.
ANSWERED = {200, 201, 202, 204, 404, 409}


def events_of_the_commands(commands=None, **keys):
    """What each command sends, with these keys for its variables."""
    for told in COMMAND.findall(page()) if commands is None else commands:
        text = html.unescape(told).replace("\\\n", "").replace("$KOTADB_URL", "")
        for variable, key in keys.items():
            text = text.replace(f"${variable}", key)
        command = argparse.ArgumentParser()
        command.add_argument("-X", default="GET")
        command.add_argument("-H", action="append", default=[])
        command.add_argument("-d")
        command.add_argument("target")
        sent = command.parse_args(shlex.split(text)[1:])
        path, _, query = sent.target.partition("?")
        headers = dict(one.split(": ", 1) for one in sent.H)
        yield http_event(sent.X, path, query=query, headers=headers, body=sent.d)


def answer_all(client, events):
    for event in events:
        answer = client.send(event)
        assert answer.status in ANSWERED, (event["rawPath"], answer.text)
        assert '"route_not_found"' not in answer.text


def of_operators(event):
    return event["rawPath"].startswith("/admin/")


def test_every_command_for_holders_of_keys_is_one_that_its_route_takes(ada):
    events = events_of_the_commands(KOTADB_API_KEY=ada.key)
    mine = [event for event in events if not of_operators(event)]
    assert len(mine) > 15
    answer_all(ada, mine)


def test_every_command_for_operators_is_one_that_its_route_takes(admin):
    events = events_of_the_commands(KOTADB_ADMIN_KEY=ADMIN_KEY)
    theirs = [event for event in events if of_operators(event)]
    assert len(theirs) > 15
    answer_all(admin.client, theirs)


def told_of(secret, language):
    """The blocks of one language that tell how a secret is changed."""
    return re.findall(rf"```{language}\n(.*?)```", section("docs/security.md", secret), re.DOTALL)


def values_put(secret, **values):
    """What the commands put into the secret, one after the other."""
    for told in re.findall(r'--secret-string "(.*?)"', "".join(told_of(secret, "bash"))):
        text = told
        for variable, value in values.items():
            text = text.replace(f"${variable}", value)
        yield text


def test_the_admin_key_is_changed_as_the_page_says(admin):
    old, new = "o" * 32, "n" * 32
    opened = []
    for text in values_put("The admin key", OLD=old, NEW=new):
        admin.set(ADMIN_API_KEY=text)
        clients = [admin.client.with_key(key) for key in (old, new)]
        opened.append([one.get("/admin/queue").status for one in clients])
    assert opened == [[200, 200], [403, 200]]


def test_the_pepper_is_changed_as_the_page_says(environment, migrated_database, stranger):
    with closing(Database(migrated_database.admin_role)) as database:
        settings = Settings(api_key_peppers=("old",))
        kept = issue_key(database, settings, email="ada@example.com")
    steps = list(values_put("The pepper", OLD="old", NEW="new"))
    assert steps == ["old new", "new old", "new"]
    for text in steps:
        environment.set(API_KEY_PEPPER=text)
        assert stranger.with_key(kept.api_key).get("/jobs").status == 200


def test_a_key_is_replaced_and_taken_back_as_the_page_says(
    environment, ada, admin, stranger, migrated_database
):
    environment.use(migrated_database.api)
    assert ada.get("/jobs").status == 200
    admin.use(migrated_database.admin_role)
    rotate, revoke = told_of("An API key", "bash")
    (event,) = events_of_the_commands([rotate], KOTADB_API_KEY=ada.key)
    answer = ada.send(event)
    assert answer.status == 201
    made = answer.json
    assert stranger.with_key(made["api_key"]).get("/jobs").status == 200
    revoke = revoke.replace("3fT9xQ2LmB7k", made["key_id"])
    (event,) = events_of_the_commands([revoke], KOTADB_ADMIN_KEY=ADMIN_KEY)
    assert admin.client.send(event).status == 200
    assert stranger.with_key(made["api_key"]).get("/jobs").status == 401
    assert ada.get("/jobs").status == 200


@pytest.mark.proves("W10")
def test_an_installation_is_found_linked_used_and_taken_back_as_the_page_says(
    environment, admin, stranger, migrated_database
):
    admin.use(migrated_database.admin_role)
    operator = admin.client
    admin.invoke(action="create_organization", name="engines")
    key = admin.invoke(action="create_key", organization="engines")["api_key"]
    install(migrated_database, 41_522_108, account="ada-engines")
    page = section("docs/deployment.md", "Private repositories through a GitHub App")
    find, link, ask, unlink = events_of_the_commands(
        re.findall(r"```sh\n(.*?)```", page, re.DOTALL),
        KOTADB_ADMIN_KEY=ADMIN_KEY,
        KOTADB_API_KEY=key,
    )
    (found,) = operator.send(find).json["installations"]
    assert str(found["installation_id"]) in link["rawPath"]
    assert operator.send(link).json["tenant"] == "engines"
    assert operator.send(find).json["installations"] == []
    environment.use(migrated_database.api)
    assert stranger.send(ask).status == 202
    admin.use(migrated_database.admin_role)
    assert operator.send(unlink).json["changed"] is True


@pytest.mark.proves("D3")
def test_a_database_password_is_changed_as_the_page_says(environment, ada, migrated_database):
    make, count, drop = told_of("A database password", "sql")
    own = f"rotating_{uuid4().hex[:8]}"
    make, count, drop = (one.replace("kotadb_api_", f"{own}_") for one in (make, count, drop))
    first, second = (
        replace(migrated_database.api, user=f"{own}_{turn}", password=f"secret-of-{turn}")
        for turn in "ab"
    )
    for target, text in (
        (first, make.replace(second.user, first.user)),
        (second, make),
    ):
        migrated_database.sql(text.replace("\u2026", target.password))
    environment.use(first)
    assert ada.get("/jobs").status == 200
    assert migrated_database.value(count) == 1
    environment.use(second)
    assert ada.get("/jobs").status == 200
    eventually(lambda: migrated_database.value(count) == 0)
    migrated_database.sql(drop)
    assert ada.get("/jobs").status == 200
    environment.use(first)
    assert ada.get("/jobs").status >= 500
    migrated_database.sql(drop.replace(first.user, second.user))
