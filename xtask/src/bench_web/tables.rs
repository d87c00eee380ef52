//! What was measured, in words and tables.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use presend_core::set::Timestamp;

use super::numbers::{digits, median, quantile, wrapped};
use super::{PICTURES, SETS, Timing};

/// Ways from a file to a verdict in a browser.
const ROUTES: [(&str, &str); 3] = [
    ("scan", "**`scanner.scan(file)`: decoded in WebAssembly**"),
    ("image-decoder", "`ImageDecoder`, `copyTo` RGBA, hashed and matched in WebAssembly"),
    ("canvas", "`createImageBitmap`, canvas, `getImageData`, hashed and matched in WebAssembly"),
];

/// What a picture goes through.
const STAGES: [(&str, &str); 4] = [
    ("pdq", "PDQ, from pixels in its memory"),
    ("pixels", "PDQ, pixels copied in"),
    ("decode", "decoding JPEG"),
    ("file", "JPEG file to hash"),
];

/// The most that PDQ may take, in times of a native program.
const PDQ_TARGET: f64 = 2.0;
/// The most that a match in a million entries may take, in milliseconds.
const MATCH_TARGET: f64 = 60.0;

/// Where and on what it was measured.
pub(super) struct Setting {
    /// The native program's fastest backend, and the one of vectors as wide as those of WebAssembly.
    pub(super) best: String,
    pub(super) narrow: String,
    pub(super) chromium: String,
    pub(super) rounds: u32,
    pub(super) files: String,
}

/// All rounds.
#[derive(Default)]
pub(super) struct Measurements(Vec<Vec<Timing>>);

/// Who took the time.
#[derive(Clone, Copy)]
enum By {
    Web,
    Native,
    Narrow,
}

impl Measurements {
    pub(super) fn add(&mut self, mut round: Vec<Timing>) {
        for (name, ..) in PICTURES {
            let of = |kind: &str| round.iter().find(|timing| timing.stage == format!("{kind} {name}"));
            let (Some(file), Some(pdq)) = (of("file"), of("pdq")) else { continue };
            // Decoding alone cannot be asked for in the package; so natively too it is what is left.
            let native = file.native.zip(pdq.native).map(|(file, pdq)| file - pdq);
            let decode = Timing { stage: format!("decode {name}"), native, narrow: None, web: file.web - pdq.web };
            round.push(decode);
        }
        self.0.push(round);
    }

    pub(super) fn markdown(&self, setting: &Setting) -> String {
        [wrapped(&setting.describe()), self.routes(setting), self.stages(setting), self.targets(setting)].join("\n\n")
    }

    fn routes(&self, setting: &Setting) -> String {
        let mut table = "### From a JPEG file to a verdict\n\n|".to_owned();
        _ = write!(table, " |");
        for (name, ..) in PICTURES {
            _ = write!(table, " {}, ms | × WebAssembly |", with_space(name));
        }
        table += "\n|---|---|---|---|---|---|---|\n";
        let native = format!("a native program, {}, without a browser", setting.best);
        let rows = ROUTES.map(|(kind, name)| (kind, name, By::Web)).into_iter().chain([("scan", &*native, By::Native)]);
        for (row, (kind, title, by)) in rows.enumerate() {
            _ = write!(table, "| {title} |");
            for (name, ..) in PICTURES {
                let ours = self.times(&format!("scan {name}"), By::Web);
                let times = self.times(&format!("{kind} {name}"), by);
                let ratio = if row == 0 { "1".to_owned() } else { spread(&ratios(&times, &ours)) };
                _ = write!(table, " {} | {ratio} |", milliseconds(&times));
            }
            table += "\n";
        }
        table.trim_end().to_owned()
    }

    fn stages(&self, Setting { best, narrow, .. }: &Setting) -> String {
        let mut table = format!(
            "### Stages\n\n| | WebAssembly, ms | native, ms | × {best} | native {narrow}, ms | × {narrow} |\n|---|---|---|---|---|---|\n"
        );
        let of_pictures = STAGES.iter().flat_map(|&(kind, title)| {
            PICTURES.map(|(name, ..)| (format!("{kind} {name}"), format!("{title}, {}", with_space(name))))
        });
        let of_sets = SETS.map(|(name, _)| (format!("match {name}"), format!("sealed match, {name} entries")));
        for (stage, title) in of_pictures.chain(of_sets) {
            // Copying pixels is what browsers add to the same work.
            let beside = stage.replace("pixels ", "pdq ");
            let web = self.times(&stage, By::Web);
            _ = write!(table, "| {title} | {} |", milliseconds(&web));
            for by in [By::Native, By::Narrow] {
                let native = self.times(&beside, by);
                let (time, ratio) = if native.is_empty() {
                    ("–".to_owned(), "–".to_owned())
                } else {
                    (milliseconds(&native), spread(&ratios(&web, &native)))
                };
                _ = write!(table, " {time} | {ratio} |");
            }
            table += "\n";
        }
        table.trim_end().to_owned()
    }

    /// Each target, whether it is met, and by how much.
    fn targets(&self, Setting { best, narrow, .. }: &Setting) -> String {
        let against = |by| {
            PICTURES.map(|(name, ..)| {
                let stage = format!("pdq {name}");
                median(&ratios(&self.times(&stage, By::Web), &self.times(&stage, by)))
            })
        };
        // The target is of a program as it runs here, with the widest vectors; narrow ones say how far vectors explain it.
        let [native, narrowly] = [By::Native, By::Narrow].map(against);
        let [of_native, of_narrow] = [native, narrowly].map(|ratios| ratios.map(digits).join(", "));
        let met = |ratios: [f64; 3]| verdict(ratios.iter().all(|&ratio| ratio <= PDQ_TARGET));
        let sizes = PICTURES.map(|(name, ..)| with_space(name)).join(", ");
        let million = median(&self.times("match 1M", By::Web));
        let canvas = median(&ratios(&self.times("scan 12MP", By::Web), &self.times("canvas 12MP", By::Web)));
        [
            format!(
                "- PDQ of pixels in its memory in at most {PDQ_TARGET} times what a native program takes, at {sizes}: {}: \
                 {of_native} times {best}. Of one with vectors of 128 bits, {narrow}: {}: {of_narrow} times.",
                met(native),
                met(narrowly)
            ),
            format!(
                "- A sealed match of a million entries in at most {MATCH_TARGET} ms, in one worker: {}: {} ms.",
                verdict(million <= MATCH_TARGET),
                digits(million)
            ),
            format!(
                "- A JPEG of 12 MP no slower than through a canvas: {}: {} times as long.",
                verdict(canvas <= 1.0),
                digits(canvas)
            ),
        ]
        .map(|line| wrapped(&line).replace('\n', "\n  "))
        .join("\n")
    }

    /// One for each round, in milliseconds; none where that side does not do it.
    fn times(&self, stage: &str, by: By) -> Vec<f64> {
        let timings = self.0.iter().flatten().filter(|timing| timing.stage == stage);
        let of_side = |timing: &Timing| match by {
            By::Web => Some(timing.web),
            By::Native => timing.native,
            By::Narrow => timing.narrow,
        };
        timings.filter_map(of_side).map(|nanoseconds| nanoseconds / 1e6).collect()
    }
}

impl Setting {
    fn describe(&self) -> String {
        let Self { chromium, rounds, files, .. } = self;
        format!(
            "{}, {}, {} cores, Chromium {chromium} without a window or a GPU; {files}. {rounds} rounds; in each, the browser did \
             every stage right after the native program, several times, of which the median counts. Times are medians of \
             the rounds, ratios too, with their quartiles.",
            today(),
            processor(),
            std::thread::available_parallelism().map_or(1, usize::from),
        )
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "**met**" } else { "**not met**" }
}

fn with_space(name: &str) -> String {
    name.replace("MP", " MP")
}

fn ratios(times: &[f64], of: &[f64]) -> Vec<f64> {
    times.iter().zip(of).map(|(time, of)| time / of).collect()
}

fn milliseconds(times: &[f64]) -> String {
    digits(median(times))
}

/// The median, and the quartiles.
fn spread(values: &[f64]) -> String {
    let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| digits(quantile(values, part)));
    format!("**{middle}** ({low}–{high})")
}

fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time = Timestamp::from_seconds(seconds).map(|time| time.to_string()).unwrap_or_default();
    time.split('T').next().unwrap_or_default().to_owned()
}

/// Its name, where Linux tells it.
fn processor() -> String {
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}
