"""One run, shards merged by hand, and a Ray cluster of two nodes give the same figures, also when a node is killed.

    PRESEND=target/debug/presend python eval/scale-out/test_scale_out.py

The two nodes are two raylets on this machine, with one core each, that talk to one another by 127.0.0.1 only. Everything
that is written is below one temporary folder, which is gone at the end.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from pathlib import Path

# Short, because the names of sockets below it must be.
TEMPORARY = Path(tempfile.mkdtemp(prefix="presend-", dir="/tmp" if os.path.isdir("/tmp") else None))
os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_TMPDIR=str(TEMPORARY), HOME=str(TEMPORARY))

from ray.cluster_utils import Cluster

HERE = Path(__file__).resolve().parent
PRESEND = str(Path(os.environ.get("PRESEND", HERE / "../../target/debug/presend")).resolve())

# Batches of so many pictures, and parts of the corpus.
BATCH = 6
PARTS = 4

# The program, slowed down so that a node can be killed while it works, with a note of who begins and who ends.
SLOW = """#!/bin/sh
echo "begin $PRESEND_NODE" >> "{log}"
sleep 0.4
"{presend}" "$@"
status=$?
echo "end $PRESEND_NODE" >> "{log}"
exit $status
"""


def png(pixels: list[bytes], width: int) -> bytes:
    """A PNG of rows of grey pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, len(pixels), 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + row for row in pixels), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def picture(family: int, member: int) -> bytes:
    """Blocks of grey: those of one family differ in few of them, so that some are near one another."""
    chance = random.Random(family)
    blocks = [[chance.randrange(256) for _ in range(16)] for _ in range(16)]
    chance = random.Random(f"{family} {member}")
    for _ in range(member):
        blocks[chance.randrange(16)][chance.randrange(16)] = chance.randrange(256)
    side = 6
    rows = [bytes(value for value in row for _ in range(side)) for row in blocks for _ in range(side)]
    return png(rows, 16 * side)


def make_pictures(folder: Path) -> int:
    """Families of pictures in two folders, an exact copy, files that cannot be hashed, and an animation."""
    for family in range(30):
        for member in range(8):
            path = folder / ("even" if family % 2 == 0 else "odd") / f"{family}-{member}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(family, member))
    (folder / "even/copy of 1-0.png").write_bytes(picture(1, 0))
    (folder / "odd/line\nfeed.png").write_bytes(picture(99, 0))
    (folder / "odd/empty.png").write_bytes(b"")
    (folder / "odd/text.jpg").write_bytes(b"Nothing to see.\n")
    (folder / "odd/cut.png").write_bytes(picture(0, 0)[:200])
    files = 245
    demo = HERE / "../../hashsets/demo/outbox"
    for name in ["slideshow.gif", "beach.jpg", "broken.jpg"] if demo.is_dir() else []:
        shutil.copy(demo / name, folder / "even" / name)
        files += 1
    return files


def presend(*arguments: str | Path, exits: int = 0) -> None:
    ran = subprocess.run([PRESEND, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if ran.returncode != exits:
        raise AssertionError(f"{arguments} ended with {ran.returncode}: {ran.stderr.decode(errors='replace')}")


class ScaleOut(unittest.TestCase):
    folder: Path
    pictures: Path
    files: int
    one_run: str
    cluster: Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = TEMPORARY / "test"
        cls.pictures = cls.folder / "pictures"
        cls.files = make_pictures(cls.pictures)
        whole = cls.folder / "whole.parquet"
        presend("eval", "fpr", cls.pictures, "--no-cache", "--strata", "folder", "--counts", whole, "--quiet")
        cls.one_run = cls.merged("one-run.ndjson", [whole])
        start = time.monotonic()
        cls.cluster = Cluster(
            initialize_head=True,
            head_node_args={"node_ip_address": "127.0.0.1", "num_cpus": 1, "env_vars": {"PRESEND_NODE": "first"}},
        )
        print(f"the first node of the cluster is there after {time.monotonic() - start:.1f} s", flush=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.cluster.shutdown()
        shutil.rmtree(TEMPORARY, ignore_errors=True)

    @classmethod
    def merged(cls, name: str, counts: list[Path]) -> str:
        presend("eval", "merge", *counts, "--format", "ndjson", "-o", cls.folder / name)
        return (cls.folder / name).read_text()

    def job(self, work: str, program: str | Path = PRESEND) -> subprocess.Popen[str]:
        """Starts the job on the cluster."""
        command = [sys.executable, HERE / "ray_job.py", self.pictures, "--address", self.cluster.address]
        command += ["--presend", program, "--batch", BATCH, "--parts", PARTS]
        command += ["--work", self.folder / work, "--format", "ndjson", "-o", self.folder / f"{work}.ndjson"]
        # Ray would take this machine's own address for 127.0.0.1, at which nobody listens here.
        environment = os.environ | {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
        pipe = subprocess.PIPE
        return subprocess.Popen(list(map(str, command)), env=environment, text=True, stdout=pipe, stderr=pipe)

    def finish(self, job: subprocess.Popen[str], work: str) -> str:
        """The figures of a job, once it is done."""
        said, complaints = job.communicate(timeout=120)
        self.assertEqual(job.returncode, 0, said + complaints)
        told = [
            line for line in said.splitlines() if line.startswith(("hashed", "counted", "merged")) or " nodes, " in line
        ]
        print("\n", *told, sep="\n    ", flush=True)
        return (self.folder / f"{work}.ndjson").read_text()

    def add_second(self):
        """A second node, once it is there."""
        return self.cluster.add_node(node_ip_address="127.0.0.1", num_cpus=1, env_vars={"PRESEND_NODE": "second"})

    def test_shards_merged_by_hand_are_one_run(self) -> None:
        counts = []
        for shard in range(1, PARTS + 1):
            counts.append(self.folder / f"shard-{shard}.parquet")
            options = ["--no-cache", "--strata", "folder", "--quiet", "--part", f"{shard}/{PARTS}"]
            presend("eval", "fpr", self.pictures, *options, "--counts", counts[-1])
        self.assertEqual(self.merged("shards.ndjson", counts[::-1]), self.one_run)

    def test_two_nodes_are_one_run_and_a_second_job_does_nothing_again(self) -> None:
        second = self.add_second()
        try:
            self.assertEqual(self.finish(self.job("two"), "two"), self.one_run)
            parts = {path: path.stat().st_mtime_ns for path in (self.folder / "two").rglob("*.parquet")}
            self.assertEqual(len(parts), -(-self.files // BATCH) + PARTS)
            next(iter(parts)).unlink()
            self.assertEqual(self.finish(self.job("two"), "two"), self.one_run)
            later = {path: path.stat().st_mtime_ns for path in (self.folder / "two").rglob("*.parquet")}
            self.assertEqual(len([path for path in parts if parts[path] != later.get(path)]), 1)
        finally:
            self.cluster.remove_node(second)

    def test_a_node_that_is_killed_loses_nothing_and_doubles_nothing(self) -> None:
        second = self.add_second()
        log = self.folder / "log"
        log.touch()
        slow = self.folder / "slow"
        slow.write_text(SLOW.format(log=log, presend=PRESEND))
        slow.chmod(0o755)
        job = self.job("killed", slow)
        begun = ended = 0
        deadline = time.monotonic() + 60
        # Killed when it has done some batches and is at work on another.
        while not (ended >= 2 and begun > ended):
            self.assertIsNone(job.poll(), "the job is still at work")
            self.assertLess(time.monotonic(), deadline, "the second node takes part")
            time.sleep(0.02)
            lines = log.read_text().splitlines()
            begun, ended = lines.count("begin second"), lines.count("end second")
        self.cluster.remove_node(second, allow_graceful=False)
        done = len(list((self.folder / "killed").rglob("hashes/*/part-*.parquet")))
        batches = -(-self.files // BATCH)
        print(f"the second node is killed after {done} of {batches} batches, {begun} of them begun there", flush=True)
        self.assertLess(done, batches)
        self.assertEqual(self.finish(job, "killed"), self.one_run)
        parts = list((self.folder / "killed").rglob("hashes/*/part-*.parquet"))
        self.assertEqual(len(parts), batches)


if __name__ == "__main__":
    unittest.main(verbosity=2)
