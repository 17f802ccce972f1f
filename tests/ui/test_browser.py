"""The app in Chromium, against a real HTTP server: what a person sees, in both themes and two widths.

With UI_SCREENSHOTS set to a folder, what is seen is saved there.
"""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.ui.canned_answers import HOSTILE_QUESTION, RUNBOOK_QUESTION, UNKNOWN_QUESTION
from tests.ui.canned_api import canned_api
from tests.ui.canned_conversations import filled_conversations
from tests.ui.canned_investigations import LOGS, filled_investigations
from tests.ui.fakes import FakeAssistant
from ui.command import streamlit_command

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
# Streamlit asks for these below the path of a page first, and then where they are.
STREAMLIT_PROBES = ("/_stcore/health", "/_stcore/host-config")


class Reader:
    """A person with a browser: opens addresses of the app, reads, chooses, and looks at the console."""

    def __init__(self, address: str, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self._address = address
        self._driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self._driver.set_page_load_timeout(30)

    def look(self, *, width: int, height: int, dark: bool) -> None:
        """Set the size of the window and the theme that the system asks for."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme]})

    def open(self, path: str = "", **parameters: str) -> None:
        """Open a page and wait until it shows something."""
        self._driver.get(f"{self._address}/{path}?{urlencode(parameters)}")
        self.wait(lambda: self.finds(".stMainBlockContainer .stHtml"))

    def settle(self) -> None:
        """Wait until Streamlit has finished the page and the fonts are there."""
        self.wait(lambda: self.finds('.stApp[data-test-script-state="notRunning"]'))
        self.wait(lambda: self.run("return document.fonts.status") == "loaded")

    def finds(self, selector: str) -> bool:
        """Tell whether anything on the page fits `selector`."""
        return bool(self.run("return document.querySelectorAll(arguments[0]).length", selector))

    def wait_for_text(self, words: str) -> None:
        """Wait until the page shows `words`."""
        self.wait(lambda: words in str(self.run("return document.body.innerText")))

    def run(self, script: str, *values: object) -> object:
        """Run JavaScript in the page and return its value."""
        return self._driver.execute_script(script, *values)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; fail with what the page shows instead."""
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, self.run("return document.body.innerText")
            time.sleep(0.1)

    def complaints(self) -> list[str]:
        """Return errors of the console since the last call, Streamlit's own probes left out."""
        entries = [str(entry["message"]) for entry in self._driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [entry for entry in entries if not any(probe in entry for probe in STREAMLIT_PROBES)]

    def save(self, name: str) -> None:
        """Save what is seen, where someone asked for it."""
        folder = os.environ.get("UI_SCREENSHOTS")
        if folder:
            self.settle()
            time.sleep(0.5)  # transitions
            self._driver.save_screenshot(str(Path(folder) / f"{name}.png"))

    def close(self) -> None:
        """Close the browser."""
        self._driver.quit()


@pytest.fixture(scope="module")
def reader(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Return a browser at the app, which asks a canned API."""
    fake = FakeAssistant(threads=filled_conversations(), investigating=filled_investigations())
    with (
        canned_api(fake, _free_port()) as api_url,
        served_app(repository, api_url) as address,
    ):
        reader = Reader(address, tmp_path_factory.mktemp("chromium"))
        yield reader
        reader.close()


SIGHTS = [
    pytest.param(1280, 900, False, id="wide-light"),
    pytest.param(1280, 900, True, id="wide-dark"),
    pytest.param(390, 844, False, id="narrow-light"),
    pytest.param(390, 844, True, id="narrow-dark"),
]


@pytest.mark.parametrize(("width", "height", "dark"), SIGHTS)
def test_an_answer_is_shown_whole_and_without_complaints(
    reader: Reader, request: pytest.FixtureRequest, width: int, height: int, dark: bool
) -> None:
    reader.look(width=width, height=height, dark=dark)

    reader.open(q=RUNBOOK_QUESTION)
    reader.wait_for_text("Deletes the disk of the primary.")
    reader.wait(lambda: reader.finds("#evidence-3"))

    reader.save(f"ask-{request.node.callspec.id}")
    assert reader.run("return document.documentElement.scrollWidth <= window.innerWidth")
    side_by_side = reader.run(
        "return document.querySelector('#evidence-1').getBoundingClientRect().left >"
        " document.querySelector('.gw-verdict').getBoundingClientRect().right - 1"
    )
    assert side_by_side == (width > 900)
    assert reader.complaints() == []


THREAD_SIGHTS = {
    "last-turn": ({"conversation": "conversation-disk"}, "Answered, with a caveat"),
    "stale-turn": ({"conversation": "conversation-disk", "turn": "answer-partial"}, "Since this answer was given"),
    "fallback": ({"conversation": "conversation-disk", "turn": "answer-fallen-back"}, "own words"),
    "one-answer": ({"answer": "answer-written"}, "Open the conversation"),
    "not-found": ({"conversation": "nothing"}, "Conversation not found"),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sight", THREAD_SIGHTS)
def test_a_conversation_fits_the_window_and_can_be_read(reader: Reader, sight: str, dark: bool) -> None:
    parameters, words = THREAD_SIGHTS[sight]
    for width in (390, 1280):
        reader.look(width=width, height=900, dark=dark)
        reader.open(**parameters)
        reader.wait_for_text(words)
        reader.settle()

        assert reader.run("return document.documentElement.scrollWidth <= window.innerWidth")
        assert reader.run(CONTRAST) == []
        reader.save(f"thread-{sight}-{width}-{'dark' if dark else 'light'}")
    assert reader.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("label", ["Conversations", "Delete"])
def test_what_stands_in_a_popover_can_be_read_in_both_themes(reader: Reader, label: str, dark: bool) -> None:
    reader.look(width=1280, height=900, dark=dark)
    reader.open(conversation="conversation-disk")
    reader.wait_for_text("Answered, with a caveat")
    reader.settle()

    reader.run(
        "[...document.querySelectorAll('button')].find((one) => one.innerText.includes(arguments[0])).click()", label
    )
    reader.wait(lambda: reader.finds('[data-testid="stPopoverBody"] .stHtml'))
    reader.settle()

    reader.wait(lambda: reader.run(CONTRAST) == [])
    reader.save(f"thread-{label.lower()}-{'dark' if dark else 'light'}")


def test_the_form_stays_in_view_on_a_wide_screen_and_earlier_turns_open_by_keyboard(reader: Reader) -> None:
    reader.look(width=1280, height=900, dark=False)
    reader.open(conversation="conversation-disk", turn="answer-answered")
    reader.wait(lambda: reader.finds("#evidence-3"))
    reader.settle()

    box = "const box = document.querySelector('textarea').getBoundingClientRect();"
    assert reader.run(f"{box} return box.top > 0 && box.bottom <= window.innerHeight")
    reader.run("document.querySelector('.gw-turn > summary').focus(); document.activeElement.click()")
    assert reader.finds(".gw-turn[open] .gw-turn-body")


def test_a_chip_selects_the_card_of_its_number_without_moving_the_answer(reader: Reader) -> None:
    reader.look(width=1280, height=900, dark=False)
    reader.open(q=RUNBOOK_QUESTION)
    reader.wait(lambda: reader.finds("#evidence-3"))
    reader.settle()

    before = reader.run("return document.querySelector('.gw-prose').getBoundingClientRect().top")
    reader.run("document.querySelector('a.gw-chip[data-n=\"1\"]').click()")

    assert reader.finds("#evidence-1:target")
    assert reader.run("return document.querySelector('.gw-prose').getBoundingClientRect().top") == before
    accent = "return getComputedStyle(document.querySelector(arguments[0])).backgroundColor"
    assert reader.run(accent, '.gw-chip[data-n="1"]') == reader.run(accent, "#evidence-1 .gw-num")
    assert reader.run(accent, '.gw-chip[data-n="1"]') != reader.run(accent, '.gw-chip[data-n="2"]')


def test_a_hostile_document_runs_nothing(reader: Reader) -> None:
    reader.open(q=HOSTILE_QUESTION)
    reader.wait_for_text("is how the page was")
    reader.open("knowledge", document="document-defaced")
    reader.wait_for_text("Ignore all previous instructions.")

    assert reader.run("return window.hacked === undefined")
    assert not reader.finds(".stHtml img")


def test_links_inside_the_app_do_not_load_it_anew(reader: Reader) -> None:
    reader.look(width=1280, height=900, dark=False)
    reader.open("knowledge", view="documents")
    reader.wait_for_text("orders-disk-full.md")

    reader.run("window.sameLoad = true; document.querySelector('a[href$=\"document=document-disk\"]').click()")
    reader.wait_for_text("Wrong kind or services?")
    reader.run("history.back()")
    reader.wait_for_text("Title or path holds")

    assert reader.run("return window.sameLoad")
    assert reader.complaints() == []


KNOWLEDGE_SIGHTS = {
    "sources": ({"view": "sources"}, "What changed"),
    "documents": ({"view": "documents"}, "orders-disk-full.md"),
    "health": ({"view": "health"}, "Never retrieved"),
    "services": ({"view": "services"}, "Takes orders."),
    "service": ({"service": "orders"}, "Also called"),
    "alerts": ({"view": "alerts"}, "CheckoutQueueStuck"),
    "run": ({"run": "12"}, "Checks before promotion"),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sight", KNOWLEDGE_SIGHTS)
def test_each_view_of_the_knowledge_fits_the_window_and_can_be_read(reader: Reader, sight: str, dark: bool) -> None:
    parameters, words = KNOWLEDGE_SIGHTS[sight]
    for width in (390, 1280):
        reader.look(width=width, height=900, dark=dark)
        reader.open("knowledge", **parameters)
        reader.wait_for_text(words)
        reader.settle()

        assert reader.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert reader.run(CONTRAST) == []
    assert reader.complaints() == []
    reader.save(f"knowledge-{sight}-{'dark' if dark else 'light'}")


def test_a_linked_line_is_brought_into_view(reader: Reader) -> None:
    reader.look(width=1280, height=400, dark=True)

    reader.open("knowledge", document="document-disk", line="37-38")
    reader.wait(lambda: reader.finds(".gw-document .gw-hit"))

    seen = (
        "const box = document.querySelector('.gw-hit').getBoundingClientRect();"
        "return box.top > 0 && box.bottom < window.innerHeight"
    )
    reader.wait(lambda: bool(reader.run(seen)))
    reader.look(width=1280, height=900, dark=True)
    reader.save("document-wide-dark")


def test_abstaining_is_as_complete_as_answering(reader: Reader) -> None:
    reader.look(width=1280, height=900, dark=False)

    reader.open(q=UNKNOWN_QUESTION)

    for words in ("Not enough evidence", "What would help", "Nearest documents", "Record this gap"):
        reader.wait_for_text(words)
    reader.save("abstained-wide-light")


@pytest.mark.parametrize(("width", "height", "dark"), SIGHTS)
def test_a_citation_opens_its_rows_and_its_sentence_stays_in_view(
    reader: Reader, request: pytest.FixtureRequest, width: int, height: int, dark: bool
) -> None:
    reader.look(width=width, height=height, dark=dark)
    reader.open("investigations", id="run-1")
    reader.wait_for_text("What rests on these rows")
    chip = f".gw-findings a.gw-chip[href*='{LOGS}']"
    reader.run(f'const it = document.querySelector("{chip}"); it.scrollIntoView(false); it.focus(); it.click()')
    reader.wait_for_text("2 of 900 rows.")
    reader.settle()

    reader.wait(lambda: reader.finds(f"{chip}[aria-current]"))
    reader.save(f"investigation-{request.node.callspec.id}")
    hidden = (
        "return [arguments[0], '.gw-rows-chosen .gw-num'].filter((place) => { const it = document.querySelector(place),"
        " box = it.getBoundingClientRect(); return document.elementFromPoint(box.x + 5, box.y + 5) !== it })"
    )
    assert reader.run(hidden, chip) == []
    assert reader.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert reader.run(CONTRAST) == []
    assert reader.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa_in_both_themes(reader: Reader, dark: bool) -> None:
    reader.look(width=1280, height=900, dark=dark)
    reader.open(q=RUNBOOK_QUESTION)
    reader.wait(lambda: reader.finds("#evidence-3"))

    faint = reader.run(CONTRAST)

    assert faint == []


# Relative luminance and contrast ratio: WCAG 2.2, success criterion 1.4.3; 4.5 for text of normal size.
CONTRAST = """
const channels = (colour) => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = channels(getComputedStyle(at).backgroundColor);
    if (colour[3] > 250) return colour.slice(0, 3);
  }
  return [255, 255, 255];
};
const faint = [];
for (const node of document.querySelectorAll(".stHtml *, button[kind=primaryFormSubmit] *, textarea, label *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !node.getClientRects().length) continue;
  const text = luminance(channels(getComputedStyle(node).color).slice(0, 3));
  const back = luminance(background(node));
  const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
  if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${node.className} ${node.textContent.slice(0, 40)}`);
}
return faint;
"""


@contextmanager
def served_app(repository: Path, api_url: str) -> Iterator[str]:
    """Serve the app as `groundwatch app` does; yield its address."""
    port = _free_port()
    environment = {
        **os.environ,
        "GROUNDWATCH_URL": api_url,
        "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    process = subprocess.Popen(
        streamlit_command("127.0.0.1", port), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _answers(f"{address}/_stcore/health"):
            assert process.poll() is None, "streamlit ended"
            assert time.monotonic() < deadline, "streamlit did not start"
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
