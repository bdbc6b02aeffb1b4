"""Units of XLIFF 1.2 that are cut into segments, and SDLXLIFF: each segment is filled by itself."""

import pytest
from lxml import etree

from mtkit.formats.opening import open_document
from tests.support.segmented import CUT, content

MARK = 'state="needs-review-translation" state-qualifier="leveraged-mt"'


def opened(tmp_path, text, fuzzy=False, name="a.xlf"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return open_document(path, fuzzy=fuzzy)


def texts(document):
    return [unit.text for unit in document.units]


def test_a_target_is_made_as_the_source_is_cut(tmp_path):
    document = opened(tmp_path, content())
    assert (texts(document), document.kept) == (["One & two.", "Three."], 0)
    assert [document.fault(number, text) for number, text in enumerate(texts(document))] == ["", ""]
    assert document.filled([None, None]).decode() == content()
    inner = CUT.removeprefix("<seg-source>").removesuffix("</seg-source>")
    assert document.filled(texts(document)).decode() == content(
        f"\n  <target {MARK}>{inner}</target>"
    ).replace("\n  \n", "\n")
    one = document.filled(["Eins & zwei.", None]).decode()
    assert (
        f'<target {MARK}><mrk mtype="seg" mid="1">Eins &amp; zwei.</mrk> <g id="1"><mrk mtype="seg"'
        ' mid="2"></mrk></g> ' in one
    )
    etree.fromstring(one.encode())


def test_whose_a_target_is(tmp_path):
    memory = 'state="needs-review-translation" state-qualifier="exact-match"'
    document = opened(tmp_path, content())
    assert f"<target {MARK}>" in document.filled(texts(document)).decode()
    assert f"<target {memory}>" in document.filled(texts(document), {0, 1}).decode()
    assert '<target state="needs-review-translation">' in document.filled(texts(document), {1}).decode()
    # What was a memory's alone is not when a machine adds to it.
    filled = (
        opened(tmp_path, document.filled(["Eins & zwei.", None], {0}).decode()).filled(["Drei."]).decode()
    )
    assert (
        '<target state="needs-review-translation"><mrk mtype="seg" mid="1">Eins &amp; zwei.</mrk>' in filled
    )
    # Of people and a memory all is of people; what may be a machine's already stays so.
    two = (
        '<target{}><mrk mtype="seg" mid="1">Eins</mrk> <mrk mtype="seg" mid="2"/> <mrk mtype="seg"'
        ' mid="3"/></target>'
    )
    for before, after in (("", f" {memory}"), (' state="needs-review-translation"',) * 2):
        assert (
            two[:-2].format(after)[:60]
            in opened(tmp_path, content(two.format(before))).filled(["Drei."], {0}).decode()
        )


def test_segments_that_are_filled_stay(tmp_path):
    target = (
        '<target xml:lang="de"><mrk mtype="seg" mid="2">Drei!</mrk> <g id="1"><mrk mtype="seg" mid="1"'
        " /></g>{}</target>"
    )
    three = '<mrk mid="3" mtype="seg"/>'
    document = opened(tmp_path, content(target.format(three)))
    assert (texts(document), document.kept) == (["One & two."], 1)
    filled = document.filled(["Eins & zwei."]).decode()
    # Not all of it is a machine's.
    expected = target.replace('"de"', '"de" state="needs-review-translation"').replace(
        'mid="1" /', 'mid="1">Eins &amp; zwei.</mrk'
    )
    assert filled == content(expected.format(three))
    assert len(opened(tmp_path, filled, fuzzy=True).units) == 0
    lacking = opened(tmp_path, content(target.format("")))
    assert lacking.fault(0, "x") == "its target is cut into other segments than its source"


@pytest.mark.parametrize(
    ("target", "attributes", "fuzzy", "units", "kept"),
    [
        ("<target/>", "", False, 2, 0),
        ("<target>Alles.</target>", "", False, 0, 1),
        ("<target>Alles.</target>", "", True, 0, 1),
        ('<target state="final">Alles.</target>', "", True, 0, 1),
        (f"<target {MARK}>Alles.</target>", "", False, 0, 1),
        (f"<target {MARK}>Alles.</target>", "", True, 1, 0),
        ('<target state="final"/>', "", False, 0, 2),
        ("", ' approved="yes"', False, 0, 2),
        ("", ' translate="no"', False, 0, 0),
        (
            '<target state="new"><mrk mtype="seg" mid="1">a</mrk><mrk mtype="seg" mid="2"/></target>',
            "",
            False,
            1,
            1,
        ),
        (
            '<target state="new"><mrk mtype="seg" mid="1">a</mrk><mrk mtype="seg" mid="2"/></target>',
            "",
            True,
            2,
            0,
        ),
        (
            f'<target {MARK}><mrk mtype="seg" mid="1">a</mrk><mrk mtype="seg" mid="2">b</mrk></target>',
            "",
            True,
            2,
            0,
        ),
    ],
)
def test_which_are_open(tmp_path, target, attributes, fuzzy, units, kept):
    document = opened(tmp_path, content(target, attributes=attributes), fuzzy)
    assert (len(document.units), document.kept) == (units, kept)


def test_a_target_that_is_not_cut_is_made_anew_as_it_is(tmp_path):
    document = opened(tmp_path, content(f"<target {MARK}>Alles.</target>"), fuzzy=True)
    assert texts(document) == ["One & two. <1>Three.</1> <2/>"]
    text = 'Eins &amp; zwei. <g id="1">Drei.</g> <x id="2"/>'
    assert document.filled(["Eins & zwei. <1>Drei.</1> <2/>"]).decode() == content(
        f"<target {MARK}>{text}</target>"
    )


def test_comments_and_codes_in_a_target_stay(tmp_path):
    target = (
        '<target><!-- a --><mrk mtype="seg" mid="1"><!-- b --></mrk> <mrk mtype="seg" mid="2"><x'
        ' id="7"/></mrk>{}</target>'
    )
    target = target.format('<mrk mtype="seg" mid="3"/>')
    document = opened(tmp_path, content(target))
    assert (texts(document), document.kept) == (["One & two."], 1)
    expected = content(target.replace("<!-- b -->", "<!-- b -->Eins").replace("<target>", f"<target {MARK}>"))
    assert document.filled(["Eins"]).decode() == expected
    empty = opened(tmp_path, content("<target><!-- a --></target>"))
    assert (
        f'<target {MARK}><!-- a --><mrk mtype="seg" mid="1">Eins</mrk>'
        in empty.filled(["Eins", "Drei"]).decode()
    )


def test_segments_without_numbers(tmp_path):
    document = opened(tmp_path, content(cut=CUT.replace('mid="2"', 'mid="1"')))
    assert document.fault(0, "x") == "its segments have no number (mid) of their own"
    own = "<seg-source>One</seg-source>"
    plain = opened(tmp_path, content(cut=own))
    # The target stands behind both.
    target = f'<target {MARK}>a <g id="1"></g> <x id="2"/></target>'
    assert plain.filled(["a <1></1> <2/>"]).decode() == content(cut=f"{own}\n  {target}")
    assert texts(plain) == ["One & two. <1>Three.</1> <2/>"]


STATES = (
    '<sdl:seg-defs><sdl:seg id="1" conf="Draft" origin="mt"/><sdl:seg id="2"><sdl:value'
    ' key="k">v</sdl:value></sdl:seg>{}'
)
STUDIO_MARK = 'conf="Draft" origin="mt" origin-system="mtkit"'


def states(more='<sdl:seg id="3"/>'):
    return STATES.format(more) + "</sdl:seg-defs>"


def test_studio(tmp_path):
    target = (
        '<target><mrk mtype="seg" mid="1">{}</mrk> <g id="1"><mrk mtype="seg" mid="2"{}</g> <mrk mtype="seg"'
        ' mid="3"/>'
    )
    target += "</target>"
    text = content(target.format("Eins", "/>"), states())
    document = opened(tmp_path, text, name="a.sdlxliff")
    assert (texts(document), document.kept) == (["Three."], 1)
    expected = content(
        target.format("Eins", ">Drei.</mrk>"), states().replace('id="2"', f'id="2" {STUDIO_MARK}')
    )
    assert document.filled(["Drei."]).decode() == expected
    again = opened(tmp_path, expected, fuzzy=True, name="a.sdlxliff")
    assert texts(again) == ["One & two.", "Three."]
    filled = again.filled(["1", "3"]).decode()
    assert f'<sdl:seg id="1" {STUDIO_MARK}/>' in filled and "state=" not in filled


@pytest.mark.parametrize(
    ("found", "instead", "units", "kept"),
    [
        ('id="2"', 'id="2" locked="true"', 1, 1),
        ('id="2"', 'id="2" conf="Translated"', 1, 1),
        ('id="1" conf="Draft"', 'id="1" conf="ApprovedSignOff"', 1, 1),
    ],
)
def test_what_people_settled_in_studio(tmp_path, found, instead, units, kept):
    document = opened(tmp_path, content("", states().replace(found, instead)), name="a.sdlxliff")
    assert (len(document.units), document.kept) == (units, kept)


def test_what_studio_must_do_itself(tmp_path):
    document = opened(tmp_path, content("", states(), cut=""), name="a.sdlxliff")
    assert document.fault(0, "x").startswith(
        "it is not cut into segments (seg-source) yet: open the file in Studio"
    )
    document = opened(tmp_path, content("", states().replace('id="2"', 'id="9"')), name="a.sdlxliff")
    assert [document.fault(0, "x"), document.fault(1, "x")] == [
        "",
        "nothing says how far its segment is (sdl:seg)",
    ]
    remark = CUT.replace("Three.", '<mrk mtype="x-sdl-comment" sdl:cid="1">Three.</mrk>')
    document = opened(tmp_path, content("", states(), cut=remark), name="a.sdlxliff")
    assert document.fault(1, document.units[1].text) == "it has remarks or changes of Studio (x-sdl-...)"
