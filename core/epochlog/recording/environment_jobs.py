"""Say in what the process runs: container, virtual environment, job of a scheduler, GPUs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SCHEDULERS: dict[str, dict[str, str]] = {
    "slurm": {
        "job_id": "SLURM_JOB_ID",
        "array_job_id": "SLURM_ARRAY_JOB_ID",
        "array_task_id": "SLURM_ARRAY_TASK_ID",
        "step_id": "SLURM_STEP_ID",
        "job_name": "SLURM_JOB_NAME",
        "partition": "SLURM_JOB_PARTITION",
        "nodes": "SLURM_JOB_NODELIST",
        "restarts": "SLURM_RESTART_COUNT",
        "cluster": "SLURM_CLUSTER_NAME",
    },
    "pbs": {"job_id": "PBS_JOBID", "job_name": "PBS_JOBNAME", "queue": "PBS_QUEUE"},
    "lsf": {"job_id": "LSB_JOBID", "job_name": "LSB_JOBNAME", "queue": "LSB_QUEUE"},
    "ray": {
        "job_id": "RAY_JOB_ID",
        "submission_id": "RAY_JOB_SUBMISSION_ID",
        "address": "RAY_ADDRESS",
    },
    "sagemaker": {"job_name": "TRAINING_JOB_NAME", "job_arn": "TRAINING_JOB_ARN"},
    "vertex": {"job_id": "CLOUD_ML_JOB_ID", "project": "CLOUD_ML_PROJECT_ID"},
    "azureml": {"run_id": "AZUREML_RUN_ID", "experiment_id": "AZUREML_EXPERIMENT_ID"},
    "databricks": {"runtime": "DATABRICKS_RUNTIME_VERSION"},
    "kubeflow": {"workflow": "WORKFLOW_ID", "run_id": "KFP_RUN_ID"},
    "github": {"run_id": "GITHUB_RUN_ID", "workflow": "GITHUB_WORKFLOW"},
    "gitlab": {"job_id": "CI_JOB_ID", "pipeline_id": "CI_PIPELINE_ID"},
}
_IMAGE_VARIABLES = (
    "CONTAINER_IMAGE DOCKER_IMAGE IMAGE_NAME SINGULARITY_CONTAINER APPTAINER_CONTAINER"
)
_NAMESPACE_FILE = "var/run/secrets/kubernetes.io/serviceaccount/namespace"
_CONTAINER_ID = re.compile(r"(?:docker|libpod|cri-containerd|crio|containers?)[-/:]+([0-9a-f]{64})")
_IMAGE_FILE = "run/.containerenv"
_TOP = Path("/")


def find_job(variables: Mapping[str, str], root: Path = _TOP) -> dict[str, Any]:
    """Return the job that this process is part of, by scheduler: ``{"slurm": {"job_id": …}}``."""
    found: dict[str, Any] = {}
    for scheduler, names in _SCHEDULERS.items():
        facts = {key: variables[name][:500] for key, name in names.items() if variables.get(name)}
        if facts:
            found[scheduler] = facts
    if "KUBERNETES_SERVICE_HOST" in variables:
        found["kubernetes"] = {
            "pod": variables.get("POD_NAME") or variables.get("HOSTNAME", ""),
            "namespace": variables.get("POD_NAMESPACE") or _first_line(root / _NAMESPACE_FILE),
            "node": variables.get("NODE_NAME", ""),
            "job": variables.get("JOB_NAME", ""),
        }
        found["kubernetes"] = {key: each for key, each in found["kubernetes"].items() if each}
    return found


def find_isolation(variables: Mapping[str, str], root: Path = _TOP) -> dict[str, Any]:
    """Return virtual environment, conda environment, container with its image and limits."""
    found: dict[str, Any] = {}
    if sys.prefix != sys.base_prefix:
        found["virtual_environment"] = sys.prefix
        found["made_by"] = _maker(Path(sys.prefix) / "pyvenv.cfg")
    if "CONDA_PREFIX" in variables:
        found["conda"] = variables["CONDA_PREFIX"]
    if container := _container(variables, root):
        found["container"] = container
    found["container_id"] = _container_id(root)
    found["image"] = _image(variables, root)
    quota, _, period = _first_line(root / "sys/fs/cgroup/cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        found["cpu_limit"] = int(quota) / int(period)
    if (limit := _first_line(root / "sys/fs/cgroup/memory.max")).isdigit():
        found["memory_limit_bytes"] = int(limit)
    return {key: value for key, value in found.items() if value}


def find_gpus(root: Path = _TOP) -> dict[str, Any]:
    """Return NVIDIA's driver, GPUs, the CUDA installed and that of what is imported; loads nothing.

    AMD's drivers likewise. The sampler of the hardware adds what the drivers' libraries say.
    """
    found: dict[str, Any] = {}
    version = _first_line(root / "proc/driver/nvidia/version")
    if match := re.search(r"Kernel Module\s+(?:for \S+\s+)?([\d.]+)", version):
        found["nvidia_driver"] = match[1]
    gpus = []
    for folder in sorted((root / "proc/driver/nvidia/gpus").glob("*")):
        facts = dict(_pairs_of(_read(folder / "information", 4096)))
        if model := facts.get("Model"):
            gpus.append({"model": model, "uuid": facts.get("GPU UUID", "")})
    if gpus:
        found["gpus"] = gpus
    toolkit = _read(root / "usr/local/cuda/version.json", 64 * 1024)
    if match := re.search(r'"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"', toolkit):
        found["cuda_toolkit"] = match[1]
    if version := _first_line(root / "sys/module/amdgpu/version"):
        found["amd_driver"] = version
    if version := _first_line(root / "opt/rocm/.info/version"):
        found["rocm"] = version
    torch = sys.modules.get("torch")
    versions = getattr(torch, "version", None)
    for name in ("cuda", "hip"):
        if isinstance(each := getattr(versions, name, None), str):
            found[f"torch_{name}"] = each
    return found


def _maker(config: Path) -> str:
    """Return which tool made the virtual environment: uv, virtualenv or venv."""
    facts = dict(_pairs_of(_read(config, 4096).replace(" = ", ": ")))
    return next((f"{n} {facts[n]}" for n in ("uv", "virtualenv") if n in facts), "venv")


def _pairs_of(text: str) -> list[tuple[str, str]]:
    parts = (line.partition(":") for line in text.splitlines())
    return [(name.strip(), value.strip()) for name, sign, value in parts if sign]


def _container(variables: Mapping[str, str], root: Path) -> str:
    """Return which kind of container this process is in, "" if none can be seen."""
    hints = {
        "kubernetes": "KUBERNETES_SERVICE_HOST" in variables,
        "singularity": "SINGULARITY_NAME" in variables or "APPTAINER_NAME" in variables,
        "podman": (root / _IMAGE_FILE).exists(),
        "docker": (root / ".dockerenv").exists(),
        variables.get("container", ""): True,
    }
    return next((name for name, holds in hints.items() if holds), "")


def _container_id(root: Path) -> str:
    """Return the container's id as cgroups and mounts name it."""
    for path in ("proc/self/cgroup", "proc/self/mountinfo"):
        if match := _CONTAINER_ID.search(_read(root / path, 64 * 1024)):
            return match[1]
    return ""


def _image(variables: Mapping[str, str], root: Path) -> str:
    """Return the image's name where somebody says it."""
    for name in _IMAGE_VARIABLES.split():
        if variables.get(name):
            return variables[name][:500]
    match = re.search(r'^image="([^"]+)"', _read(root / _IMAGE_FILE, 4096), re.MULTILINE)
    return match[1] if match else ""


def _first_line(path: Path) -> str:
    return _read(path, 1000).partition("\n")[0].strip()


def _read(path: Path, size: int) -> str:
    try:
        with path.open("rb") as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""
