"""XML that may be hostile, read without entities, and the reasons why some cannot be read."""

from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 500
"""Elements nested deeper than this are an attack: the tree is walked by recursion elsewhere."""


def parse_xml(data: bytes, format_name: str) -> "Element":
    """Return the root element; raises DocumentUnreadable for broken XML and for XML that declares entities."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise DocumentUnreadable(
            f"declares XML entities, which are not read; save it as plain {format_name}"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise DocumentUnreadable(f"is no valid {format_name} file ({error}); save it again") from error
    _check_depth(root)
    return root


def _check_depth(root: "Element") -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise DocumentUnreadable(f"nests XML deeper than {MAX_DEPTH} levels; export it again")
