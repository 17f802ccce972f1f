"""Tables, and links to the pages of a long list."""

from collections.abc import Callable, Collection, Iterable

from markupsafe import Markup


def table_markup(
    names: Iterable[str], rows: Iterable[Markup], *, figures: Collection[int] = (), style: str = ""
) -> Markup:
    """Return a table under the headings `names`; columns of `figures` stand to the right."""
    return Markup('<div class="gw-table-frame"><table class="gw-table {}">{}<tbody>{}</tbody></table></div>').format(
        style, _head(names, figures), Markup("").join(rows)
    )


def row_markup(cells: Iterable[Markup | str], *, figures: Collection[int] = ()) -> Markup:
    """Return one row; text that is no markup is escaped."""
    shown = Markup("").join(
        Markup("<td{}>{}</td>").format(_figure(index, figures), cell) for index, cell in enumerate(cells)
    )
    return Markup("<tr>{}</tr>").format(shown)


def note_row_markup(note: Markup, columns: int) -> Markup:
    """Return a row below another that says more about it."""
    return Markup('<tr class="gw-problems"><td colspan="{}">{}</td></tr>').format(columns, note)


def pages_markup(page: int, total: int, size: int, address: Callable[[int], str]) -> Markup:
    """Return where in a list this page is, with links to those before and after it; nothing for an empty list."""
    pages = max(1, -(-total // size))
    first = (page - 1) * size + 1
    if not total:
        return Markup("")
    if first > total:
        return Markup('<nav class="gw-pager" aria-label="Pages"><span>Page {} is beyond the end</span>{}</nav>').format(
            page, _page_link(address(1), "First page")
        )
    before = _page_link(address(page - 1), "Previous") if page > 1 else ""
    after = _page_link(address(page + 1), "Next") if page < pages else ""
    return Markup('<nav class="gw-pager" aria-label="Pages"><span>{} to {} of {}</span>{}{}</nav>').format(
        f"{first:,}", f"{min(total, page * size):,}", f"{total:,}", before, after
    )


def page_number(value: str | None) -> int:
    """Return the page that an address names; anything that is no number from 1 is the first."""
    text = value or ""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _page_link(address: str, words: str) -> Markup:
    return Markup('<a class="gw-soft" href="{}">{}</a>').format(address, words)


def _head(names: Iterable[str], figures: Collection[int]) -> Markup:
    cells = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_figure(index, figures), name) for index, name in enumerate(names)
    )
    return Markup("<thead><tr>{}</tr></thead>").format(cells)


def _figure(index: int, figures: Collection[int]) -> Markup:
    return Markup(' class="gw-figure"') if index in figures else Markup("")
