//! Texts: numbers as people read them, and names from outside made harmless and visible.

/// A number of things, in groups of three digits.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A rate or a probability with two digits that count: `0.14`, `4.1e-5`, never `0` or `1` for what is not.
pub(crate) fn rate(p: f64) -> String {
    if !p.is_finite() {
        return "unknown".into();
    }
    if p == 0.0 || p == 1.0 {
        return format!("{p}");
    }
    if p.abs() < 0.001 || p.abs() >= 1e6 {
        return exponent(p, 1);
    }
    let text = if p < 0.1 { format!("{p:.4}") } else { share(p) };
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// A share such as recall, with three digits and as many more as it takes to tell it from 0 and from 1.
pub(crate) fn share(p: f64) -> String {
    if !p.is_finite() {
        return "unknown".into();
    }
    let rounds = p > 0.0 && p < 1.0;
    let most = if p.abs() < 1e6 { 8 } else { 0 };
    for digits in 3..most {
        let text = format!("{p:.digits$}");
        if !rounds || !text.trim_end_matches('0').ends_with('.') {
            return text;
        }
    }
    if p.abs() < 1.0 && p > 0.5 { "more than 0.9999999".into() } else { exponent(p, 1) }
}

/// A share in hundredths, with one digit more where there is one.
pub(crate) fn percent(p: f64) -> String {
    let p = p.clamp(-1e9, 1e9);
    let text = format!("{:.1}", p * 100.0);
    text.strip_suffix(".0").map_or(text.clone(), String::from)
}

/// `4.1e-5`.
fn exponent(p: f64, digits: usize) -> String {
    format!("{p:.digits$e}").replace(".0e", "e")
}

/// How many units a text is wide at most in the usual sans-serif faces, roughly.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|c| match c {
            ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'i' | 'l' | 'j' | 'I' | 'f' | 't' | '(' | ')' => 0.35,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.92,
            c if c.is_ascii_uppercase() => 0.69,
            c if c.is_ascii() => 0.6,
            c if u32::from(c) >= 0x1100 => 1.0,
            _ => 0.65,
        })
        .sum();
    ems * size
}

/// A text in lines of at most `limit` units; a word that is longer than that is broken.
pub(super) fn wrap(text: &str, size: f64, limit: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line, size) + width(" ", size) + width(word, size) > limit {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if !line.is_empty() && width(&line, size) + width(c.encode_utf8(&mut [0; 4]), size) > limit {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text, cut to `limit` units with an ellipsis.
pub(super) fn cut(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.into();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + size > limit {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// The text for XML or HTML, as content and in quoted attributes: what has a meaning there is escaped, what could not be
/// seen or would change how the rest is read is [spelled out](hidden).
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => escaped.push_str(entity),
            None if hidden(c) => escaped.push_str(&spelled(c)),
            None => escaped.push(c),
        }
    }
    escaped
}

/// The reference that stands for a character with a meaning in markup.
pub(crate) fn entity(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// `\u{202e}`.
pub(crate) fn spelled(c: char) -> String {
    c.escape_unicode().to_string()
}

/// Whether a character is a control, changes the direction of the text around it, or leaves no mark at all: a name that
/// has one reads as another name.
pub(crate) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0xe0000..=0xe0fff)
        || u32::from(c) & 0xfffe == 0xfffe
        || (0xfdd0..=0xfdef).contains(&u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!([0, 999, 1000, 2_995_731].map(count), ["0", "999", "1,000", "2,995,731"]);
    }

    #[test]
    fn a_rate_never_rounds_to_none_or_all() {
        assert_eq!(
            [0.0, 3e-6, 4.12e-5, 0.0123, 0.143, 0.5, 0.99996, 1.0].map(rate),
            ["0", "3e-6", "4.1e-5", "0.0123", "0.143", "0.5", "0.99996", "1"]
        );
        assert_eq!([0.0, 1e-9, 0.98, 0.9999, 1.0].map(share), ["0.000", "1e-9", "0.980", "0.9999", "1.000"]);
        assert_eq!(rate(f64::NAN), "unknown");
        assert_eq!([0.1, 0.235, 1.0].map(percent), ["10", "23.5", "100"]);
        assert_eq!(rate(10.0), "10");
    }

    #[test]
    fn long_texts_are_wrapped_and_words_longer_than_a_line_broken() {
        let lines = wrap("a sentence of some words and a_word_that_is_much_longer_than_one_line_can_be", 10.0, 100.0);
        assert!(lines.len() > 3 && lines.iter().all(|line| width(line, 10.0) <= 100.0), "{lines:?}");
        assert!(wrap("", 10.0, 100.0).is_empty());
        assert!(width(&cut("a_word_that_is_much_longer", 10.0, 60.0), 10.0) <= 60.0);
    }

    #[test]
    fn a_hostile_name_is_harmless_and_visible() {
        let name = "a\u{202e}gnp.\u{0}<script>\"&'\u{1b}[31m\n\u{200b}\u{feff}é猫.png";
        let seen = "a\\u{202e}gnp.\\u{0}&lt;script&gt;&quot;&amp;&#39;\\u{1b}[31m\\u{a}\\u{200b}\\u{feff}é猫.png";
        assert_eq!(xml(name), seen);
    }
}
