"""The evidence board and the replay in Chromium: they fit the window and can be read in both themes."""

import pytest

from tests.ui.test_browser import CONTRAST, Reader, reader

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["reader"]
PAGES = {"board": ("", "Evidence board"), "replay": ("3", "Replay: step 3")}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sight", PAGES)
def test_what_an_investigation_rests_on_fits_the_window_and_can_be_read(
    reader: Reader,
    sight: str,
    dark: bool,
) -> None:
    step, words = PAGES[sight]
    for width in (390, 1280):
        reader.look(width=width, height=900, dark=dark)
        reader.open("investigations", id="run-1", **({"step": step} if step else {}))
        reader.wait_for_text(words)
        reader.settle()

        assert reader.run("return document.documentElement.scrollWidth <= window.innerWidth")
        assert reader.run(CONTRAST) == []
        reader.save(f"investigation-{sight}-{width}-{'dark' if dark else 'light'}")
    assert reader.complaints() == []
