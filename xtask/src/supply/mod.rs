//! What is shipped is made of: where it comes from, under which licences, with how much unsafe code; and the bills of
//! materials that say so.

mod check;
mod licence;
mod lock;
mod sbom;
mod tree;
mod unsafe_code;

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::ci::step;
use crate::{around, root, target};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write the table of unsafe code into `docs/supply-chain.md` instead of comparing with it
    #[arg(long)]
    write: bool,
    /// Also ask the advisory database, which is fetched from the network
    #[arg(long)]
    advisories: bool,
}

/// The markers of the table in `docs/supply-chain.md`.
const MARKERS: [&str; 2] = ["<!-- unsafe code -->\n", "<!-- end -->"];

/// As CI does.
pub(crate) fn check() -> Result<()> {
    println!("==> supply chain");
    run(&Arguments { write: false, advisories: false })
}

/// Checks all that is built from, and writes the bills of materials.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let metadata = tree::Metadata::read()?;
    check::packages(&metadata)?;
    let shipped = tree::SHIPPED.map(|shipped| tree::Tree::read(&shipped).map(|tree| (shipped, tree)));
    let shipped = shipped.into_iter().collect::<Result<Vec<_>>>()?;
    let table = unsafe_code::table(&metadata, &shipped)?;
    let path = root().join("docs/supply-chain.md");
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let [before, after] = around(&page, MARKERS)?;
    let written = [before, &table, after].concat();
    if arguments.write {
        std::fs::write(&path, written)?;
    } else if written != page {
        bail!("the table of docs/supply-chain.md is of other crates: run `cargo xtask supply-chain --write`");
    }
    sboms()?;
    deny(arguments.advisories)
}

/// Writes a CycloneDX file for each thing that is shipped, into `target/sbom`.
pub(crate) fn sboms() -> Result<()> {
    let metadata = tree::Metadata::read()?;
    let folder = target().join("sbom");
    std::fs::create_dir_all(&folder)?;
    for shipped in tree::SHIPPED.iter().filter(|shipped| shipped.file.is_some()) {
        let tree = tree::Tree::read(shipped)?;
        let bill = sbom::bill(shipped, &tree, &metadata)?;
        let path = folder.join(shipped.file.expect("filtered for those that have one"));
        std::fs::write(&path, bill)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// `cargo deny`, which checks the same and more, where somebody has installed it.
fn deny(advisories: bool) -> Result<()> {
    if !Command::new("cargo").args(["deny", "--version"]).output().is_ok_and(|output| output.status.success()) {
        if advisories {
            bail!("--advisories needs cargo-deny: `cargo install --locked cargo-deny`");
        }
        println!("not run: `cargo deny`, which is not installed; licences, sources and checksums were checked without");
        return Ok(());
    }
    let check = ["deny", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    step("cargo deny", Command::new("cargo").args(check).args(advisories.then_some("advisories")))
}
