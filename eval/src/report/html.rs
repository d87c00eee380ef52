//! Pieces of HTML.
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Media, data::seen};
use crate::plots::text::{entity, hidden, spelled};

/// A text for the content of an element. What could not be seen is spelled out and set apart, so that it is not taken
/// for a name that is written with a backslash.
pub(super) fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => html.push_str(entity),
            None if hidden(c) => {
                html.push_str("<span class=\"esc\">");
                html.push_str(&spelled(c));
                html.push_str("</span>");
            }
            None => html.push(c),
        }
    }
    html
}

/// A text for a quoted attribute.
pub(super) fn attribute(text: &str) -> String {
    crate::plots::text::xml(text)
}

/// A text of several lines for a `pre`.
pub(super) fn lines(text: &str) -> String {
    seen(text)
        .chars()
        .map(|c| match entity(c) {
            Some(entity) => entity.to_owned(),
            None => c.into(),
        })
        .collect()
}

/// The address of a picture within the page.
pub(super) fn picture(media: Media, bytes: &[u8]) -> String {
    let media = match media {
        Media::Jpeg => "image/jpeg",
        Media::Png => "image/png",
        Media::WebP => "image/webp",
    };
    format!("data:{media};base64,{}", STANDARD.encode(bytes))
}

/// The address of a text file within the page.
pub(super) fn file(media: &str, content: &str) -> String {
    format!("data:{media};charset=utf-8;base64,{}", STANDARD.encode(content))
}

/// A name that can stand in addresses and file names: letters, digits and single hyphens, in lower case.
pub(super) fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let slug = words.join("-");
    if slug.is_empty() { "section".into() } else { slug.chars().take(80).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_set_apart() {
        assert_eq!(text("a<b\u{202e}c"), "a&lt;b<span class=\"esc\">\\u{202e}</span>c");
        assert_eq!(lines("a\nb\u{0}&"), "a\nb\\u{0}&amp;");
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("False positives: per Image!"), "false-positives-per-image");
        assert_eq!(slug("\"><script>"), "script");
        assert_eq!(slug("猫"), "section");
    }
}
