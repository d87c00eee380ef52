//! The colours, each by its part in a figure, in a light and a dark theme.
//!
//! Series take the colours of Okabe and Ito ("Color Universal Design", 2008), darker ones on white and lighter ones on
//! black, and never by colour alone: each has its own dash and marker too. The cells of the heat map are `cividis`
//! (Nuñez, Anderton and Renslow, PLOS ONE 2018), the same in both themes.
use plotters::style::{Color, ShapeStyle};
use plotters_backend::BackendColor;

/// A part of a figure: a row of [`ROLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role(u8);

impl Role {
    /// Text and axes.
    pub(super) const INK: Self = Self(0);
    /// Text of less weight, and lines for reference.
    pub(super) const MUTED: Self = Self(1);
    /// The lines of the grid.
    pub(super) const GRID: Self = Self(2);
    /// What is drawn on.
    pub(super) const PAPER: Self = Self(3);
    /// Text on a dark cell of the heat map.
    pub(super) const ON_DARK: Self = Self(10);
    /// Text on a light one.
    pub(super) const ON_LIGHT: Self = Self(11);

    /// Of the `n`-th series; past six they begin again.
    pub(super) fn series(n: usize) -> Self {
        Self(4 + (n % SERIES) as u8)
    }

    /// Of a cell of the heat map, by its step from 0 to 9.
    pub(super) fn heat(step: usize) -> Self {
        Self(12 + step.min(9) as u8)
    }

    fn row(self) -> &'static Row {
        ROLES.get(usize::from(self.0)).unwrap_or(&ROLES[0])
    }

    /// Its name in class attributes; none when both themes have the same colour.
    pub(super) fn class(self) -> Option<&'static str> {
        let row = self.row();
        (row.light != row.dark).then_some(row.name)
    }

    /// Its colour on white.
    pub(super) fn light(self) -> &'static str {
        self.row().light
    }
}

/// What a line, an area or a text is drawn with.
///
/// The library passes colours on to the backend as three bytes: here they are not red, green and blue but the role, the
/// dash, and whether a text is [`Ink::halo`] or [`Ink::tip`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub(super) role: Role,
    pub(super) dash: u8,
    pub(super) kind: u8,
    pub(super) opacity: f64,
}

impl Ink {
    pub(super) fn new(role: Role) -> Self {
        Self { role, dash: 0, kind: 0, opacity: 1.0 }
    }

    /// The `n`-th series, with its dash.
    pub(super) fn series(n: usize) -> Self {
        Self::new(Role::series(n)).dashed(n % DASHES.len())
    }

    /// With the `n`-th dash of [`DASHES`].
    pub(super) fn dashed(self, n: usize) -> Self {
        Self { dash: (n % DASHES.len()) as u8, ..self }
    }

    pub(super) fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// A text with a rim of paper around it, for where it crosses lines.
    pub(super) fn halo(self) -> Self {
        Self { kind: HALO, ..self }
    }

    /// A text that is not drawn but becomes the tooltip of the shape that is drawn next.
    pub(super) fn tip() -> Self {
        Self { kind: TIP, ..Self::new(Role::INK) }
    }

    /// A line of `width` tenths of a unit.
    pub(super) fn line(self, width: u32) -> ShapeStyle {
        ShapeStyle { color: self.to_rgba(), filled: false, stroke_width: width }
    }

    /// An area.
    pub(super) fn area(self) -> ShapeStyle {
        ShapeStyle { color: self.to_rgba(), filled: true, stroke_width: 0 }
    }

    /// The ink behind the colour that the library hands to the backend.
    pub(super) fn of(color: BackendColor) -> Self {
        let (role, dash, kind) = color.rgb;
        Self { role: Role(role), dash, kind, opacity: color.alpha }
    }

    /// The dash as SVG writes it; none when the line is drawn through.
    pub(super) fn dash_array(self) -> Option<&'static str> {
        DASHES.get(usize::from(self.dash)).copied().filter(|dash| !dash.is_empty())
    }
}

impl Color for Ink {
    fn to_backend_color(&self) -> BackendColor {
        BackendColor { rgb: (self.role.0, self.dash, self.kind), alpha: self.opacity }
    }
}

/// The rules that give figures the colours of a dark theme, where the reader prefers one; for the page that they stand
/// in. Without it they are in the colours of the light theme.
pub fn style() -> String {
    let mut css = String::from("@media screen and (prefers-color-scheme:dark){");
    for row in ROLES.iter().filter(|row| row.light != row.dark) {
        let Row { name, dark, .. } = row;
        css.push_str(&format!(".plot .f-{name}{{fill:{dark}}}.plot .s-{name}{{stroke:{dark}}}"));
    }
    css.push('}');
    css
}

/// Kinds of text, see [`Ink`].
pub(super) const HALO: u8 = 1;
pub(super) const TIP: u8 = 2;

/// The dashes of the series, in turn.
pub(super) const DASHES: [&str; 6] = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4"];

/// How many colours the series have.
const SERIES: usize = 6;

struct Row {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn row(name: &'static str, light: &'static str, dark: &'static str) -> Row {
    Row { name, light, dark }
}

const ROLES: [Row; 22] = [
    row("ink", "#1a1a1a", "#ececec"),
    row("muted", "#595959", "#a8adb5"),
    row("grid", "#dfdfdf", "#363b43"),
    row("paper", "#ffffff", "#16181d"),
    row("a", "#0072b2", "#56b4e9"), // blue, sky blue
    row("b", "#c65300", "#e69f00"), // vermilion, orange
    row("c", "#00805d", "#2dc79b"), // bluish green
    row("d", "#a8487c", "#dd9cc0"), // reddish purple
    row("e", "#7a6000", "#f0e442"), // yellow
    row("f", "#4a4a4a", "#c9c9c9"), // black, grey
    row("on-dark", "#ffffff", "#ffffff"),
    row("on-light", "#111111", "#111111"),
    row("heat-0", "#00224e", "#00224e"),
    row("heat-1", "#123570", "#123570"),
    row("heat-2", "#3b496c", "#3b496c"),
    row("heat-3", "#575d6d", "#575d6d"),
    row("heat-4", "#707173", "#707173"),
    row("heat-5", "#8a8678", "#8a8678"),
    row("heat-6", "#a59c74", "#a59c74"),
    row("heat-7", "#c3b369", "#c3b369"),
    row("heat-8", "#e1cc55", "#e1cc55"),
    row("heat-9", "#fee838", "#fee838"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, "relative luminance" and "contrast ratio".
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_and_lines_stand_out_from_the_paper_in_both_themes() {
        let paper = &ROLES[3];
        for row in &ROLES[..10] {
            let at_least = match row.name {
                "ink" | "muted" | "a" | "b" | "c" | "d" | "e" | "f" => 4.5,
                _ => continue,
            };
            assert!(contrast(row.light, paper.light) >= at_least, "{} on white", row.name);
            assert!(contrast(row.dark, paper.dark) >= at_least, "{} on black", row.name);
        }
    }

    #[test]
    fn the_number_in_a_cell_of_the_heat_map_stands_out() {
        for step in 0..10 {
            let text = if super::super::heat::on_dark(step) { Role::ON_DARK } else { Role::ON_LIGHT };
            assert!(contrast(text.light(), Role::heat(step).light()) >= 4.5, "step {step}");
        }
    }

    #[test]
    fn an_ink_passes_through_the_library_unchanged() {
        let ink = Ink::series(3).opacity(0.25).halo();
        assert_eq!(Ink::of(ink.line(15).color.to_backend_color()), ink);
    }
}
