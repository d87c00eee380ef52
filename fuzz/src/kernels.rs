//! Every backend against the portable one, and against the algorithm that defines the answer.

use arbitrary::{Arbitrary, Unstructured};
use presend_core::{Algorithm, Backend, Dihedral, Effort, Pdq, PixelFormat, PixelView, Radius, Scratch, stages};

/// Where an entry's power sums come from.
#[derive(Arbitrary)]
enum Entry {
    /// Of a hash that differs from a query in these bits.
    Near { query: u8, bits: Vec<u8> },
    /// As near, but for one sum.
    Changed { query: u8, bits: Vec<u8>, plane: u8, by: u8 },
    /// Any: of no hash, perhaps.
    Any(Vec<u8>),
}

#[derive(Arbitrary)]
struct Scan {
    radius: u8,
    queries: Vec<[u64; 4]>,
    /// What most entries are.
    filling: [u64; 4],
    /// In this distance from one another.
    entries: Vec<(u8, Entry)>,
    blocks: u8,
}

/// Reject kernels of sealed sets: the candidates of Massey's algorithm, from every backend.
pub fn sealed_kernels(bytes: &[u8]) {
    let Ok(scan) = Scan::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let radius = Radius::ALL[usize::from(scan.radius) % Radius::ALL.len()];
    let queries = &scan.queries[..scan.queries.len().min(9)];
    let length = stages::block_length(radius);
    let planes = length / 64;
    let mut blocks = vec![0; length * (1 + usize::from(scan.blocks % 3))];
    let mut put = |entry: usize, sums: &[u8]| {
        for (plane, &sum) in sums.iter().enumerate().take(planes) {
            blocks[entry / 64 * length + plane * 64 + entry % 64] = sum;
        }
    };
    let entries = 64 * (1 + usize::from(scan.blocks % 3));
    let filling = stages::sealed(radius, &scan.filling);
    (0..entries).for_each(|entry| put(entry, &filling));
    let near = |query: u8, bits: &[u8]| {
        let mut hash = queries.get(usize::from(query) % queries.len().max(1)).copied().unwrap_or(scan.filling);
        bits.iter().for_each(|bit| hash[usize::from(bit / 64)] ^= 1 << (bit % 64));
        stages::sealed(radius, &hash)
    };
    let mut at = 0;
    for (distance, entry) in &scan.entries {
        at = (at + usize::from(*distance)) % entries;
        match entry {
            Entry::Near { query, bits } => put(at, &near(*query, bits)),
            Entry::Changed { query, bits, plane, by } => {
                let mut sums = near(*query, bits);
                let plane = usize::from(*plane) % planes;
                sums[plane] ^= by;
                put(at, &sums);
            }
            Entry::Any(sums) => put(at, sums),
        }
    }
    let expected = stages::candidates_by_registers(radius, &blocks, queries);
    for backend in Backend::available() {
        let found = stages::candidates(backend, radius, &blocks, queries);
        assert_eq!(found, expected, "{} at {radius}", backend.name());
    }
}

/// Pixels of any size and kind: every backend gives the same hash, turned as stored, whatever the effort.
pub fn pixels(bytes: &[u8]) {
    let &[width, height, kind, ref rest @ ..] = bytes else { return };
    if rest.is_empty() {
        return;
    }
    const KINDS: [PixelFormat; 4] =
        [PixelFormat::Grey8, PixelFormat::GreyAlpha8, PixelFormat::Rgb8, PixelFormat::Rgba8];
    let kind = KINDS[usize::from(kind) % KINDS.len()];
    let (width, height) = (1 + u32::from(width), 1 + u32::from(height));
    let samples: Vec<u8> =
        rest.iter().copied().cycle().take(width as usize * height as usize * kind.channels()).collect();
    let pixels = PixelView::new(&samples, width, height, kind).expect("so many samples");
    let effort = Effort::new(2).expect("an effort");
    let hashed = |backend| {
        let mut scratch = Scratch::with_backend(backend);
        let hashed = Pdq.hash(pixels, &mut scratch);
        let turned = Pdq.hash_turned(pixels, &Dihedral::ALL, effort, &mut scratch);
        if let (Ok(hashed), Ok((again, turned))) = (&hashed, &turned) {
            assert_eq!(hashed, again);
            let stored = turned.iter().find(|turned| turned.orientation == Dihedral::Original && turned.lookup == 0);
            assert_eq!(stored.map(|turned| turned.hash), Some(hashed.hash));
        }
        (hashed, turned.map(|(_, turned)| turned), stages::mean_luma(pixels, backend).to_bits())
    };
    let expected = hashed(Backend::PORTABLE);
    for backend in Backend::available() {
        assert_eq!(hashed(backend), expected, "{}", backend.name());
    }
}
