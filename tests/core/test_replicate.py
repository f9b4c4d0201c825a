"""What repeats gives the same digits here, in processes and on a Dask cluster; what goes wrong there is said."""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from borrowing_strength.beta_binomial import false_alarms
from borrowing_strength.calibration import calibrate
from borrowing_strength.core.replicate import replicate
from borrowing_strength.multilevel import false_claims

TASKS = """
import os

def truth(rng):
    return {"mu": rng.normal()}

def data(truth, rng):
    return rng.normal(truth["mu"], 1, size=3).mean()

def draws(mean, rng):
    return {"mu": rng.normal(0.75 * mean, 0.5, size=99)}

def die(r):
    os._exit(1)

def fail(r):
    return 1 / (r - 7)
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A module that workers can import, as a user's own would be."""
    folder = tmp_path_factory.mktemp("tasks")
    Path(folder / "tasks_of_a_user.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield import_module("tasks_of_a_user")
        del sys.modules["tasks_of_a_user"]


@pytest.fixture(scope="module")
def processes(tasks: ModuleType) -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def dask(tasks: ModuleType) -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client.get_executor()


@pytest.fixture(params=["processes", "dask"])
def executor(request: pytest.FixtureRequest) -> Executor:
    return request.getfixturevalue(request.param)


def test_the_ranks_of_a_calibration_are_the_same_everywhere(tasks: ModuleType, executor: Executor) -> None:
    there = calibrate(tasks.truth, tasks.data, tasks.draws, replications=150, seed=3, executor=executor)
    here = calibrate(tasks.truth, tasks.data, tasks.draws, replications=150, seed=3)
    assert np.array_equal(here.ranks["mu"], there.ranks["mu"])
    assert len(set(here.ranks["mu"])) > 50


def test_the_studies_of_the_lessons_are_the_same_everywhere(executor: Executor) -> None:
    for study in (false_alarms, false_claims):
        assert study(3, 5, seed=1).equals(study(3, 5, seed=1, executor=executor))


def test_an_error_says_in_which_replication_it_arose(tasks: ModuleType, processes: Executor) -> None:
    for executor in (None, processes):
        with pytest.raises(ZeroDivisionError) as error:
            replicate(tasks.fail, range(20), executor)
        assert error.value.__notes__ == ["in replication 7"]


def test_a_worker_that_dies_is_reported(tasks: ModuleType) -> None:
    with (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
        pytest.raises(RuntimeError, match="a worker died: some of the replications 0 to 9 have no answer"),
    ):
        replicate(tasks.die, range(10), pool)


def test_an_interruption_leaves_nothing_behind() -> None:
    begun = []

    def task(r: int) -> int:
        begun.append(r)
        time.sleep(0.01)
        if r == 2:
            raise KeyboardInterrupt
        return r

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(KeyboardInterrupt):
            replicate(task, range(64), pool)
        left = len(begun)
    assert len(begun) <= left + 1 < 20


def test_a_bar_is_silent_where_nobody_waits(capsys: pytest.CaptureFixture[str]) -> None:
    assert replicate(lambda r: r**2, range(100)) == [r**2 for r in range(100)]
    assert capsys.readouterr().err == ""


def test_what_is_no_executor_is_refused() -> None:
    with pytest.raises(ValueError, match="executor is 4"):
        replicate(abs, range(3), 4)
