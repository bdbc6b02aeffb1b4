"""Pages of HTML that stand alone: no network, nothing beside them."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mtkit import __version__


def render(template: str, **content: Any) -> str:
    """The page of a template in templates/, with the style and the script inside it. Text is escaped."""
    loader = PackageLoader("mtkit.pages")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def verbatim(name: str) -> Markup:
        return Markup(loader.get_source(environment, name)[0])

    page = environment.get_template(template)
    style, script = verbatim("style.css"), verbatim("sort.js")
    return page.render(style=style, script=script, version=__version__, **content) + "\n"
