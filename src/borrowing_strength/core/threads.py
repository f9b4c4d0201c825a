"""One thread for linear algebra whose matrices are many and small."""

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _threads() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager:
    """Keep linear algebra on one thread: on a machine with other work, threads that wait for each other cost 10x."""
    return _threads().limit(limits=1, user_api="blas")
