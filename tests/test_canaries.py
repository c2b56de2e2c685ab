import base64

import pytest
from tests.support.canaries import Canaries


@pytest.mark.parametrize(
    "leak",
    [
        lambda text: f"password={text}&x",
        lambda text: base64.b64encode(f"user:{text}@".encode()).decode(),
        lambda text: base64.b64encode(f"a{text}".encode()).decode(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.encode().hex().upper(),
        lambda text: text.lower(),
    ],
)
def test_a_planted_text_is_found_however_it_leaks(leak):
    canaries = Canaries()
    text = canaries.plant("password")
    canaries.plant("other")
    assert canaries.in_text(f"before {leak(text)} after") == {"password"}


def test_a_text_that_did_not_leak_is_not_found():
    canaries = Canaries()
    canaries.plant("password")
    assert canaries.in_text("before Kanarie after " + "00" * 40) == set()
