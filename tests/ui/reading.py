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
    text = html.unescape(re.sub(r"<[^>]+>", " ", markup_of(page)))
    return " ".join(text.split())
