"""Hash pictures and count false matches on a Ray cluster, with the unchanged `presend` program.

Three steps, each a file or a folder below --work:

    hashes/   one Parquet file for each batch of pictures     presend hash --dihedral --digest
    counts/   one count file for each part of the corpus      presend eval fpr --hashes … --part k/n --counts …
    OUTPUT    the report, or its tables                        presend eval merge …

What is there is not done again, so a job that was stopped goes on where it was. A file appears under its name only when
all is in it, and holds the same bytes whoever makes it: a task that runs twice, because a node died or was slow, adds
nothing. The figures do not depend on the batches, the order, the nodes or the retries.

Every node needs the program under the same path, and has to see the pictures and --work under the same paths.
docs/scale-out.md has the commands, the cost and the limits.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Ray would tell its makers that it is used.
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
import ray.data

# By these names files of folders are taken for pictures, as the program does. Others have to be listed.
PICTURES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff",
    ".avif", ".heic", ".heif", ".jxl", ".jp2", ".ico",
}  # fmt: skip

# What the program exits with when it is done: 2 also says that some files could not be hashed, which their rows tell.
DONE = (0, 2)


def pictures(folder: str) -> Iterator[str]:
    """Files below a folder that are called pictures; names that begin with a dot are left out."""
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in PICTURES:
                yield os.path.join(at, name)


def listed(paths: list[str], lists: list[str]) -> list[str]:
    """All paths, each once, in order and absolute: files that are named, what is below folders, what lists name."""
    found: set[str] = set()
    for name in lists:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        end = b"\0" if b"\0" in content else b"\n"
        paths = paths + [os.fsdecode(line) for line in content.split(end) if line]
    for path in map(os.path.abspath, paths):
        found.update(pictures(path) if os.path.isdir(path) else [path])
    return sorted(found, key=os.fsencode)


def name_of(*parts: bytes) -> str:
    """A short name for work: the same work has the same name."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:24]


def run(command: list[str], made: str, given: bytes = b"") -> None:
    """Runs the program, which puts `made` there whole or not at all."""
    ran = subprocess.run(command, input=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if ran.returncode not in DONE or not os.path.exists(made):
        said = ran.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{command[0]} ended with {ran.returncode}: {said}")


def hash_batch(batch: dict[str, Any], command: list[str]) -> dict[str, Any]:
    """Hashes the pictures of a batch into one part file, unless it is there."""
    made = batch["made"]
    is_new = not os.path.exists(made)
    if is_new:
        run([*command, "-o", made], made, batch["paths"])
    return {"node": ray.get_runtime_context().get_node_id(), "new": int(is_new)}


@ray.remote(max_retries=-1)
def count_part(command: list[str], made: str) -> None:
    """Counts one part of the corpus, unless that was done."""
    if not os.path.exists(made):
        run([*command, "--counts", made], made)


def hash_all(args: argparse.Namespace, paths: list[str]) -> Path:
    """The folder with a part file for each batch of pictures."""
    options = ["--algorithm", args.algorithm, "--dihedral", "--digest", "--format", "parquet"]
    names = [os.fsencode(path) for path in paths]
    # Parts of another list, of other batches or by another algorithm are other parts.
    folder = args.work / "hashes" / name_of(*map(str.encode, options), str(args.batch).encode(), *names)
    folder.mkdir(parents=True, exist_ok=True)
    command = [args.presend, "hash", "--files-from", "-", "-0", "--quiet", "--jobs", str(args.cpus), *options]
    batches: list[dict[str, Any]] = []
    for at in range(0, len(names), args.batch):
        given = b"\0".join(names[at : at + args.batch])
        made = str(folder / f"part-{name_of(given)}.parquet")
        batches.append({"paths": given, "made": made})
    start = time.monotonic()
    data = ray.data.from_items(batches, override_num_blocks=len(batches))
    tasks = data.map(hash_batch, fn_args=[command], num_cpus=args.cpus).take_all()
    seconds = time.monotonic() - start
    missing = [batch["made"] for batch in batches if not os.path.exists(batch["made"])]
    if missing:
        raise RuntimeError(f"{len(missing)} part files are missing, such as {missing[0]}: do all nodes see --work?")
    nodes = Counter(task["node"][:8] for task in tasks)
    told = ", ".join(f"{node}: {number}" for node, number in sorted(nodes.items()))
    print(
        f"hashed {len(paths)} files in {len(batches)} batches, {sum(task['new'] for task in tasks)} of them now, "
        f"in {seconds:.1f} s ({len(paths) / max(seconds, 1e-9):.0f} files/s; batches by node {told})",
        flush=True,
    )
    return folder


def count_all(args: argparse.Namespace, hashes: Path) -> list[str]:
    """A count file for each part of the corpus."""
    options = ["--algorithm", args.algorithm, *args.eval_option]
    parts = args.parts
    # Counts of other hashes, or with other options, or other tables behind them, are other counts.
    tables = [option.split("=", 1)[-1] for option in options]
    tables = [Path(table).read_bytes() for table in tables if os.path.isfile(table)]
    named = [os.fsencode(text) for text in [hashes, str(parts), *options]]
    folder = args.work / "counts" / name_of(*named, *tables)
    folder.mkdir(parents=True, exist_ok=True)
    command = [args.presend, "eval", "fpr", "--hashes", str(hashes), "--quiet", "--jobs", str(args.cpus), *options]
    made = [str(folder / f"part-{part}-of-{parts}.parquet") for part in range(1, parts + 1)]
    start = time.monotonic()
    count = count_part.options(num_cpus=args.cpus)
    tasks = [count.remote(command + ["--part", f"{part}/{parts}"], path) for part, path in enumerate(made, 1)]
    ray.get(tasks)
    print(f"counted {parts} parts in {time.monotonic() - start:.1f} s", flush=True)
    return made


def merge(args: argparse.Namespace, counts: list[str]) -> None:
    """The report of all parts."""
    start = time.monotonic()
    command = [args.presend, "eval", "merge", *counts, "--format", args.format, "-o", str(args.output)]
    subprocess.run([*command, *args.merge_option], check=True)
    print(f"merged into {args.output} in {time.monotonic() - start:.1f} s", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="pictures, and folders of them")
    parser.add_argument(
        "--files-from", action="append", default=[], metavar="FILE", help="read paths from a file, or - (repeatable)"
    )
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="where parts are kept")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="PATH", help="the report")
    parser.add_argument("--format", default="html", choices=["html", "ndjson", "csv", "parquet"])
    parser.add_argument("--presend", default=os.environ.get("PRESEND", "presend"), metavar="PROGRAM")
    parser.add_argument("--address", metavar="ADDRESS", help="of the cluster [default: one on this machine]")
    parser.add_argument("--algorithm", default="pdq")
    parser.add_argument("--batch", type=int, default=512, metavar="N", help="pictures hashed by one task")
    parser.add_argument("--parts", type=int, metavar="N", help="counted apart [default: one for each task at a time]")
    parser.add_argument("--cpus", type=int, default=1, metavar="N", help="cores of one task")
    parser.add_argument(
        "--eval-option", action="append", default=[], metavar="OPTION", help="for `presend eval fpr`, such as --cap=64"
    )
    parser.add_argument(
        "--merge-option", action="append", default=[], metavar="OPTION", help="for `presend eval merge`"
    )
    args = parser.parse_args()
    if args.batch < 1 or args.cpus < 1 or (args.parts is not None and args.parts < 1):
        parser.error("--batch, --parts and --cpus are at least 1")
    # Tasks may run in other folders.
    args.work, args.output = args.work.absolute(), args.output.absolute()
    if os.sep in args.presend:
        args.presend = os.path.abspath(args.presend)
    return args


def main() -> None:
    args = arguments()
    paths = listed(args.paths, args.files_from)
    if not paths:
        sys.exit("no pictures")
    start = time.monotonic()
    if args.address:
        ray.init(address=args.address, log_to_driver=False)
    else:
        ray.init(include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    ray.data.DataContext.get_current().enable_progress_bars = False
    cores = int(ray.cluster_resources().get("CPU", 1))
    if args.parts is None:
        args.parts = max(1, cores // args.cpus)
    nodes = sum(node["Alive"] for node in ray.nodes())
    print(f"{len(paths)} files, {nodes} nodes, {cores} cores, joined in {time.monotonic() - start:.1f} s", flush=True)
    merge(args, count_all(args, hash_all(args, paths)))
    ray.shutdown()


if __name__ == "__main__":
    main()
