import pytest

from indexer.secrets import SecretUnreadable, with_secrets


def test_a_named_secret_fills_its_setting(secret_store):
    arn = secret_store.create_secret(Name="api", SecretString="postgresql://u:p@db/k")["ARN"]
    filled = with_secrets({"DATABASE_SECRET_ARN": arn, "STAGE": "dev"})
    assert filled["DATABASE_URL"] == "postgresql://u:p@db/k"
    assert filled["STAGE"] == "dev"


def test_what_is_set_already_wins_and_no_secret_is_read():
    given = {"DATABASE_URL": "postgresql://u:p@localhost/k", "DATABASE_SECRET_ARN": "arn:none"}
    assert with_secrets(given) == given


@pytest.mark.usefixtures("secret_store")
def test_a_secret_that_cannot_be_read_is_an_error_that_names_its_variable():
    with pytest.raises(SecretUnreadable, match="API_KEY_PEPPER_SECRET_ARN"):
        with_secrets({"API_KEY_PEPPER_SECRET_ARN": "arn:aws:secretsmanager:x:1:secret:gone"})


def test_the_apps_key_and_its_webhook_secret_are_read_where_their_arns_say(secret_store):
    made = {
        name: secret_store.create_secret(Name=name, SecretString=text)["ARN"]
        for name, text in {"key": "-----BEGIN …", "webhooks": "w" * 32}.items()
    }
    filled = with_secrets(
        {
            "GITHUB_APP_PRIVATE_KEY_SECRET_ARN": made["key"],
            "GITHUB_WEBHOOK_SECRET_ARN": made["webhooks"],
        }
    )
    assert filled["GITHUB_APP_PRIVATE_KEY"] == "-----BEGIN …"
    assert filled["GITHUB_WEBHOOK_SECRET"] == "w" * 32
