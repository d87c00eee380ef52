//! Which files are read, and reading them within the limits.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, anyhow};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use presend_core::{DecodeError, Format, Limits};
use presend_eval::corpus::{Fault, Source, Unread};

use crate::args::InputArgs;
use crate::output::{printable, shown};
use crate::{read, redact};

/// Something to hash: a file, the standard input, bytes in memory, or a place that could not be listed.
#[derive(Debug)]
pub(crate) enum Input {
    /// Named by a person.
    File(PathBuf),
    /// Found in a folder that a person named.
    Found(PathBuf),
    Stdin,
    Embedded {
        name: &'static str,
        bytes: &'static [u8],
    },
    Unlisted {
        path: PathBuf,
        error: InputError,
    },
}

impl Input {
    /// What the output calls it.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Found(path) | Self::Unlisted { path, .. } => path,
            Self::Stdin => Path::new("-"),
            Self::Embedded { name, .. } => Path::new(name),
        }
    }

    /// Whether an error only says that the input is something else than a picture, and nobody said it was one.
    ///
    /// Folders hold all kinds of files. A file is taken for a picture when a person names it, when its content looks
    /// like one, or when its name says so.
    pub(crate) fn passes_over(&self, error: &InputError) -> bool {
        matches!(error, InputError::Decode(DecodeError::UnknownFormat)) && !self.is_called_a_picture()
    }

    /// Whether somebody says that it is a picture: who named it, or its name.
    fn is_called_a_picture(&self) -> bool {
        const PICTURES: [&str; 18] = [
            "jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif", "heic",
            "heif", "jxl", "jp2", "ico",
        ];
        let claims = |path: &Path| {
            let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
            extension.is_some_and(|extension| PICTURES.contains(&extension.as_str()))
        };
        match self {
            Self::Found(path) => claims(path),
            _ => true,
        }
    }

    /// How far it is read where its digest is wanted: what is called a picture to its end, whatever it is.
    pub(crate) fn kind(&self) -> Kind {
        if self.is_called_a_picture() { Kind::Any } else { Kind::Pictures }
    }

    /// Hands the bytes of a picture to `next`; a file longer than the limit, or of another kind, is not read.
    pub(crate) fn with_bytes<T>(
        &self,
        limits: &Limits,
        next: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, InputError> {
        self.with_bytes_of(Kind::Pictures, limits, next)
    }

    /// As [`with_bytes`](Self::with_bytes), of this kind of files.
    pub(crate) fn with_bytes_of<T>(
        &self,
        kind: Kind,
        limits: &Limits,
        next: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, InputError> {
        Ok(next(&self.read(kind, limits)?)?)
    }

    /// The bytes of a file of this kind.
    fn read(&self, kind: Kind, limits: &Limits) -> Result<Cow<'static, [u8]>, InputError> {
        Ok(match self {
            Self::File(path) => read(&mut File::open(path)?, kind, limits)?.into(),
            // It was a file when the folder was listed.
            Self::Found(path) => read(&mut read::regular(path)?, kind, limits)?.into(),
            Self::Stdin => read(&mut io::stdin().lock(), kind, limits)?.into(),
            Self::Embedded { bytes, .. } => Cow::Borrowed(bytes),
            Self::Unlisted { error, .. } => return Err(error.clone()),
        })
    }
}

/// A file of a corpus. What is called a picture is read whatever it is, so that it is known by its digest.
impl Source for Input {
    fn path(&self) -> String {
        self.path().to_string_lossy().into_owned()
    }

    fn bytes(&self, limits: &Limits) -> Result<Vec<u8>, Unread> {
        match self.read(self.kind(), limits) {
            Ok(bytes) => Ok(bytes.into_owned()),
            Err(error) if self.passes_over(&error) => Err(Unread::NotAPicture),
            Err(error) => Err(Unread::Failed(Fault { code: error.code().into(), message: error.to_string() })),
        }
    }
}

/// Why an input gives no picture: it cannot be read, it cannot be decoded, or not within the time allowed.
#[derive(Debug, Clone)]
pub(crate) enum InputError {
    Read { kind: io::ErrorKind, message: String },
    Decode(DecodeError),
    Late { limit: Duration },
}

impl InputError {
    /// For an input without which nothing can be done.
    pub(crate) fn naming(&self, path: &Path) -> anyhow::Error {
        anyhow!("{}: {self}", shown(path))
    }

    /// A name that stays the same whatever the message says.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Decode(error) => error.code(),
            Self::Read { kind: io::ErrorKind::NotFound, .. } => "not-found",
            Self::Read { kind: io::ErrorKind::PermissionDenied, .. } => "permission-denied",
            Self::Read { .. } => "unreadable",
            Self::Late { .. } => "timeout",
        }
    }
}

impl std::fmt::Display for InputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read { message, .. } => f.write_str(message),
            Self::Decode(error) => error.fmt(f),
            Self::Late { limit } => write!(f, "it took longer than the {} s allowed", limit.as_secs_f64()),
        }
    }
}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        // Without the "(os error 2)" that tells nobody anything.
        let message = match error.kind() {
            io::ErrorKind::NotFound => "no such file".into(),
            io::ErrorKind::PermissionDenied => "permission denied".into(),
            io::ErrorKind::IsADirectory => "a folder, not a file".into(),
            _ => error.to_string(),
        };
        Self::Read { kind: error.kind(), message }
    }
}

impl From<DecodeError> for InputError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// Which files are read to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What begins as a picture does.
    Pictures,
    /// All: a file of any kind may be listed by its digest.
    Any,
}

/// Reads a file to the end, but never more than one byte over the limit, whatever length the source claims; of what is not
/// of the kind only the first bytes.
fn read(source: &mut impl Read, kind: Kind, limits: &Limits) -> Result<Vec<u8>, InputError> {
    /// As much as tells a format.
    const HEAD: u64 = 512;
    let mut bytes = Vec::new();
    source.take(HEAD).read_to_end(&mut bytes)?;
    if kind == Kind::Pictures && !bytes.is_empty() && Format::sniff(&bytes).is_none() {
        return Err(DecodeError::UnknownFormat.into());
    }
    source.take(limits.bytes.saturating_add(1).saturating_sub(HEAD)).read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    if size > limits.bytes {
        return Err(DecodeError::TooManyBytes { size, limit: limits.bytes }.into());
    }
    Ok(bytes)
}

/// All inputs, in the order they were named, folders in the order of their paths.
pub(crate) fn collect(args: &InputArgs) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in &args.paths {
        if path == Path::new("-") {
            inputs.push(Input::Stdin);
        } else {
            add(args, path, &mut inputs)?;
        }
    }
    if let Some(list) = &args.files_from {
        let reader: Box<dyn BufRead> = if list == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            let file = File::open(list).map_err(|error| InputError::from(error).naming(list))?;
            Box::new(BufReader::new(file))
        };
        let end = if args.null { 0 } else { b'\n' };
        for path in reader.split(end) {
            let mut path = path.map_err(|error| InputError::from(error).naming(list))?;
            if !args.null && path.last() == Some(&b'\r') {
                path.pop();
            }
            if !path.is_empty() {
                add(args, Path::new(&os_string(path)), &mut inputs)?;
            }
        }
    }
    inputs.iter().zip(1..).for_each(|(input, number)| redact::input(input.path(), number));
    let from_stdin = inputs.iter().filter(|input| matches!(input, Input::Stdin)).count();
    if from_stdin + usize::from(args.files_from.as_deref() == Some(Path::new("-"))) > 1 {
        return Err(anyhow!("standard input can be read only once"));
    }
    Ok(inputs)
}

/// A named file, or everything below a named folder.
fn add(args: &InputArgs, path: &Path, inputs: &mut Vec<Input>) -> Result<()> {
    if !path.is_dir() {
        inputs.push(Input::File(path.to_owned()));
        return Ok(());
    }
    let mut globs = OverrideBuilder::new(path);
    for glob in &args.globs {
        globs.add(glob).map_err(|error| anyhow!("{}", printable(&error.to_string())))?;
    }
    let walk = WalkBuilder::new(path)
        .hidden(!args.hidden)
        .ignore(!args.no_ignore)
        .git_ignore(!args.no_ignore)
        .git_global(!args.no_ignore)
        .git_exclude(!args.no_ignore)
        .parents(!args.no_ignore)
        .overrides(globs.build()?)
        .sort_by_file_path(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
            // A link to a file counts as the file; one that leads nowhere is reported. Folders behind links, devices and
            // pipes are left alone.
            Ok(entry) if entry.path().metadata().map_or(true, |target| target.is_file()) => {
                inputs.push(Input::Found(entry.into_path()));
            }
            Ok(_) => {}
            Err(error) => inputs.push(unlisted(path, error)),
        }
    }
    Ok(())
}

/// A folder that cannot be opened is an input that could not be scanned.
fn unlisted(root: &Path, error: ignore::Error) -> Input {
    let mut path = root.to_owned();
    let mut inner = &error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => {
                path.clone_from(at);
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            _ => break,
        }
    }
    let message = inner.to_string();
    let error = match error.into_io_error() {
        Some(error) => error.into(),
        None => InputError::Read { kind: io::ErrorKind::Other, message },
    };
    Input::Unlisted { path, error }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
