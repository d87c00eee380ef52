//! What the library draws on: a string of SVG.
//!
//! The library's own SVG backend writes fixed colours and whole pixels. This one writes tenths of a unit, the dashes and
//! classes that the inks stand for (see [`Ink`]), tooltips, and texts anchored where they are said to be, as no font is
//! at hand to measure them with.
use std::{cell::RefCell, convert::Infallible, fmt::Write, rc::Rc};

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform, text_anchor::HPos,
};

use super::{
    ink::{self, Ink},
    text::xml,
};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// The elements of a drawing, written as they are drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    out: Rc<RefCell<String>>,
    size: (u32, u32),
    tip: Option<String>,
}

impl Canvas {
    /// One of `size` tenths of a unit that writes into `out`.
    pub(super) fn new(out: Rc<RefCell<String>>, size: (u32, u32)) -> Self {
        Self { out, size, tip: None }
    }

    /// An element with its colour, and the tooltip if one waits for it.
    fn element(&mut self, name: &str, attributes: &str, color: BackendColor, stroke: Option<u32>) -> Drawn {
        let ink = Ink::of(color);
        let mut out = self.out.borrow_mut();
        out.push('<');
        out.push_str(name);
        out.push_str(attributes);
        let prefix = if stroke.is_some() { 's' } else { 'f' };
        if let Some(class) = ink.role.class() {
            write(&mut out, format_args!(r#" class="{prefix}-{class}""#));
        }
        match stroke {
            None => write(&mut out, format_args!(r#" fill="{}""#, ink.role.light())),
            Some(width) => {
                let width = Tenths(i32::try_from(width).unwrap_or(i32::MAX));
                let color = ink.role.light();
                write(&mut out, format_args!(r#" fill="none" stroke="{color}" stroke-width="{width}""#));
                if let Some(dash) = ink.dash_array() {
                    write(&mut out, format_args!(r#" stroke-dasharray="{dash}""#));
                }
            }
        }
        if ink.opacity < 1.0 {
            write(&mut out, format_args!(r#" opacity="{}""#, ink.opacity));
        }
        match self.tip.take() {
            Some(tip) => write(&mut out, format_args!("><title>{}</title></{name}>\n", xml(&tip))),
            None => out.push_str("/>\n"),
        }
        Ok(())
    }
}

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = (Tenths(x), Tenths(y));
        self.element("rect", &format!(r#" x="{x}" y="{y}" width="0.1" height="0.1""#), color, None)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (x, y, width, height) =
            (Tenths(from.0), Tenths(from.1), Tenths(to.0.saturating_sub(from.0)), Tenths(to.1.saturating_sub(from.1)));
        let attributes = format!(r#" x="{x}" y="{y}" width="{width}" height="{height}""#);
        self.element("rect", &attributes, style.color(), (!fill).then(|| style.stroke_width()))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let attributes = format!(r#" points="{}" stroke-linejoin="round""#, points(path));
        self.element("polyline", &attributes, style.color(), Some(style.stroke_width()))
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let radius = Tenths(i32::try_from(radius).unwrap_or(i32::MAX));
        let attributes = format!(r#" cx="{}" cy="{}" r="{radius}""#, Tenths(x), Tenths(y));
        self.element("circle", &attributes, style.color(), (!fill).then(|| style.stroke_width()))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.element("polygon", &format!(r#" points="{}""#, points(path)), style.color(), None)
    }

    /// The text's base line runs through `(x, y)`.
    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let ink = Ink::of(style.color());
        if ink.kind == ink::TIP {
            self.tip = Some(text.to_owned());
            return Ok(());
        }
        let mut out = self.out.borrow_mut();
        let (x, y) = (Tenths(x), Tenths(y));
        write(&mut out, format_args!(r#"<text x="{x}" y="{y}" font-size="{}""#, Tenths(style.size() as i32)));
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => out.push_str(r#" text-anchor="middle""#),
            HPos::Right => out.push_str(r#" text-anchor="end""#),
        }
        match style.transform() {
            FontTransform::None => {}
            FontTransform::Rotate90 => write(&mut out, format_args!(r#" transform="rotate(90 {x} {y})""#)),
            FontTransform::Rotate180 => write(&mut out, format_args!(r#" transform="rotate(180 {x} {y})""#)),
            FontTransform::Rotate270 => write(&mut out, format_args!(r#" transform="rotate(270 {x} {y})""#)),
        }
        if matches!(style.style(), FontStyle::Bold) {
            out.push_str(r#" font-weight="bold""#);
        }
        let mut classes: Vec<String> = ink.role.class().map(|class| format!("f-{class}")).into_iter().collect();
        if ink.kind == ink::HALO {
            let paper = ink::Role::PAPER;
            classes.extend(paper.class().map(|class| format!("s-{class}")));
            let paper = paper.light();
            write(
                &mut out,
                format_args!(r#" stroke="{paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke""#),
            );
        }
        if !classes.is_empty() {
            write(&mut out, format_args!(r#" class="{}""#, classes.join(" ")));
        }
        write(&mut out, format_args!(" fill=\"{}\">{}</text>\n", ink.role.light(), xml(text)));
        Ok(())
    }
}

/// Tenths of a unit, written as units.
struct Tenths(i32);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, tenths) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        match tenths % 10 {
            0 => write!(f, "{sign}{}", tenths / 10),
            rest => write!(f, "{sign}{}.{rest}", tenths / 10),
        }
    }
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut points = String::new();
    for (x, y) in path {
        if !points.is_empty() {
            points.push(' ');
        }
        write(&mut points, format_args!("{},{}", Tenths(x), Tenths(y)));
    }
    points
}

fn write(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a string takes all that is written to it");
}

#[cfg(test)]
mod tests {
    use super::Tenths;

    #[test]
    fn tenths_are_written_as_units() {
        let written = [0, 5, 10, 123, -5, -120].map(|tenths| Tenths(tenths).to_string());
        assert_eq!(written, ["0", "0.5", "1", "12.3", "-0.5", "-12"]);
    }
}
