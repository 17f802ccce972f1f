"""Groups of statements as markup: prose with chips, lists with their own numbers, tables."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.answers import Citation, Statement
from ui.components.citations import chips_markup
from ui.components.groups import Group, GroupKind, cells
from ui.components.inline import inline_markup, without_list_marker
from ui.components.pills import icon
from ui.components.places import heading_path_markup


def group_markup(group: Group) -> Markup:
    """Return the markup of a paragraph, list or table; what a language model wrote carries a mark."""
    if group.kind is GroupKind.LIST:
        return _list(group.statements)
    if group.kind is GroupKind.TABLE:
        return _table(group.statements)
    return _paragraph(group.statements)


def origin_markup(citation: Citation) -> Markup:
    """Return the line above a group that says which document and section it was taken from."""
    path = heading_path_markup([citation.title, *[h for h in citation.heading_path if h != citation.title]])
    return Markup('<div class="gw-origin">{}</div>').format(path)


def _paragraph(statements: Sequence[Statement]) -> Markup:
    sentences = Markup(" ").join(
        Markup('<span class="gw-sentence">{}{}{}</span>').format(
            inline_markup(statement.text), chips_markup(statement.citations), _written(statement)
        )
        for statement in statements
    )
    return Markup('<p class="gw-prose">{}</p>').format(sentences)


def _list(statements: Sequence[Statement]) -> Markup:
    rows = Markup("").join(_list_row(statement) for statement in statements)
    return Markup('<ul class="gw-list" role="list">{}</ul>').format(rows)


def _list_row(statement: Statement) -> Markup:
    numbered = statement.kind == "step" and statement.number is not None
    return Markup('<li class="gw-depth-{}{}"><span class="gw-marker">{}</span><div>{}{}{}</div></li>').format(
        min(statement.depth, 4),
        " gw-destructive" if statement.destructive else "",
        f"{statement.number}." if numbered else "•",
        inline_markup(without_list_marker(statement.text)),
        chips_markup(statement.citations) + _written(statement),
        _destroys(statement),
    )


def _table(statements: Sequence[Statement]) -> Markup:
    header = statements[0].header
    names = cells(header) if header else []
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(inline_markup(name)) for name in names)
    rows = Markup("").join(_table_row(statement, max(1, len(names))) for statement in statements)
    thead = Markup("<thead><tr>{}</tr></thead>").format(head) if names else Markup("")
    return Markup('<div class="gw-table-frame"><table class="gw-table">{}<tbody>{}</tbody></table></div>').format(
        thead, rows
    )


def _table_row(statement: Statement, columns: int) -> Markup:
    values = cells(statement.text)
    values += [""] * (columns - len(values))
    shown = [inline_markup(value) for value in values]
    shown[-1] += chips_markup(statement.citations) + _written(statement) + _destroys(statement)
    row = Markup("").join(Markup("<td>{}</td>").format(value) for value in shown)
    return Markup("<tr>{}</tr>").format(row)


def _written(statement: Statement) -> Markup:
    if not statement.written:
        return Markup("")
    words = "Written by the language model, checked against its citations"
    return Markup('<span class="gw-written" role="img" aria-label="{}" title="{}">{}</span>').format(
        words, words, icon("edit_note")
    )


def _destroys(statement: Statement) -> Markup:
    if not statement.destructive:
        return Markup("")
    return Markup('<div class="gw-destroys"><strong>Destructive:</strong> {}</div>').format(statement.destructive)
