//! `presend demo`.

use anyhow::Result;
use presend_core::{Orientations, Pdq, Policy};
use presend_hashsets::demo;

use crate::args::{DemoArgs, OutputFormat};
use crate::input::Input;
use crate::lists::Known;
use crate::output::{self, Status};
use crate::scan;

pub(crate) fn run(args: &DemoArgs) -> Result<Status> {
    let known = Known::embedded("list.csv", demo::LIST)?;
    let inputs = demo::OUTBOX.iter().map(|&(name, bytes)| Input::Embedded { name, bytes }).collect();
    let mut policy = Policy::of::<Pdq>();
    if args.dihedral {
        policy.orientations = Orientations::Dihedral;
    }
    let explained = args.run.format == OutputFormat::Human;
    if explained {
        output::write_all(BEFORE.as_bytes())?;
    }
    let status = scan::scan(Pdq, &known, policy, inputs, &args.run)?;
    if explained && status != Status::Interrupted {
        output::write_all(if args.dihedral { "" } else { MIRRORED }.as_bytes())?;
        output::write_all(AFTER.as_bytes())?;
    }
    // What a scan would say with its exit status is no failure of the demo.
    Ok(if status == Status::Interrupted { status } else { Status::Clean })
}

const BEFORE: &str = "\
An organisation knows 12 pictures. It hands out their perceptual hashes, 256 bits each, never the
pictures. Here are 24 files that you are about to send. Each is hashed on this machine and compared
with the list: pictures whose hashes differ in at most 31 bits count as the same.

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
Scan pictures of your own, here against the same list:

  presend scan --list hashsets/demo/list.csv ~/Pictures

(from a checkout: cargo run --release -p presend -- scan --list hashsets/demo/list.csv ~/Pictures)
";
