"""Plan how a run is repeated: directory, command line, variables, packages; as files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epochlog.base.redaction import REDACTED
from epochlog.cli.reproduction.sources import CODE_FOLDER, Written
from epochlog.query.code import RunCode

STORE_FOLDER = ".epochlog"

_VARIABLES = frozenset(
    (
        "PYTHONHASHSEED", "PYTHONOPTIMIZE", "CUDA_LAUNCH_BLOCKING", "CUBLAS_WORKSPACE_CONFIG",
        "CUDA_DEVICE_ORDER", "XLA_FLAGS", "KERAS_BACKEND", "TOKENIZERS_PARALLELISM", "TZ",
    )
)  # fmt: skip
_PREFIXES = tuple(
    f"{name}_" for name in (
        "OMP", "MKL", "OPENBLAS", "NUMEXPR", "BLIS", "VECLIB", "KMP", "GOTO", "TORCH", "PYTORCH",
        "TF", "JAX", "HYDRA",
    )
)  # fmt: skip
_LAUNCHERS = ("WORLD_SIZE", "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE")
_NOT_REQUIRED = frozenset(("epochlog",))


@dataclass
class Plan:
    """How a run is repeated.

    Attributes:
        words: the command after the interpreter, as shell words.
        directory: where it is given, below the folder.
        path: entries for ``PYTHONPATH``, below the folder.
        variables: environment variables to set.
        problems: what is not known.
    """

    words: list[str]
    directory: str
    path: list[str]
    variables: dict[str, str]
    problems: list[str] = field(default_factory=list)


def make_plan(code: RunCode, written: Written, into: Path, variables: Mapping[str, str]) -> Plan:
    """Return how the run is repeated in ``into``, where its code was written."""
    mapper = _Mapper(code, written, into)
    entry = code.facts.get("entry") or {}
    here = str(entry.get("launched_in") or code.facts.get("working_directory") or "")
    directory = mapper.inside(here) or CODE_FOLDER
    (into / directory).mkdir(parents=True, exist_ok=True)
    path = [found for name in code.import_path if (found := mapper.entry(name))]
    plan = Plan([], directory, path, _chosen(variables))
    plan.words = _words(code, written, mapper, plan.problems)
    world = next((variables[n] for n in _LAUNCHERS if variables.get(n, "1") != "1"), "")
    if world:
        plan.problems.append(
            f"the run was one of {world} processes of a launcher (torchrun, srun …); run.sh starts "
            "only this one: give its command to your launcher"
        )
    return plan


class _Mapper:
    """Where paths of the original project are in the copy."""

    def __init__(self, code: RunCode, written: Written, into: Path) -> None:
        self._pairs = list(zip(code.roots, written.roots, strict=False))
        self._into = into

    def inside(self, path: str) -> str | None:
        """Return the path below the folder for an absolute one of the original, None for others."""
        for root, folder in self._pairs:
            if path and Path(path).is_relative_to(root):
                found = folder / Path(path).relative_to(root)
                return found.relative_to(self._into).as_posix()
        return None

    def entry(self, name: str) -> str | None:
        """Return the path below the folder for ``<number of a root>/<path>``."""
        number, _, rest = name.partition("/")
        if int(number) >= len(self._pairs):
            return None
        return (self._pairs[int(number)][1] / rest).relative_to(self._into).as_posix()

    def word(self, argument: str) -> str:
        """Return an argument as a shell word; paths of the original become those of the copy."""
        head, sign, path = argument.rpartition("=")
        if Path(path).is_absolute():
            inside = self.inside(path)
            if inside is not None and (self._into / inside).exists():
                prefix = shlex.quote(head + sign) if sign else ""
                return f'{prefix}"$here"/{shlex.quote(inside)}'
        return shlex.quote(argument)


def _words(code: RunCode, written: Written, mapper: _Mapper, problems: list[str]) -> list[str]:
    if code.cells:
        return _cells(code, written, problems)
    argv = [str(argument) for argument in code.facts.get("argv") or ()]
    entry = code.facts.get("entry") or {}
    if not argv:
        problems.append("the command line was not recorded: arguments may be missing in run.sh")
        argv = ["python", *(("-m", entry["module"]) if "module" in entry else ())]
        if len(argv) == 1:
            argv.append(str(entry.get("script", "")))
    if REDACTED in " ".join(argv):
        problems.append("a secret of the command line was not recorded: put it where it says ***")
    return [mapper.word(argument) for argument in argv[1:]]


def _cells(code: RunCode, written: Written, problems: list[str]) -> list[str]:
    """Write the notebook's cells as a script beside the code; return the command for it."""
    try:
        compile(code.cells, "cells", "exec")
    except SyntaxError:  # magics and shell commands are IPython's
        name, words = "cells.ipy", ["-m", "IPython", "--no-banner"]
    else:
        name, words = "cells.py", []
    path = written.roots[0] / name
    path.write_text(code.cells, "utf-8")
    problems.append(
        f"the run was in a notebook: {path} has its cells in the order of execution, also those "
        "that failed or were tried twice"
    )
    if REDACTED in code.cells:
        problems.append(f"secrets were taken out of {path}: put them back where it says ***")
    return [*words, f'"$here"/{CODE_FOLDER}/{name}']


def _chosen(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in variables.items()
        if (name in _VARIABLES or name.startswith(_PREFIXES))
        and not name.startswith("TF_CLI_")  # Terraform's
        and REDACTED not in value
    }


def script_text(plan: Plan, title: str) -> str:
    """Return ``run.sh``."""
    lines = [
        "#!/bin/sh",
        f"# {title}".replace("\n", " "),
        "# PYTHON chooses the interpreter; install requirements.txt there first.",
        "set -eu",
        'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
        *(f"export {name}={shlex.quote(value)}" for name, value in plan.variables.items()),
        "unset EPOCHLOG_RUN_ID",
        f'export EPOCHLOG_STORE="${{EPOCHLOG_STORE:-$here/{STORE_FOLDER}}}"',
    ]
    if plan.path:
        entries = ":".join(f'"$here"/{shlex.quote(entry)}' for entry in plan.path)
        lines.append(f'export PYTHONPATH={entries}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    lines.append(f'cd "$here"/{shlex.quote(plan.directory)}')
    lines.append(" ".join(['exec "${PYTHON:-python3}"', *plan.words, '"$@"']))
    return "\n".join(lines) + "\n"


def requirements_text(environment: Mapping[str, Any]) -> str:
    """Return ``requirements.txt``: what was installed, with exact versions."""
    python = (environment.get("python") or {}).get("version", "")
    lines = [f"# Python {python}"] if python else []
    for name, version in (environment.get("packages") or {}).items():
        if name not in _NOT_REQUIRED and version:
            lines.append(f"{name}=={version}")
    return "\n".join(lines) + "\n"
