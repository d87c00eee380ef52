//! Two passes over the entries, whatever runs them.
//!
//! The **regular** pass rejects what it can by the one way that nearly every random difference takes; a few in a hundred
//! remain, and of those within the radius all. They are collected until there are enough to fill the vectors, and the
//! **exact** pass decides about them. So the first pass has no cases, and the second may take its time.

use super::{Candidate, LANES};
use crate::bch::{Code, Syndrome};

/// Blocks that are worked on at once. Their planes (11 KiB for the largest radius) stay in the first cache while all
/// queries are tried on them.
pub(super) const TILE: usize = 8;

/// One way to run the passes.
pub(super) trait Kernel {
    /// Blocks of a tile are a multiple of so many.
    const BLOCKS: usize;

    /// Prepares what all queries need of a tile.
    fn load(&mut self, tile: &Tile);

    /// Collects the differences of a query and the loaded tile that the regular pass does not reject.
    fn regular(&self, tile: &Tile, query: usize, waiting: &mut Waiting);

    /// Which of the differences in a tile have a register no longer than the radius, as one bit each.
    fn exact(&self, differences: &Tile) -> [u64; TILE];

    /// The place in a tile of what a bit stands for.
    fn place(bit: usize) -> usize;
}

/// The passes of a kernel whose functions of the same names are inlined, compiled for processors with some features. It
/// holds a proof of them.
macro_rules! kernel {
    ($kernel:ty $(, $features:literal)?) => {
        impl Kernel for $kernel {
            const BLOCKS: usize = Self::BLOCKS;

            fn load(&mut self, tile: &Tile) {
                $(#[target_feature(enable = $features)])?
                fn load(kernel: &mut $kernel, tile: &Tile) {
                    kernel.load(tile);
                }
                kernel!(@call load(self, tile) $($features)?)
            }

            fn regular(&self, tile: &Tile, query: usize, waiting: &mut Waiting) {
                $(#[target_feature(enable = $features)])?
                fn regular(kernel: &$kernel, tile: &Tile, query: usize, waiting: &mut Waiting) {
                    kernel.regular(tile, query, waiting);
                }
                kernel!(@call regular(self, tile, query, waiting) $($features)?)
            }

            fn exact(&self, differences: &Tile) -> [u64; TILE] {
                $(#[target_feature(enable = $features)])?
                fn exact(kernel: &$kernel, differences: &Tile) -> [u64; TILE] {
                    kernel.exact(differences)
                }
                kernel!(@call exact(self, differences) $($features)?)
            }

            fn place(bit: usize) -> usize {
                Self::place(bit)
            }
        }
    };
    (@call $function:ident($($argument:ident),+)) => {
        $function($($argument),+)
    };
    (@call $function:ident($($argument:ident),+) $features:literal) => {
        // SAFETY: the kernel holds a proof of these features, and proofs are made only where they are detected.
        unsafe { $function($($argument),+) }
    };
}

/// Appends what remains after both passes.
pub(super) fn scan<K: Kernel>(
    mut kernel: K,
    code: &Code,
    blocks: &[u8],
    queries: &[Syndrome],
    out: &mut Vec<Candidate>,
) {
    let block = LANES * code.planes();
    let mut waiting = Waiting::new(code, queries);
    let mut padded = Vec::new();
    for (number, bytes) in blocks.chunks(TILE * block).enumerate() {
        let whole = (bytes.len() / block).next_multiple_of(K::BLOCKS) * block;
        let bytes = if whole == bytes.len() {
            bytes
        } else {
            padded.extend_from_slice(bytes);
            padded.resize(whole, 0);
            &padded
        };
        let tile =
            Tile { rows: bytes.as_chunks().0, number, blocks: whole / block, from_block: code.planes(), from_plane: 1 };
        kernel.load(&tile);
        for query in 0..queries.len() {
            kernel.regular(&tile, query, &mut waiting);
            if waiting.len >= TILE * LANES {
                waiting.decide(&kernel, waiting.len - TILE * LANES, out);
            }
        }
    }
    waiting.decide(&kernel, 0, out);
    let entries = blocks.len() / code.planes();
    out.retain(|candidate| (candidate.entry as usize) < entries);
}

/// At most [`TILE`] blocks.
pub(super) struct Tile<'a> {
    /// A plane of a block each.
    rows: &'a [[u8; LANES]],
    /// How many tiles are before it.
    number: usize,
    pub(super) blocks: usize,
    /// Rows from a block to the next.
    from_block: usize,
    /// Rows from a plane to the next.
    from_plane: usize,
}

impl Tile<'_> {
    /// A plane of a block.
    #[inline(always)]
    pub(super) fn lanes(&self, block: usize, plane: usize) -> &[u8; LANES] {
        &self.rows[block * self.from_block + plane * self.from_plane]
    }

    /// The planes of a block of the set.
    #[inline(always)]
    pub(super) fn block(&self, block: usize) -> &[[u8; LANES]] {
        debug_assert_eq!(self.from_plane, 1);
        &self.rows[block * self.from_block..][..self.from_block]
    }
}

/// Differences that wait for the exact pass.
pub(super) struct Waiting {
    /// How many wait.
    len: usize,
    /// Their sums, plane by plane.
    planes: Vec<[[u8; LANES]; Self::ROWS]>,
    /// In which lane of its block each was.
    lanes: [[u8; LANES]; Self::ROWS],
    /// Which came from one block, in their order.
    runs: Vec<Run>,
    /// The stored sums of each query, each eight times.
    queries: Vec<Vec<u64>>,
}

/// Differences of one block and one query.
struct Run {
    /// How many are before it.
    first: usize,
    /// The number of the block.
    block: usize,
    query: usize,
}

impl Waiting {
    /// Room for nearly as many as the exact pass takes at once, and for all of another tile.
    const CAPACITY: usize = 2 * TILE * LANES;

    /// Blocks are written whole, so there is room for one more.
    const ROWS: usize = Self::CAPACITY / LANES + 1;

    fn new(code: &Code, queries: &[Syndrome]) -> Self {
        let stored = |query: &Syndrome| code.stored.iter().map(|&place| splat(query.0[place])).collect();
        Self {
            len: 0,
            planes: vec![[[0; LANES]; Self::ROWS]; code.planes()],
            lanes: [[0; LANES]; Self::ROWS],
            runs: Vec::with_capacity(Self::CAPACITY),
            queries: queries.iter().map(stored).collect(),
        }
    }

    /// Has one wait.
    #[inline(always)]
    pub(super) fn push(&mut self, tile: &Tile, place: usize, query: usize) {
        let lane = place % LANES;
        self.push_all(tile, place / LANES, query, 1, |from, sum, to| to[0] = from[lane] ^ sum as u8);
    }

    /// Has so many entries of a block wait. The function moves their bytes together, of each plane in the same order, and
    /// adds the query's sum, which it is given eight times.
    #[inline(always)]
    pub(super) fn push_all(
        &mut self,
        tile: &Tile,
        block: usize,
        query: usize,
        count: usize,
        compress: impl Fn(&[u8; LANES], u64, &mut [u8; LANES]),
    ) {
        let first = self.len;
        // Blocks are written whole.
        assert!(first < Self::CAPACITY, "there is room for a block");
        self.runs.push(Run { first, block: tile.number * TILE + block, query });
        compress(&LANE_NUMBERS, 0, room(&mut self.lanes, first));
        for ((from, to), &sum) in tile.block(block).iter().zip(&mut self.planes).zip(&self.queries[query]) {
            compress(from, sum, room(to, first));
        }
        self.len += count;
    }

    /// Decides about those from one on, at most a tile. What lies after the last is left from before, and ignored.
    fn decide<K: Kernel>(&mut self, kernel: &K, first: usize, out: &mut Vec<Candidate>) {
        let blocks = (self.len - first).div_ceil(LANES).next_multiple_of(K::BLOCKS);
        let (rows, _) = self.planes.as_flattened().as_flattened()[first..].as_chunks();
        let accepted = kernel.exact(&Tile { rows, number: 0, blocks, from_block: 1, from_plane: Self::ROWS });
        for place in set_bits(&accepted[..blocks]).map(|bit| first + K::place(bit)).filter(|&place| place < self.len) {
            let run = &self.runs[self.runs.partition_point(|run| run.first <= place) - 1];
            let entry = run.block * LANES + usize::from(self.lanes[place / LANES][place % LANES]);
            out.push(Candidate { entry: entry as u32, query: run.query as u32 });
        }
        self.len = first;
        self.runs.truncate(self.runs.partition_point(|run| run.first < first));
    }
}

/// Where a block is written.
#[inline(always)]
fn room(rows: &mut [[u8; LANES]; Waiting::ROWS], first: usize) -> &mut [u8; LANES] {
    rows.as_flattened_mut()[first..].first_chunk_mut().expect("room for a block")
}

/// A byte, eight times.
pub(super) fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const LANE_NUMBERS: [u8; LANES] = {
    let mut numbers = [0; LANES];
    let mut lane = 0;
    while lane < LANES {
        numbers[lane] = lane as u8;
        lane += 1;
    }
    numbers
};

/// The places of the ones.
pub(super) fn set_bits(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(number, &word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(64 * number + bit)
        })
    })
}
