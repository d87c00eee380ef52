//! JSON (RFC 8259) as it comes from others: read into values, and from those into types that know their fields.
//!
//! Everything here is small, because browsers download it. Numbers stay text until somebody says what they are, so none is
//! rounded; nothing is allocated that is not in proportion to the text; what is nested deeper than any file of ours is
//! refused.

use std::fmt::Display;
use std::str::FromStr;

use thiserror::Error;

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct JsonError(String);

impl JsonError {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value<'a>>),
    /// Fields, in their order; a name may be there twice.
    Object(Vec<(String, Value<'a>)>),
}

/// The most values that are nested.
const MAX_DEPTH: usize = 16;

/// Values have more bytes than so many on average, but for a few.
const BYTES: usize = 8;
const FEW: usize = 64;

impl<'a> Value<'a> {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// [`JsonError`] for everything else.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text =
            str::from_utf8(bytes).map_err(|error| JsonError(format!("no text from byte {}", error.valid_up_to())))?;
        let mut reader = Reader { text, at: 0, values: FEW + text.len() / BYTES };
        let value = reader.value(MAX_DEPTH);
        reader.space();
        match value {
            Some(value) if reader.at == text.len() => Ok(value),
            Some(_) => Err(JsonError(format!("trailing characters at byte {}", reader.at))),
            None if reader.at == text.len() => Err(JsonError("EOF while parsing".to_owned())),
            None => Err(JsonError(format!("not JSON at byte {}", reader.at))),
        }
    }

    /// What it is, for messages.
    fn name(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => format!("boolean `{value}`"),
            Self::Number(number) if is_whole(number) => format!("integer `{number}`"),
            Self::Number(number) => format!("floating point `{number}`"),
            Self::Text(text) => format!("string `{text}`"),
            Self::List(_) => "sequence".to_owned(),
            Self::Object(_) => "map".to_owned(),
        }
    }

    /// The error for one that should be something else.
    fn unexpected(&self, expected: &str) -> JsonError {
        let what = if matches!(self, Self::Number(number) if is_whole(number)) { "value" } else { "type" };
        JsonError(format!("invalid {what}: {}, expected {expected}", self.name()))
    }

    /// A text that stands for something.
    ///
    /// # Errors
    /// [`JsonError`] where it is no text, or stands for nothing.
    pub fn parsed<T: FromStr<Err: Display>>(self) -> Result<T, JsonError> {
        String::from_json(self)?.parse().map_err(|error| JsonError(format!("{error}")))
    }

    /// A text that can only be this one.
    ///
    /// # Errors
    /// [`JsonError`] where it is another.
    pub fn only(self, name: &str) -> Result<(), JsonError> {
        let text = String::from_json(self)?;
        if text == name { Ok(()) } else { Err(JsonError(format!("unknown variant `{text}`, expected `{name}`"))) }
    }

    /// A whole number up to this one.
    fn number(self, max: u64, expected: &str) -> Result<u64, JsonError> {
        match self {
            Self::Number(number) if number.parse().is_ok_and(|number: u64| number <= max) => {
                Ok(number.parse().expect("just parsed"))
            }
            other => Err(other.unexpected(expected)),
        }
    }
}

/// Whether a number is a whole one that some type has room for.
fn is_whole(number: &str) -> bool {
    number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok()
}

/// What can be read from a value.
pub trait FromJson: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`JsonError`] that says what is wrong.
    fn from_json(value: Value<'_>) -> Result<Self, JsonError>;
}

impl FromJson for bool {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        if let Value::Bool(value) = value { Ok(value) } else { Err(value.unexpected("a boolean")) }
    }
}

impl FromJson for String {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        if let Value::Text(text) = value { Ok(text) } else { Err(value.unexpected("a string")) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
        if let Value::List(values) = value {
            values.into_iter().map(T::from_json).collect()
        } else {
            Err(value.unexpected("a sequence"))
        }
    }
}

macro_rules! whole_numbers {
    ($($kind:ident)*) => {$(
        impl FromJson for $kind {
            fn from_json(value: Value<'_>) -> Result<Self, JsonError> {
                Ok(value.number(u64::MAX >> (64 - $kind::BITS), stringify!($kind))? as $kind)
            }
        }
    )*};
}
whole_numbers!(u8 u16 u32 u64 usize);

/// The fields of an object, each of which is taken once.
#[derive(Debug)]
pub struct Fields<'a>(Vec<(String, Value<'a>)>);

impl<'a> Fields<'a> {
    /// Of a value that is an object with no other fields than these, each at most once.
    ///
    /// # Errors
    /// [`JsonError`] for another value.
    #[inline(never)]
    pub fn of(value: Value<'a>, names: &[&str]) -> Result<Self, JsonError> {
        let Value::Object(fields) = value else { return Err(value.unexpected("a map")) };
        for (place, (name, _)) in fields.iter().enumerate() {
            if !names.contains(&name.as_str()) {
                return Err(JsonError(format!("unknown field `{name}`")));
            }
            // There are no more before it than there are names.
            if fields[..place].iter().any(|(other, _)| other == name) {
                return Err(JsonError(format!("duplicate field `{name}`")));
            }
        }
        Ok(Self(fields))
    }

    /// A field that may be missing or `null`.
    ///
    /// # Errors
    /// [`JsonError`] where it is not of its kind.
    pub fn maybe<T: FromJson>(&mut self, name: &str) -> Result<Option<T>, JsonError> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::from_json(value).map(Some),
        }
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// [`JsonError`] where it is missing or not of its kind.
    pub fn field<T: FromJson>(&mut self, name: &str) -> Result<T, JsonError> {
        T::from_json(self.value(name)?)
    }

    /// The value of a field that must be there.
    ///
    /// # Errors
    /// [`JsonError`] where it is missing.
    pub fn value(&mut self, name: &str) -> Result<Value<'a>, JsonError> {
        self.take(name).ok_or_else(|| JsonError(format!("missing field `{name}`")))
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

/// A text of which a part was read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many more values there may be.
    values: usize,
}

impl<'a> Reader<'a> {
    /// The next byte that is not read yet.
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads bytes while they are of a kind.
    fn skip(&mut self, kind: impl Fn(u8) -> bool) -> usize {
        let first = self.at;
        while self.peek().is_some_and(&kind) {
            self.at += 1;
        }
        self.at - first
    }

    fn space(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Reads this byte, if it is the next.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        self.values = self.values.checked_sub(1)?;
        self.space();
        match self.peek()? {
            b'{' => self.items(depth, b'}', Self::field).map(Value::Object),
            b'[' => self.items(depth, b']', Self::value).map(Value::List),
            b'"' => self.string().map(Value::Text),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number().map(Value::Number),
        }
    }

    /// What stands between brackets.
    fn items<T>(&mut self, depth: usize, end: u8, item: fn(&mut Self, usize) -> Option<T>) -> Option<Vec<T>> {
        let depth = depth.checked_sub(1)?;
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.eat(end) {
            return Some(items);
        }
        loop {
            items.push(item(self, depth)?);
            self.space();
            if self.eat(end) {
                return Some(items);
            }
            self.eat(b',').then_some(())?;
        }
    }

    fn field(&mut self, depth: usize) -> Option<(String, Value<'a>)> {
        self.space();
        let name = self.string()?;
        self.space();
        self.eat(b':').then_some(())?;
        Some((name, self.value(depth)?))
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.text[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        Some(value)
    }

    fn number(&mut self) -> Option<&'a str> {
        let first = self.at;
        let digits = |reader: &mut Self| reader.skip(|byte| byte.is_ascii_digit());
        self.eat(b'-');
        if !self.eat(b'0') && digits(self) == 0 {
            return None;
        }
        if self.eat(b'.') && digits(self) == 0 {
            return None;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            (digits(self) > 0).then_some(())?;
        }
        Some(&self.text[first..self.at])
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"').then_some(())?;
        let mut text = String::new();
        loop {
            let first = self.at;
            self.skip(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20));
            text.push_str(&self.text[first..self.at]);
            if self.eat(b'"') {
                return Some(text);
            }
            self.eat(b'\\').then_some(())?;
            text.push(self.escaped()?);
        }
    }

    /// What is behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let kind = self.peek()?;
        self.at += 1;
        Some(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => match self.unit()? {
                high @ 0xd800..0xdc00 => {
                    (self.eat(b'\\') && self.eat(b'u')).then_some(())?;
                    let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + (high - 0xd800) * 0x400 + low)?
                }
                // Not half of a pair.
                unit => char::from_u32(unit)?,
            },
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = 16 * unit + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Theirs;

    use super::*;

    /// The same value by `serde_json`.
    fn theirs(value: &Value<'_>) -> Theirs {
        match value {
            Value::Null => Theirs::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => serde_json::from_str(number).expect("a number"),
            Value::Text(text) => text.as_str().into(),
            Value::List(values) => values.iter().map(theirs).collect(),
            Value::Object(fields) => {
                Theirs::Object(fields.iter().map(|(name, value)| (name.clone(), theirs(value))).collect())
            }
        }
    }

    fn agrees(text: &[u8]) {
        let (ours, expected) = (Value::parse(text), serde_json::from_slice::<Theirs>(text));
        match (&ours, &expected) {
            (Ok(ours), Ok(expected)) => assert_eq!(theirs(ours), *expected),
            // The one number that they have no room for.
            (Ok(_), Err(error)) if error.to_string().contains("number out of range") => {}
            _ => assert_eq!(ours.is_ok(), expected.is_ok(), "{}", String::from_utf8_lossy(text)),
        }
    }

    #[test]
    fn texts_are_read_as_serde_json_reads_them() {
        for text in [
            "",
            " ",
            "null",
            "nul",
            "true ",
            " false",
            "truefalse",
            "0",
            "-0",
            "01",
            "-",
            "1.",
            ".5",
            "1.5e",
            "1e+5",
            "1E-5",
            "1e5.5",
            "18446744073709551616",
            "-7",
            "\"\"",
            "\"a",
            "\"\\\"",
            "\"\\u00e9\\/\\b\\f\\n\\r\\t\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\u12g4\"",
            "\"\\x\"",
            "\"\t\"",
            "\"\u{7f}é\"",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1, 2 ]",
            "{}",
            "{ }",
            "{\"a\":1}",
            "{\"a\" : [ {} ] }",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "[1]]",
            "\u{feff}1",
            "'a'",
            "NaN",
            "[\"a\",null,true,{\"b\":-1.5}]",
        ] {
            agrees(text.as_bytes());
        }
        agrees(b"\"\xff\"");
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_json_reads_it(text in "[\\[\\]{}\",:0-9eE+.tfn \\\\-]{0,12}|(\\[|\\{\"a\":)*[0-9]+[\\]}]*") {
            agrees(text.as_bytes());
        }

        #[test]
        fn written_values_are_read_back(text in ".*", numbers in proptest::collection::vec(any::<i64>(), 0..9)) {
            let written = serde_json::json!({ "a": text, "b": numbers, "c": [null, { "d": true }] }).to_string();
            agrees(written.as_bytes());
        }
    }

    #[test]
    fn what_would_take_memory_is_refused() {
        assert!(Value::parse(&b"[".repeat(1 << 20)).is_err());
        let deep = [b"[".repeat(17), b"]".repeat(17)].concat();
        assert!(Value::parse(&deep).is_err());
        let many = [b"[0".as_slice(), &b",0".repeat(1 << 20), b"]"].concat();
        assert!(Value::parse(&many).is_err());
    }

    #[test]
    fn fields_are_known_and_there_once() {
        let fields = |text: &'static str| Fields::of(Value::parse(text.as_bytes())?, &["a", "b"]);
        let error = |text| fields(text).expect_err("refused").to_string();
        assert_eq!(error("{\"a\":1,\"c\":2}"), "unknown field `c`");
        assert_eq!(error("{\"a\":1,\"a\":2}"), "duplicate field `a`");
        assert_eq!(error("[]"), "invalid type: sequence, expected a map");
        let mut fields = fields("{\"a\":300,\"b\":null}").expect("known fields");
        assert_eq!(fields.maybe::<u8>("b"), Ok(None));
        let error = fields.field::<u8>("a").expect_err("too large").to_string();
        assert_eq!(error, "invalid value: integer `300`, expected u8");
        assert_eq!(fields.field::<u8>("a").expect_err("taken").to_string(), "missing field `a`");
    }
}
