"""What holds of every page."""

import re
from html.parser import HTMLParser


class Balance(HTMLParser):
    """Which elements are open; raises where one is closed that is not the last."""

    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(page):
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"https?://|//\w+\.|@import|src=|url\(", page)
    return parser.tags
