"""Decodes the golden vectors' pictures as Meta's reference did, with libjpeg-turbo (inside Pillow)."""

import pathlib
import sys

from PIL import Image

source, target = map(pathlib.Path, sys.argv[1:])
target.mkdir(parents=True, exist_ok=True)
for path in sorted(source.iterdir()):
    picture = Image.open(path)
    # Grey and palette pictures are among the pixels that are shared; of 16-bit ones the reference kept the low byte.
    if picture.mode in ("RGB", "CMYK", "RGBA"):
        picture.convert("RGB").save(target / f"{path.name}.png", compress_level=1)
