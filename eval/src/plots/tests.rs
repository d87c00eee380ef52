//! Every figure, with made-up numbers of every kind.
use quick_xml::{Reader, events::Event};
use resvg::tiny_skia::Pixmap;

use super::*;
use crate::report::Data;

/// A figure of each kind with plausible numbers: name, SVG and data.
pub(crate) fn examples() -> Vec<(&'static str, String, Data)> {
    let thresholds = || vec![Mark { at: 31.0, label: "threshold 31".into() }];
    let bump = |middle: f64, spread: f64, size: f64| -> Vec<u64> {
        (0..=256u32)
            .map(|d| {
                let even = if d % 2 == 0 { 1.0 } else { 0.06 };
                let z = (f64::from(d) - middle) / spread;
                (size * even * (-z * z / 2.0).exp()) as u64
            })
            .collect()
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let histogram_input = Histogram {
        matches: add(bump(6.0, 9.0, 4000.0), bump(110.0, 25.0, 30.0)),
        others: add(bump(127.7, 8.8, 3.6e6), bump(40.0, 26.0, 40.0)),
        bin: 2,
        thresholds: thresholds(),
    };

    let estimate = |seen: u64, of: u64| {
        let rate = seen as f64 / of as f64;
        let half = 1.96 * (seen as f64).sqrt() / of as f64;
        let upper = if seen == 0 { 3.0 / of as f64 } else { rate + half * 0.85 };
        let high = if seen == 0 { 3.7 / of as f64 } else { rate + half };
        Estimate { seen, of, rate, low: (rate - half).max(rate / 4.0), high, upper }
    };
    let curve = |name: &str, scale: f64, n: u64| FalseRate {
        name: name.into(),
        points: (0..=64u16)
            .step_by(2)
            .map(|threshold| RatePoint {
                threshold,
                estimate: estimate(((f64::from(threshold) / scale).exp() - 1.8).max(0.0) as u64, n),
            })
            .collect(),
    };
    let fpr_input = FalseRates {
        curves: vec![curve("quality 50 and better", 9.5, 8607), curve("all pictures", 8.0, 8755)],
        per: "picture".into(),
        floor: Some(Mark { at: 3.0 / 8607.0, label: "3 / n: the least that 8,607 pictures can show".into() }),
        thresholds: thresholds(),
    };

    let detection = |name: &str, better: f64| DetectionCurve {
        name: name.into(),
        points: (0..=90u16)
            .step_by(2)
            .map(|threshold| {
                let t = f64::from(threshold);
                let seen = (2e-7 * ((t / (9.0 * better)).exp() - 1.5).max(0.0) * 3.7e7) as u64;
                let of = 3.7e7;
                DetectionPoint {
                    threshold,
                    false_rate: seen as f64 / of,
                    false_upper: if seen == 0 { 3.0 / of } else { seen as f64 * 1.3 / of },
                    recall: 1.0 - 0.5 * (-t / 14.0 * better).exp() - 0.06,
                }
            })
            .collect(),
    };
    let detection_input = Detection {
        curves: vec![detection("pdq", 1.2), detection("phash", 1.0), detection("dhash", 0.8)],
        thresholds: vec![8, 16, 24, 30, 64],
        per: "pair".into(),
    };

    let size_curve = |name: &str, p: f64| SizeCurve {
        name: name.into(),
        measured: (0..24)
            .map(|n| 8607f64.powf(f64::from(n) / 23.0))
            .map(|entries| {
                let rate = 1.0 - (1.0 + p * entries / 0.05).powf(-0.05);
                if rate < 1e-5 {
                    return SizePoint { entries, rate: 0.0, low: 0.0, high: 4e-5 };
                }
                SizePoint { entries, rate, low: rate * 0.7, high: (rate * 1.35).min(1.0) }
            })
            .collect(),
        naive: (0..30)
            .map(|n| 1e6f64.powf(f64::from(n) / 29.0))
            .map(|entries| (entries, -((-p).ln_1p() * entries).exp_m1()))
            .collect(),
        model: (0..12)
            .map(|n| 8607.0 * 116f64.powf(f64::from(n) / 11.0))
            .map(|entries| {
                let rate = 1.0 - (1.0 + p * entries / 0.05).powf(-0.05);
                SizePoint { entries, rate, low: rate * 0.5, high: (rate * 1.6).min(1.0) }
            })
            .collect(),
    };
    let size_input = SetSize {
        curves: vec![size_curve("threshold 31", 4.1e-5), size_curve("threshold 16", 2e-6)],
        bands: "95 % interval".into(),
    };

    let families = [
        "JPEG quality",
        "three generations of JPEG",
        "WebP",
        "resize (long edge)",
        "upscale",
        "aspect ratio",
        "Signal",
        "Telegram",
        "WhatsApp-like sweep",
        "crop, centre",
        "crop, one side",
        "border",
        "rotation",
        "dihedral",
        "brightness",
        "contrast",
        "gamma",
        "saturation",
        "blur",
        "noise",
        "caption",
        "watermark",
        "logo or emoji",
        "screenshot frame",
        "collage",
    ];
    let heat_input = HeatMap {
        rows: families
            .iter()
            .zip(0u32..)
            .map(|(name, row)| HeatRow {
                name: (*name).into(),
                cells: (0..2 + (row * 7 + 4) % 8)
                    .map(|column| {
                        let recall = (1.0 - 0.002 * f64::from(row * column * column)).clamp(0.0, 1.0);
                        let of = if row == 7 && column == 2 { 0 } else { 412 };
                        let found = (recall * of as f64) as u64;
                        HeatCell {
                            strength: if row == 8 {
                                format!("{} px q 75", 1600 + column)
                            } else {
                                format!("q {column}0")
                            },
                            found,
                            of,
                            low: (recall - 0.03).max(0.0),
                            high: (recall + 0.02).min(1.0),
                        }
                    })
                    .collect(),
            })
            .collect(),
    };

    let stratum = |name: &str, seen: u64, of: u64| Stratum { name: name.into(), estimate: estimate(seen, of) };
    let forest_input = Forest {
        strata: vec![
            stratum("photo", 3, 4120),
            stratum("graphic", 420, 2250),
            stratum("document", 0, 310),
            stratum("screenshot", 12, 640),
            stratum("meme", 31, 1100),
            stratum("flat", 96, 148),
        ],
        total: Some(stratum("weighted by the mix", 562, 8568)),
        label: "false positive rate per picture (log scale)".into(),
        intervals: "95 % intervals, Bonferroni over 6 strata".into(),
    };

    let lorenz = |name: &str, power: f64, some: f64| HubCurve {
        name: name.into(),
        points: (1..=60)
            .map(|n| f64::from(n) / 60.0)
            .map(|x| (x * x * some, 1.0 - (1.0 - x * x).powf(power)))
            .chain([(1.0, 1.0)])
            .collect(),
    };
    let hubs_input = Hubs {
        curves: vec![lorenz("pictures looked up", 3.0, 0.14), lorenz("entries of the set", 2.0, 0.3)],
        shares: vec![0.01, 0.1],
    };

    let account_curve = |name: &str, slope: f64| AccountCurve {
        name: name.into(),
        points: (1..=30u64).map(|t| (t, (0.1f64 * (-(t as f64) * slope).exp()).min(1.0))).collect(),
    };
    let account_input = Account {
        curves: vec![
            account_curve("binomial (all independent)", 4.6),
            account_curve("beta-binomial, ρ = 0.001", 0.16),
            account_curve("compound Poisson, bursts of 10", 0.2),
        ],
        thresholds: vec![Mark { at: 10.0, label: "10 matches".into() }],
        target: Some(Mark { at: 1e-9, label: "one account in 1e9".into() }),
    };

    let radii_input = Radii {
        points: (0..=16u16)
            .map(|n| {
                let recall = 1.0 - 0.6 * (-f64::from(n) / 4.0).exp();
                let bits = 120.0 - 6.0 * f64::from(n);
                RadiusPoint { radius: n * 2, recall, low: recall - 0.04, high: (recall + 0.03).min(1.0), bits }
            })
            .collect(),
        marks: vec![Mark { at: 16.0, label: "in use".into() }],
    };

    let heading = |title: &str| Heading {
        title: title.into(),
        notes: vec!["Made-up numbers. The corpus is not adjudicated: near-duplicates may count as false.".into()],
    };
    vec![
        (
            "histogram",
            histogram(&heading("Distances of match and non-match pairs"), &histogram_input),
            histogram_input.data("distances"),
        ),
        ("roc", roc(&heading("Recall against false positives"), &detection_input), detection_input.data("roc")),
        ("det", det(&heading("Detection error trade-off"), &detection_input), detection_input.data("det")),
        ("fpr", fpr(&heading("False positives per picture against the threshold"), &fpr_input), fpr_input.data("fpr")),
        ("fpir", fpir(&heading("False positives against the size of the set"), &size_input), size_input.data("fpir")),
        (
            "heat",
            heat(&heading("Recall under ordinary edits, pdq at threshold 31"), &heat_input),
            heat_input.data("heat"),
        ),
        ("forest", forest(&heading("False positives by stratum"), &forest_input), forest_input.data("strata")),
        ("hubs", hubs(&heading("A few pictures carry most false matches"), &hubs_input), hubs_input.data("hubs")),
        (
            "account",
            account(&heading("False matches of an account with 100,000 pictures"), &account_input),
            account_input.data("account"),
        ),
        ("radius", radius(&heading("What the radius of a sealed set costs"), &radii_input), radii_input.data("radius")),
    ]
}

/// A figure of more curves, marks and words than fit well.
fn crowded() -> Vec<String> {
    let long = "a name that is rather longer than anybody would like a name in a legend to be, which happens";
    let heading = Heading { title: [long; 3].join(" "), notes: vec![[long; 4].join(" "), long.into()] };
    let names = ["pdq", long, "dhash", "ahash", "median", "block", "seventh", "eighth"];
    let points = |n: usize| -> Vec<DetectionPoint> {
        let point = |threshold: u16| DetectionPoint {
            threshold,
            false_rate: if threshold < 16 { 0.0 } else { 1e-7 * 1.3f64.powi(threshold.into()) },
            false_upper: 3e-7,
            recall: 0.5 + f64::from(threshold) / 90.0 - n as f64 / 100.0,
        };
        (0..40).map(point).collect()
    };
    let curves = names.iter().enumerate().map(|(n, name)| DetectionCurve { name: (*name).into(), points: points(n) });
    let detection =
        Detection { curves: curves.collect(), thresholds: vec![4, 8, 16, 24, 30, 31, 32, 36], per: "pair".into() };
    let marks = || -> Vec<Mark> {
        let near = [24, 28, 30, 31, 32, 34].map(|at| Mark { at: f64::from(at), label: format!("a threshold of {at}") });
        near.into_iter().chain([Mark { at: 36.0, label: long.into() }]).collect()
    };
    let histogram_input = Histogram { matches: vec![5; 64], others: vec![1; 64], bin: 1, thresholds: marks() };
    let radii = Radii { points: vec![], marks: marks() };
    vec![
        roc(&heading, &detection),
        det(&heading, &detection),
        histogram(&heading, &histogram_input),
        radius(&heading, &radii),
        forest(&heading, &Forest { label: long.into(), intervals: long.into(), ..Forest::default() }),
    ]
}

/// The same figures of nothing, of single points, of nothing seen, and of numbers that make no sense.
pub(crate) fn corners() -> Vec<String> {
    let heading = Heading::default();
    let mark = |at: f64| Mark { at, label: "a mark".into() };
    let none = Estimate { seen: 0, of: 100, rate: 0.0, low: 0.0, high: 0.0362, upper: 0.03 };
    let mut all = vec![
        histogram(&heading, &Histogram::default()),
        roc(&heading, &Detection::default()),
        det(&heading, &Detection::default()),
        fpr(&heading, &FalseRates::default()),
        fpir(&heading, &SetSize::default()),
        heat(&heading, &HeatMap::default()),
        forest(&heading, &Forest::default()),
        hubs(&heading, &Hubs::default()),
        account(&heading, &Account::default()),
        radius(&heading, &Radii::default()),
    ];
    for value in [0.0, 1.0, 0.5, -1.0, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let wild = Estimate { seen: 1, of: 1, rate: value, low: value, high: value, upper: value };
        for estimate in [none, wild, Estimate { of: 0, ..none }] {
            all.push(fpr(
                &heading,
                &FalseRates {
                    curves: vec![FalseRate { name: "one".into(), points: vec![RatePoint { threshold: 0, estimate }] }],
                    per: String::new(),
                    floor: Some(mark(value)),
                    thresholds: vec![mark(value)],
                },
            ));
            let stratum = Stratum { name: "one".into(), estimate };
            all.push(forest(
                &heading,
                &Forest { strata: vec![stratum.clone()], total: Some(stratum), ..Forest::default() },
            ));
        }
        let point = DetectionPoint { threshold: 16, false_rate: value, false_upper: value, recall: value };
        let curve = DetectionCurve { name: "one".into(), points: vec![point] };
        let input = Detection { curves: vec![curve], thresholds: vec![16], per: "pair".into() };
        all.extend([roc(&heading, &input), det(&heading, &input)]);
        let point = SizePoint { entries: value, rate: value, low: value, high: value };
        let curve = SizeCurve {
            name: "one".into(),
            measured: vec![point],
            naive: vec![(value, value)],
            model: vec![point, point],
        };
        all.push(fpir(&heading, &SetSize { curves: vec![curve], bands: String::new() }));
        let curve = HubCurve { name: "one".into(), points: vec![(value, value)] };
        all.push(hubs(&heading, &Hubs { curves: vec![curve], shares: vec![0.01, value] }));
        let curve = AccountCurve { name: "one".into(), points: vec![(u64::MAX, value)] };
        all.push(account(
            &heading,
            &Account { curves: vec![curve], thresholds: vec![mark(value)], target: Some(mark(value)) },
        ));
        let point = RadiusPoint { radius: 0, recall: value, low: value, high: value, bits: value };
        all.push(radius(&heading, &Radii { points: vec![point], marks: vec![mark(value)] }));
        let cell = |of: u64| HeatCell { strength: "q".into(), found: 0, of, low: value, high: value };
        let row = HeatRow { name: "a very long name ".repeat(20), cells: vec![cell(0), cell(1)] };
        all.push(heat(&heading, &HeatMap { rows: vec![row, HeatRow::default()] }));
        let thresholds = vec![mark(value)];
        all.push(histogram(
            &heading,
            &Histogram { matches: vec![1], others: vec![0, u64::MAX, 1], bin: 0, thresholds },
        ));
    }
    all.extend(crowded());
    all
}

/// Reads a document to its end; its elements' names.
pub(crate) fn elements(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("well-formed attributes");
                    assert!(!attribute.key.as_ref().starts_with("on"), "a handler of events");
                }
                names.push(tag.name().as_ref().to_owned());
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}

#[test]
fn every_figure_is_well_formed_and_harmless() {
    let all = examples().into_iter().map(|(_, svg, _)| svg).chain(corners());
    for svg in all {
        let names = elements(&svg);
        assert!(names.starts_with(&["svg".into(), "title".into(), "desc".into()]), "{names:?}");
        for name in &names {
            let known = ["svg", "title", "desc", "rect", "circle", "polyline", "polygon", "text"];
            assert!(known.contains(&name.as_str()), "{name}");
        }
        let outside = svg.replacen("http://www.w3.org/2000/svg", "", 1);
        assert!(!outside.contains("http") && !outside.contains("url(") && !outside.contains("href"));
        assert!(svg.contains("role=\"img\"") && svg.contains("viewBox=\"0 0 "));
        assert!(!svg.split('>').next().is_some_and(|root| root.contains(" width=")), "a fixed width");
        let numbers = svg.split_once("<desc>").map_or("", |(_, rest)| rest);
        assert!(!numbers.contains("NaN") && !numbers.contains("inf"), "{numbers:.200}");
    }
}

#[test]
fn every_figure_can_be_drawn_as_pixels() {
    for svg in examples().into_iter().map(|(_, svg, _)| svg).chain(corners()) {
        let png = png(&svg, 300).expect("a picture");
        let picture = Pixmap::decode_png(&png).expect("PNG");
        assert_eq!(picture.width(), 300);
        let corner = picture.pixel(299, picture.height() - 1).expect("a pixel");
        assert_eq!((corner.red(), corner.green(), corner.blue(), corner.alpha()), (255, 255, 255, 255));
    }
    assert!(matches!(png("<svg", 300), Err(PngError::NotSvg(_))));
    assert!(matches!(png(&examples()[0].1, 0), Err(PngError::Size { .. })));
    assert!(matches!(png(&examples()[0].1, u32::MAX), Err(PngError::Size { .. })));
}

#[test]
fn the_same_numbers_give_the_same_bytes() {
    assert_eq!(examples(), examples());
}

#[test]
fn nothing_seen_is_a_bound_and_never_zero() {
    let none = Estimate { seen: 0, of: 8607, rate: 0.0, low: 0.0, high: 4.3e-4, upper: 3.48e-4 };
    let curve = FalseRate { name: "all".into(), points: vec![RatePoint { threshold: 16, estimate: none }] };
    let svg = fpr(&Heading::default(), &FalseRates { curves: vec![curve], ..FalseRates::default() });
    assert!(svg.contains("none seen among 8,607; below 3.5e-4"), "{svg}");
    assert!(svg.contains("none seen: the rate is below the bar"));
    let stratum = Stratum { name: "document".into(), estimate: none };
    let svg = forest(&Heading::default(), &Forest { strata: vec![stratum], ..Forest::default() });
    assert!(svg.contains("none seen among 8,607; below 3.5e-4"));
}

#[test]
fn names_in_figures_are_escaped() {
    let name = "<script>alert(1)</script>&\u{202e}\u{0}\"'";
    let heading = Heading { title: name.into(), notes: vec![name.into()] };
    let cells = vec![HeatCell { strength: name.into(), found: 1, of: 2, low: 0.1, high: 0.9 }];
    let svg = heat(&heading, &HeatMap { rows: vec![HeatRow { name: name.into(), cells }] });
    assert!(!elements(&svg).contains(&"script".into()));
    assert!(!svg.contains(['\u{202e}', '\u{0}']));
}

#[test]
fn a_file_of_its_own_has_both_themes() {
    for (_, svg, _) in examples() {
        let file = standalone(&svg);
        assert!(elements(&file).contains(&"style".into()));
        assert!(file.contains("prefers-color-scheme:dark"));
    }
}
