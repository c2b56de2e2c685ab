"""The page of the routes in a real browser, under its own policy."""

import struct
import subprocess
import zlib

import httpx

# The page's own colours; without its style a browser shows white.
SCHEMES = {"light": (1, (0xFF, 0xFF, 0xFF)), "dark": (0, (0x14, 0x17, 0x1C))}


def corner_of(png: bytes) -> tuple[int, ...]:
    """The colour of a picture's first pixel, which no filter of PNG changes."""
    at, packed, channels = 8, b"", 3
    while at < len(png):
        (size,) = struct.unpack_from("!I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            channels = {2: 3, 6: 4}[data[9]]
        elif kind == b"IDAT":
            packed += data
        at += 12 + size
    return tuple(zlib.decompress(packed)[1 : 1 + channels][:3])


def test_a_browser_shows_the_page_in_both_schemes_and_refuses_nothing_of_it(
    browser_program, start_stack, tmp_path
):
    url = f"{start_stack(WORKER_ENABLED='false').service.url}/docs"
    served = httpx.get(url)
    assert served.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in served.headers["content-security-policy"]
    for scheme, (setting, colour) in SCHEMES.items():
        picture = tmp_path / f"{scheme}.png"
        shown = subprocess.run(
            [
                *(
                    browser_program,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--hide-scrollbars",
                ),
                *("--enable-logging=stderr", f"--user-data-dir={tmp_path / scheme}"),
                *(f"--blink-settings=preferredColorScheme={setting}", "--window-size=400,800"),
                *(f"--screenshot={picture}", url),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "Content Security Policy" not in shown.stderr
        assert "Refused to" not in shown.stderr
        assert corner_of(picture.read_bytes()) == colour
