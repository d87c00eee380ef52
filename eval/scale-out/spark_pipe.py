"""Hash pictures on a Spark cluster by the line protocol of `rdd.pipe`, with the unchanged `presend` program.

    in     one path a line                                   presend hash --files-from -
    out    one NDJSON row a line, eight for each picture       --dihedral --digest --format ndjson

    spark-submit spark_pipe.py --files-from LIST --hashes DIR

DIR is then what `presend eval … --hashes DIR` reads. Spark puts a part there when it is complete, once, whichever attempt
at it came first. Every node needs the program under the same path and has to see the pictures under the same paths; DIR
is wherever Spark can write, and has to be on a disk when it is counted. docs/scale-out.md has the rest.
"""

from __future__ import annotations

import argparse
import json
import shlex
import time

from pyspark import SparkContext


def piped(program: str, algorithm: str) -> str:
    """The command of the pipe. 2 says that some files could not be hashed, which their rows tell: no fault of the task."""
    command = [program, "hash", "--files-from", "-", "--dihedral", "--digest", "--algorithm", algorithm]
    command += ["--format", "ndjson", "--jobs", "1", "--quiet"]
    return shlex.join(["sh", "-c", f"{shlex.join(command)} || test $? -eq 2"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--files-from", required=True, metavar="FILE", help="paths, one a line, wherever Spark can read"
    )
    parser.add_argument("--hashes", required=True, metavar="DIR", help="the folder for rows, which must not exist")
    parser.add_argument("--presend", default="presend", metavar="PROGRAM")
    parser.add_argument("--algorithm", default="pdq")
    parser.add_argument("--batch", type=int, default=512, metavar="N", help="pictures hashed by one task, about")
    args = parser.parse_args()
    with SparkContext(appName="presend hash") as spark:
        start = time.monotonic()
        paths = spark.textFile(args.files_from).filter(bool).distinct()
        files = paths.cache().count()
        batches = paths.repartition(max(1, files // args.batch))
        batches.pipe(piped(args.presend, args.algorithm), checkCode=True).saveAsTextFile(args.hashes)
        seconds = time.monotonic() - start
        # The program also ends with 2 if it could not begin.
        hashed = spark.textFile(args.hashes).map(lambda row: json.loads(row)["path"]).distinct().count()
        if hashed != files:
            raise SystemExit(f"{files} files were named, and {hashed} have rows in {args.hashes}")
        print(f"hashed {files} files in {seconds:.1f} s ({files / seconds:.0f} files/s)")


if __name__ == "__main__":
    main()
