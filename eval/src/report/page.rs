//! The page.
use std::collections::BTreeSet;

use super::{
    Block, Data, Figure, Note, NoteKind, Picture, Pictures, Report, Section, Table,
    html::{attribute, file, lines, picture, slug, text},
};

/// The report as one HTML file.
pub fn render(report: &Report) -> String {
    let mut page = Page { out: String::new(), ids: BTreeSet::new(), figures: 0, tables: 0, report };
    page.head();
    page.start();
    let ids: Vec<String> = report.sections.iter().map(|section| page.id(&section.id)).collect();
    page.contents(&ids);
    for (section, id) in report.sections.iter().zip(&ids) {
        page.section(section, id);
    }
    page.out.push_str("</main>\n</body>\n</html>\n");
    page.out
}

struct Page<'a> {
    out: String,
    ids: BTreeSet<String>,
    figures: usize,
    tables: usize,
    report: &'a Report,
}

impl Page<'_> {
    fn add(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// A name that nothing else in the page has.
    fn id(&mut self, wanted: &str) -> String {
        let slug = slug(wanted);
        let mut id = slug.clone();
        let mut n = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{slug}-{n}");
            n += 1;
        }
        id
    }

    fn head(&mut self) {
        let title = text(&self.report.title);
        let (style, figures) = (STYLE, crate::plots::style());
        self.add(&format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src \
             'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title}</title>\n<style>\n{style}{figures}\n</style>\n</head>\n<body>\n"
        ));
    }

    fn start(&mut self) {
        let report = self.report;
        self.add(&format!("<main>\n<header>\n<h1>{}</h1>\n", text(&report.title)));
        for warning in &report.warnings {
            self.note(&Note { kind: NoteKind::Warning, text: warning.clone() });
        }
        if !report.provenance.is_empty() {
            self.add("<dl class=\"provenance\">\n");
            for (name, value) in &report.provenance {
                self.add(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", text(name), text(value)));
            }
            self.add("</dl>\n");
        }
        self.add("</header>\n");
    }

    fn contents(&mut self, ids: &[String]) {
        if ids.is_empty() {
            return;
        }
        self.add("<nav aria-labelledby=\"contents-heading\">\n<h2 id=\"contents-heading\">Contents</h2>\n<ol>\n");
        for (section, id) in self.report.sections.iter().zip(ids) {
            self.add(&format!("<li><a href=\"#s-{id}\">{}</a></li>\n", text(&section.heading)));
        }
        self.add("</ol>\n</nav>\n");
    }

    fn section(&mut self, section: &Section, id: &str) {
        let heading = text(&section.heading);
        self.add(&format!("<section id=\"s-{id}\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{heading}</h2>\n"));
        for paragraph in &section.paragraphs {
            self.add(&format!("<p>{}</p>\n", text(paragraph)));
        }
        for block in &section.blocks {
            self.block(block);
        }
        self.add("</section>\n");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(heading) => self.add(&format!("<h3>{}</h3>\n", text(heading))),
            Block::Paragraph(paragraph) => self.add(&format!("<p>{}</p>\n", text(paragraph))),
            Block::Figure(figure) => self.figure(figure),
            Block::Table(table) => self.table(table),
            Block::Note(note) => self.note(note),
            Block::Pictures(pictures) => self.pictures(pictures),
            Block::Data(data) => self.data(data),
            Block::Lines(text) => self.add(&format!("<pre tabindex=\"0\">{}</pre>\n", lines(text))),
        }
    }

    fn figure(&mut self, figure: &Figure) {
        self.figures += 1;
        let name = format!("Figure {}", self.figures);
        // Narrow screens scroll a figure rather than shrink its texts beyond reading, wide ones do not blow it up.
        let width = view_width(&figure.svg);
        let (least, most) = (width * 0.8, width * 1.3);
        self.add(&format!(
            "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{name}\">\
             <div class=\"drawing\" style=\"min-width:{least:.0}px;max-width:{most:.0}px\">\n{}</div></div>\n",
            figure.svg
        ));
        self.add(&format!("<figcaption><b>{name}.</b> {}", text(&figure.caption)));
        self.add("</figcaption>\n");
        if let Some(data) = &figure.data {
            self.data(data);
        }
        self.add("</figure>\n");
    }

    fn table(&mut self, table: &Table) {
        self.tables += 1;
        let name = format!("Table {}", self.tables);
        self.add(&format!("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{name}\">\n<table>\n"));
        self.add(&format!("<caption><b>{name}.</b> {}</caption>\n<thead>\n<tr>", text(&table.caption)));
        for column in &table.columns {
            let class = if column.numeric { " class=\"n\"" } else { "" };
            self.add(&format!("<th scope=\"col\"{class}>{}</th>", text(&column.name)));
        }
        self.add("</tr>\n</thead>\n<tbody>\n");
        for row in &table.rows {
            self.add("<tr>");
            for (n, cell) in row.iter().enumerate() {
                let numeric = table.columns.get(n).is_some_and(|column| column.numeric);
                let cell = text(cell);
                match (n, numeric) {
                    (0, false) => self.add(&format!("<th scope=\"row\">{cell}</th>")),
                    (_, true) => self.add(&format!("<td class=\"n\">{cell}</td>")),
                    (_, false) => self.add(&format!("<td>{cell}</td>")),
                }
            }
            self.add("</tr>\n");
        }
        self.add("</tbody>\n</table>\n</div>\n");
        if let Some(data) = &table.data {
            self.data(data);
        }
    }

    fn note(&mut self, note: &Note) {
        let (class, word) = match note.kind {
            NoteKind::Note => ("note", "Note"),
            NoteKind::Model => ("model", "Model"),
            NoteKind::Warning => ("warning", "Warning"),
        };
        self.add(&format!("<p class=\"note {class}\" role=\"note\"><b>{word}.</b> {}</p>\n", text(&note.text)));
    }

    fn pictures(&mut self, pictures: &Pictures) {
        if !pictures.caption.is_empty() {
            self.add(&format!("<p>{}</p>\n", text(&pictures.caption)));
        }
        self.add("<ul class=\"pictures\">\n");
        for group in &pictures.groups {
            self.add("<li><div class=\"pair\">");
            for Picture { media, bytes, name } in &group.pictures {
                let (source, alt, name) = (picture(*media, bytes), attribute(name), text(name));
                self.add(&format!(
                    "<span><img src=\"{source}\" alt=\"{alt}\"><span class=\"name\">{name}</span></span>"
                ));
            }
            self.add(&format!("</div><p>{}</p></li>\n", text(&group.caption)));
        }
        self.add("</ul>\n");
    }

    fn data(&mut self, data: &Data) {
        let (csv, json) = (data.to_csv(), data.to_json());
        let (name, seen) = (slug(&data.name), lines(&csv));
        let (to_csv, to_json) = (file("text/csv", &csv), file("application/json", &json));
        self.add(&format!(
            "<details><summary>Data: {name}</summary>\n<p><a download=\"{name}.csv\" href=\"{to_csv}\">{name}.csv</a> \
             <a download=\"{name}.json\" href=\"{to_json}\">{name}.json</a></p>\n<pre tabindex=\"0\">{seen}</pre>\n\
             </details>\n"
        ));
    }
}

/// The width of a figure's view box.
fn view_width(svg: &str) -> f64 {
    let after = svg.split_once("viewBox=\"0 0 ").map(|(_, after)| after);
    let width = after.and_then(|after| after.split([' ', '"']).next()).and_then(|width| width.parse().ok());
    width.filter(|width: &f64| (1.0..1e5).contains(width)).unwrap_or(600.0)
}

const STYLE: &str = include_str!("page.css");
