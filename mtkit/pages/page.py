"""Pages of HTML that stand alone: no network, nothing beside them."""

from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mtkit import __version__
from mtkit.scoring.report import is_number
from mtkit.scoring.tables import Table


class PageTable(NamedTuple):
    """A table, with which of its columns are numbers."""

    title: str
    note: str
    head: list[str]
    rows: list[list[str]]
    numeric: list[bool]

    @classmethod
    def of(cls, table: Table) -> "PageTable":
        columns = list(zip(*table.rows, strict=True)) or [()] * len(table.head)
        return cls(
            table.title,
            table.note,
            table.head,
            table.rows,
            [all(map(is_number, column)) for column in columns],
        )


def render(template: str, **content: Any) -> str:
    """The page of a template in templates/, with the style and the script inside it. Text is escaped."""
    loader = PackageLoader("mtkit.pages")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    own = {name: Markup(loader.get_source(environment, name)[0]) for name in ("style.css", "sort.js")}
    page = environment.get_template(template)
    return page.render(style=own["style.css"], script=own["sort.js"], version=__version__, **content) + "\n"
