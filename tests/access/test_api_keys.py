import hashlib
import hmac
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.access.api_keys import BASE_62, ApiKey, Tier

KEYS = st.builds(
    ApiKey,
    tier=st.sampled_from(Tier),
    key_id=st.text(BASE_62, min_size=12, max_size=12),
    secret=st.text(BASE_62, min_size=22, max_size=64),
)
GOOD = ApiKey(tier=Tier.FREE, key_id="A" * 12, secret="s" * 32)


@given(KEYS)
def test_a_key_is_read_as_it_was_shown(key):
    assert ApiKey.parse(key.reveal()) == key


@given(st.one_of(st.text(max_size=120), st.from_regex(r"kota_(free|solo|pro)_\w{10,14}_\w{20,70}")))
@example("kota_free_" + "A" * 12 + "_" + "s" * 21)
@example("kota_free_" + "A" * 12 + "_" + "s" * 65)
@example("kota_free_" + "\u0661" * 12 + "_" + "s" * 32)
@example(GOOD.reveal() + "\n")
@example(" " + GOOD.reveal())
@example(GOOD.reveal() * 1000)
def test_what_is_read_as_a_key_is_that_key_to_the_letter(text):
    key = ApiKey.parse(text)
    assert key is None or key.reveal() == text


def test_a_minted_key_has_the_published_form_and_enough_randomness():
    keys = {ApiKey.mint(Tier.SOLO).reveal() for _ in range(50)}
    assert len(keys) == 50
    assert all(re.fullmatch(r"kota_solo_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}", key) for key in keys)


def test_a_secret_is_hashed_under_the_pepper_where_there_is_one():
    secret = GOOD.secret.encode()
    assert GOOD.secret_hash("") == hashlib.sha256(secret).digest()
    assert GOOD.secret_hash("salt") == hmac.new(b"salt", secret, hashlib.sha256).digest()


def test_a_key_keeps_its_secret_when_it_is_printed():
    assert GOOD.secret not in repr(GOOD)
    with pytest.raises(AttributeError):
        GOOD.secret = "other"
