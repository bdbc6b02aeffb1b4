"""The pages in a real browser: they fit windows wide and narrow, follow light and dark, and their tables
sort.

Run with `pytest -m slow tests/pages/test_browser.py` where chromium is installed (on Debian: apt install
chromium).
"""

import html
import json
import re
import shutil
import subprocess

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.pages.comparison_page import comparison_page
from mtkit.pages.overview import overview
from mtkit.pages.report_page import report_page
from mtkit.scoring.compare import compare_hypotheses
from mtkit.scoring.evaluation_text import EvaluationText
from mtkit.settings.score import CompareSettings, ReportSettings

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BROWSER, reason="no chromium here")]

# What a page finds out about itself, in its title.
PROBE = """<script>
const table = document.querySelector("table.sortable.lines"), body = table.tBodies[0];
const column = () => [...body.rows].map(row => Number(row.cells[0].textContent));
const button = table.tHead.rows[0].cells[0].querySelector("button");
const orders = [column()];
for (const _ of [1, 2]) { button.click(); orders.push(column()); }
const outside = [...document.querySelectorAll("main *")].filter(one =>
  !one.closest(".wide, svg") && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.tagName);
document.title = JSON.stringify({
  width: innerWidth, needed: document.documentElement.scrollWidth, outside, orders,
  paper: getComputedStyle(document.body).backgroundColor, sorted: table.tHead.rows[0].cells[0].getAttribute("aria-sort"),
  crowded: [...document.querySelectorAll(".data th")].filter(one => one.scrollWidth > one.clientWidth + 1).length,
  charts: [...document.querySelectorAll("svg.chart")].map(one => one.getBoundingClientRect().height),
});
</script>"""  # noqa: E501


@pytest.fixture(scope="module")
def pages(trained):
    words = ["cat", "dog", "house", "tree", "bird"]
    reference = [f"the {one} sees a {other}" for one in words for other in words]
    changed = {word: [line.replace(word, "cow") for line in reference] for word in ("cat", "dog")}
    systems = [(f"test-best-beam5-without-the-{word}", lines) for word, lines in changed.items()]
    found = compare_hypotheses(
        EvaluationText("x", reference, [reference]), systems, CompareSettings(bootstrap_samples=50)
    )
    about = overview(Checkpoint(trained / "checkpoint"), ReportSettings(beam=1, bootstrap_samples=50))
    return {"comparison": comparison_page(found), "report": report_page(about)}


def opened(page, tmp_path, width, dark=False):
    """What the page says of itself in a window of this width."""
    file = tmp_path / "page.html"
    file.write_text(page.replace("</html>", PROBE + "</html>"), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
    ]
    flags += ["--disable-component-update", "--disable-quic", f"--user-data-dir={tmp_path / 'profile'}"]
    flags += [
        f"--window-size={width},900",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--enable-logging=stderr",
    ]
    done = subprocess.run(
        [BROWSER, *flags, "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Uncaught" not in done.stderr
    return json.loads(html.unescape(re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL).group(1)))


@pytest.mark.parametrize("name", ["comparison", "report"])
@pytest.mark.parametrize("width", [500, 1300])
def test_it_fits_and_sorts(pages, name, width, tmp_path):
    said = opened(pages[name], tmp_path, width)
    assert said["width"] == width
    assert said["needed"] <= width
    assert said["outside"] == []
    assert said["crowded"] == 0
    first, up, down = said["orders"]
    assert up == sorted(first)
    assert down == up[::-1]
    assert (first != up, said["sorted"]) == (True, "descending")
    assert min(said["charts"]) > 30


def test_it_is_dark_where_the_browser_is(pages, tmp_path):
    light, dark = (opened(pages["comparison"], tmp_path, 800, dark)["paper"] for dark in (False, True))
    assert light == "rgb(251, 251, 250)"
    assert dark == "rgb(21, 23, 28)"
