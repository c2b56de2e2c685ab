from uuid import UUID

import pytest

from indexer.database.identifiers import parse_number, parse_uuid

ONE = "0199d3c8-5c1e-7a31-8f04-2b6a9d1c7e55"


@pytest.mark.parametrize("text", [ONE, ONE.upper()])
def test_an_id_in_its_usual_form_is_read(text):
    assert parse_uuid(text) == UUID(ONE)


@pytest.mark.proves("J17")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "not-a-uuid",
        ONE[:-1],
        ONE + "0",
        ONE + "\n",
        f"{{{ONE}}}",
        f"urn:uuid:{ONE}",
        ONE.replace("-", ""),
        ONE.replace("0", "\u0660"),
        "0199-d3c85c1e-7a31-8f04-2b6a9d1c7e55",
    ],
)
def test_no_other_form_names_a_thing(text):
    assert parse_uuid(text) is None


@pytest.mark.parametrize("number", [1, 77, 2**63 - 1])
def test_a_number_in_its_usual_form_is_read(number):
    assert parse_number(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "1\n", "1_0", "\u0661", str(2**63)]
)
def test_no_other_form_is_a_number(text):
    assert parse_number(text) is None
