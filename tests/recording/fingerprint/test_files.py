"""Facts about ``fingerprint/files.py``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sample_data import digest

from epochlog.recording.datasets import describe


def test_a_files_digest_is_its_sha256(tmp_path: Path) -> None:
    """As ``sha256sum`` prints it, for a path given as text or as Path."""
    file = tmp_path / "train.csv"
    file.write_bytes(b"a,b\n1,2\n" * 1_000_000)
    facts = describe(str(file))

    assert facts.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (facts.format, facts.size, facts.complete) == ("csv", 8_000_000, True)
    assert digest(file) == facts.digest


def test_a_folders_digest_covers_names_and_contents(tmp_path: Path) -> None:
    """Renaming, changing and adding a file count; links are followed and loops are no trap."""
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("1")
    (folder / "sub" / "b.txt").write_text("2")
    made = [digest(folder)]
    (folder / "a.txt").write_text("3")
    made.append(digest(folder))
    (folder / "a.txt").rename(folder / "c.txt")
    made.append(digest(folder))
    (folder / "loop").symlink_to(folder)
    (folder / "gone").symlink_to(folder / "nothing")
    made.append(digest(folder))

    assert len(set(made)) == 4
    assert describe(folder).schema["files"]["c.txt"] == 1


def test_large_files_and_folders_are_sampled_over_budget(tmp_path: Path) -> None:
    """Blocks of bytes are sampled; the first, the last and the size always count."""
    file = tmp_path / "big.bin"
    content = bytearray(6_000_000)
    file.write_bytes(content)
    facts = describe(file, budget_s=0.0)
    content[-1] = 1
    file.write_bytes(content)

    assert (facts.digest_algo, facts.complete) == ("sha256-sample", False)
    assert describe(file, budget_s=0.0).digest != facts.digest
    assert describe(tmp_path, budget_s=0.0).stats["sample"]["of_files"] == 1
