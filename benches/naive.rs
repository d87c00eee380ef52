//! Hashes in clear, compared one by one: what the indexes are measured against.

/// Distances of 64 entries at a time, then which are near: the loop that compilers vectorise.
#[inline(always)]
fn near(entries: &[[u64; 4]], query: &[u64; 4], threshold: u64) -> usize {
    let mut found = 0;
    for block in entries.chunks(64) {
        let mut distances = [u64::MAX; 64];
        for (distance, entry) in distances.iter_mut().zip(block) {
            *distance = (0..4).map(|word| u64::from((entry[word] ^ query[word]).count_ones())).sum();
        }
        found += distances.iter().filter(|&&distance| distance <= threshold).count();
    }
    found
}

#[cfg(target_arch = "x86_64")]
mod raw {
    use super::near;

    #[target_feature(enable = "popcnt")]
    pub(super) fn popcnt(entries: &[[u64; 4]], query: &[u64; 4], threshold: u64) -> usize {
        near(entries, query, threshold)
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,popcnt")]
    pub(super) fn avx512(entries: &[[u64; 4]], query: &[u64; 4], threshold: u64) -> usize {
        near(entries, query, threshold)
    }
}

/// How many entries are within the threshold of a query.
pub(crate) type ClearScan = fn(&[[u64; 4]], &[u64; 4], u64) -> usize;

/// The clear scans that this processor can run.
pub(crate) fn scans() -> Vec<(&'static str, ClearScan)> {
    let mut scans: Vec<(&'static str, ClearScan)> = vec![("portable", near)];
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("popcnt") {
            // SAFETY: the feature that the function is compiled for was just found.
            scans.push(("popcnt", |entries, query, threshold| unsafe { raw::popcnt(entries, query, threshold) }));
        }
        if std::arch::is_x86_feature_detected!("avx512vpopcntdq")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512dq")
        {
            // SAFETY: the features that the function is compiled for were just found.
            scans.push(("avx512", |entries, query, threshold| unsafe { raw::avx512(entries, query, threshold) }));
        }
    }
    scans
}
