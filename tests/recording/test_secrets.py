"""No planted secret is anywhere in the store's bytes, and what is no secret stays readable."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

import epochlog

FILL = "Zq7Lm2Xw9Bt4Kd8Rf1Hs6Vn3Yc5Pj0Gu"
SECRETS = {
    "argv": f"hf_{FILL}Aa",
    "option": "opt-hunter2-argv",
    "env": "env-hunter2-value",
    "remote": "ghp_" + (FILL * 2)[:36],
    "param": "sk-proj-" + FILL,
    "param_key": "param-hunter2-value",
    "random": "aB3dE6gH9jK2mN5pQ8sT1vW4",
    "printed": "xoxb-" + "123456789012-" + FILL,
    "stderr": "AKIA" + "Q7LM2XW5BT4KD6RF",
    "split": "glpat-" + FILL[:20],
    "exception": "AIza" + (FILL * 2)[:35],
    "text": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + FILL,
    "tag": "npm_" + (FILL * 2)[:36],
    "note": "gsk_" + (FILL * 2)[:44],
    "notice": "dckr_pat_" + FILL,
    "password": "pa55-in-url",
    "private": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBK",
    "requirement": "index-hunter2",
    "name": "r8_" + (FILL * 2)[:37],
    "code": "sk-ant-" + FILL,
    "slow": "glpat-" + FILL[5:31],
    "slice": "ghs_" + (FILL * 2)[3:39],
    "long": "gho_" + (FILL * 2)[5:41],
    "cause": "xai-" + (FILL * 2)[1:45],
    "nested": "hvs." + FILL[2:],
    "experiment": "AIza" + (FILL * 2)[7:42],
    "plot": "sk_live_" + FILL[4:],
    "uri": "uri-hunter2-password",
    "setting": "setting-hunter2-password",
    "progress": "xapp-1-" + FILL[3:],
}
HARMLESS = {
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uuid": "01a200e1-eac9-751f-9552-1333a5af1eb8",
    "number": 123456789012345678,
    "tokens_per_second": 8123.5,
    "pad_token": "<|endoftext|>",
    "model_key": "google/vit-base-patch16-224-in21k",
    "cache_key": "resnet50_imagenet1k_v2_224x224",
    "optimizer": "AdamW(lr=0.001, betas=(0.9, 0.999))",
}

SCRIPT = """
import os, sys, time
import epochlog
S = eval(os.environ.pop("PLANTED"))
H = eval(os.environ.pop("HARMLESS"))
epochlog.autolog(store="store")
names = {"experiment": "exp " + S["experiment"], "tags": ["tag-" + S["tag"], "fine"]}
with epochlog.start_run("run " + S["name"], **names) as run:
    run.log_params({"model": S["param"], "db_password": S["param_key"], "openai_key": S["random"]})
    run.log_params(H)
    print("my token is", S["printed"], flush=True)
    print("aws", S["stderr"], file=sys.stderr, flush=True)
    for piece in ("half ", S["split"][:9], S["split"][9:], " end\\n"):
        sys.stdout.write(piece)
        sys.stdout.flush()
    print("\\r 10% waits for", S["progress"][:20], end="", flush=True)
    time.sleep(3)  # what stands on an unfinished line is kept now and then
    print(S["progress"][20:] + " done", flush=True)
    sys.stdout.write("z" * 65_500 + " " + S["slice"] + "\\n")
    print(" ".join([S["long"]] * 1000))
    print("-----BEGIN RSA PRIVATE KEY-----")
    print(S["private"])
    print("-----END RSA PRIVATE KEY-----")
    print("hash", H["hash"], "uuid", H["uuid"], "done")
    run.log_text("sample", "jwt " + S["text"])
    run.set_note("note " + S["note"])
    run.log_notice("seen " + S["notice"])
    run.log_environment({"registry": {"url": "https://me:" + S["password"] + "@host/x"}})
    run.log_params({"hub": {"logins": [{"note": S["nested"]}]}})
    run.log_plot("odd", "table", {"columns": ["x"], "rows": [["key " + S["plot"]]]})
    run.log_dataset("s3://user:" + S["uri"] + "@bucket/train.csv", "train")
    for piece in (S["slow"][:15], S["slow"][15:] + "\\n"):
        sys.stderr.write(piece)
        sys.stderr.flush()
        time.sleep(2.5)
    try:
        raise KeyError("no " + S["cause"])
    except KeyError as error:
        raise RuntimeError("bad key " + S["exception"]) from error
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with secrets in all places, recorded in a git repository of its own."""
    folder = tmp_path_factory.mktemp("planted")
    source = f"{SCRIPT}\napi_token = {SECRETS['code']!r}\n"
    (folder / "train.py").write_text(source)
    (folder / "requirements.txt").write_text(
        f"--index-url https://user:{SECRETS['requirement']}@pypi.internal/simple\nnumpy\n"
    )
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    url = f"https://{SECRETS['remote']}@github.com/me/it.git"
    for arguments in (["init", "-q"], ["remote", "add", "origin", url], ["add", "train.py"],
                      ["commit", "-qm", "first"]):  # fmt: skip
        subprocess.run([*git, *arguments], cwd=folder, check=True, capture_output=True)
    (folder / "train.py").write_text(source + "x = 1\n")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("EPOCHLOG_")},
        "PLANTED": repr(SECRETS),
        "HARMLESS": repr(HARMLESS),
        "RAY_AUTH_TOKEN": SECRETS["env"],
        "MKL_PROXY": f"https://me:{SECRETS['setting']}@proxy:8080",
        "SLURM_JOB_ID": "77",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(
        [sys.executable, "train.py", SECRETS["argv"], "--password", SECRETS["option"], "--epochs=3"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert SECRETS["printed"] in done.stdout  # the user's own output is the user's
    return folder


def stored_bytes(store: Path) -> dict[str, bytes]:
    """Return all bytes of a store by place: files, compressed files and columns decompressed."""
    found = {str(path): path.read_bytes() for path in store.rglob("*") if path.is_file()}
    database = sqlite3.connect(store / "epochlog.db")
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for number, row in enumerate(database.execute(f'SELECT * FROM "{table}"')):
            for cell in row:
                data = cell if isinstance(cell, bytes) else str(cell).encode()
                found[f"{table} {number} {len(found)}"] = data
    database.close()
    for place, data in list(found.items()):
        if data[:4] == b"\x28\xb5\x2f\xfd":
            found[f"{place} decompressed"] = (
                zstandard.ZstdDecompressor().decompressobj().decompress(data)
            )
    return found


@pytest.fixture(scope="module")
def kept(recorded: Path) -> dict[str, bytes]:
    """All bytes of the store, read once."""
    return stored_bytes(recorded / "store")


@pytest.mark.parametrize("where", sorted(SECRETS))
def test_no_secret_is_in_the_store(kept: dict[str, bytes], where: str) -> None:
    """Not in the database, its log, in a journal, in a stored file; and no larger part of one."""
    secret = SECRETS[where].encode()
    part = secret[:15]
    places = [place for place, data in kept.items() if secret in data or part in data]

    assert places == []


def test_what_is_no_secret_stays(recorded: Path) -> None:
    """Hashes, ids, numbers, names, what stood around the secrets: all there."""
    run = epochlog.runs(store=str(recorded / "store")).first

    assert {name: run.params[name] for name in HARMLESS} == HARMLESS
    assert run.params["db_password"] == "***"
    assert "fine" in run.tags
    lines = [line.text for line in run.console]
    assert f"hash {HARMLESS['hash']} uuid {HARMLESS['uuid']} done" in lines
    assert "my token is ***" in lines
    assert "aws ***" in lines
    assert "half *** end" in lines
    assert "RuntimeError: bad key ***" in run.traceback
    assert run.code["argv"][-3:] == ["--password", "***", "--epochs=3"]
    assert run.code["git"]["remote"] == "https://***@github.com/me/it.git"
    assert run.environment["variables"]["RAY_AUTH_TOKEN"] == "***"
    assert run.environment["job"]["slurm"] == {"job_id": "77"}
    assert run.environment["packages"]["numpy"]
    assert "numpy" in run.environment["files"]["requirements.txt"]["text"]
