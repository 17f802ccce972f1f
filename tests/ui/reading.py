"""Read a page as a test sees it: the markup of our components, and the text that it shows."""

import html
import re

from streamlit.testing.v1 import AppTest


def markup_of(page: AppTest) -> str:
    """Return all markup of the page in its order, styles and scripts left out."""
    bodies = [str(element.proto.body) for element in page.get("html")]
    return "\n".join(body for body in bodies if "<style>" not in body and "<script>" not in body)


def text_of(page: AppTest) -> str:
    """Return what a person reads in our components, on one line."""
    shown = re.sub(r'<span class="gw-icon" aria-hidden="true">[a-z_]+</span>', "", markup_of(page))
    text = html.unescape(re.sub(r"<[^>]+>", " ", shown))
    return " ".join(text.split())
