import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.database.target import DatabaseUrlMalformed, DatabaseUrlMissing, Target


@pytest.mark.proves("Q4")
def test_a_native_connection_string_names_the_database():
    target = Target.from_environment(
        {
            "DATABASE_URL": "postgresql://postgres:p%40ss@db.example.com:6543/kota?sslmode=verify-full"
        }
    )
    assert (target.host, target.port, target.dbname) == ("db.example.com", 6543, "kota")
    assert (target.user, target.password, target.sslmode) == ("postgres", "p@ss", "verify-full")


@pytest.mark.proves("Q4")
def test_supabase_db_url_is_the_same_thing_and_database_url_wins():
    supabase = {"SUPABASE_DB_URL": "postgresql://u:p@pool.example.com:6543/postgres"}
    assert Target.from_environment(supabase).host == "pool.example.com"
    both = {**supabase, "DATABASE_URL": "postgresql://u:p@localhost/postgres"}
    assert Target.from_environment(both).host == "localhost"


@pytest.mark.proves("Q4", "Q5")
@pytest.mark.parametrize(
    "environment", [{}, {"DATABASE_URL": " "}, {"SUPABASE_URL": "https://x.supabase.co"}]
)
def test_a_missing_url_is_an_error_that_names_the_variable_and_an_example(environment):
    with pytest.raises(DatabaseUrlMissing) as missing:
        Target.from_environment(environment)
    assert "DATABASE_URL is not set" in str(missing.value)
    assert "postgresql://postgres:postgres@localhost:5434/postgres" in str(missing.value)


@pytest.mark.proves("Q6")
@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "https://user:hunter2@db.example.com/kota",
        "postgresql://user:hunter2@/kota",
        "postgresql://:hunter2@db.example.com/kota",
        "postgresql://user:hunter2@db.example.com/",
        "postgresql://user:hunter2@db.example.com:99999/kota",
        "postgresql://user:hunter2@db.example.com:port/kota",
        "postgresql://user:hunter2@db.example.com/kota/more",
        "postgresql://user:hunter2@db.example.com/kota?sslmode=never",
        "postgresql://user:hunter2@db.example.com/kota?options=-csearch_path=x",
        "postgresql://user:hunter2@[half/kota",
    ],
)
def test_a_malformed_url_is_refused_without_repeating_it(url):
    with pytest.raises(DatabaseUrlMalformed) as refused:
        Target.parse(url)
    assert "hunter2" not in str(refused.value)
    assert "DATABASE_URL cannot be used" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "sslmode"),
    [
        ("postgresql://u@localhost/k", "disable"),
        ("postgresql://u@127.0.0.1/k", "disable"),
        ("postgresql://u@/k?host=/run/postgres", "disable"),
        ("postgresql://u@db.example.com/k", "require"),
    ],
)
def test_a_connection_that_leaves_the_machine_is_encrypted(url, sslmode):
    assert Target.parse(url).sslmode == sslmode


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_refused(text):
    try:
        target = Target.parse(text)
    except DatabaseUrlMalformed:
        return
    assert target.user
    assert target.dbname


def test_a_targets_password_is_not_in_its_representation():
    assert "hunter2" not in repr(Target.parse("postgresql://u:hunter2@localhost/k"))
