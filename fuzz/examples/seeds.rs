//! Writes what every corpus begins with: small files of every kind, made here and nowhere else.
//!
//! `cargo run --no-default-features --example seeds`, in `fuzz/`. What fuzzers find is added beside it by
//! `cargo fuzz cmin`; see docs/robustness.md.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, RgbImage};
use jpeg_encoder::SamplingFactor;
use presend_core::set::SetFile;
use presend_core::{ListIndex, Pdq};
use presend_hashsets::demo;
use presend_hashsets::list::HashList;

type Seeds = Vec<(String, Vec<u8>)>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let set = SetFile::parse(demo::SET)?;
    let outbox = demo::OUTBOX.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    let (small, list) = (outbox.filter(|(_, bytes)| bytes.len() < 6_000).collect::<Seeds>(), demo::LIST);
    let with_ending =
        |ending: &str| small.iter().filter(|(name, _)| name.ends_with(ending)).cloned().collect::<Seeds>();
    let mut index = ListIndex::<Pdq>::default();
    let hashes = HashList::<Pdq>::read(list)?;
    index.add(b"list.csv", hashes.entries.iter().map(|entry| (entry.hash, entry.line, entry.label.as_deref())))?;
    let mut index_file = Vec::new();
    index.write(&mut index_file)?;
    // For targets that make values of bytes: some that decide nothing, and some that decide everything.
    let values: Seeds = [("zeros", vec![0; 200]), ("ones", vec![1; 300]), ("counting", (0..=255).collect::<Vec<u8>>())]
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .into();
    write("jpeg", [jpegs()?, with_ending(".jpg")].concat())?;
    write("png", [pngs()?, with_ending(".png")].concat())?;
    write("gif", gifs()?)?;
    write("webp", webps()?)?;
    write("bmp", bitmaps(ImageFormat::Bmp)?)?;
    write("tiff", bitmaps(ImageFormat::Tiff)?)?;
    write(
        "set_file",
        vec![("demo".into(), [&[200], demo::SET].concat()), ("head".into(), [&[9], &demo::SET[..96]].concat())],
    )?;
    write("manifest", vec![("demo".into(), set.manifest().to_vec())])?;
    write("trust", vec![("demo".into(), demo::TRUST.to_vec())])?;
    write("list", [lists(), vec![("demo.csv".into(), list.to_vec())]].concat())?;
    // The first byte says which shape it is, or that it is to be found out.
    let shapes = lists().into_iter().chain(samples()?);
    let shapes = shapes.flat_map(|(name, bytes)| {
        (0..7).map(move |shape| (format!("{shape}-{name}"), [&[shape], &bytes[..]].concat()))
    });
    let alike = |name: &str| {
        ["6-", "0-list", "1-ncmec", "2-stopncii", "3-threat_updates", "4-tech", "5-hma"]
            .iter()
            .any(|kind| name.starts_with(kind))
    };
    write("import", shapes.filter(|(name, _)| alike(name)).collect())?;
    write("index_file", vec![("demo".into(), index_file)])?;
    for target in ["boundary", "linear_index", "pixels", "sealed_kernels", "set_structure"] {
        write(target, values.clone())?;
    }
    Ok(())
}

fn write(target: &str, seeds: Seeds) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    seeds.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(format!("seed-{name}")), bytes))
}

/// A picture with edges and a gradient, of 24 by 20 pixels.
fn picture() -> RgbImage {
    RgbImage::from_fn(24, 20, |x, y| image::Rgb([(x * 10) as u8, (y * 12) as u8, if x > y { 200 } else { 30 }]))
}

fn jpegs() -> Result<Seeds, jpeg_encoder::EncodingError> {
    let (rgb, mut seeds) = (picture(), Vec::new());
    for (name, sampling, progressive, restart) in [
        ("444", SamplingFactor::R_4_4_4, false, 0),
        ("420", SamplingFactor::R_4_2_0, false, 2),
        ("411-progressive", SamplingFactor::R_4_1_1, true, 0),
        ("440-progressive", SamplingFactor::R_4_4_0, true, 3),
    ] {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 70);
        encoder.set_sampling_factor(sampling);
        encoder.set_progressive(progressive);
        encoder.set_optimized_huffman_tables(progressive);
        if restart > 0 {
            encoder.set_restart_interval(restart);
        }
        encoder.encode(&rgb, 24, 20, jpeg_encoder::ColorType::Rgb)?;
        seeds.push((name.to_owned(), bytes));
    }
    let cmyk: Vec<u8> = rgb.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 40]).collect();
    for (name, kind) in [("cmyk", jpeg_encoder::ColorType::Cmyk), ("ycck", jpeg_encoder::ColorType::CmykAsYcck)] {
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, 70).encode(&cmyk, 24, 20, kind)?;
        seeds.push((name.to_owned(), bytes));
    }
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 70);
    // Exif that turns by a quarter, little-endian: one entry, orientation 6.
    encoder.add_app_segment(1, b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec())?;
    encoder.encode(
        &GrayImage::from_fn(24, 20, |x, y| image::Luma([(x * y) as u8])),
        24,
        20,
        jpeg_encoder::ColorType::Luma,
    )?;
    seeds.push(("grey-turned".into(), bytes));
    Ok(seeds)
}

fn pngs() -> Result<Seeds, png::EncodingError> {
    let mut seeds = Vec::new();
    for (name, colour, depth, bits) in [
        ("grey1", png::ColorType::Grayscale, png::BitDepth::One, 1),
        ("grey16", png::ColorType::Grayscale, png::BitDepth::Sixteen, 16),
        ("grey-alpha", png::ColorType::GrayscaleAlpha, png::BitDepth::Eight, 16),
        ("rgb", png::ColorType::Rgb, png::BitDepth::Eight, 24),
        ("rgba16", png::ColorType::Rgba, png::BitDepth::Sixteen, 64),
        ("palette4", png::ColorType::Indexed, png::BitDepth::Four, 4),
    ] {
        for frames in [1, 2_u32] {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 16, 11);
            encoder.set_color(colour);
            encoder.set_depth(depth);
            if colour == png::ColorType::Indexed {
                encoder.set_palette((0..48).map(|i| i * 5).collect::<Vec<u8>>());
                encoder.set_trns(vec![0, 120, 255]);
            }
            if frames > 1 {
                encoder.set_animated(frames, 0)?;
                encoder.set_blend_op(png::BlendOp::Over)?;
                encoder.set_dispose_op(png::DisposeOp::Previous)?;
            }
            let mut writer = encoder.write_header()?;
            let samples =
                |frame: u32| (0..16 * bits / 8 * 11).map(move |i| (i * 3 + frame * 50) as u8).collect::<Vec<u8>>();
            for frame in 0..frames {
                writer.write_image_data(&samples(frame))?;
            }
            writer.finish()?;
            seeds.push((format!("{name}-{frames}"), bytes));
        }
    }
    Ok(seeds)
}

fn gifs() -> Result<Seeds, gif::EncodingError> {
    let mut seeds = Vec::new();
    for (name, interlaced, dispose) in [
        ("kept", false, gif::DisposalMethod::Keep),
        ("background", true, gif::DisposalMethod::Background),
        ("previous", true, gif::DisposalMethod::Previous),
    ] {
        let mut bytes = Vec::new();
        {
            let palette = [0, 0, 0, 255, 255, 255, 200, 30, 30, 10, 90, 200];
            let mut encoder = gif::Encoder::new(&mut bytes, 16, 12, &palette)?;
            encoder.set_repeat(gif::Repeat::Infinite)?;
            for (left, transparent) in [(0, None), (3, Some(1)), (6, Some(3))] {
                let (width, height) = (16 - left, 12 - left);
                let pixels: Vec<u8> = (0..width * height).map(|i| (i / 3 % 4) as u8).collect();
                let mut frame = gif::Frame::from_indexed_pixels(width, height, pixels, transparent);
                (frame.left, frame.top, frame.interlaced, frame.dispose) = (left, left, interlaced, dispose);
                encoder.write_frame(&frame)?;
            }
        }
        seeds.push((name.to_owned(), bytes));
    }
    Ok(seeds)
}

fn webps() -> Result<Seeds, Box<dyn std::error::Error>> {
    let rgba = DynamicImage::from(picture()).into_rgba8();
    let mut lossless = Vec::new();
    image_webp::WebPEncoder::new(&mut lossless).encode(&rgba, 24, 20, image_webp::ColorType::Rgba8)?;
    // The demo's, which is lossy, as far as it goes.
    let (_, lossy) = demo::OUTBOX.iter().find(|(name, _)| name.ends_with(".webp")).ok_or("no WebP in the demo")?;
    // An animation of two lossless pictures: their chunks within frames.
    let stream = &lossless[12..];
    let frame = |left: u8| {
        let mut frame = vec![left, 0, 0, 0, 0, 0, 23, 0, 0, 19, 0, 0, 50, 0, 0, 1];
        frame.extend_from_slice(stream);
        chunk(b"ANMF", &frame)
    };
    let head = [0b0001_0010, 0, 0, 0, 27, 0, 0, 19, 0, 0];
    let body = [chunk(b"VP8X", &head), chunk(b"ANIM", &[0; 6]), frame(0), frame(2)].concat();
    let animated = chunk(b"RIFF", &[&b"WEBP"[..], &body].concat());
    Ok(vec![("lossless".into(), lossless), ("lossy".into(), lossy.to_vec()), ("animated".into(), animated)])
}

/// A RIFF chunk.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = [name, &(content.len() as u32).to_le_bytes()[..], content].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn bitmaps(format: ImageFormat) -> Result<Seeds, image::ImageError> {
    let picture = DynamicImage::from(picture());
    let mut seeds = Vec::new();
    let kinds = [("rgb", picture.clone()), ("rgba", picture.to_rgba8().into()), ("grey", picture.to_luma8().into())];
    for (name, picture) in kinds {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format)?;
        seeds.push((name.to_owned(), bytes));
    }
    if format == ImageFormat::Tiff {
        let mut bytes = Cursor::new(Vec::new());
        let samples: Vec<u8> = (0..24_u16 * 20).flat_map(|i| (i * 100).to_ne_bytes()).collect();
        image::codecs::tiff::TiffEncoder::new(&mut bytes).write_image(&samples, 24, 20, ExtendedColorType::L16)?;
        seeds.push(("grey16".into(), bytes.into_inner()));
    }
    Ok(seeds)
}

fn lists() -> Seeds {
    let (pdq, dhash) = ("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22", "0123456789abcdef");
    [
        ("list-bare", format!("{pdq}\n{pdq}\n")),
        ("list-typed", format!("pdq {pdq} a label\ndhash {dhash}\n")),
        ("list-named", format!("# algorithm: dhash\n{dhash}\n\n{dhash},100,b.jpg\r\n")),
        ("list-table", format!("hash,quality,label,algorithm\n{pdq},97,\"a, b\",pdq\n{dhash},,c,dhash\nx,101,,\n")),
        (
            "list-exchange",
            format!("signal_type,signal_str,collab,category,tags\npdq,{pdq},c,,x y\nvideo_md5,{dhash},c,,\n"),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into()
}

/// Lists in the shapes of those who keep them, as the importers' own tests have them.
fn samples() -> std::io::Result<Seeds> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hashsets/tests/samples");
    let mut seeds = Vec::new();
    for name in [
        "ncmec.xml",
        "stopncii.json",
        "threat_updates.json",
        "tech_against_terrorism.json",
        "hma_bank.json",
        "hma_content.json",
    ] {
        seeds.push((name.to_owned(), std::fs::read(folder.join(name))?));
    }
    Ok(seeds)
}
