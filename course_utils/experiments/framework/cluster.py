"""Runs tasks on a Dask cluster: other machines, each worker one thread, the same packages as here.

A worker that dies costs its task alone, which another one begins anew. Where the scheduler itself is lost, every task
that was not heard of counts as lost: whoever calls runs those again.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from course_utils.errors import CourseError
from course_utils.experiments.framework.results import versions

if TYPE_CHECKING:
    from distributed import Client

R = TypeVar("R")
WAIT = "20s"  # for the scheduler to answer
NO_SCHEDULER = (
    "No Dask scheduler answers at {}: {}. Start one with `dask scheduler`, and workers with "
    "`dask worker ADDRESS --nthreads 1`; deploy/ has recipes."
)


def unordered(
    address: str, function: Callable[..., R], tasks: Sequence[tuple[Any, ...]]
) -> Generator[tuple[int, R | str], None, None]:
    """Call a function for each task on a cluster, and give what came out as soon as it is known.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        function: it can be imported there.
        tasks: the arguments of each call.

    Yields:
        The number of a task, and what the function returned, or a sentence that says why there is nothing.

    Raises:
        CourseError: Dask is not installed, or no scheduler answers.
    """
    client = connected(address)
    mark = uuid.uuid4().hex[:12]  # two users at once do not share tasks
    try:
        futures = {
            client.submit(checked, function, versions(), task, key=f"seed-{number}-{mark}", pure=False): number
            for number, task in enumerate(tasks)
        }
        from distributed import as_completed

        with client.as_current():
            stream = as_completed(futures)
        try:
            for future in stream:
                yield futures[future], _outcome(future)
        finally:
            with contextlib.suppress(Exception):  # whatever it is, nobody waits for these any more
                client.cancel(list(futures))
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)


def connected(address: str) -> Client:
    """A connection to the scheduler.

    Raises:
        CourseError: Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "Running on a cluster needs Dask, which is not installed here. Install it: pip install distributed."
        ) from None
    try:
        return Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(NO_SCHEDULER.format(address, f"{error}".partition("\n")[0] or type(error).__name__)) from None


def _outcome(future: Any) -> Any:
    """What a task gave, or why it gave nothing."""
    if future.status == "finished":
        return future.result()
    if future.cancelled():
        return "the scheduler of the cluster was lost"
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return "every worker that began it died (short of memory?)"
    return f"{type(error).__name__}: {error}"


def checked(function: Callable[..., R], wanted: dict[str, str], task: tuple[Any, ...]) -> R | str:
    """On a worker: call the function, unless what it measures could differ from what is measured at home.

    Args:
        function: to call.
        wanted: the versions of Python and packages at home.
        task: its arguments.

    Returns:
        What the function returns, or a sentence that says what is wrong with the worker.
    """
    from distributed import get_worker

    worker = get_worker()
    threads, own = worker.state.nthreads, versions()
    if threads != 1:
        return f"the worker {worker.address} has {threads} threads: start it with --nthreads 1"
    if own != wanted:
        found = ", ".join(f"{name} {own[name]} instead of {wanted[name]}" for name in own if own[name] != wanted[name])
        return f"the worker {worker.address} has other packages: {found}"
    return function(*task)
