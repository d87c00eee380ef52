//! A figure on its way: title, legend, room for panels, notes; then one string of SVG.
use std::{cell::RefCell, rc::Rc};

use plotters::{
    coord::{CoordTranslate, Shift},
    element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text},
    prelude::{DrawingArea, IntoDrawingArea, IntoFont, TextStyle},
    style::{
        Color, FontStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    Heading,
    canvas::Canvas,
    ink::{Ink, Role},
    text::{self, xml},
};

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The marks of the series, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Ring,
    Cross,
}

impl Shape {
    /// Of the `n`-th series.
    pub(super) fn series(n: usize) -> Self {
        [Self::Circle, Self::Square, Self::Triangle, Self::Diamond, Self::Ring, Self::Cross][n % 6]
    }
}

/// An entry of the legend.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) ink: Ink,
    pub(super) look: Look,
}

/// How the entry of a legend is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look {
    /// A line, with a mark on it.
    Line(Option<Shape>),
    /// An area under a line.
    Area,
    /// A band around a line.
    Band,
    /// A bound where nothing was seen: a bar and an arrow down from it.
    Below,
    /// The same to the left.
    LeftOf,
}

impl Key {
    pub(super) fn new(name: &str, ink: Ink, look: Look) -> Self {
        Self { name: name.into(), ink, look }
    }
}

/// Lengths and places are in units of the view box from here on; the canvas takes tenths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        x > self.left && x < self.right && y > self.top && y < self.bottom
    }

    fn within(&self, other: &Self) -> bool {
        self.left >= other.left && self.right <= other.right && self.top >= other.top && self.bottom <= other.bottom
    }

    fn touches(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// A figure on its way.
pub(super) struct Sheet {
    out: Rc<RefCell<String>>,
    pub(super) root: DrawingArea<Canvas, Shift>,
    pub(super) width: f64,
    height: f64,
    title: String,
    /// Where the panels go.
    pub(super) body: Area,
    /// Where texts and marks stand already.
    pub(super) taken: RefCell<Vec<Area>>,
    /// Points on the curves, which texts should not cross either if there is room beside them.
    curves: RefCell<Vec<(f64, f64)>>,
}

impl Sheet {
    /// A figure of the usual width whose panels are `body` units high.
    pub(super) fn new(heading: &Heading, keys: &[Key], body: f64) -> Self {
        Self::sized(heading, keys, WIDTH, body)
    }

    /// A figure `width` units wide.
    pub(super) fn sized(heading: &Heading, keys: &[Key], width: f64, body: f64) -> Self {
        let inner = width - 2.0 * MARGIN;
        let title = text::wrap(&heading.title, TITLE * BOLD, inner);
        let notes: Vec<String> = heading.notes.iter().flat_map(|note| text::wrap(note, NOTE, inner)).collect();
        let (rows, places) = flow(keys, inner);
        let legend = 10.0 + 20.0 * title.len() as f64;
        let top = legend + 18.0 * rows as f64 + if rows > 0 { 6.0 } else { 0.0 };
        let bottom = top + body;
        let below = if notes.is_empty() { 4.0 } else { 12.0 };
        let height = bottom + below + 15.0 * notes.len() as f64;

        let out = Rc::new(RefCell::new(String::new()));
        let size = (tenths(width).unsigned_abs(), tenths(height).unsigned_abs());
        let root = Canvas::new(Rc::clone(&out), size).into_drawing_area();
        let body = Area { left: MARGIN, top, right: width - MARGIN, bottom };
        let sheet = Self {
            out,
            root,
            width,
            height,
            title: heading.title.clone(),
            body,
            taken: RefCell::default(),
            curves: RefCell::default(),
        };

        sheet.rectangle(Area { left: 0.0, top: 0.0, right: width, bottom: height }, Ink::new(Role::PAPER));
        for (line, at) in title.iter().zip(1u32..) {
            sheet.bold(MARGIN, 2.0 + 20.0 * f64::from(at), line, TITLE, Ink::new(Role::INK));
        }
        for (key, (row, x)) in keys.iter().zip(places) {
            sheet.key(key, MARGIN + x, legend + 18.0 * row as f64 + 12.0);
        }
        for (line, at) in notes.iter().zip(0u32..) {
            let y = bottom + below + 15.0 * f64::from(at) + 6.0;
            sheet.text(MARGIN, y, line, NOTE, Anchor::Start, Ink::new(Role::MUTED));
        }
        sheet
    }

    fn key(&self, key: &Key, x: f64, y: f64) {
        let (from, to, middle) = (x, x + KEY - 6.0, x + (KEY - 6.0) / 2.0);
        match key.look {
            Look::Line(shape) => {
                self.path(&[(from, y - 4.0), (to, y - 4.0)], key.ink, LINE);
                if let Some(shape) = shape {
                    self.mark(middle, y - 4.0, shape, key.ink);
                }
            }
            Look::Area => {
                self.rectangle(Area { left: from, top: y - 9.0, right: to, bottom: y }, key.ink.opacity(FILL));
                self.path(&[(from, y - 9.0), (to, y - 9.0)], key.ink, LINE);
            }
            Look::Band => {
                self.rectangle(Area { left: from, top: y - 9.0, right: to, bottom: y + 1.0 }, key.ink.opacity(BAND));
            }
            Look::Below => self.arrow_down(middle, y - 9.0, y + 2.0, key.ink),
            Look::LeftOf => self.arrow_left(to, from + 6.0, y - 4.0, key.ink),
        }
        let name = text::cut(&key.name, LABEL, self.body.right - MARGIN - KEY);
        self.text(x + KEY, y, &name, LABEL, Anchor::Start, Ink::new(Role::INK));
    }

    /// Where the axes of a figure's only panel go.
    pub(super) fn area(&self) -> Area {
        let Area { left, top, right, bottom } = self.body;
        Area { left: left + 46.0, top: top + 22.0, right: right - 6.0, bottom: bottom - 40.0 }
    }

    /// The finished figure; `description` says in words what is drawn, nothing when there is nothing to draw.
    pub(super) fn finish(self, description: &str) -> String {
        let description = if description.is_empty() { NOTHING } else { description };
        if description == NOTHING {
            let Area { left, top, right, bottom } = self.body;
            let (x, y) = (f64::midpoint(left, right), top + (bottom - top) * 0.36);
            self.text(x, y, NOTHING, LABEL, Anchor::Middle, Ink::new(Role::INK).halo());
        }
        let Self { out, root, width, height, title, .. } = self;
        drop(root);
        let (width, height) = (width.ceil(), height.ceil());
        let (title, description) = (xml(&title), xml(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{title}\" font-family=\"{FAMILY}\">\n<title>{title}</title>\n<desc>{description}</desc>\n\
             {}</svg>\n",
            out.borrow()
        )
    }

    pub(super) fn text(&self, x: f64, y: f64, text: &str, size: f64, anchor: Anchor, ink: Ink) {
        let style = style(size, anchor, ink);
        draw(&self.root, &Text::new(text, (tenths(x), tenths(y)), style));
    }

    fn bold(&self, x: f64, y: f64, text: &str, size: f64, ink: Ink) {
        let mut style = style(size, Anchor::Start, ink);
        style.font = style.font.style(FontStyle::Bold);
        draw(&self.root, &Text::new(text, (tenths(x), tenths(y)), style));
    }

    /// A tooltip for the shape that is drawn next.
    pub(super) fn tip(&self, text: &str) {
        self.text(0.0, 0.0, text, NOTE, Anchor::Start, Ink::tip());
    }

    pub(super) fn rectangle(&self, area: Area, ink: Ink) {
        let corners = [(tenths(area.left), tenths(area.top)), (tenths(area.right), tenths(area.bottom))];
        draw(&self.root, &Rectangle::new(corners, ink.area()));
    }

    pub(super) fn path(&self, points: &[(f64, f64)], ink: Ink, width: u32) {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (tenths(*x), tenths(*y))).collect();
        if points.len() > 1 {
            draw(&self.root, &PathElement::new(points, ink.line(width)));
        }
    }

    pub(super) fn polygon(&self, points: &[(f64, f64)], ink: Ink) {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (tenths(*x), tenths(*y))).collect();
        if points.len() > 2 {
            draw(&self.root, &Polygon::new(points, ink.area()));
        }
    }

    /// A mark of a series.
    pub(super) fn mark(&self, x: f64, y: f64, shape: Shape, ink: Ink) {
        let solid = Ink { dash: 0, ..ink };
        let around = |r: f64, corners: &[(f64, f64)]| -> Vec<(f64, f64)> {
            corners.iter().map(|(dx, dy)| (x + r * dx, y + r * dy)).collect()
        };
        match shape {
            Shape::Circle => draw(&self.root, &Circle::new((tenths(x), tenths(y)), 32, solid.area())),
            Shape::Ring => {
                draw(&self.root, &Circle::new((tenths(x), tenths(y)), 34, Ink::new(Role::PAPER).area()));
                draw(&self.root, &Circle::new((tenths(x), tenths(y)), 34, solid.line(LINE)));
            }
            Shape::Square => {
                self.polygon(&around(3.0, &[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]), solid);
            }
            Shape::Triangle => self.polygon(&around(4.2, &[(0.0, -1.0), (0.9, 0.7), (-0.9, 0.7)]), solid),
            Shape::Diamond => self.polygon(&around(4.4, &[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]), solid),
            Shape::Cross => {
                self.path(&around(3.4, &[(-1.0, -1.0), (1.0, 1.0)]), solid, 18);
                self.path(&around(3.4, &[(-1.0, 1.0), (1.0, -1.0)]), solid, 18);
            }
        }
    }

    /// A bound from above: a bar at it and an arrow that says that the truth lies below.
    pub(super) fn arrow_down(&self, x: f64, from: f64, to: f64, ink: Ink) {
        let solid = Ink { dash: 0, ..ink };
        self.path(&[(x, from), (x, to)], solid, 12);
        self.path(&[(x - 3.0, to - 4.0), (x, to), (x + 3.0, to - 4.0)], solid, 12);
        self.path(&[(x - 4.0, from), (x + 4.0, from)], solid, 18);
    }

    /// The same towards the left.
    pub(super) fn arrow_left(&self, from: f64, to: f64, y: f64, ink: Ink) {
        let solid = Ink { dash: 0, ..ink };
        self.path(&[(from, y), (to, y)], solid, 12);
        self.path(&[(to + 4.0, y - 3.0), (to, y), (to + 4.0, y + 3.0)], solid, 12);
        self.path(&[(from, y - 4.0), (from, y + 4.0)], solid, 18);
    }

    /// Writes a text at the first of some places that is within `within` and free, even of curves if there is such a
    /// place; nothing if there is none. Returns the place.
    pub(super) fn place(
        &self,
        text: &str,
        size: f64,
        places: &[(f64, f64, Anchor)],
        within: Area,
        ink: Ink,
    ) -> Option<(f64, f64, Anchor)> {
        let width = text::width(text, size);
        let area = |(x, y, anchor): &(f64, f64, Anchor)| {
            let left = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            Area { left, top: y - size * 0.8, right: left + width, bottom: y + size * 0.25 }
        };
        let free = |place: &&(f64, f64, Anchor)| {
            let area = area(place);
            area.within(&within) && !self.taken.borrow().iter().any(|taken| taken.touches(&area))
        };
        let beside = |place: &&(f64, f64, Anchor)| {
            let area = area(place);
            !self.curves.borrow().iter().any(|point| area.holds(*point))
        };
        let place = places.iter().filter(free).find(beside).or_else(|| places.iter().find(free))?;
        let (x, y, anchor) = *place;
        self.text(x, y, text, size, anchor, ink.halo());
        self.taken.borrow_mut().push(area(place));
        Some(*place)
    }

    /// Has texts avoid a line, by points that lie as close on it as letters.
    pub(super) fn avoid(&self, line: &[(f64, f64)]) {
        let mut curves = self.curves.borrow_mut();
        for pair in line.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let steps = ((x1 - x0).hypot(y1 - y0) / 4.0).clamp(1.0, 1000.0).ceil();
            curves.extend(
                (0..=steps as u32).map(|n| f64::from(n) / steps).map(|t| (x0 + t * (x1 - x0), y0 + t * (y1 - y0))),
            );
        }
    }
}

/// Of most figures, in units of their view box.
pub(super) const WIDTH: f64 = 540.0;
/// Left and right of everything.
pub(super) const MARGIN: f64 = 10.0;
/// Sizes of texts.
pub(super) const TITLE: f64 = 15.0;
pub(super) const LABEL: f64 = 12.5;
pub(super) const TICK: f64 = 12.0;
pub(super) const NOTE: f64 = 11.5;
/// The line of a series, in tenths.
pub(super) const LINE: u32 = 18;
/// What an empty figure says.
const NOTHING: &str = "Nothing was measured.";
/// How much wider bold letters are.
const BOLD: f64 = 1.2;
/// How dense an area and a band are.
pub(super) const FILL: f64 = 0.3;
pub(super) const BAND: f64 = 0.2;
/// The width of the picture of a key, and of the space after it.
const KEY: f64 = 34.0;

const FAMILY: &str = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

fn style(size: f64, anchor: Anchor, ink: Ink) -> TextStyle<'static> {
    let anchor = match anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    TextStyle {
        font: ("sans-serif", size * 10.0).into_font(),
        color: ink.to_backend_color(),
        pos: Pos::new(anchor, VPos::Bottom),
    }
}

/// Draws an element; nothing that is drawn on a string can fail.
pub(super) fn draw<'a, CT, E>(area: &DrawingArea<Canvas, CT>, element: &'a E)
where
    CT: CoordTranslate,
    &'a E: PointCollection<'a, CT::From>,
    E: Drawable<Canvas>,
{
    area.draw(element).expect("a string takes all that is written to it");
}

/// The rows and places of a legend's entries, in lines of `limit` units.
fn flow(keys: &[Key], limit: f64) -> (usize, Vec<(usize, f64)>) {
    let (mut row, mut x) = (0, 0.0);
    let places = keys
        .iter()
        .map(|key| {
            let width = KEY + text::width(&key.name, LABEL).min(limit - KEY);
            if x > 0.0 && x + width > limit {
                (row, x) = (row + 1, 0.0);
            }
            let place = (row, x);
            x += width + 16.0;
            place
        })
        .collect();
    (if keys.is_empty() { 0 } else { row + 1 }, places)
}

/// Tenths of a unit, the pixels of the canvas; within what can be drawn, whatever the numbers.
pub(super) fn tenths(units: f64) -> i32 {
    (units * 10.0).round().clamp(-1e7, 1e7) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legend_takes_as_many_rows_as_it_needs() {
        let key = Key::new("a series with a name", Ink::series(0), Look::Area);
        assert_eq!(flow(&[], 600.0), (0, vec![]));
        assert_eq!(flow(&vec![key; 5], 600.0).0, 2);
    }
}
