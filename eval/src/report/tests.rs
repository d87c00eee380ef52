//! A report of everything, and a hostile one.
use resvg::tiny_skia::{ColorU8, Pixmap};

use super::*;
use crate::plots::tests::{elements, examples};

/// A report with a block of every kind.
fn example() -> Report {
    let picture = |hue: u8, name: &str| {
        let mut pixels = Pixmap::new(64, 48).expect("a size");
        for (at, pixel) in pixels.pixels_mut().iter_mut().enumerate() {
            let (x, y) = ((at % 64) as u8 * 4, (at / 64) as u8 * 5);
            *pixel = ColorU8::from_rgba(x, y, hue, 255).premultiply();
        }
        let bytes = pixels.encode_png().expect("PNG");
        Picture { media: Media::Png, bytes, name: name.into() }
    };
    let figures = examples().into_iter().map(|(name, svg, data)| {
        let caption = format!("The {name} of made-up numbers, as a paragraph of some length would describe it.");
        Block::Figure(Figure { svg, caption, data: Some(data) })
    });
    let table = Table {
        caption: "Rates at each threshold.".into(),
        columns: vec![
            Column::text("algorithm and way to look up"),
            Column::number("threshold"),
            Column::number("seen"),
            Column::number("of"),
            Column::number("rate"),
            Column::number("95 % interval"),
            Column::number("upper bound"),
            Column::number("design effect"),
        ],
        rows: (0..5u32)
            .map(|n| {
                let cells =
                    ["pdq, quality 50 and better", "31", "12", "8,607", "0.0014", "7.2e-4 – 0.0024", "0.0023", "1.8"];
                let mut cells = cells.map(String::from).to_vec();
                cells[1] = (n * 8).to_string();
                cells
            })
            .collect(),
        data: None,
    };
    let hostile =
        "shared/\u{202e}gpj.<img src=x onerror=alert(1)>\u{7}/a_very_long_name_without_any_place_to_break_it_"
            .repeat(2);
    Report {
        title: "Presend: measured on openclipart, made-up numbers".into(),
        provenance: [
            ("Seed", "20261126"),
            ("Corpus", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 (8,756 files)"),
            ("Versions", "presend 0.1.0 (6444804), pdq 1, rustc 1.89.0"),
            ("Machine", "2 cores, x86-64 (avx2), Linux"),
            ("Command", "presend eval report /data/openclipart --seed 20261126 -o report.html"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec(),
        warnings: vec!["Not adjudicated: 41 near-duplicate pairs were not judged and count as false positives.".into()],
        sections: vec![
            Section {
                id: "summary".into(),
                heading: "Summary".into(),
                paragraphs: vec![
                    "At threshold 31 the rate per picture is 0.0014 (95 % interval 7.2e-4 to 0.0024).".into(),
                ],
                blocks: vec![
                    Block::Table(table),
                    Block::Note(Note { kind: NoteKind::Note, text: "Distances are even for most pairs.".into() }),
                    Block::Note(Note { kind: NoteKind::Model, text: "Beyond the data a model is drawn.".into() }),
                ],
            },
            Section { id: "figures".into(), heading: "Figures".into(), paragraphs: vec![], blocks: figures.collect() },
            Section {
                id: "pairs".into(),
                heading: "The worst pairs".into(),
                paragraphs: vec!["Pictures that do not belong together and lie closest.".into()],
                blocks: vec![
                    Block::Heading("By distance".into()),
                    Block::Pictures(Pictures {
                        caption: "Unrelated, or different content of one template.".into(),
                        groups: (0..5u8)
                            .map(|n| Group {
                                caption: format!("distance {}, not adjudicated", n * 4 + 8),
                                pictures: vec![picture(n * 40, "clipart/cards/9_of_clubs.png"), picture(200, &hostile)],
                            })
                            .collect(),
                    }),
                    Block::Lines("presend eval corpus /data\npresend eval report /data --seed 1".into()),
                ],
            },
        ],
    }
}

/// The report of a name in every place where there is a text.
fn all_of(name: &str) -> Report {
    let name = || name.to_owned();
    let mut data = Data::new(&name(), &[&name()]);
    data.push([Cell::Text(name())]);
    let table = Table {
        caption: name(),
        columns: vec![Column::text(&name())],
        rows: vec![vec![name()]],
        data: Some(data.clone()),
    };
    let picture = Picture { media: Media::WebP, bytes: vec![1, 2, 3], name: name() };
    Report {
        title: name(),
        provenance: vec![(name(), name())],
        warnings: vec![name()],
        sections: vec![Section {
            id: name(),
            heading: name(),
            paragraphs: vec![name()],
            blocks: vec![
                Block::Heading(name()),
                Block::Paragraph(name()),
                Block::Figure(Figure { svg: examples().remove(0).1, caption: name(), data: Some(data.clone()) }),
                Block::Table(table),
                Block::Note(Note { kind: NoteKind::Note, text: name() }),
                Block::Pictures(Pictures {
                    caption: name(),
                    groups: vec![Group { caption: name(), pictures: vec![picture] }],
                }),
                Block::Data(data),
                Block::Lines(name()),
            ],
        }],
    }
}

/// The page as XML, which it is but for the elements of its head that HTML does not close.
fn as_xml(html: &str) -> String {
    let mut lines: Vec<String> = html.lines().skip(1).map(String::from).collect();
    for line in &mut lines {
        if line.starts_with("<meta ") {
            *line = line.replace("\">", "\"/>");
        }
    }
    let xml = lines.join("\n");
    let mut closed = String::new();
    for piece in xml.split_inclusive('>') {
        let open = piece.rfind("<img ").filter(|_| piece.ends_with('>'));
        closed.push_str(&open.map_or_else(|| piece.into(), |_| piece.replace("\">", "\"/>")));
    }
    closed
}

#[test]
fn a_page_is_well_formed_without_scripts_and_without_references_outside() {
    let plain = |name: &str| all_of(name);
    for report in [example(), Report::default(), plain("plain"), plain("<script>\"'&\u{202e}\u{0}\n</pre>]]>-->")] {
        let html = render(&report);
        let names = elements(&as_xml(&html));
        for name in ["script", "link", "iframe", "object", "embed", "form", "base", "foreignObject", "use", "image"] {
            assert!(!names.contains(&name.into()), "{name}");
        }
        let outside = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("//"));
        assert!(outside.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
        for reference in outside.split("href=\"").skip(1).chain(outside.split("src=\"").skip(1)) {
            assert!(reference.starts_with('#') || reference.starts_with("data:"), "{reference:.40}");
        }
        assert!(!html.contains(['\u{202e}', '\u{0}']));
    }
}

#[test]
fn headings_are_in_order_and_names_are_not_repeated() {
    let mut report = example();
    report.sections.push(Section { id: "Summary".into(), ..report.sections[0].clone() });
    let html = render(&report);
    let levels: Vec<u32> = html
        .match_indices("<h")
        .filter_map(|(at, _)| html[at + 2..].chars().next().and_then(|c| c.to_digit(10)))
        .collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&target), "{target}");
    }
}

#[test]
fn warnings_are_at_the_top() {
    let report = example();
    let html = render(&report);
    assert_eq!(html.matches("<figure>").count(), 10);
    assert_eq!(html.matches(&report.warnings[0]).count(), 1, "figures say it themselves");
    assert!(html.find(&report.warnings[0]) < html.find("<section"));
}

#[test]
fn the_data_of_every_figure_are_in_the_page_twice() {
    let html = render(&example());
    for (_, _, data) in examples() {
        for (kind, media, content) in [("csv", "text/csv", data.to_csv()), ("json", "application/json", data.to_json())]
        {
            let file = html::file(media, &content);
            assert!(html.contains(&format!("<a download=\"{}.{kind}\" href=\"{file}\">", data.name)));
        }
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(render(&example()), render(&example()));
}

/// Writes the example and its figures where `PRESEND_REPORT` says, to be looked at.
#[test]
fn an_example_can_be_looked_at() {
    let html = render(&example());
    let folder = tempfile::tempdir().expect("a folder");
    let path = std::env::var_os("PRESEND_REPORT").map_or_else(|| folder.path().to_owned(), Into::into);
    std::fs::write(path.join("report.html"), &html).expect("a file");
    for (name, svg, _) in examples() {
        std::fs::write(path.join(format!("{name}.svg")), crate::plots::standalone(&svg)).expect("a file");
        let png = crate::plots::png(&svg, 900).expect("a picture");
        std::fs::write(path.join(format!("{name}.png")), png).expect("a file");
    }
    let corners = crate::plots::tests::corners().concat();
    std::fs::write(path.join("corners.html"), format!("<!DOCTYPE html><meta charset=\"utf-8\">{corners}"))
        .expect("a file");
    assert_eq!(std::fs::read_to_string(path.join("report.html")).expect("a file"), html);
}
