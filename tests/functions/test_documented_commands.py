"""The commands of the page of the routes, carried out: each is one that its route takes."""

import argparse
import html
import re
import shlex

from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import http_event

from indexer.http.documentation import page

COMMAND = re.compile(r"<code>(curl .*?)</code></pre>", re.DOTALL)
# An id of an example may lead nowhere, and the examples before may stand in the way of one.
ANSWERED = {200, 201, 202, 204, 404, 409}


def events_of_the_commands(**keys):
    """What each command sends, with these keys for its variables."""
    for told in COMMAND.findall(page()):
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
