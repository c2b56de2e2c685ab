"""Who may administer over HTTP."""

import json
from dataclasses import replace

import pytest
from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import http_event
from tests.functions.wire import wire_to

from admin_function.application import PUBLIC, application
from indexer.access.operators import NetworkNotAllowed, admit_operator
from indexer.settings import Settings

OTHER_KEY = "another-admin-key-of-forty-characters-0"
ROUTES = [
    (route.method, route.openapi_path) for route in application.routes if route.path not in PUBLIC
]


def asked(admin, header, *, method="GET", path="/admin/queue", address="192.0.2.1", more=None):
    headers = {} if header is None else {"Authorization": header}
    event = http_event(method, path, headers={**headers, **(more or {})})
    event["requestContext"]["http"]["sourceIp"] = address
    return admin.client.send(event)


@pytest.mark.proves("O15")
@pytest.mark.parametrize("header", [None, "", " ", "Bearer", "bearer ", "BEARER\t"])
def test_without_a_credential_the_answer_is_401(admin, header):
    answer = asked(admin, header)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="kotadb"'


@pytest.mark.proves("O15")
@pytest.mark.parametrize(
    "header",
    [
        "Bearer wrong",
        f"Bearer {ADMIN_KEY}x",
        f"Bearer {ADMIN_KEY[:-1]}",
        f"Bearer {ADMIN_KEY} {ADMIN_KEY}",
        f"Bearer {ADMIN_KEY},Bearer {ADMIN_KEY}",
        f"Bearer {ADMIN_KEY.upper()}",
        f"Basic {ADMIN_KEY}",
        ADMIN_KEY,
        "Bearer ключ",
        "Bearer \udce9",
        "Bearer " + "x" * 100_000,
    ],
)
def test_a_wrong_credential_is_403(admin, header):
    answer = asked(admin, header)
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.proves("O15")
def test_a_tenants_key_opens_nothing_here(admin, issue):
    answer = asked(admin, f"Bearer {issue().api_key}")
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.proves("O15")
@pytest.mark.parametrize("unset", [None, "", "  "])
def test_without_an_admin_key_everybody_is_shut_out(admin, unset):
    admin.variables.delenv("ADMIN_API_KEY")
    admin.set(**({} if unset is None else {"ADMIN_API_KEY": unset}))
    assert asked(admin, None).status == 401
    for tried in ("Bearer ", "Bearer x", f"Bearer {ADMIN_KEY}", "Bearer None", "x"):
        assert asked(admin, tried).status in {401, 403}
    assert asked(admin, f"Bearer {ADMIN_KEY}").code == "forbidden"


@pytest.mark.proves("O15")
def test_the_admin_key_may_lie_in_the_secret_store(admin, secret_store):
    arn = secret_store.create_secret(Name="admin", SecretString=ADMIN_KEY)["ARN"]
    admin.variables.delenv("ADMIN_API_KEY")
    admin.set(ADMIN_API_KEY_SECRET_ARN=arn)
    assert asked(admin, f"Bearer {ADMIN_KEY}").status == 200
    assert asked(admin, f"Bearer {OTHER_KEY}").status == 403


@pytest.mark.proves("O15")
@pytest.mark.parametrize(
    ("text", "refused"), [(None, (503, "configuration_error")), (" ", (403, "forbidden"))]
)
def test_where_the_secret_store_gives_no_admin_key_everybody_is_shut_out(
    admin, secret_store, text, refused
):
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gone"
    if text is not None:
        arn = secret_store.create_secret(Name="admin", SecretString=text)["ARN"]
    admin.variables.delenv("ADMIN_API_KEY")
    admin.set(ADMIN_API_KEY_SECRET_ARN=arn)
    for key in (ADMIN_KEY, OTHER_KEY, "None"):
        answer = asked(admin, f"Bearer {key}")
        assert (answer.status, answer.code) == refused


@pytest.mark.proves("O16")
def test_the_credential_is_taken_from_the_authorization_header_and_from_nowhere_else(admin):
    elsewhere = {
        "X-Api-Key": ADMIN_KEY,
        "X-Admin-Key": ADMIN_KEY,
        "Cookie": f"authorization=Bearer {ADMIN_KEY}",
        "Proxy-Authorization": f"Bearer {ADMIN_KEY}",
    }
    assert asked(admin, None, more=elsewhere).status == 401
    event = http_event("GET", "/admin/queue", query=f"authorization=Bearer+{ADMIN_KEY}")
    assert admin.client.send(event).status == 401
    assert asked(admin, f"bearer  {ADMIN_KEY}\t").status == 200


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_is_shut(admin, method, path):
    assert asked(admin, None, method=method, path=path).status == 401
    assert asked(admin, f"Bearer {OTHER_KEY}", method=method, path=path).status == 403


def test_nothing_but_the_page_is_given_without_a_key():
    assert {"/admin/ui"} == PUBLIC


def test_both_values_open_while_the_key_is_changed(admin):
    admin.set(ADMIN_API_KEY=f"{OTHER_KEY} {ADMIN_KEY}")
    for key in (OTHER_KEY, ADMIN_KEY):
        assert asked(admin, f"Bearer {key}").status == 200
    assert asked(admin, f"Bearer {OTHER_KEY} {ADMIN_KEY}").status == 403
    admin.set(ADMIN_API_KEY=OTHER_KEY)
    assert asked(admin, f"Bearer {ADMIN_KEY}").status == 403


@pytest.mark.proves("O16")
@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::7", True),
        ("11.0.0.1", False),
        ("::ffff:11.0.0.1", False),
        ("2001:db9::7", False),
        ("10.1.2.3:443", False),
        ("10.1.2.3, 8.8.8.8", False),
        ("010.1.2.3", False),
        ("", False),
        (None, False),
        (["10.1.2.3"], False),
        (167_838_211, False),
    ],
)
def test_only_the_networks_that_are_named_are_answered(admin, address, allowed):
    admin.set(ADMIN_ALLOWED_NETWORKS="10.0.0.0/8, 2001:db8::/32")
    answer = asked(admin, f"Bearer {ADMIN_KEY}", address=address)
    assert answer.status == (200 if allowed else 403)
    assert allowed or answer.code == "network_not_allowed"
    # A forwarded address is what the caller says, and counts for nothing.
    forged = {"X-Forwarded-For": "10.1.2.3"}
    again = asked(admin, f"Bearer {ADMIN_KEY}", address=address, more=forged)
    assert again.status == answer.status


def test_networks_that_cannot_be_read_keep_everybody_out(admin):
    admin.set(ADMIN_ALLOWED_NETWORKS="10.0.0.1/8")
    answer = asked(admin, f"Bearer {ADMIN_KEY}")
    assert (answer.status, answer.code) == (500, "configuration_error")
    assert "10.0.0.1" not in answer.text


def test_nobody_is_let_to_the_database_before_he_is_let_in(admin, migrated_database):
    with wire_to(migrated_database.admin_role) as wire:
        admin.use(replace(migrated_database.admin_role, host="127.0.0.1", port=wire.port))
        for method, path in ROUTES:
            asked(admin, None, method=method, path=path)
            asked(admin, f"Bearer {OTHER_KEY}", method=method, path=path)
        assert (wire.statements, wire.sockets) == ([], [])
        assert asked(admin, f"Bearer {ADMIN_KEY}").status == 200
        assert wire.statements
        admin.end()


def test_calls_and_refusals_are_counted(admin, capsys):
    def counted():
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {
            name: sum(line.get(name, [0])[0] for line in lines if "_aws" in line)
            for name in ("admin_calls_total", "admin_refusals_total")
        }

    counted()
    asked(admin, f"Bearer {ADMIN_KEY}")
    assert counted() == {"admin_calls_total": 1, "admin_refusals_total": 0}
    asked(admin, None)
    asked(admin, "Bearer wrong")
    assert counted() == {"admin_calls_total": 2, "admin_refusals_total": 2}


def test_no_log_line_holds_a_credential(admin, log_lines):
    asked(admin, f"Bearer {ADMIN_KEY}")
    asked(admin, f"Bearer {OTHER_KEY}")
    assert log_lines()
    assert ADMIN_KEY not in str(log_lines())
    assert OTHER_KEY not in str(log_lines())


def test_from_a_network_that_is_not_answered_nobody_learns_whether_a_key_was_right():
    elsewhere = Settings.from_environment(
        {"ADMIN_API_KEY": ADMIN_KEY, "ADMIN_ALLOWED_NETWORKS": "10.0.0.0/8"}
    )
    for header in (None, "Bearer x", f"Bearer {ADMIN_KEY}"):
        with pytest.raises(NetworkNotAllowed):
            admit_operator(elsewhere, authorization=header, source_address="192.0.2.1")
