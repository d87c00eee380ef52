//! A page to look at pairs and say what they are: both pictures side by side, the nearest first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use presend_core::{Algorithm, Limits, Picture, PixelFormat, Scratch};

use super::judgements::{Judgement, fields, write_some};
use super::read::Fault;
use super::{Class, Corpus, File, Near};

/// Pairs that are shown at most: as many as a browser takes and a person judges in one sitting.
pub const SHEET_PAIRS: usize = 1_000;

/// The longer side of a small picture at most.
const SIDE: u32 = 160;

/// The quality of a small picture's JPEG.
const QUALITY: u8 = 80;

/// A small JPEG of a file's first frame as it is stored, on white.
///
/// # Errors
/// [`Fault`] where there is no frame.
pub fn thumbnail(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Fault> {
    let mut picture = Picture::open_in(bytes, limits, &mut Scratch::default())?;
    let pixels = picture.next().expect("there is a first frame or an error")?.pixels;
    let (width, height, format) = (pixels.width(), pixels.height(), pixels.view().format());
    let (small_width, small_height) = fitted(width, height);
    let small = imageops::resize(&on_white(&pixels.into_bytes(), width, height, format), small_width, small_height, {
        FilterType::Triangle
    });
    let mut jpeg = Vec::new();
    let encoder = Encoder::new(&mut jpeg, QUALITY);
    let encoded = encoder.encode(&small, small_width as u16, small_height as u16, ColorType::Rgb);
    encoded.map_err(|error| Fault { code: "unreadable".into(), message: error.to_string() })?;
    Ok(jpeg)
}

/// The size of a picture that is made to fit.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= SIDE {
        return (width, height);
    }
    let fit = |side: u32| ((u64::from(side) * u64::from(SIDE) / u64::from(longer)) as u32).max(1);
    (fit(width), fit(height))
}

fn on_white(bytes: &[u8], width: u32, height: u32, format: PixelFormat) -> RgbImage {
    let over = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    let rgb = bytes.chunks_exact(format.channels()).flat_map(|pixel| match *pixel {
        [grey] => [grey; 3],
        [grey, alpha] => [over(grey, alpha); 3],
        [r, g, b] => [r, g, b],
        [r, g, b, alpha] => [r, g, b].map(|colour| over(colour, alpha)),
        _ => [255; 3],
    });
    ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, rgb.collect()).unwrap_or_default()
}

/// The page: self-contained, with a script that saves `pairs.csv`, of the pairs that are shown or were judged before. The others
/// have nothing to lose.
///
/// At most [`SHEET_PAIRS`] are shown, those that nobody has judged before the others. `picture` gives the small JPEG of a file by
/// its position, if there is one; it is asked once for each.
pub fn contact_sheet<A: Algorithm>(
    corpus: &Corpus<A>,
    others: &[Judgement],
    mut picture: impl FnMut(usize) -> Option<Vec<u8>>,
) -> String {
    let order = corpus.nearest_first();
    let mut shown = order.clone();
    // Stable: each of the two parts stays in order.
    shown.sort_by_key(|&at| shown_first(&corpus.near[at], order.len()));
    shown.truncate(SHEET_PAIRS);
    let mut pictures: BTreeMap<usize, String> = BTreeMap::new();
    for &at in &shown {
        for file in [corpus.near[at].a, corpus.near[at].b] {
            pictures.entry(file).or_insert_with(|| picture(file).map_or(String::new(), |jpeg| base64(&jpeg)));
        }
    }
    let mut page = String::from(HEAD);
    // Writing to memory does not fail.
    page.push_str("<style>\n");
    for (file, jpeg) in pictures.iter().filter(|(_, jpeg)| !jpeg.is_empty()) {
        let _ = writeln!(page, ".f{file}{{background-image:url(data:image/jpeg;base64,{jpeg})}}");
    }
    page.push_str("</style>\n<header><h1>Near pairs</h1>\n");
    let _ = writeln!(
        page,
        "<p>{} within {} bits by {} of one another. <b id=left></b></p>",
        counted(corpus.near.len(), "pair", "pairs"),
        corpus.within,
        A::ID
    );
    if shown.len() < order.len() {
        let _ = writeln!(
            page,
            "<p>{} shown, those that nobody has judged first: save, put the file in the place of <code>pairs.csv</code>, and \
             make the page again for the next.</p>",
            counted(shown.len(), "pair is", "pairs are")
        );
    }
    page.push_str(HELP);
    page.push_str("</header>\n<main>\n");
    for &at in &shown {
        pair(&mut page, corpus, at, &pictures);
    }
    page.push_str("</main>\n");
    let is_shown: BTreeSet<usize> = shown.into_iter().collect();
    let rows: Vec<usize> =
        order.iter().copied().filter(|at| is_shown.contains(at) || corpus.near[*at].class.is_some()).collect();
    let mut table = Vec::new();
    write_some(corpus, &rows, others, &mut table).expect("writing to memory does not fail");
    let table = String::from_utf8_lossy(&table);
    let _ = writeln!(
        page,
        "<script type=\"application/json\" id=table>{}</script>\n<script>const order={rows:?}, unseen={};\n{SCRIPT}</script>",
        // No `</script>` in a name ends the element.
        serde_json::Value::from(table).to_string().replace('<', "\\u003c"),
        order.len() - rows.len()
    );
    page
}

/// Judged pairs come last where not all are shown.
fn shown_first(near: &Near, pairs: usize) -> bool {
    pairs > SHEET_PAIRS && near.class.is_some()
}

fn pair<A: Algorithm>(page: &mut String, corpus: &Corpus<A>, at: usize, pictures: &BTreeMap<usize, String>) {
    let near = &corpus.near[at];
    let [.., distance, a_quality, b_quality, _] = fields(corpus, near);
    let _ = write!(page, "<article><div class=two>");
    for (file, quality) in [(near.a, a_quality), (near.b, b_quality)] {
        let empty = pictures.get(&file).is_none_or(String::is_empty);
        let _ = write!(
            page,
            "<figure><div class=\"p f{file}\" role=img>{}</div><figcaption>{}<br><small>{}, quality {quality}</small>\
             </figcaption></figure>",
            if empty { "no picture" } else { "" },
            names(&corpus.files[file]),
            size(&corpus.files[file]),
        );
    }
    let _ = write!(page, "</div><fieldset><legend>{distance} bits</legend>");
    for class in Class::ALL {
        let checked = if near.class == Some(class) { " checked" } else { "" };
        let _ = write!(page, "<label><input type=radio name=\"{at}\" value={class}{checked}>{class}</label>");
    }
    page.push_str("</fieldset></article>\n");
}

fn names<A: Algorithm>(file: &File<A>) -> String {
    let first = file.paths.first().map_or("", String::as_str);
    // A long path may break behind each folder.
    let mut names = escaped(first).replace('/', "/<wbr>");
    if file.paths.len() > 1 {
        let _ = write!(names, " <small>and {} more</small>", file.paths.len() - 1);
    }
    names
}

fn size<A: Algorithm>(file: &File<A>) -> String {
    let size = file.sample().map_or(String::new(), |sample| format!("{}×{}", sample.width, sample.height));
    format!("{} {size}", escaped(&file.stratum))
}

fn counted(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // They could make a name read as another.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_default());
            }
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(if digit <= three.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}

const HEAD: &str = "<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content=\"width=device-width\">
<meta http-equiv=Content-Security-Policy \
content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">
<title>Near pairs</title>
<style>
:root { color-scheme: light dark; --line: #8885; --mark: light-dark(#0b57d0, #8ab4f8); --paper: light-dark(#fff, #1b1b1b); \
--back: light-dark(#f3f3f3, #111) }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.4 system-ui, sans-serif; background: var(--back) }
header { padding: 16px; max-width: 60em }
h1 { margin: 0; font-size: 1.3rem }
p { margin: .5em 0 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 390px), 1fr)); gap: 12px; padding: 0 16px 96px }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 12px; display: flex; \
flex-direction: column; justify-content: space-between }
article.done { border-color: var(--mark) }
.two { display: flex; gap: 12px }
figure { margin: 0; flex: 1; min-width: 0 }
.p { height: 160px; background: center / contain no-repeat #9993; border-radius: 4px; display: grid; place-items: center; \
color: GrayText }
figcaption { overflow-wrap: anywhere; font-size: .8rem; margin-top: 4px }
small { color: GrayText }
fieldset { border: 0; padding: 0; margin: 8px 0 0; display: flex; flex-wrap: wrap; gap: 4px 14px }
legend { float: left; font-weight: 600; margin-right: 14px; padding: 0 }
label { cursor: pointer }
input { accent-color: var(--mark) }
#save { position: fixed; right: 16px; bottom: 16px; padding: 10px 18px; border-radius: 8px; background: var(--mark); \
color: var(--paper); font-weight: 600; text-decoration: none; box-shadow: 0 2px 8px #0006 }
</style>
";

const HELP: &str = "<p>Say of each pair what it is, then save the table in the place of <code>pairs.csv</code>, or hand it to \
<code>--adjudicated</code>. <b>same</b>: one work, edited perhaps; a match is right. <b>template</b>: other content in one \
frame, layout or background; a match is wrong. <b>unrelated</b>: a match is wrong.</p>
<a id=save download=pairs.csv href=\"#\">Save CSV</a>
";

/// Puts the chosen classes into the table's last column. Behind the header, rows are in the order of `order`, then come those of
/// other files.
const SCRIPT: &str = r#"const radios = [...document.querySelectorAll("input")];
const lines = JSON.parse(document.getElementById("table").textContent).split(/\n(?=[0-9a-f]{64},[0-9a-f]{64},|$)/);
const chosen = new Map();
const tell = () => {
  let left = unseen;
  order.forEach((pair, row) => { if (!chosen.has(pair) && /,$/.test(lines[row + 1])) left++; });
  document.getElementById("left").textContent = left ? left + " not judged." : "All judged.";
};
const take = (radio) => {
  chosen.set(Number(radio.name), radio.value);
  radio.closest("article").classList.add("done");
};
radios.filter((radio) => radio.checked).forEach(take);
addEventListener("change", (event) => { take(event.target); tell(); });
document.getElementById("save").addEventListener("click", (event) => {
  order.forEach((pair, row) => {
    if (chosen.has(pair)) lines[row + 1] = lines[row + 1].replace(/,[a-z]*$/, "," + chosen.get(pair));
  });
  event.currentTarget.href = URL.createObjectURL(new Blob([lines.join("\n")], { type: "text/csv" }));
});
tell();
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        cases.iter().for_each(|(plain, text)| assert_eq!(base64(plain.as_bytes()), *text));
    }

    #[test]
    fn small_pictures_fit_and_keep_their_shape() {
        assert_eq!(fitted(160, 40), (160, 40));
        assert_eq!(fitted(320, 200), (160, 100));
        assert_eq!(fitted(10, 1_000_000), (1, 160));
    }

    #[test]
    fn names_cannot_become_elements_or_commands() {
        assert_eq!(escaped("<b>&\"\n\u{202e}"), "&lt;b&gt;&amp;&quot;\\n\\u{202e}");
    }
}
