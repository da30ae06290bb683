"""How many threads linear algebra has while a search lasts."""

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hiddenlaw._threads import one_thread

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def threads() -> set[int]:
    """Of every library of linear algebra that is loaded."""
    import scipy.linalg  # noqa: F401

    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_one_while_it_lasts_and_as_many_as_before_afterwards(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with one_thread():
            assert threads() == {1}
        assert threads() == before
        with pytest.raises(ValueError, match="on its way"), one_thread():
            raise ValueError("on its way")
        assert threads() == before


@pytest.mark.parametrize("name", VARIABLES)
def test_what_the_environment_says_counts(name, monkeypatch):
    monkeypatch.setenv(name, "2")
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with one_thread():
            assert threads() == before
