"""Measures Presend beside its peers, on the same files, in turns; prints Markdown.

Called by `cargo xtask bench-peers`, which made the environment and the server: a program that times Presend, and peers in
Rust, on request.
"""

import argparse
import datetime
import hashlib
import importlib.metadata
import io
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import textwrap
import time
import tomllib

# Before the libraries start their threads.
for library in ("OMP", "OPENBLAS", "MKL", "RAYON"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import faiss
import imagehash
import imgdd
import numpy
import pdqhash
from PIL import Image, ImageOps
from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_bytes
from threatexchange.signal_type.pdq.signal import PdqSignal
from usearch.index import MetricKind, search as usearch_search

faiss.omp_set_num_threads(1)

SIZES = {"512×512": (512, 512), "1600×1200": (1600, 1200), "4000×3000": (4000, 3000)}
QUALITY = 88
RADIUS = 31
QUERIES = 8
DECODE = "presend, decoding alone"
ZUNE = "`zune-jpeg` to RGB alone"
# One timing lasts this long at least, so that the clock and the way to the server do not count.
SHORTEST_NS = 20_000_000


class Server:
    """The program that times Presend and the peers in Rust."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        print(*words, sep="\t", file=self.process.stdin, flush=True)
        state, _, answer = self.process.stdout.readline().rstrip("\n").partition("\t")
        if state != "ok":
            sys.exit(f"bench_peers.py: the server: {answer or 'stopped'}")
        return answer

    def has(self, name):
        return name in self.ask("stages").split("\t")

    def stage(self, name):
        return lambda calls: int(self.ask("time", name, calls))


def here(call):
    """A peer in this process, timed as the server times its own."""

    def nanoseconds(calls):
        start = time.perf_counter_ns()
        for _ in range(calls):
            call()
        return time.perf_counter_ns() - start

    return nanoseconds


class Table:
    """Rows of peers, columns of sizes: what each took, and how often ours went into it, round by round."""

    def __init__(self, ours, per):
        self.ours, self.per, self.cells, self.rows = ours, per, {}, [ours]

    def measure(self, column, ours, peers, rounds, work=1):
        """Times every peer right after ours, in turns. `work` is what a call is divided by."""
        peers = {name: (run, calls_for(run)) for name, run in peers.items()}
        calls = calls_for(ours)
        for _ in range(rounds):
            for name, (run, peer_calls) in peers.items():
                own = ours(calls) / calls / work
                other = run(peer_calls) / peer_calls / work
                self.add(self.ours, column, own, 1)
                self.add(name, column, other, other / own)

    def add(self, row, column, nanoseconds, ratio):
        if row not in self.rows:
            self.rows.append(row)
        times, ratios = self.cells.setdefault((row, column), ([], []))
        times.append(nanoseconds)
        ratios.append(ratio)

    def inverse(self, row, columns):
        """Ours in the measure of a peer."""
        return ", ".join(digits(1 / statistics.median(self.cells[row, column][1])) for column in columns)

    def markdown(self, columns):
        unit, scale = self.per
        lines = ["| | " + " | ".join(f"{column}, {unit} | × ours" for column in columns) + " |"]
        lines.append("|---|" + "---|---|" * len(columns))
        for row in self.rows:
            cells = []
            for column in columns:
                times, ratios = self.cells.get((row, column), ((), ()))
                if not times:
                    cells += ["–", "–"]
                    continue
                cells.append(digits(statistics.median(times) / scale))
                low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
                cells.append("1" if row == self.ours else f"**{digits(middle)}** ({digits(low)}–{digits(high)})")
            name = f"**{row}**" if row == self.ours else row
            lines.append("| " + " | ".join([name, *cells]) + " |")
        return "\n".join(lines)


def calls_for(run):
    """How many calls make one timing; runs it, so that what is lazy or cold is over."""
    calls, took = 1, run(1)
    took = min(took, run(1))
    while took < SHORTEST_NS:
        calls *= max(2, min(100, round(1.2 * SHORTEST_NS / max(took, 1))))
        took = run(calls)
    return calls


def digits(number):
    """Three significant digits, never in powers of ten."""
    return f"{number:.0f}" if number >= 100 else f"{number:#.3g}".rstrip(".")


def photographs(folder, count):
    """The largest picture of each sub-folder, of those the largest."""
    largest = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            with Image.open(path) as picture:
                width, height = picture.size
        except OSError:
            continue
        group = path.relative_to(folder).parts[0] if path.parent != folder else path.name
        if min(width, height) >= 256 and width * height > largest.get(group, (0, None))[0]:
            largest[group] = (width * height, path)
    chosen = sorted(largest.values(), key=lambda entry: (-entry[0], entry[1]))[:count]
    if not chosen:
        sys.exit(f"bench_peers.py: no picture of at least 256×256 in {folder}")
    return [path for _, path in chosen]


def fitted(path, size):
    """The picture at a size: scaled down where it is larger, tiled with its mirror images where it is smaller."""
    with Image.open(path) as picture:
        picture = ImageOps.exif_transpose(picture).convert("RGB")
    if picture.width >= size[0] and picture.height >= size[1]:
        return ImageOps.fit(picture, size)
    canvas = Image.new("RGB", size)
    for row, y in enumerate(range(0, size[1], picture.height)):
        for column, x in enumerate(range(0, size[0], picture.width)):
            tile = ImageOps.mirror(picture) if column % 2 else picture
            canvas.paste(ImageOps.flip(tile) if row % 2 else tile, (x, y))
    return canvas


def prepare(path, size, folder):
    """The file and the pixels that all are measured on; the file in a folder of its own, which imgdd asks for."""
    name = hashlib.sha256(f"{path.name} {size}".encode()).hexdigest()[:16]
    (folder / name).mkdir(parents=True, exist_ok=True)
    jpeg, rgb = folder / name / "picture.jpg", folder / f"{name}.rgb"
    fitted(path, size).save(jpeg, quality=QUALITY, subsampling="4:2:0")
    with Image.open(jpeg) as picture:
        rgb.write_bytes(picture.tobytes())
    return jpeg, rgb


def pictures(server, paths, folder, rounds):
    """Hashing: from pixels, and from files."""
    pixels = Table("presend `pdq`", ("ms", 1e6))
    files = Table("presend `pdq`, file to hash", ("ms", 1e6))
    same = 0
    for path in paths:
        for column, size in SIZES.items():
            print(f"{path.name} at {column}", file=sys.stderr)
            jpeg, rgb = prepare(path, size, folder)
            server.ask("picture", jpeg, rgb, *size)
            content = jpeg.read_bytes()
            array = numpy.frombuffer(rgb.read_bytes(), numpy.uint8).reshape(size[1], size[0], 3)
            bits, _ = pdqhash.compute(array)
            same += int("".join(map(str, bits)), 2) == int(server.ask("answer", "pdq"), 16)
            pixels.measure(
                column,
                server.stage("pdq"),
                {
                    "PyPI `pdqhash` (Meta's C++ core)": here(lambda: pdqhash.compute(array)),
                    "crate `pdqhash`, full size": server.stage("pdqhash"),
                    "crate `pdqhash`, of a 512×512 thumbnail": server.stage("pdqhash-512"),
                    **{title: server.stage(name) for name, title in OURS.items() if server.has(name)},
                    "`image_hasher` dHash": server.stage("image_hasher-dhash"),
                    "`image_hasher` pHash": server.stage("image_hasher-phash"),
                    "`img_hash` dHash": server.stage("img_hash-dhash"),
                    "`img_hash` pHash": server.stage("img_hash-phash"),
                },
                rounds,
            )

            def decoded():
                return Image.open(io.BytesIO(content))

            files.measure(
                column,
                server.stage("file"),
                {
                    DECODE: server.stage("decode"),
                    "presend `--fast`, file to hash": server.stage("fast"),
                    ZUNE: server.stage("zune-jpeg"),
                    "Pillow to RGB alone": here(lambda: numpy.asarray(decoded())),
                    "`threatexchange`": here(lambda: PdqSignal.hash_from_bytes(content)),
                    "Pillow and PyPI `pdqhash`": here(lambda: pdqhash.compute(numpy.asarray(decoded()))),
                    "`imagehash` dhash": here(lambda: imagehash.dhash(decoded())),
                    "`imagehash` phash": here(lambda: imagehash.phash(decoded())),
                    "`imgdd` dHash": here(lambda: imgdd.hash(str(jpeg.parent), "Nearest", "dHash", False)),
                    "`imgdd` pHash": here(lambda: imgdd.hash(str(jpeg.parent), "Nearest", "pHash", False)),
                },
                rounds,
            )
    total = len(paths) * len(SIZES)
    print(f"### From pixels to a hash\n\n{pixels.markdown(SIZES)}\n")
    print(f"PyPI `pdqhash` and presend gave the same 256 bits for {same} of the {total} pictures.\n")
    print(f"### From a JPEG file to a hash\n\n{files.markdown(SIZES)}\n")
    paragraph(
        f"From file to hash, presend takes {files.inverse(DECODE, SIZES)} times as long as its decoding alone, and "
        f"{files.inverse(ZUNE, SIZES)} times as long as the same decoder used directly."
    )


def lists(server, folder, sizes, rounds):
    """Matching: one query, and eight at once."""
    tables = {1: Table("presend", ("ns per entry", 1)), QUERIES: Table("presend", ("ns per entry and query", 1))}
    recalls = {}
    columns = {}
    for size in sizes:
        column = f"{size:,}"
        columns[column] = size
        print(f"{column} entries", file=sys.stderr)
        random = numpy.random.default_rng(size)
        entries = random.integers(0, 256, (size, 32), dtype=numpy.uint8)
        queries = random.integers(0, 256, (QUERIES, 32), dtype=numpy.uint8)
        # Copies of each query among the entries: near, at the radius, and one bit beyond it.
        places = random.choice(size, (QUERIES, 3), replace=False)
        for query, found in zip(queries, places):
            for place, distance in zip(found, (7, RADIUS, RADIUS + 1)):
                bits = numpy.unpackbits(query)
                bits[random.choice(256, distance, replace=False)] ^= 1
                entries[place] = numpy.packbits(bits)
        names = folder / "entries.bin", folder / "queries.bin"
        names[0].write_bytes(entries.tobytes())
        names[1].write_bytes(queries.tobytes())
        server.ask("lists", *names)
        flat = faiss.IndexBinaryFlat(256)
        flat.add(entries)
        for number, table in tables.items():
            some = queries[:number]
            expected = {(query, int(entry)) for query in range(number) for entry in places[query][:2]}
            words = bytes.fromhex(server.ask("answer", f"linear-{number}"))
            pairs = numpy.frombuffer(words, ">u4").reshape(-1, 2)
            assert {(int(query), int(entry)) for query, entry in pairs} == expected, "ours finds other entries"

            def ranged(some=some):
                limits, _, entries_found = flat.range_search(some, RADIUS + 1)
                return {(q, int(e)) for q in range(len(some)) for e in entries_found[limits[q] : limits[q + 1]]}

            def nearest(some=some):
                distances, labels = flat.search(some, 10)
                return {(q, int(labels[q][i])) for q, i in zip(*numpy.nonzero(distances <= RADIUS))}

            def usearch(some=some):
                matches = usearch_search(entries, some, 10, MetricKind.Hamming, exact=True, threads=1)
                keys, distances = (numpy.reshape(part, (len(some), -1)) for part in (matches.keys, matches.distances))
                return {(q, int(keys[q][i])) for q, i in zip(*numpy.nonzero(distances <= RADIUS))}

            peers = {"Faiss `IndexBinaryFlat`, `range_search`": ranged, "Faiss `IndexBinaryFlat`, 10 nearest": nearest}
            if size <= 1_000_000:
                peers["usearch, exact, 10 nearest"] = usearch
            for name, search in peers.items():
                recalls.setdefault(name, []).append(len(search() & expected) / len(expected))
                assert search() <= expected, f"{name} finds what is not there"
            runs = {name: here(search) for name, search in peers.items()}
            if server.has(f"linear-{number}-avx2"):
                runs["presend, AVX2"] = server.stage(f"linear-{number}-avx2")
            if number == 1:
                for name, title in NAIVE.items():
                    if server.has(name):
                        assert int(server.ask("answer", name), 16) == len(expected), f"{name} finds other entries"
                        runs[title] = server.stage(name)
            table.measure(column, server.stage(f"linear-{number}"), runs, rounds, size * number)
    print(f"### Matching, radius {RADIUS}, one query\n\n{tables[1].markdown(columns)}\n")
    print(f"### Matching, radius {RADIUS}, {QUERIES} queries at once\n\n{tables[QUERIES].markdown(columns)}\n")
    exact = [name for name, recall in recalls.items() if min(recall) == 1]
    text = f"The same entries as ours were found by the loops, the tree, and: {'; '.join(exact)}."
    for name, recall in recalls.items():
        if name not in exact:
            text += f" {name} had a recall of {min(recall):.3f}."
    paragraph(text)


# Ours on other processors, and the other PDQ.
OURS = {
    "pdq-avx2": "presend `pdq`, AVX2",
    "pdq-sse2": "presend `pdq`, SSE2",
    "pdq-portable": "presend `pdq`, portable",
    "pdq-512": "presend `pdq-512`",
}

# The stages of the server that look at every entry, or at many.
NAIVE = {
    "naive-portable": "naive loop, plain x86-64",
    "naive-popcnt": "naive loop, POPCNT",
    "naive-avx512": "naive loop, AVX-512 VPOPCNTDQ",
    "bk-tree": "crate `bk-tree`",
}


# What the tables name, of both registries.
PACKAGES = "pdqhash threatexchange ImageHash imgdd faiss-cpu usearch pillow numpy".split()
CRATES = "pdqhash image_hasher img_hash zune-jpeg bk-tree".split()
FEATURES = "avx2 avx512bw avx512_vpopcntdq gfni".split()


def paragraph(text):
    print(textwrap.fill(text, 125, break_long_words=False, break_on_hyphens=False), end="\n\n")


def conditions(backend, arguments):
    """When, where and with what: numbers without these say nothing."""
    facts = dict(line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines())
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    features = [feature for feature in FEATURES if feature in facts["flags"].split()]
    python = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    locked = tomllib.loads(pathlib.Path("Cargo.lock").read_text())["package"]
    rust = [f"{package['name']} {package['version']}" for package in locked if package["name"] in CRATES]
    text = (
        f"{datetime.date.today()}, {facts['model name']} with {os.cpu_count()} cores and {', '.join(features)}; presend's "
        f"backend {backend}. One thread everywhere. {arguments.count} pictures, each at three sizes (JPEG, quality {QUALITY}, "
        f"4:2:0), {arguments.rounds} rounds; in each, every peer was timed right after ours. Times are medians; ratios are the "
        "median of all rounds and pictures, with the quartiles. "
        f"Python {platform.python_version()}: {', '.join(python)}. Crates: {', '.join(rust)}."
    )
    paragraph(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--entries", type=int, nargs="+", required=True)
    parser.add_argument("--server", nargs=argparse.REMAINDER, required=True)
    arguments = parser.parse_args()
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    server = Server(arguments.server)
    paths = photographs(arguments.photos, arguments.count)
    conditions(server.ask("backend"), arguments)
    pictures(server, paths, arguments.scratch, arguments.rounds)
    lists(server, arguments.scratch, arguments.entries, arguments.rounds)


main()
