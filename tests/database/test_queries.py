import pytest

from indexer.database.queries import named_queries, read_queries


def test_a_query_is_the_text_below_its_heading():
    queries = read_queries(
        "-- a file\n-- name: one\n-- why\nSELECT 1;\n\n-- name: two\nSELECT 2;\n"
    )
    assert {name: query.text for name, query in queries.items()} == {
        "one": "-- why\nSELECT 1",
        "two": "SELECT 2",
    }


def test_parameters_are_numbered_in_order_of_first_use():
    (query,) = read_queries("-- name: q\nSELECT %(b)s, %(a)s, %(b)s;").values()
    assert query.numbered == "SELECT $1, $2, $1"
    assert query.values({"a": 1, "b": 2}) == (2, 1)


@pytest.mark.parametrize(
    "text", ["-- name: a\nSELECT 5 % 2;", "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;"]
)
def test_a_stray_percent_sign_and_a_name_twice_are_refused(text):
    with pytest.raises(ValueError, match=r"holds a %|stands twice"):
        read_queries(text)


def test_every_query_of_the_product_can_be_read():
    assert {"lease_next", "enqueue_job", "admit_request"} <= set(named_queries())
