import pytest

from indexer.jobs.retry import retry_delay


@pytest.mark.proves("Q12")
@pytest.mark.parametrize(
    ("retry", "jitter", "seconds"),
    [
        (1, 0.0, 60),
        (2, 0.0, 120),
        (3, 0.0, 180),
        (4, 0.0, 180),
        (10_000, 0.0, 180),
        (1, 1.0, 66),
        (3, 0.5, 189),
    ],
)
def test_the_wait_doubles_to_a_cap_with_at_most_a_tenth_of_jitter(retry, jitter, seconds):
    assert retry_delay(retry, base=60, cap=180, jitter=jitter).total_seconds() == seconds
