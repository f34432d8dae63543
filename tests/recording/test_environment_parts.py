"""Lock files, packages from elsewhere, jobs, containers and GPUs, in folders laid out like real ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from epochlog.recording import environment_files
from epochlog.recording.environment_files import find_environment_files
from epochlog.recording.environment_jobs import find_gpus, find_isolation, find_job
from epochlog.recording.environment_packages import find_conda_packages, find_direct_packages


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below ``root`` and return it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock", "conda-lock.yml", "environment.yml", "pixi.lock")


def test_what_pins_a_project_is_kept(tmp_path: Path) -> None:
    """Lock files of all tools, requirements and Dockerfile, up to the top of the git work tree."""
    top = write(tmp_path / "repo", {name: f"# {name}\n" for name in LOCKS})
    write(
        top, {"Dockerfile": "FROM python:3.12\n", "train.py": "", "job/requirements-gpu.txt": "a"}
    )
    write(tmp_path, {"requirements.txt": "not of this project"})
    git(top, "init", "-q")
    found = find_environment_files(top / "job")

    assert set(found) == {*LOCKS, "Dockerfile", "job/requirements-gpu.txt"}
    assert found["Dockerfile"]["text"] == "FROM python:3.12\n"
    assert found["uv.lock"]["bytes"] == 10
    assert len(found["uv.lock"]["sha256"]) == 64


def test_large_and_secret_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large file the hash is kept, of a huge one the size; a password in an index is not."""
    monkeypatch.setattr(environment_files, "TEXT_BYTES_MAX", 100)
    monkeypatch.setattr(environment_files, "BYTES_MAX", 1000)
    texts = {"requirements.txt": "--index-url https://me:hunter2@host/simple\nnumpy==2.0\n"}
    write(tmp_path, texts | {"uv.lock": "x" * 500, "poetry.lock": "x" * 2000})
    found = find_environment_files(tmp_path)

    assert "hunter2" not in str(found)
    assert "numpy==2.0" in found["requirements.txt"]["text"]
    assert set(found["uv.lock"]) == {"bytes", "sha256"}
    assert set(found["poetry.lock"]) == {"bytes"}


def test_packages_that_no_index_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """URL without credentials, commit of a VCS, and of an editable install its git state."""
    work = write(tmp_path / "my work", {"pkg.py": "x = 1\n"})
    git(work, "init", "-q", "-b", "main")
    git(work, "add", ".")
    git(work, "commit", "-qm", "first")
    (work / "pkg.py").write_text("x = 2\n")
    url = work.as_uri()
    direct = {
        "editable-1.0": {"url": url, "dir_info": {"editable": True}},
        "fromgit-2.0": {
            "url": "https://token:x-oauth@github.com/a/b", "vcs_info": {"vcs": "git", "commit_id": "abc"}
        },
        "broken-3.0": [],
    }  # fmt: skip
    site = tmp_path / "site"
    for name, said in direct.items():
        write(site, {f"{name}.dist-info/direct_url.json": json.dumps(said)})
    write(site, {"usual-4.0.dist-info/METADATA": ""})
    monkeypatch.setattr(sys, "path", [str(site)])
    found = find_direct_packages()

    assert set(found) == {"editable", "fromgit"}
    assert found["fromgit"] == {"url": "https://token:***@github.com/a/b", "commit": "abc"}
    state = found["editable"]["git"]
    assert state["commit"] == git(work, "rev-parse", "HEAD")
    assert (state["branch"], state["dirty"]) == ("main", True)


def test_what_conda_installed(tmp_path: Path) -> None:
    """Names, versions and builds, also of libraries that are no Python packages."""
    names = ("cuda-cudart-12.4.99-0", "libblas-3.9.0-25_linux64_mkl")
    write(
        tmp_path, {f"conda-meta/{name}.json": "{}" for name in names} | {"conda-meta/history": ""}
    )

    assert find_conda_packages(str(tmp_path)) == {
        "cuda-cudart": "12.4.99 0",
        "libblas": "3.9.0 25_linux64_mkl",
    }
    assert find_conda_packages(str(tmp_path / "no conda")) == {}


def test_jobs_of_schedulers(tmp_path: Path) -> None:
    """Ids of SLURM, Ray and Kubernetes are read from what they tell their processes."""
    write(tmp_path, {"var/run/secrets/kubernetes.io/serviceaccount/namespace": "team-a"})
    found = find_job(
        {
            "SLURM_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3", "RAY_JOB_ID": "0100",
            "KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "train-x7", "NODE_NAME": "gpu-4",
            "HOME": "/root",
        },
        tmp_path,
    )  # fmt: skip

    assert found == {
        "slurm": {"job_id": "12", "array_task_id": "3"},
        "ray": {"job_id": "0100"},
        "kubernetes": {"pod": "train-x7", "namespace": "team-a", "node": "gpu-4"},
    }
    assert find_job({}, tmp_path) == {}


def test_containers(tmp_path: Path) -> None:
    """Kind, id, image and limits of a container, as its files say them."""
    number = "ab" * 32
    docker = write(
        tmp_path / "docker",
        {
            ".dockerenv": "",
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": f"1 2 /var/lib/docker/containers/{number}/hostname /etc/hostname\n",
            "sys/fs/cgroup/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/memory.max": "4294967296\n",
        },
    )
    image = 'engine="podman-5"\nimage="docker.io/pytorch:2.9"\nimageid="1f"\n'
    podman = write(tmp_path / "podman", {"run/.containerenv": image})
    found = find_isolation({"CONTAINER_IMAGE": "me/train:7"}, docker)
    other = find_isolation({}, podman)

    assert found["container"] == "docker"
    assert found["container_id"] == number
    assert found["image"] == "me/train:7"
    assert (found["cpu_limit"], found["memory_limit_bytes"]) == (1.5, 2**32)
    assert (other["container"], other["image"]) == ("podman", "docker.io/pytorch:2.9")


def test_gpus_and_their_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models, driver and toolkit are read from files: no library is loaded."""
    version = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"
    card = "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 20\nGPU UUID: \t GPU-6e\n"
    toolkit = {"cuda": {"name": "CUDA SDK", "version": "12.8.1"}, "cuda_cccl": {"version": "1.2"}}
    root = write(
        tmp_path,
        {
            "proc/driver/nvidia/version": version,
            "proc/driver/nvidia/gpus/0000:01:00.0/information": card,
            "usr/local/cuda/version.json": json.dumps(toolkit, indent=2),
            "sys/module/amdgpu/version": "6.10.5\n",
            "opt/rocm/.info/version": "6.3.0-39\n",
        },
    )
    monkeypatch.delitem(sys.modules, "torch", raising=False)

    assert find_gpus(root) == {
        "nvidia_driver": "580.65.06",
        "gpus": [{"model": "NVIDIA H100 80GB HBM3", "uuid": "GPU-6e"}],
        "cuda_toolkit": "12.8.1",
        "amd_driver": "6.10.5",
        "rocm": "6.3.0-39",
    }
    assert find_gpus(tmp_path / "none") == {}
