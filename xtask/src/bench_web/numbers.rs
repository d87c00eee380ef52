//! Numbers for tables, and text for pages.

/// The middle one.
pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Between values, as if they lay on a line. Not a number, where there are none.
pub(super) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// Three significant digits, never in powers of ten.
pub(super) fn digits(number: f64) -> String {
    let before_point = number.abs().log10().floor().max(-6.0) as i32;
    format!("{number:.*}", usize::try_from(2 - before_point).unwrap_or(0))
}

/// In lines of at most 126 characters, as the page has them.
pub(super) fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("one at least");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.chars().count() + 1 + word.chars().count() <= 126 {
            *line += " ";
            *line += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{digits, quantile, wrapped};

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.04567, 1.0, 45.67, 456.7, 4567.8].map(digits), ["0.0457", "1.00", "45.7", "457", "4568"]);
    }

    #[test]
    fn quartiles_lie_between_values() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|part| quantile(&values, part)), [1.0, 1.75, 2.5, 4.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn text_is_broken_between_words() {
        let text = "word ".repeat(40);
        assert_eq!(wrapped(&text).lines().map(str::len).collect::<Vec<_>>(), [124, 74]);
    }
}
