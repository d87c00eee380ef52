//! From the name of an algorithm to its type.

/// Calls a function that is generic over the algorithm with the one that was chosen on the command line.
macro_rules! with_algorithm {
    ($id:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $id {
            presend_core::AlgorithmId::Pdq => $function(presend_core::Pdq, $($argument),*),
            presend_core::AlgorithmId::Pdq512 => $function(presend_core::Pdq512, $($argument),*),
            presend_core::AlgorithmId::AHash => $function(presend_core::AHash, $($argument),*),
            presend_core::AlgorithmId::DHash => $function(presend_core::DHash, $($argument),*),
            presend_core::AlgorithmId::PHash => $function(presend_core::PHash, $($argument),*),
            presend_core::AlgorithmId::BlockHash => $function(presend_core::BlockHash, $($argument),*),
            other => anyhow::bail!("{other} is not built into this program"),
        }
    };
}

pub(crate) use with_algorithm;
