"""Linear algebra by one thread while a search lasts.

The matrices are small: threads of linear algebra would wait for one another, and on a busy machine
for everybody. Whoever wants more of them says so in the environment, as OPENBLAS_NUM_THREADS=4.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_SAID = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for NumPy's and SciPy's linear algebra; afterwards as many as before."""
    if any(name in os.environ for name in _SAID):
        yield
        return
    import scipy.linalg  # noqa: F401  it brings a library of its own, which has to be there by now
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
