//! What a rate per picture means for people: false alarms a day, what a match is worth, and accounts.

use super::{Study, figure, table};
use crate::plots::{self, Mark, text};
use crate::rates::{Rule, View, per_image};
use crate::report::{Block, Cell, Section};
use crate::stats::{BaseRate, Dependence, account_probability, account_threshold};

/// What is assumed of those who send pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPlan {
    /// Pictures that are sent in a day.
    pub pictures_per_day: f64,
    /// The share of them that is listed.
    pub prevalence: f64,
    /// The share of listed pictures that are matched, edited or not.
    pub recall: f64,
    /// Pictures of an account.
    pub pictures: u64,
    /// Matches of an account from which on something is done.
    pub matches: u64,
    /// How likely an account without listed pictures may come that far.
    pub target: f64,
    /// A rate per picture to reckon with instead of the measured one.
    pub rate: Option<f64>,
}

impl Default for AccountPlan {
    /// The messages of the largest messenger with pictures (6.9 billion a day), one in ten million of them listed.
    fn default() -> Self {
        Self {
            pictures_per_day: 6.9e9,
            prevalence: 1e-7,
            recall: 0.95,
            pictures: 100_000,
            matches: 30,
            target: 1e-9,
            rate: None,
        }
    }
}

/// How matches of one account may depend on one another: a floor, and models.
const MODELS: [(&str, Dependence); 6] = [
    ("independent: binomial, the floor", Dependence::Independent),
    ("beta-binomial, correlation 0.001", Dependence::BetaBinomial { rho: 1e-3 }),
    ("beta-binomial, correlation 0.01", Dependence::BetaBinomial { rho: 1e-2 }),
    ("bursts of 3 on the mean", Dependence::Bursts { mean: 3.0 }),
    ("bursts of 10 on the mean", Dependence::Bursts { mean: 10.0 }),
    ("bursts of 30 on the mean", Dependence::Bursts { mean: 30.0 }),
];

/// What the rate of the threshold in use means: the estimate where false matches were seen, and the upper bound.
#[must_use]
pub fn account(study: &Study<'_>, plan: &AccountPlan) -> Section {
    let view = View::new(study.counts, Rule::SCAN);
    let threshold = study.threshold.min(view.cap());
    let measured = per_image(&view, |_, _| true).at[usize::from(threshold)];
    let rates: Vec<(String, f64)> = match plan.rate {
        Some(rate) => vec![("as given".into(), rate)],
        None => {
            let seen = (measured.seen > 0).then(|| ("estimate".to_owned(), measured.rate));
            seen.into_iter().chain([("upper bound".to_owned(), measured.upper)]).collect()
        }
    };
    let base = rates.iter().filter_map(|(name, rate)| {
        let of = BaseRate::new(plan.pictures_per_day, *rate, plan.prevalence, plan.recall)?;
        Some(vec![
            Cell::from(name.as_str()),
            (*rate).into(),
            of.false_per_day.into(),
            of.true_per_day.into(),
            of.ppv.into(),
        ])
    });
    let base: Vec<_> = base.collect();
    let reckoned = rates.last().map_or(1.0, |(_, rate)| *rate);
    let tail = |matches, dependence| account_probability(plan.pictures, reckoned, matches, dependence);
    let curves = MODELS.iter().map(|&(name, dependence)| plots::AccountCurve {
        name: name.into(),
        points: (1..=plan.matches.saturating_mul(2))
            .filter_map(|matches| Some((matches, tail(matches, dependence)?)))
            .collect(),
    });
    let curves = curves.collect();
    let rows = MODELS.iter().map(|&(name, dependence)| {
        vec![
            Cell::from(name),
            tail(1, dependence).into(),
            tail(plan.matches, dependence).into(),
            account_threshold(plan.pictures, reckoned, plan.target, dependence).into(),
        ]
    });
    let rows = rows.collect();
    let input = plots::Account {
        curves,
        thresholds: vec![Mark { at: plan.matches as f64, label: format!("{} matches", plan.matches) }],
        target: Some(Mark { at: plan.target, label: format!("target {}", text::rate(plan.target)) }),
    };
    let enough = format!("matches for {} at most", text::rate(plan.target));
    let at_least = format!("at least {} matches", plan.matches);
    Section {
        id: "account".into(),
        heading: "What that means for people".into(),
        paragraphs: vec![format!(
            "Of {} pictures a day, of which one in {} is listed, and with {} of the listed ones matched. A match is right \
             with the positive predictive value.",
            text::count(plan.pictures_per_day.round() as u64),
            text::count((1.0 / plan.prevalence).round() as u64),
            text::share(plan.recall),
        )],
        blocks: vec![
            table(
                "base-rate",
                "False alarms a day, and what a match is worth",
                &[
                    ("rate per picture", "which"),
                    ("rate", "rate"),
                    ("false matches a day", "false_per_day"),
                    ("true matches a day", "true_per_day"),
                    ("positive predictive value", "positive_predictive_value"),
                ],
                base,
            ),
            Block::Heading("Accounts".into()),
            Block::Paragraph(format!(
                "How likely an account that sends {} pictures, none of them listed, has so many false matches, at the \
                 {} of {} a picture. Pictures of one account are not independent: the binomial model is the floor, not the \
                 answer. The others are models too: matches that come with a correlation (beta-binomial), or in bursts of a \
                 scene (compound Poisson).",
                text::count(plan.pictures),
                rates.last().map_or("rate", |(name, _)| name),
                text::rate(reckoned),
            )),
            figure(
                plots::account(&study.heading("False matches of an account"), &input),
                "The probability of so many false matches or more, by model of how they depend on one another.",
                input.data("account-curves"),
            ),
            table(
                "accounts",
                "An account's false matches",
                &[("model", "model"), ("at least one match", "one"), (&at_least, "so_many"), (&enough, "threshold")],
                rows,
            ),
        ],
    }
}
