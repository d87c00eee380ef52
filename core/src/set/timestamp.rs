//! Seconds in time, as a manifest writes them (RFC 3339).

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

/// A second in time. The engine has no clock: whoever calls it says what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last that can be written, at the end of the year 9999.
    pub const MAX: Self = Self(253_402_300_799);

    /// So many seconds after 1970-01-01T00:00:00Z, or `None` after [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX.0 { Some(Self(seconds)) } else { None }
    }

    /// How many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, in UTC and to the second: `2026-11-22T00:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0 / DAY);
        let (hour, minute, second) = (self.0 % DAY / 3600, self.0 % 3600 / 60, self.0 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads what [`Display`](fmt::Display) writes and nothing else: no other zone, no fractions, no leap seconds.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let field = |range: Range<usize>| text.get(range)?.parse::<u64>().ok();
        let parse = || {
            let (year, month, day) = (field(0..4)?, field(5..7)?, field(8..10)?);
            if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
                return None;
            }
            let (hour, minute, second) = (field(11..13)?, field(14..16)?, field(17..19)?);
            Self::from_seconds(days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
        };
        // What is out of range or badly punctuated comes back as another text.
        parse().filter(|time| time.to_string() == text).ok_or_else(|| TimestampError(text.to_owned()))
    }
}

/// The text is no time of the form `2026-11-22T00:00:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no time of the form 2026-11-22T00:00:00Z")]
pub struct TimestampError(pub String);

const DAY: u64 = 86_400;

/// The days from 1970-01-01 to a date. As in Howard Hinnant's "chrono-compatible low-level date algorithms", years start
/// in March, so that the leap day is their last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - TO_1970
}

/// The date so many days after 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + TO_1970;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * era + year + next, month, day)
}

/// The days from the first of March of the year 0 to 1970-01-01.
const TO_1970: u64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        // GNU date: `date -u -d @N +%FT%TZ`.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_234_567_890, "2009-02-13T23:31:30Z"),
            (1_795_305_600, "2026-11-22T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            let time = Timestamp::from_seconds(seconds).unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(text.parse(), Ok(time));
        }
        assert_eq!(Timestamp::from_seconds(253_402_300_800), None);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let lengths = |year: u64| {
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let mut count = 0;
        for year in 1970..=2500 {
            for (month, length) in (1..).zip(lengths(year)) {
                for day in 1..=length {
                    assert_eq!((days(year, month, day), date(count)), (count, (year, month, day)));
                    count += 1;
                }
            }
        }
    }

    #[test]
    fn other_notations_are_no_times() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T00:00:00",
            "2026-11-22T00:00:00z",
            "2026-11-22t00:00:00Z",
            "2026-11-22 00:00:00Z",
            "2026-11-22T00:00:00+00:00",
            "2026-11-22T00:00:00.0Z",
            "2026-11-22T00:00:00Z ",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:60:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-31T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "+026-11-22T00:00:00Z",
            "2026-+1-22T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "2026-11-2éT00:00:00Z",
            "２０26-11-22T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError(text.to_owned())));
        }
    }
}
