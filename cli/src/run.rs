//! Running over many inputs: in parallel, in order, interruptible.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use presend_core::Scratch;
use rayon::iter::{ParallelBridge, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::args::RunArgs;
use crate::input::Input;
use crate::output::{Results, Status, count};

/// Inputs of each thread that may be begun before an earlier one is written. Few enough to be kept in memory, and so many
/// that a second's work on one picture holds up nobody.
const AHEAD: usize = 256;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Every input was handled.
    Complete,
    /// The reader of the output went away.
    Unread,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) end: End,
    pub(crate) handled: usize,
    pub(crate) total: usize,
    pub(crate) elapsed: Duration,
    pub(crate) threads: usize,
}

impl Run {
    /// `37 images in 0.21 s (176 images/s, 2 threads)`: all inputs but those passed over.
    pub(crate) fn rate(&self, passed_over: usize) -> String {
        let images = self.handled.saturating_sub(passed_over);
        let seconds = self.elapsed.as_secs_f64();
        format!(
            "{}{} in {seconds:.2} s ({:.0} images/s, {})",
            if self.end == End::Interrupted { "interrupted after " } else { "" },
            count(images, "image", "images"),
            images as f64 / seconds.max(1e-9),
            count(self.threads, "thread", "threads"),
        )
    }
}

/// Computes `work` for every input on all threads and hands the results to `write` in the order of the inputs.
///
/// A reader of the output that goes away ends the run early and is no error.
pub(crate) fn ordered<T: Send, R: Results>(
    args: &RunArgs,
    inputs: Vec<Input>,
    mut results: R,
    work: impl Fn(&Input, &mut Scratch) -> T + Sync,
    mut write: impl FnMut(&mut R, &Input, T) -> io::Result<()>,
) -> Result<Run> {
    let total = inputs.len();
    if total == 0 && !args.quiet {
        anstream::eprintln!("presend: no files to read");
    }
    let stop = on_interrupt(args.quiet)?;
    let pool = threads(args.jobs)?;
    let threads = pool.current_num_threads();
    let progress = progress(args.quiet, total);
    let start = Instant::now();
    // The writer takes results as they come and keeps those that are early. An input is begun with a permit, which the
    // writer takes back once its result is written: one slow picture does not let those behind it pile up.
    let (sender, receiver) = mpsc::channel();
    let (permit, permits) = mpsc::sync_channel(AHEAD * threads);
    let stopped = || stop.load(Ordering::Relaxed);
    let mut handled = 0;
    let written = std::thread::scope(|scope| -> Result<io::Result<()>> {
        let workers = scope.spawn(|| {
            pool.install(|| {
                // Bridged rather than split, so that inputs are taken in order and results need not wait long. Whoever
                // waits for a permit does so with the lock of the bridge, but the input that all wait for has begun.
                let begun = inputs.into_iter().enumerate().take_while(|_| permit.send(()).is_ok() && !stopped());
                begun.par_bridge().for_each_init(
                    || (Scratch::default(), sender.clone()),
                    |(scratch, sender), (index, input)| {
                        let result = catch_unwind(AssertUnwindSafe(|| work(&input, scratch)));
                        // The writer is gone when nobody reads the output: then there is nobody to tell.
                        let _ = sender.send((index, input, result));
                    },
                );
            });
            drop(sender);
        });
        // Ours, so that they are gone, and nobody waits for one, when this ends early.
        let permits = permits;
        let mut early = BTreeMap::new();
        for (index, input, result) in receiver {
            let Ok(result) = result else {
                stop.store(true, Ordering::Relaxed);
                return Err(anyhow!("a thread failed; run with -vv to see where"));
            };
            early.insert(index, (input, result));
            while let Some((input, result)) = early.remove(&handled) {
                if let Err(error) = progress.suspend(|| write(&mut results, &input, result)) {
                    stop.store(true, Ordering::Relaxed);
                    return Ok(Err(error));
                }
                permits.recv().expect("it was given one when it was begun");
                handled += 1;
                progress.inc(1);
            }
        }
        workers.join().map_err(|_| anyhow!("the threads failed; run with -vv to see where"))?;
        Ok(results.finish(handled == total))
    })?;
    progress.finish_and_clear();
    let end = match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => End::Unread,
        Err(error) => return Err(error).context("cannot write the results"),
        Ok(()) if handled < total => End::Interrupted,
        Ok(()) => End::Complete,
    };
    Ok(Run { end, handled, total, elapsed: start.elapsed(), threads })
}

/// So many threads, or one per core.
pub(crate) fn threads(jobs: Option<NonZeroUsize>) -> Result<ThreadPool> {
    let mut pool = ThreadPoolBuilder::new();
    if let Some(jobs) = jobs {
        pool = pool.num_threads(jobs.get());
    }
    pool.build().context("cannot start threads")
}

/// Somebody pressed Ctrl-C before there was a result.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// The flag that Ctrl-C raises, the same every time.
pub(crate) fn on_interrupt(quiet: bool) -> Result<Arc<AtomicBool>> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(Arc::clone(stop));
    }
    let stop = Arc::clone(STOP.get_or_init(Arc::default));
    let raise = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raise.swap(true, Ordering::Relaxed) {
            // Asked twice: do not wait for the pictures under way.
            std::process::exit(Status::Interrupted as i32);
        }
        if !quiet {
            anstream::eprintln!("presend: stopping after the files under way; press again to stop at once");
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

/// A bar with rate and remaining time, on a terminal only.
pub(crate) fn progress(quiet: bool, total: usize) -> ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} images, {rate} images/s, {eta} left")
        .expect("the template is well-formed")
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // Writing to the bar's own memory does not fail.
            let _ = write!(out, "{:.0}", state.per_sec());
        });
    ProgressBar::new(total as u64).with_style(style)
}
