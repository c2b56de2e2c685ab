"""The App's JWT, its keys, and their rotation."""

from __future__ import annotations

import subprocess
import sys

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.github_accounts import AppKey

from indexer.github.app import GitHubApp
from indexer.github.failures import AppKeyUnusable, AppNotConfigured, AppRefused
from indexer.settings import Settings, SettingUnusable

NOW = 1_800_000_000.7


def claims_of(token, key):
    options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key.public, algorithms=["RS256"], options=options)


@pytest.mark.parametrize("place", [0, 1])
def test_a_token_is_signed_by_the_key_of_its_place_and_lives_less_than_ten_minutes(app_keys, place):
    app = GitHubApp("123456", [key.private for key in app_keys])
    token = app.token(now=NOW, key=place)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    assert claims_of(token, app_keys[place]) == {
        "iss": "123456",
        "iat": 1_799_999_940,
        "exp": 1_800_000_540,
    }
    with pytest.raises(jwt.InvalidSignatureError):
        claims_of(token, app_keys[1 - place])


def other_kind() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


def with_a_password() -> str:
    key = serialization.load_pem_private_key(AppKey.make().private.encode(), None)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = key.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"word"))
    return locked.decode()


BODY = "MIIEow-secret-IBAAKCAQEA"
UNUSABLE = {
    "no key": lambda: "",
    "no PEM": lambda: BODY,
    "no ASN.1": lambda: f"-----BEGIN PRIVATE KEY-----\nTUlJ\n{BODY}\n-----END PRIVATE KEY-----\n",
    "another kind of key": other_kind,
    "a public key": lambda: AppKey.make().public,
    "a key with a password": with_a_password,
    "a short key": lambda: AppKey.make(bits=1024).private,
}


@pytest.mark.proves("W10")
@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_key_that_cannot_sign_is_refused_and_not_repeated(kind):
    pem = UNUSABLE[kind]()
    app = GitHubApp("123456", [pem])
    with pytest.raises(AppKeyUnusable) as refused:
        app.token(now=NOW)
    told = f"{refused.value} {refused.value!r} {refused.value.__context__!r} {app!r}"
    assert "GITHUB_APP_PRIVATE_KEY" in told
    assert not [line for line in pem.splitlines() if len(line) > 20 and line in told]


FORMS = {
    "as it is": lambda pem: pem,
    "line ends written out": lambda pem: pem.replace("\n", "\\n"),
    "line ends of Windows": lambda pem: pem.replace("\n", "\r\n"),
    "line ends of Windows written out": lambda pem: pem.replace("\n", "\\r\\n"),
    "line ends lost": lambda pem: pem.replace("\n", " "),
    "indented": lambda pem: pem.replace("\n", "\n    "),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_a_key_is_read_in_whatever_way_an_environment_holds_it(app_keys, form, count):
    text = FORMS[form]("".join(key.private for key in app_keys[:count]))
    settings = Settings.from_environment(
        {"GITHUB_APP_ID": "Iv23liAbCdEf", "GITHUB_APP_PRIVATE_KEY": text}
    )
    app = GitHubApp.from_settings(settings)
    assert len(app.private_keys) == count
    for place, key in enumerate(app_keys[:count]):
        assert claims_of(app.token(now=NOW, key=place), key)["iss"] == "Iv23liAbCdEf"
    assert "PRIVATE" not in f"{settings!r} {app!r}"


def test_what_is_no_key_or_more_than_two_is_refused_when_the_settings_are_read(app_keys):
    one = app_keys[0].private
    for text in (one * 3, one + "and more", one[:-20], "secret", app_keys[0].public):
        with pytest.raises(SettingUnusable, match="one or two RSA private keys") as refused:
            Settings.from_environment({"GITHUB_APP_PRIVATE_KEY": text})
        assert one.splitlines()[1] not in str(refused.value)


@pytest.mark.parametrize("missing", ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"])
def test_an_app_without_its_id_or_its_key_is_none(app_keys, missing):
    whole = {"GITHUB_APP_ID": "123456", "GITHUB_APP_PRIVATE_KEY": app_keys[0].private}
    settings = Settings.from_environment({**whole, missing: ""})
    with pytest.raises(AppNotConfigured, match="GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY"):
        GitHubApp.from_settings(settings)


def test_whoever_does_not_ask_as_the_app_does_not_load_what_signs():
    loads = "import sys, indexer.github.rest, indexer.github.tokens; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert {"jwt", "cryptography", "dulwich"}.isdisjoint(done.stdout.split())


def test_the_second_key_is_tried_where_github_refuses_the_first_and_then_remembered(
    github, api_of, app_keys
):
    api = api_of(github, keys=(app_keys[1], app_keys[0]))
    assert api.installation_of("ada/engine").id == 1001
    assert [one.status for one in github.log] == [401, 200]
    assert api.installation_of("ada/engine").id == 1001
    assert [one.status for one in github.log] == [401, 200, 200]


def test_a_rotation_at_github_goes_unnoticed(github, api_of, app_keys):
    api = api_of(github, keys=app_keys)
    assert api.installation_of("ada/engine")
    github.keys = [app_keys[1]]
    assert api.installation_of("ada/engine")
    assert [one.status for one in github.log] == [200, 401, 200]


def test_an_app_whose_keys_are_both_refused_is_told_so_after_one_try_of_each(
    github, api_of, app_keys
):
    github.keys = [AppKey.make()]
    with pytest.raises(AppRefused):
        api_of(github, keys=app_keys).installation_of("ada/engine")
    assert [one.status for one in github.log] == [401, 401]


def test_an_id_that_github_does_not_know_is_no_missing_installation(github, api):
    github.app_id = "another"
    with pytest.raises(AppRefused):
        api.installation_of("ada/engine")
    with pytest.raises(AppRefused):
        api.installation_token(1001, "engine")


@pytest.mark.parametrize("ahead", [-3600, 3600, 86_400 * 40])
def test_a_clock_that_is_wrong_is_set_by_githubs_and_stays_so(github, api, ahead):
    github.ahead = ahead
    token = api.installation_token(1001, "engine")
    assert abs(token.lifetime_seconds - 3600) <= 2
    assert api.installation_of("ada/engine")
    assert [one.status for one in github.log] == [401, 201, 200]


def test_a_refusal_that_is_not_the_clocks_is_not_repeated(github, api):
    github.keys = [AppKey.make()]
    github.ahead = 20
    with pytest.raises(AppRefused):
        api.installation_of("ada/engine")
    assert len(github.log) == 1
