import pytest
from tests.support.github_deliveries import SECRET, signed

from indexer.webhooks.signature import SignatureInvalid, WebhooksClosed, check_signature

OTHER = "another-webhook-secret-of-more-than-32-characters"
BODY = b'{"zen":"\xc3\xa9"}'


def test_what_github_publishes_as_its_example_is_accepted():
    # The figures of "Testing the webhook payload validation" in GitHub's documentation.
    check_signature(
        b"Hello, World!",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ("It's a Secret to Everybody",),
    )


def test_while_the_secret_is_changed_both_are_good():
    for secret in (SECRET, OTHER):
        check_signature(BODY, signed(BODY, secret), (SECRET, OTHER))
    with pytest.raises(SignatureInvalid):
        check_signature(BODY, signed(BODY, OTHER), (SECRET,))


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        signed(BODY).upper(),
        signed(BODY).removeprefix("sha256="),
        signed(BODY).replace("sha256", "sha1"),
        signed(BODY)[:-1],
        signed(BODY) + "0",
        signed(BODY) + "\n",
        signed(BODY[:-1]),
        signed(BODY, ""),
        "sha256=" + "\u0660" * 64,
        "sha256=\udcff",
    ],
)
def test_anything_else_is_refused(signature):
    with pytest.raises(SignatureInvalid):
        check_signature(BODY, signature, (SECRET,))


def test_without_a_secret_nothing_is_taken_not_even_what_is_signed_with_none():
    with pytest.raises(WebhooksClosed):
        check_signature(BODY, signed(BODY, ""), ())
