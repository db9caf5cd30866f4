"""What every lesson begins and ends with: seed, threads, device, profile, stopwatch and memory meter."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from course_utils import syllabus
from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.interrupts import half_imported, protect_imports, restart, whole_imports
from course_utils.surroundings import check_no_file_in_the_way, give_matplotlib_a_folder

if TYPE_CHECKING:
    import torch

PROFILES = ("standard", "full")
P = ParamSpec("P")
R = TypeVar("R")
M_MMAP_THRESHOLD = -3  # of mallopt, in malloc.h


@dataclass(frozen=True)
class Session:
    """The lesson under way, and the clocks as they stood at its start."""

    lesson: syllabus.Lesson
    profile: str
    cpu: float
    wall: float


_session: Session | None = None


def start(lesson: str, profile: str | None = None, *, seed: int = 0, threads: int = 1) -> None:
    """Begin a lesson: call it before anything imports torch.

    Sets the seeds, one thread (faster for small recurrent nets), repeatable arithmetic, and the clocks for `finish`.
    From here on ■ waits while a library is being imported: one that is half imported makes a kernel useless.

    Args:
        lesson: the lesson's name, such as "05_recurrent_networks".
        profile: "standard" (two CPU cores, small data) or "full" (GPU, large data). Default: the environment variable
            COURSE_PROFILE, else "standard".
        seed: for Python, numpy and torch.
        threads: for torch.

    Raises:
        CourseError: no such lesson or profile; the message lists them. Or torch or numpy are half imported, because
            their import was stopped before: the kernel must be restarted. Or a file such as torch.py lies beside the
            notebook, which Python would import in place of the package.
    """
    global _session
    show_short_errors()
    check_no_file_in_the_way()
    give_matplotlib_a_folder()
    protect_imports()
    this_lesson = syllabus.lesson(lesson)
    chosen = profile or os.environ.get("COURSE_PROFILE") or "standard"
    check_name("profile", chosen, PROFILES)
    cpu, wall = time.process_time(), time.perf_counter()
    prepare_torch(seed, threads)
    _session = Session(this_lesson, chosen, cpu, wall)
    print(
        f"Lesson {this_lesson.number}, {this_lesson.title}. Profile {chosen}, device {device().type}. "
        f"Run All takes at most about {this_lesson.budget} CPU seconds."
    )


def prepare_torch(seed: int, threads: int) -> None:
    """Import torch with the settings that must come first, then fix seeds, threads and algorithms."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # large memory pages: long sequences train up to twice as fast
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # repeatable matrix products on a GPU
    _return_large_blocks()
    with whole_imports():
        import numpy as np
        import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())


def prepare_optimizers() -> None:
    """Import what torch imports with the first optimiser of a process: about a second, which no clock should count.

    Raises:
        CourseError: an import of it was stopped before: the kernel must be restarted.
    """
    if "torch._dynamo" not in sys.modules:
        with whole_imports():
            import_module("torch._dynamo")


@contextmanager
def random_state_kept(device: torch.device | None = None, *, settings: bool = False) -> Iterator[None]:
    """What happens inside leaves the random numbers as they were: those of Python, numpy and torch.

    Args:
        device: torch's random numbers are kept on the CPU, and on this device too.
        settings: keep torch's settings as well; `torch_settings_kept` names them.
    """
    import numpy as np
    import torch

    cuda = device if device is not None and device.type == "cuda" else None
    devices = [] if cuda is None else [torch.cuda.current_device() if cuda.index is None else cuda.index]
    python, numpy = random.getstate(), np.random.get_state()
    with torch_settings_kept() if settings else nullcontext():
        try:
            with torch.random.fork_rng(devices=devices):
                yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What happens inside draws torch's random numbers from a seed, and leaves those of the CPU as they were."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


class Setting(NamedTuple):
    """Something that can be asked for, and put back."""

    get: Callable[[], Any]
    put: Callable[[Any], object]


@contextmanager
def settings_kept(settings: Iterable[Setting]) -> Iterator[None]:
    """What happens inside leaves settings as they were; they are put back in the order given."""
    before = [(setting, setting.get()) for setting in settings]
    try:
        yield
    finally:
        for setting, value in before:
            if setting.get() != value:
                setting.put(value)


def torch_settings_kept() -> AbstractContextManager[None]:
    """What happens inside leaves torch's settings as they were.

    They are its threads, grad mode, default dtype and device, kind of algorithms, anomaly mode, autocast, and how it
    prints.
    """
    import torch

    autocast = [
        Setting(partial(getter, kind), partial(setter, kind))
        for kind in ("cpu", "cuda")
        for getter, setter in (
            (torch.is_autocast_enabled, torch.set_autocast_enabled),
            (torch.get_autocast_dtype, torch.set_autocast_dtype),
        )
    ]
    return settings_kept(
        [
            Setting(torch.is_grad_enabled, torch.set_grad_enabled),
            Setting(torch.get_default_dtype, torch.set_default_dtype),
            Setting(default_device, _put_default_device),
            Setting(torch._C._len_torch_function_stack, _leave_modes),  # after the device, which is one of them
            Setting(torch.get_num_threads, torch.set_num_threads),
            Setting(_deterministic, lambda modes: torch.use_deterministic_algorithms(modes[0], warn_only=modes[1])),
            Setting(_anomaly, lambda modes: torch.autograd.set_detect_anomaly(*modes)),
            Setting(_printing, lambda options: torch.set_printoptions(**options)),
            *autocast,
        ]
    )


def _deterministic() -> tuple[bool, bool]:
    """Does torch use deterministic algorithms only, and does it only warn where there is none?"""
    import torch

    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def default_device() -> torch.device:
    """Where torch makes tensors (torch.get_default_device fails where the default was taken back)."""
    import torch

    return torch.empty(0).device


def _put_default_device(device: torch.device) -> None:
    import torch

    torch.set_default_device(None if device.type == "cpu" else device)
    if device.type == "cpu":
        with suppress(AttributeError):  # so that torch.get_default_device does not fail
            del torch._GLOBAL_DEVICE_CONTEXT.device_context


def _leave_modes(count: int) -> None:
    """Leave what was entered and not left, such as `torch.device("meta").__enter__()`, down to so many modes."""
    import torch

    while torch._C._len_torch_function_stack() > count:
        torch._C._pop_torch_function_stack()


def _anomaly() -> tuple[bool, bool]:
    """Does torch look for what went wrong in a backward pass, and for NaN there?"""
    import torch

    return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()


def _printing() -> dict[str, Any]:
    """How torch prints tensors: digits, and from where on it shortens."""
    import torch

    return dict(vars(torch._tensor_str.PRINT_OPTS))


def device() -> torch.device:
    """Where the lesson's networks live: the GPU in the full profile where there is one, else the CPU."""
    import torch

    full = _session is not None and _session.profile == "full"
    return torch.device("cuda" if full and torch.cuda.is_available() else "cpu")


def finish() -> None:
    """End a lesson with one line: what it took, and what it may take.

    Raises:
        CourseError: no lesson was started.
    """
    if _session is None:
        raise CourseError('No lesson was started. Run the first cell: course_utils.start("…").')
    cpu, wall = time.process_time() - _session.cpu, time.perf_counter() - _session.wall
    print(
        f"Lesson {_session.lesson.number} took {cpu:.0f} CPU seconds of a budget of {_session.lesson.budget}, "
        f"{wall:.0f} seconds on the clock and {peak_memory() / 1e6:.0f} MB of memory at its peak."
    )


def peak_memory(pid: int | None = None) -> int:
    """The most memory that a process has held at any time, in bytes.

    Args:
        pid: the process; default: this one.
    """
    status = Path(f"/proc/{pid or 'self'}/status")
    if status.exists():  # Linux; getrusage would count what the parent process held
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import psutil

    if sys.platform == "win32":
        return int(psutil.Process(pid).memory_info().peak_wset)
    if pid not in (None, os.getpid()):
        return int(psutil.Process(pid).memory_info().rss)  # macOS tells the peak of one's own process only
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def bars_are_seen() -> bool:
    """Does somebody see a progress bar: a notebook or a terminal, and bars not turned off (TQDM_DISABLE=1)?"""
    if os.environ.get("TQDM_DISABLE", "0").lower() not in ("", "0", "false"):
        return False
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return (shell is not None and "IPKernelApp" in shell.config) or bool(sys.stdout and sys.stdout.isatty())


def show_short_errors() -> None:
    """In a notebook, let a CourseError print its sentence and not the path through our code.

    Each cell begins with a handler of ■ that waits for imports, and an error that comes of a stopped import says so.
    """
    try:
        shell = get_ipython()  # type: ignore[name-defined]
    except NameError:
        return

    def handler(
        shell: Any, kind: type, error: BaseException, traceback: Any, tb_offset: int | None = None
    ) -> list[str]:
        lines = [f"{kind.__name__}: {error}"]
        shell._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((CourseError,), handler)
    shell.events.register("pre_run_cell", _protect_imports)  # the kernel sets a new handler for each cell
    shell.events.register("post_run_cell", _say_restart)


def _protect_imports(_: object) -> None:
    protect_imports()


def _say_restart(result: Any) -> None:
    """After a cell that failed: is that because a library is half imported?"""
    error = result.error_in_exec
    if isinstance(error, Exception) and not isinstance(error, CourseError) and (libraries := half_imported()):
        print(restart(libraries))


def gives_memory_back(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator for long trainings: what they have freed goes back to the system when they end.

    On Linux the C library keeps freed memory for later; after a training that can be a hundred megabytes. Elsewhere
    nothing is done.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        finally:
            _trim()

    return wrapped


def _trim() -> None:
    """Let the C library hand freed memory back, where it can."""
    if library := _glibc():
        library.malloc_trim(0)


def _return_large_blocks() -> None:
    """Have blocks of 4 MiB and more handed back to the system when they are freed, where the C library can.

    Left to itself glibc raises this limit up to 32 MiB as a program runs, and large tensors leave holes behind.
    """
    if library := _glibc():
        library.mallopt(M_MMAP_THRESHOLD, 4 * 2**20)


def _glibc() -> Any:
    """The C library, where it is that of GNU; else None."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
