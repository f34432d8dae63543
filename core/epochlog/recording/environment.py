"""Capture where a run happens: interpreter, machine, packages, container, selected variables."""

# ruff: noqa: SIM905 - a text of words is easier to read than a list of literals

from __future__ import annotations

import os
import platform
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from epochlog.base.guard import raises_under_test, report
from epochlog.base.redaction import redact_env, redact_params
from epochlog.recording.code_state import capture_code
from epochlog.recording.environment_files import find_environment_files
from epochlog.recording.environment_jobs import find_gpus, find_isolation, find_job
from epochlog.recording.environment_packages import (
    find_conda_packages,
    find_direct_packages,
    find_packages,
)

__all__ = ["capture_code", "capture_environment", "find_packages"]


VARIABLES_MAX, VARIABLE_CHARS_MAX = 200, 2000

_VARIABLES = frozenset(
    "RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE GROUP_RANK ROLE_RANK NODE_RANK MASTER_ADDR "
    "MASTER_PORT CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER CUDA_LAUNCH_BLOCKING "
    "CUBLAS_WORKSPACE_CONFIG HIP_VISIBLE_DEVICES ROCR_VISIBLE_DEVICES NVIDIA_VISIBLE_DEVICES "
    "ZE_AFFINITY_MASK XLA_FLAGS PYTHONHASHSEED PYTHONOPTIMIZE PYTHONPATH MALLOC_ARENA_MAX "
    "LD_PRELOAD KERAS_BACKEND TOKENIZERS_PARALLELISM CI JOB_ID BUILD_ID BUILD_NUMBER BUILD_URL "
    "CI_PIPELINE_ID CI_JOB_ID CI_COMMIT_SHA GITHUB_ACTIONS GITHUB_REPOSITORY GITHUB_REF "
    "GITHUB_SHA GITHUB_RUN_ID GITHUB_WORKFLOW JENKINS_URL KAGGLE_KERNEL_RUN_TYPE "
    "COLAB_RELEASE_TAG CONDA_DEFAULT_ENV TZ LANG".split()
)
_PREFIXES = tuple(
    "OMP_ MKL_ OPENBLAS_ NUMEXPR_ BLIS_ VECLIB_ KMP_ GOTO_ NCCL_ GLOO_ TORCH_ PYTORCH_ "
    "TORCHELASTIC_ TF_ JAX_ HF_HUB_ HF_HOME ACCELERATE_ SLURM_ PBS_ LSB_ SGE_ OMPI_COMM_WORLD_ "
    "PMI_ HYDRA_ RAY_ EPOCHLOG_".split()
)


def capture_environment() -> dict[str, Any]:
    """Return the environment as plain data; never raises. Equal environments give equal data.

    Keys: ``python``, ``platform``, ``machine`` (CPU, memory in bytes), ``timezone``, ``variables``
    (an allow-list, secrets taken out), ``packages`` (name to version), ``direct_packages`` (those
    that no index knows: URL, commit, git state of editable ones), ``conda_packages``, ``files``
    (lock files, requirements, Dockerfiles of the project), ``isolation`` (virtual environment,
    conda, container, its image and limits), ``job`` (ids that schedulers gave), ``accelerators``
    (driver, GPUs, CUDA). What can't be found out is left out.
    """
    parts: dict[str, Callable[[], Any]] = {
        "python": _python,
        "platform": _platform,
        "machine": _machine,
        "timezone": _timezone,
        "variables": lambda: select_variables(os.environ),
        "packages": find_packages,
        "direct_packages": find_direct_packages,
        "conda_packages": lambda: find_conda_packages(os.environ.get("CONDA_PREFIX") or sys.prefix),
        "files": lambda: find_environment_files(Path.cwd()),
        "isolation": lambda: find_isolation(os.environ),
        "job": lambda: redact_params(find_job(os.environ)),
        "accelerators": find_gpus,
    }
    return {name: found for name, part in parts.items() if (found := _try(name, part))}


def _try(name: str, part: Callable[[], Any]) -> Any:
    try:
        return part()
    except Exception as error:  # an odd machine costs one part, not the record
        if raises_under_test():
            raise
        report(f"capturing the environment ({name})", error)
        return None


def _python() -> dict[str, Any]:
    return {
        "version": platform.python_version(),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    }


def _platform() -> dict[str, Any]:
    if not hasattr(os, "uname"):  # Windows
        return {"system": platform.system(), "release": platform.release(), "host": platform.node()}
    system = os.uname()
    found = {"system": system.sysname, "release": system.release, "host": system.nodename}
    try:
        found["distribution"] = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        pass
    return found


def _machine() -> dict[str, Any]:
    found: dict[str, Any] = {
        "architecture": os.uname().machine if hasattr(os, "uname") else platform.machine(),
        "cpu": _cpu_model(),
        "cpu_count": os.cpu_count(),
    }
    if hasattr(os, "sched_getaffinity"):
        found["cpu_usable"] = len(os.sched_getaffinity(0))
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_bytes"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {key: value for key, value in found.items() if value}


def _cpu_model() -> str:
    """Return the processor's name without starting a process, as ``platform.processor()`` would."""
    for line in _read("/proc/cpuinfo", 4096).splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model", "cpu model"):
            return value.strip()
    return os.environ.get("PROCESSOR_IDENTIFIER", "")


def _timezone() -> dict[str, Any]:
    found = {"name": time.tzname[0], "utc_offset": time.strftime("%z")}
    try:
        target = os.readlink("/etc/localtime")  # noqa: PTH115 - a plain text is all that is needed
        found["zone"] = target.partition("zoneinfo/")[2]
    except OSError:
        pass
    return {key: value for key, value in found.items() if value}


def select_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that matter to a training, without secrets.

    An allow-list: whatever isn't known to matter is not recorded.
    """
    names = sorted(n for n in variables if n in _VARIABLES or n.startswith(_PREFIXES))
    chosen = {name: variables[name][:VARIABLE_CHARS_MAX] for name in names[:VARIABLES_MAX]}
    return redact_env(chosen)


def _first_line(path: str) -> str:
    return _read(path, 1000).partition("\n")[0].strip()


def _read(path: str, size: int) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""
