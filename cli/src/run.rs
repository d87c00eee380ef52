//! Running over many inputs: in parallel, in order, interruptible.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use presend_core::{DecodeError, Scratch};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::args::RunArgs;
use crate::input::{Input, InputError};
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

/// What is done with every input of a run.
pub(crate) trait Work: Send + Sync + 'static {
    /// What comes of an input.
    type Outcome: Send + 'static;

    /// Does it. The clock is to be started when the input was read: nobody answers for how long that takes.
    fn outcome(&self, input: &Input, scratch: &mut Scratch, clock: &Clock) -> Self::Outcome;

    /// What comes of an input that took longer than allowed.
    fn late(&self, input: &Input, limit: Duration) -> Self::Outcome;
}

/// Does the work for every input on threads of its own and hands the outcomes to `write` in the order of the inputs.
///
/// An input that takes longer than the limit is late: its thread is left to itself, and another takes its place. What the
/// thread does is safe code, so nothing but time and memory is at stake; when too many such threads are still at work, the
/// run ends with an error.
///
/// A reader of the output that goes away ends the run early and is no error.
pub(crate) fn ordered<W: Work, R: Results>(
    args: &RunArgs,
    limit: Option<Duration>,
    inputs: Vec<Input>,
    work: W,
    mut results: R,
    mut write: impl FnMut(&mut R, &Input, W::Outcome) -> io::Result<()>,
) -> Result<Run> {
    let total = inputs.len();
    if total == 0 && !args.quiet {
        anstream::eprintln!("presend: no files to read");
    }
    let stop = on_interrupt(args.quiet)?;
    let threads = number_of_threads(args.jobs);
    let progress = progress(args.quiet, total);
    let start = Instant::now();
    let (mut crew, messages, permits) = Crew::muster(threads, inputs, work, Arc::clone(&stop))?;
    // The writer takes results as they come and keeps those that are early. An input is begun with a permit, which the
    // writer takes back once its result is written: one slow picture does not let those behind it pile up.
    let mut early = BTreeMap::new();
    let mut handled = 0;
    let mut write_all = || -> Result<io::Result<()>> {
        let mut look = Instant::now();
        while crew.at_work > 0 {
            let message = match limit {
                None => messages.recv().ok(),
                Some(limit) => messages.recv_timeout(often(limit)).ok(),
            };
            match message {
                Some(Message::Done { index, outcome: Some(outcome) }) => drop(early.insert(index, outcome)),
                Some(Message::Done { outcome: None, .. }) => bail!("a thread failed; run with -vv to see where"),
                Some(Message::Left) => crew.at_work -= 1,
                None => {}
            }
            if let Some(limit) = limit.filter(|limit| look.elapsed() >= often(*limit)) {
                early.extend(crew.relieve(limit)?);
                look = Instant::now();
            }
            while let Some(outcome) = early.remove(&handled) {
                let input = &crew.shared.inputs[handled];
                if let Err(error) = progress.suspend(|| write(&mut results, input, outcome)) {
                    return Ok(Err(error));
                }
                permits.recv().expect("it was given one when it was begun");
                handled += 1;
                progress.inc(1);
            }
        }
        Ok(Ok(()))
    };
    let written = write_all();
    if !matches!(written, Ok(Ok(()))) {
        stop.store(true, Ordering::Relaxed);
    }
    let written = written?.and_then(|()| results.finish(handled == total));
    progress.finish_and_clear();
    let end = match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => End::Unread,
        Err(error) => return Err(error).context("cannot write the results"),
        Ok(()) if handled < total => End::Interrupted,
        Ok(()) => End::Complete,
    };
    Ok(Run { end, handled, total, elapsed: start.elapsed(), threads })
}

/// How often the writer looks whether somebody is late.
fn often(limit: Duration) -> Duration {
    limit.clamp(Duration::from_millis(1), Duration::from_millis(50))
}

/// Threads that were left to themselves and may still be at work, for each that works on: each keeps a core busy and holds
/// as much memory as a decoder may.
const MOST_LATE: usize = 4;

/// The threads that work, and what they share.
struct Crew<W: Work> {
    shared: Arc<Shared<W>>,
    /// One for each thread.
    clocks: Vec<Arc<Clock>>,
    /// Threads that have not left.
    at_work: usize,
}

struct Shared<W: Work> {
    inputs: Vec<Input>,
    work: W,
    /// The next input.
    next: AtomicUsize,
    stop: Arc<AtomicBool>,
    permit: mpsc::SyncSender<()>,
    messages: mpsc::Sender<Message<W::Outcome>>,
    /// Threads that were left to themselves and are still at work.
    late: AtomicUsize,
}

/// What a thread says.
enum Message<T> {
    /// There is an outcome; none if the work panicked.
    Done { index: usize, outcome: Option<T> },
    /// There is nothing more to do.
    Left,
}

/// Since when a thread works on its input.
#[derive(Debug, Default)]
pub(crate) struct Clock(Mutex<Hand>);

#[derive(Debug, Default, Clone, Copy)]
enum Hand {
    #[default]
    Still,
    Running {
        index: usize,
        since: Option<Instant>,
    },
    /// Somebody else has answered for the input.
    Late,
}

impl Clock {
    /// From here on the work counts.
    pub(crate) fn start(&self) {
        if let Hand::Running { since, .. } = &mut *self.hand() {
            *since = Some(Instant::now());
        }
    }

    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Work> Crew<W> {
    /// Starts so many threads. They end when nothing is left to do, or when nobody takes permits back.
    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    fn muster(
        threads: usize,
        inputs: Vec<Input>,
        work: W,
        stop: Arc<AtomicBool>,
    ) -> Result<(Self, mpsc::Receiver<Message<W::Outcome>>, mpsc::Receiver<()>)> {
        let (sender, messages) = mpsc::channel();
        let (permit, permits) = mpsc::sync_channel(AHEAD * threads);
        let (next, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new(Shared { inputs, work, next, stop, permit, messages: sender, late });
        let mut crew = Self { shared, clocks: Vec::new(), at_work: 0 };
        for _ in 0..threads {
            let clock = crew.hire()?;
            crew.clocks.push(clock);
        }
        Ok((crew, messages, permits))
    }

    /// Starts a thread.
    fn hire(&mut self) -> Result<Arc<Clock>> {
        let clock = Arc::<Clock>::default();
        let (shared, own) = (Arc::clone(&self.shared), Arc::clone(&clock));
        thread::Builder::new().spawn(move || shared.work(&own)).context("cannot start threads")?;
        self.at_work += 1;
        Ok(clock)
    }

    /// Answers for the inputs that are late, and puts other threads in the place of theirs.
    fn relieve(&mut self, limit: Duration) -> Result<Vec<(usize, W::Outcome)>> {
        let mut answers = Vec::new();
        for place in 0..self.clocks.len() {
            {
                let mut hand = self.clocks[place].hand();
                let Hand::Running { index, since: Some(since) } = *hand else { continue };
                if since.elapsed() < limit {
                    continue;
                }
                *hand = Hand::Late;
                self.shared.late.fetch_add(1, Ordering::Relaxed);
                answers.push((index, self.shared.work.late(&self.shared.inputs[index], limit)));
            }
            self.at_work -= 1;
            if self.shared.late.load(Ordering::Relaxed) > MOST_LATE * self.clocks.len() {
                bail!("too many pictures took longer than allowed and are still being decoded");
            }
            self.clocks[place] = self.hire()?;
        }
        Ok(answers)
    }
}

impl<W: Work> Shared<W> {
    /// Takes one input after the other.
    fn work(&self, clock: &Clock) {
        let mut scratch = Scratch::default();
        // Whoever waits for a permit has not begun an input, so the one that all wait for has begun.
        while self.permit.send(()).is_ok() && !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(index) else { break };
            *clock.hand() = Hand::Running { index, since: None };
            let outcome = catch_unwind(AssertUnwindSafe(|| self.work.outcome(input, &mut scratch, clock))).ok();
            let mut hand = clock.hand();
            if matches!(*hand, Hand::Late) {
                self.late.fetch_sub(1, Ordering::Relaxed);
                return;
            }
            *hand = Hand::Still;
            // The writer is gone when nobody reads the output: then there is nobody to tell.
            let _ = self.messages.send(Message::Done { index, outcome });
        }
        let _ = self.messages.send(Message::Left);
    }
}

/// Does something with a picture, for so long: on a thread of its own, which is left to itself when it is late. For a command
/// that ends then.
pub(crate) fn within<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce() -> Result<T, DecodeError> + Send + 'static,
) -> Result<T, InputError> {
    let Some(limit) = limit else { return Ok(work()?) };
    let (sender, done) = mpsc::sync_channel(1);
    // Nobody is there any more to take what comes too late.
    let thread = thread::Builder::new().spawn(move || drop(sender.send(work())))?;
    match done.recv_timeout(limit) {
        Ok(outcome) => Ok(outcome?),
        Err(RecvTimeoutError::Timeout) => Err(InputError::Late { limit }),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => resume_unwind(panic),
            Ok(()) => unreachable!("it sends before it ends"),
        },
    }
}

/// So many, or one per core.
pub(crate) fn number_of_threads(jobs: Option<NonZeroUsize>) -> usize {
    jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
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
