//! A pair of axes and what is drawn between them.
use std::ops::Range;

use plotters::{
    coord::types::RangedCoordf64,
    element::PathElement,
    prelude::{Cartesian2d, DrawingArea},
};

use super::{
    axis::Axis,
    canvas::Canvas,
    ink::{Ink, Role},
    sheet::{Anchor, Area, BAND, LABEL, MARGIN, NOTE, Shape, Sheet, TICK, draw, tenths},
    text,
};

impl Sheet {
    /// A panel with its grid and what is written along its axes; `area` is within the axes.
    pub(super) fn panel(&self, area: Area, x: Axis, y: Axis) -> Panel<'_> {
        let pixels = (tenths(area.left)..tenths(area.right), tenths(area.bottom)..tenths(area.top));
        let plane = Cartesian2d::new::<RangedCoordf64, RangedCoordf64>(x.range().into(), y.range().into(), pixels);
        let panel = Panel { sheet: self, area, x, y, plane: self.root.apply_coord_spec(plane) };
        panel.draw_axes();
        panel
    }
}

/// A pair of axes and what is drawn between them.
pub(super) struct Panel<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) area: Area,
    x: Axis,
    y: Axis,
    plane: DrawingArea<Canvas, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
}

impl Panel<'_> {
    fn draw_axes(&self) {
        let (xs, ys) = (self.x.range(), self.y.range());
        let grid = Ink::new(Role::GRID);
        for x in &self.x.minor {
            self.polyline(&[(*x, ys.start), (*x, ys.end)], grid.opacity(0.6), 6);
        }
        for y in &self.y.minor {
            self.polyline(&[(xs.start, *y), (xs.end, *y)], grid.opacity(0.6), 6);
        }
        let (ink, muted) = (Ink::new(Role::INK), Ink::new(Role::MUTED));
        let mut free = f64::NEG_INFINITY;
        for (x, label) in &self.x.ticks {
            self.polyline(&[(*x, ys.start), (*x, ys.end)], grid, 10);
            let (at, half) = (self.pixel(*x, ys.start).0, text::width(label, TICK) / 2.0);
            if at - half > free && at + half < self.sheet.width + 2.0 {
                self.sheet.text(at, self.area.bottom + 15.0, label, TICK, Anchor::Middle, ink);
                free = at + half + 5.0;
            }
        }
        let mut free = f64::INFINITY;
        for (y, label) in &self.y.ticks {
            self.polyline(&[(xs.start, *y), (xs.end, *y)], grid, 10);
            let at = self.pixel(xs.start, *y).1;
            if at < free {
                self.sheet.text(self.area.left - 6.0, at + 4.0, label, TICK, Anchor::End, ink);
                free = at - 13.0;
            }
        }
        self.polyline(&[(xs.start, ys.end), (xs.start, ys.start), (xs.end, ys.start)], muted, 10);
        let whole = self.sheet.body;
        let label = text::cut(&self.x.label, LABEL, whole.right - whole.left);
        let half = text::width(&label, LABEL) / 2.0;
        let middle = f64::midpoint(self.area.left, self.area.right).min(whole.right - half).max(whole.left + half);
        self.sheet.text(middle, self.area.bottom + 32.0, &label, LABEL, Anchor::Middle, ink);
        self.sheet.text(MARGIN, self.area.top - 9.0, &self.y.label, LABEL, Anchor::Start, ink);
    }

    /// Where a place on both axes is drawn.
    fn pixel(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = self.plane.map_coordinate(&(x, y));
        (f64::from(x) / 10.0, f64::from(y) / 10.0)
    }

    /// Where a point is drawn; none when it has no place on the axes or lies beyond them.
    pub(super) fn at(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (x, y) = (self.x.place(x)?, self.y.place(y)?);
        (within(&self.x, x) && within(&self.y, y)).then(|| self.pixel(x, y))
    }

    /// Where a point is drawn, or the edge beyond which it lies.
    pub(super) fn edge(&self, x: f64, y: f64) -> (f64, f64) {
        self.pixel(self.x.edge(x), self.y.edge(y))
    }

    /// A line through points; it is interrupted where a point has no place, and cut at the edges.
    pub(super) fn line(&self, points: &[(f64, f64)], ink: Ink, width: u32) {
        let (xs, ys) = (self.x.range(), self.y.range());
        let mut run: Vec<(f64, f64)> = Vec::new();
        let mut before: Option<(f64, f64)> = None;
        for (x, y) in points {
            let here = self.x.place(*x).zip(self.y.place(*y));
            let piece = before.zip(here).and_then(|(from, to)| clip(from, to, &xs, &ys));
            match piece {
                Some((from, to)) => {
                    if run.last() != Some(&from) {
                        self.curve(&std::mem::take(&mut run), ink, width);
                        run.push(from);
                    }
                    run.push(to);
                }
                None => self.curve(&std::mem::take(&mut run), ink, width),
            }
            before = here;
        }
        self.curve(&run, ink, width);
    }

    /// The area between a lower and an upper bound: `(x, low, high)`; a bound without a place is at the edge.
    pub(super) fn band(&self, points: &[(f64, f64, f64)], ink: Ink) {
        let points: Vec<_> = points.iter().filter(|(x, _, _)| self.x.place(*x).is_some()).collect();
        let upper = points.iter().map(|(x, _, high)| self.edge(*x, *high));
        let lower = points.iter().rev().map(|(x, low, _)| self.edge(*x, *low));
        if points.len() > 1 {
            self.sheet.polygon(&upper.chain(lower).collect::<Vec<_>>(), ink.opacity(BAND));
        }
    }

    /// Marks at the points that have a place.
    pub(super) fn marks(&self, points: impl IntoIterator<Item = (f64, f64)>, shape: Shape, ink: Ink) {
        for (x, y) in points {
            if let Some((x, y)) = self.at(x, y) {
                self.sheet.mark(x, y, shape, ink);
            }
        }
    }

    /// A line across the panel at a value of the horizontal axis, with a text at its upper end.
    pub(super) fn upright(&self, at: f64, label: &str, ink: Ink) {
        let Some((x, _)) = self.x.place(at).filter(|x| within(&self.x, *x)).map(|x| self.pixel(x, self.y.range().end))
        else {
            return;
        };
        let Area { top, bottom, .. } = self.area;
        self.sheet.path(&[(x, top), (x, bottom)], ink, 12);
        self.sheet.avoid(&[(x, top), (x, bottom)]);
        let places: Vec<_> = (1..16)
            .map(|row| top + 13.0 * f64::from(row))
            .take_while(|y| *y < bottom)
            .flat_map(|y| [(x + 4.0, y, Anchor::Start), (x - 4.0, y, Anchor::End)])
            .collect();
        self.sheet.place(label, NOTE, &places, self.area, Ink { dash: 0, ..ink });
    }

    /// A line across the panel at a value of the vertical axis, with a text at one end of it.
    pub(super) fn level(&self, at: f64, label: &str, ink: Ink) {
        let Some((_, y)) =
            self.y.place(at).filter(|y| within(&self.y, *y)).map(|y| self.pixel(self.x.range().start, y))
        else {
            return;
        };
        let Area { left, right, .. } = self.area;
        self.sheet.path(&[(left, y), (right, y)], ink, 12);
        let places: Vec<_> = (0..24)
            .map(|step| right - 4.0 - 20.0 * f64::from(step))
            .take_while(|x| *x > left)
            .flat_map(|x| [(x, y - 4.0, Anchor::End), (x, y + 12.0, Anchor::End)])
            .collect();
        self.sheet.place(label, NOTE, &places, self.area, ink);
    }

    /// A text beside a point, where there is room; with a thin line to it when it is not close.
    pub(super) fn label(&self, x: f64, y: f64, text: &str, ink: Ink) {
        let (x, y) = self.edge(x, y);
        let mut places = Vec::new();
        for far in [0.0, 8.0, 16.0] {
            places.extend([
                (x + 6.0 + far, y + 13.0 + far, Anchor::Start),
                (x - 6.0 - far, y - 5.0 - far, Anchor::End),
                (x + 7.0 + far, y + 4.0, Anchor::Start),
                (x - 7.0 - far, y + 4.0, Anchor::End),
                (x, y - 8.0 - far, Anchor::Middle),
                (x, y + 16.0 + far, Anchor::Middle),
            ]);
        }
        let near = places[..6].to_vec();
        let placed = self.sheet.place(text, NOTE, &places, self.area, ink);
        if let Some((end, base, _)) = placed.filter(|place| !near.contains(place)) {
            let middle = base - NOTE * 0.3;
            let (dx, dy) = (end - x, middle - y);
            let length = dx.hypot(dy).max(1.0);
            let at = |t: f64| (x + dx * t / length, y + dy * t / length);
            let (line, rest) = (Ink { dash: 0, ..ink }, if dx == 0.0 { 6.0 } else { 2.0 });
            self.sheet.path(&[at(5.0), at((length - rest).max(5.0))], line, 8);
        }
    }

    /// Keeps texts away from a place where a mark is.
    pub(super) fn keep_free(&self, x: f64, y: f64) {
        let (x, y) = self.edge(x, y);
        self.sheet.taken.borrow_mut().push(Area { left: x - 4.0, top: y - 4.0, right: x + 4.0, bottom: y + 4.0 });
    }

    /// A piece of a line, which texts avoid.
    fn curve(&self, places: &[(f64, f64)], ink: Ink, width: u32) {
        self.polyline(places, ink, width);
        self.sheet.avoid(&places.iter().map(|(x, y)| self.pixel(*x, *y)).collect::<Vec<_>>());
    }

    fn polyline(&self, places: &[(f64, f64)], ink: Ink, width: u32) {
        if places.len() > 1 {
            draw(&self.plane, &PathElement::new(places.to_vec(), ink.line(width)));
        }
    }
}

fn within(axis: &Axis, place: f64) -> bool {
    let (range, room) = (axis.range(), (axis.range().end - axis.range().start) * 1e-9);
    place >= range.start - room && place <= range.end + room
}

/// The part of a piece of line that lies within the ranges (Liang and Barsky 1984).
fn clip(from: (f64, f64), to: (f64, f64), xs: &Range<f64>, ys: &Range<f64>) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (p, q) in [(-dx, from.0 - xs.start), (dx, xs.end - from.0), (-dy, from.1 - ys.start), (dy, ys.end - from.1)] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    let point = |t: f64| match t {
        0.0 => from,
        1.0 => to,
        t => (from.0 + t * dx, from.1 + t * dy),
    };
    (enter <= leave).then(|| (point(enter), point(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_edges() {
        let (xs, ys) = (0.0..10.0, 0.0..10.0);
        assert_eq!(clip((1.0, 1.0), (2.0, 2.0), &xs, &ys), Some(((1.0, 1.0), (2.0, 2.0))));
        assert_eq!(clip((5.0, 5.0), (5.0, -5.0), &xs, &ys), Some(((5.0, 5.0), (5.0, 0.0))));
        assert_eq!(clip((11.0, 1.0), (12.0, 2.0), &xs, &ys), None);
        assert_eq!(clip((3.0, 3.0), (3.0, 3.0), &xs, &ys), Some(((3.0, 3.0), (3.0, 3.0))));
    }
}
