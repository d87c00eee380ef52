//! `presend demo`.

use anyhow::Result;
use presend_core::set::{SetFile, Trust};
use presend_core::{Effort, Orientations, Pdq, Policy};
use presend_hashsets::demo;

use crate::algorithm::{SetAlgorithm, Trusting};
use crate::args::{DemoArgs, OutputFormat};
use crate::input::Input;
use crate::known::Known;
use crate::output::{self, Status};
use crate::{scan, trust};

pub(crate) fn run(args: &DemoArgs) -> Result<Status> {
    let trust = Trust::parse(demo::TRUST)?;
    let trusting = Trusting { trust: &trust, now: trust::now()?, last_seen: None };
    let set = Pdq::open(&[SetFile::parse(demo::SET)?], Some(trusting))?;
    let (endorsers, digest) = (set.endorsers().join(" and "), set.manifest().digest());
    let known = Known::of_set(set);
    let inputs = demo::OUTBOX.iter().map(|&(name, bytes)| Input::Embedded { name, bytes }).collect();
    let mut policy = Policy::of::<Pdq>();
    policy.effort = EFFORT;
    if args.dihedral {
        policy.orientations = Orientations::Dihedral;
    }
    let explained = args.format == OutputFormat::Human;
    if explained {
        output::write_all(BEFORE.as_bytes())?;
        output::write_all(format!("The set is endorsed by {endorsers}; its root digest is\n{digest}.\n\n").as_bytes())?;
    }
    let status = scan::scan(Pdq, known, policy, None, inputs, args.format, &args.run)?;
    if explained && status != Status::Interrupted {
        output::write_all(if args.dihedral { "" } else { MIRRORED }.as_bytes())?;
        output::write_all(AFTER.as_bytes())?;
    }
    // What a scan would say with its exit status is no failure of the demo.
    Ok(if status == Status::Interrupted { status } else { Status::Clean })
}

/// Eight lookups per hash: the picture itself, and what it was before ordinary edits.
const EFFORT: Effort = Effort::new(3).expect("at most 8");

const BEFORE: &str = "\
An organisation knows 12 pictures. It hands out a sealed set: 20 bytes for each perceptual hash, from
which neither the pictures nor the hashes can be read. Here are 24 files that you are about to send.
Each is hashed on this machine and matched against the set, which finds hashes that differ in at most
16 of 256 bits; --effort 3 also looks up what the picture may have been before an edit.

";

const MIRRORED: &str = "
autumn-wood-mirrored.jpg is a mirrored copy of a listed picture and passes: PDQ tells left from right.
Run the demo with --dihedral to look for turned and mirrored copies too.
";

const AFTER: &str = "
  clean         unlike every listed picture; nobody learns anything about it
  match         a copy of a listed picture: the bits are what the edit changed
  inconclusive  too little structure to judge, as in a plain colour: not the same as clean
  unscannable   not a picture that can be read: not the same as clean either

Nothing left this machine. What follows from a verdict is for the program that asked to decide.
Scan pictures of your own, here against the same set (from a checkout, `cargo run --release -p presend --`
stands for `presend`):

  presend scan --set hashsets/demo/known.presend --trust hashsets/demo/trust.json --effort 3 ~/Pictures
";
