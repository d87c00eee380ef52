//! Every algorithm, through every command.

mod common;

use common::{ALGORITHMS, Sandbox};

const PICTURE: &str = "harbour-recompressed.jpg";

/// A picture, and a list of its hash by every algorithm, named after it.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_demo(&["outbox/harbour-recompressed.jpg", "outbox/beach.jpg"]);
    for name in ALGORITHMS {
        let list = sandbox.presend(&format!("hash --algorithm {name} --format csv {PICTURE}")).exits(0);
        sandbox.write(name, list.stdout);
    }
    sandbox
}

#[test]
fn hash_prints_as_many_digits_as_the_algorithm_has() {
    let sandbox = sandbox();
    for (name, digits) in ALGORITHMS.into_iter().zip([64, 64, 16, 16, 16, 16]) {
        let hash = sandbox.hash_by(name, PICTURE);
        assert_eq!(hash.len(), digits, "{name}");
        let shown = sandbox.presend(&format!("hash --algorithm {name} {PICTURE}")).exits(0);
        assert_eq!(shown.text(), format!("{hash}  100  {PICTURE}\n"));
    }
}

#[test]
fn scan_takes_lists_of_its_algorithm_and_refuses_all_others() {
    let sandbox = sandbox();
    for name in ALGORITHMS {
        for list in ALGORITHMS {
            let ran = sandbox.presend(&format!("scan --algorithm {name} --list {list} {PICTURE} beach.jpg"));
            if name == list {
                let expected = format!("match         {PICTURE}: 0 bits from {PICTURE:?} ({list}:2)");
                assert_eq!(ran.exits(1).lines(), [expected.as_str(), "clean         beach.jpg"]);
            } else {
                let ran = ran.exits(3);
                assert_eq!(ran.text(), "");
                assert!(ran.stderr.contains(&format!("the hash is {list}, not {name}")), "{}", ran.stderr);
            }
        }
    }
}

#[test]
fn scan_finds_turned_pictures_by_every_algorithm_that_can_turn() {
    let sandbox = Sandbox::with_demo(&["listed/autumn-wood.jpg", "outbox/autumn-wood-mirrored.jpg"]);
    for name in ALGORITHMS {
        let list = sandbox.presend(&format!("hash --algorithm {name} --format csv autumn-wood.jpg")).exits(0);
        sandbox.write("known", list.stdout);
        let line = format!("scan --dihedral --algorithm {name} --list known autumn-wood-mirrored.jpg");
        let ran = sandbox.presend(&line).exits(1);
        assert!(ran.text().ends_with(", once mirrored left to right\n"), "{name}: {}", ran.text());
    }
}

#[test]
fn compare_takes_images_and_hashes_of_its_algorithm() {
    let sandbox = sandbox();
    for name in ALGORITHMS {
        let hash = sandbox.hash_by(name, PICTURE);
        let ran = sandbox.presend(&format!("compare --algorithm {name} {PICTURE} {hash}")).exits(1);
        assert_eq!(ran.text(), format!("  0  match         {PICTURE}  {hash}\n"));
    }
}
