"""Files of translators as training text: what is taken, what is left, and what is refused."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from mtkit.errors import InputError
from mtkit.formats.languages import best, fit
from mtkit.formats.opening import open_corpus
from tests.support.catalogue import PO

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="EN-US" datatype="plaintext"/>
<body>
<tu><tuv xml:lang="EN-US"><seg>One  cat
 sits.</seg></tuv><tuv xml:lang="de-DE"><seg>Eine Katze &amp; sitzt.</seg></tuv><tuv xml:lang="fr"><seg>Un chat.</seg></tuv></tu>
<tu><tuv xml:lang="fr"><seg>seul</seg></tuv><tuv xml:lang="en-GB"><seg>alone</seg></tuv></tu>
<tu><tuv lang="en"><seg>Press <bpt i="1">&lt;b&gt;</bpt><hi>here</hi><ept i="1">&lt;/b&gt;</ept>!<ph x="1">{0}</ph></seg></tuv>
<tuv lang="de"><prop type="x">y</prop><seg>Hier dr\u00fccken!</seg></tuv></tu>
</body></tmx>
"""  # noqa: E501

XLIFF = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="a" source-language="en-US" target-language="de" datatype="plaintext"><header><note>n</note></header><body>
<trans-unit id="1"><source>A <g id="1">red</g> <x id="2"/>cat</source>
<target state="final">Eine <g id="1">rote</g> <x id="2"/>Katze</target></trans-unit>
<trans-unit id="2"><source>new</source><target state="needs-translation">neu</target></trans-unit>
<trans-unit id="3"><source>empty</source><target/></trans-unit>
<trans-unit id="4" translate="no"><source>code</source><target>code</target></trans-unit>
<trans-unit id="5" approved="no"><source>draft</source><target>Entwurf</target></trans-unit>
<group><trans-unit id="6" approved="yes"><source>seen</source><target>gesehen</target>
<alt-trans><source>x</source><target>y</target></alt-trans></trans-unit></group>
</body></file>
<file original="b" source-language="en" target-language="fr" datatype="plaintext"><body>
<trans-unit id="7"><source>other</source><target>autre</target></trans-unit></body></file>
</xliff>
"""  # noqa: E501

XLIFF2 = """<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="f">
<unit id="1"><segment state="final"><source>One <pc id="1">cat</pc>.</source><target>Eine <pc id="1">Katze</pc>.</target></segment>
<ignorable><source> </source></ignorable>
<segment state="initial"><source>Two.</source><target>Zwei.</target></segment>
<segment><source>Three<ph id="2"/>.</source><target>Drei<ph id="2"/>.</target></segment></unit>
<unit id="2" translate="no"><segment><source>x</source><target>y</target></segment></unit></file></xliff>
"""  # noqa: E501


def pairs(path, source="en", target="de"):
    return [(pair.source, pair.target) for pair in open_corpus(str(path), source, target)]


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path, *languages):
    with pytest.raises(InputError) as error:
        pairs(path, *languages)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path))


def test_languages():
    assert [fit("en", code) for code in ("en", "EN-US", "en_GB", "eng", "de", "", "e")] == [
        2,
        1,
        1,
        0,
        0,
        0,
        0,
    ]
    assert [fit("en-US", code) for code in ("en_us", "en", "en-GB")] == [2, 1, 0]
    assert best("en", ("de", "en-GB", "en")) == 2
    assert best("en", ("en-GB", "en-US")) == 0
    assert best("en", ("de",)) is None


def test_a_memory_of_several_languages(tmp_path):
    path = written(tmp_path / "a.tmx", TMX)
    assert pairs(path) == [("One cat sits.", "Eine Katze & sitzt."), ("Press here!", "Hier drücken!")]
    assert pairs(path, "fr", "en") == [("Un chat.", "One cat sits."), ("seul", "alone")]
    assert pairs(path, "en-US", "fr-CA") == [("One cat sits.", "Un chat.")]
    assert [pair.line for pair in open_corpus(str(path), "en", "de")] == [5, 8]
    assert (
        refused(path, "en", "ja")
        == " has no unit in en and ja; its languages: EN-US, de-DE, fr, en-GB, en, de"
    )
    zipped = written(tmp_path / "B.TMX.gz", gzip.compress(TMX.replace("UTF-8", "UTF-16").encode("utf-16")))
    assert pairs(zipped) == pairs(path)


def test_inline_codes_kept_as_tags(tmp_path):
    def kept(name, content):
        corpus = open_corpus(str(written(tmp_path / name, content)), "en", "de", keep_codes=True)
        return [(pair.source, pair.target) for pair in corpus]

    assert kept("a.tmx", TMX)[1] == ("Press <1><2>here</2></1>!<3/>", "Hier dr\u00fccken!")
    assert kept("a.xlf", XLIFF)[0] == ("A <1>red</1> <2/>cat", "Eine <1>rote</1> <2/>Katze")
    unit = (
        '<unit id="1"><segment><source><pc id="1">a</pc> <ph id="2"/><mrk id="m">b</mrk> <sc id="3"/>c<ec'
        ' startRef="3"/></source><target><sc id="3"/>c<ec startRef="3"/> <mrk id="m">b</mrk><ph id="2"/> <pc'
        ' id="1">A</pc></target></segment></unit>'
    )
    head = '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="de">'
    xliff = f'{head}<file id="f">{unit}</file></xliff>'
    assert kept("b.xlf", xliff) == [("<1>a</1> <2/>b <3>c</3>", "<3>c</3> b<2/> <1>A</1>")]
    swapped = (
        '<tmx><tu><tuv lang="en"><seg><bpt i="1" x="1"/>Save<ept i="1"/> the <bpt i="2" x="2"/>file<ept'
        ' i="2"/></seg></tuv><tuv lang="de"><seg>Die <bpt i="1" x="2"/>Datei<ept i="1"/> <bpt i="2"'
        ' x="1"/>speichern<ept i="2"/></seg></tuv></tu></tmx>'
    )
    assert kept("d.tmx", swapped) == [("<1>Save</1> the <2>file</2>", "Die <2>Datei</2> <1>speichern</1>")]
    nested = (
        '<tmx><tu><tuv lang="en"><seg>a<ph/><!-- x --> <hi>b<ph/></hi></seg></tuv>'
        '<tuv lang="de"><seg><hi>a</hi><ph/></seg></tuv></tu></tmx>'
    )
    assert kept("e.tmx", nested) == [("a<1/> <2>b<3/></2>", "<2>a</2><1/>")]
    remarks = unit.replace('<mrk id="m">b</mrk>', '<sm id="m"/>b<em startRef="m"/>')
    assert kept("c.xlf", f'{head}<file id="f">{remarks}</file></xliff>') == kept("b.xlf", xliff)
    unnamed = (
        '<tmx><tu><tuv lang="en"><seg>a<ph/>b<ph/></seg></tuv><tuv'
        ' lang="de"><seg>a<ph/>b<ph/></seg></tuv></tu></tmx>'
    )
    assert kept("c.tmx", unnamed) == [("a<1/>b<2/>", "a<1/>b<2/>")]


def test_finished_translations_of_xliff(tmp_path):
    path = written(tmp_path / "a.xlf", XLIFF)
    assert pairs(path) == [("A red cat", "Eine rote Katze"), ("seen", "gesehen")]
    assert pairs(path, "en", "fr") == [("other", "autre")]
    assert "its languages: en-US to de, en to fr" in refused(path, "en", "ja")
    assert pairs(written(tmp_path / "b.xliff", XLIFF2)) == [("One cat.", "Eine Katze."), ("Three.", "Drei.")]


@pytest.mark.parametrize(
    ("file", "group", "unit", "read"),
    [
        ("", "no", "", 0),
        ("no", "", "", 0),
        ("no", "yes", "", 1),
        ("no", "", "yes", 1),
        ("no", "yes", "no", 0),
        ("", "", "", 1),
    ],
)
@pytest.mark.parametrize("content", [XLIFF, XLIFF2])
def test_what_is_not_to_be_translated_is_said_by_the_nearest(tmp_path, content, file, group, unit, read):
    locked = [value and f' translate="{value}"' for value in (file, group, unit)]
    if content == XLIFF:
        kind, head, inner = (
            "trans-unit",
            '<xliff version="1.2"><file source-language="en" target-language="de"{}><body>',
            "{}",
        )
    else:
        kind, head, inner = (
            "unit",
            '<xliff version="2.1" srcLang="en" trgLang="de"><file id="f"{}>',
            "<segment>{}</segment>",
        )
    text = inner.format("<source>a</source><target>b</target>")
    groups = "<group{}><group><{kind} id='1'{}>{text}</{kind}></group></group>".format(
        *locked[1:], kind=kind, text=text
    )
    other = f"<{kind} id='2' translate='yes'>{inner.format('<source>c</source><target>d</target>')}</{kind}>"
    end = "</body></file></xliff>" if content == XLIFF else "</file></xliff>"
    path = written(tmp_path / "a.xlf", head.format(locked[0]) + groups + other + end)
    assert pairs(path) == [("a", "b")] * read + [("c", "d")]


def cut(target, states=""):
    """A unit of three segments, of which the last two are within a code."""
    marks = (
        '<mrk mtype="seg" mid="1">One.</mrk> <g id="1"><mrk mtype="seg" mid="2">Two.</mrk> <mrk mtype="seg"'
        ' mid="3">3</mrk></g>'
    )
    source = f"<source>One. Two. 3</source><seg-source>{marks}</seg-source>"
    unit = f'<trans-unit id="1">{source}<target>{target}</target><seg-defs>{states}</seg-defs></trans-unit>'
    return (
        '<xliff version="1.2"><file source-language="en"'
        f' target-language="de"><body>{unit}</body></file></xliff>'
    )


@pytest.mark.parametrize(
    ("target", "states", "expected"),
    [
        ('<mrk mtype="seg" mid="1">Eins.</mrk><mrk mtype="seg" mid="2"/>', "", [("One.", "Eins.")]),
        (
            '<g id="1"><mrk mtype="seg" mid="2">Zwei.</mrk></g><mrk mtype="seg" mid="1">Eins.</mrk>',
            "",
            [("One.", "Eins."), ("Two.", "Zwei.")],
        ),
        ("Eins. Zwei. 3", "", [("One. Two. 3", "Eins. Zwei. 3")]),
        ("Eins. Zwei. 3", '<seg id="2" conf="RejectedTranslation"/>', []),
        (
            (
                '<mrk mtype="seg" mid="1">Eins.</mrk><mrk mtype="seg" mid="2">Zwei.</mrk><mrk mtype="seg"'
                ' mid="3">3</mrk>'
            ),
            (
                '<seg id="1" conf="RejectedSignOff"/><seg id="2" conf="Draft" origin="nmt"/><seg id="3"'
                ' conf="Draft"/>'
            ),
            [("3", "3")],
        ),
        # Which of two segments with the same number is meant nobody can say.
        (
            (
                '<mrk mtype="seg" mid="1">Eins.</mrk><mrk mtype="seg" mid="1">Eine.</mrk><mrk mtype="seg"'
                ' mid="3">3</mrk>'
            ),
            "",
            [("3", "3")],
        ),
        (
            (
                '<mrk mtype="seg" mid="1">Ei<mrk mtype="x-sdl-deleted">-<mrk'
                ' mtype="x-sdl-deleted">!</mrk></mrk>ns<mrk mtype="x-sdl-added">.</mrk></mrk>'
            ),
            "",
            [("One.", "Eins.")],
        ),
    ],
)
def test_what_is_cut_is_read_by_segments(tmp_path, target, states, expected):
    path = written(tmp_path / "a.xlf", cut(target, states))
    if expected:
        assert pairs(path) == expected
    else:
        assert "has no finished translation" in refused(path)


def test_finished_translations_of_a_catalogue(tmp_path):
    path = written(tmp_path / "de.po", PO.encode("latin-1"))
    assert pairs(path) == [
        ("_Open", "Ö_ffnen"),
        ("%d file", "%d Datei"),
        ("%d files", "%d Dateien"),
        ("two lines", "zwei Zeilen"),
    ]
    assert (
        refused(path, "en", "fr")
        == " is a translation into de, as its header says (Language), and fr is asked for"
    )


ARABIC = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
)


@pytest.mark.parametrize(
    ("rule", "forms", "expected"),
    [
        (ARABIC, 6, [("file", "1"), ("files", "4")]),
        (
            "nplurals=4; plural=(n%100==1 ? 1 : n%100==2 ? 2 : n%100==3 || n%100==4 ? 3 : 0);",
            4,
            [("file", "1"), ("files", "0")],
        ),
        (
            "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);",
            3,
            [("file", "0"), ("files", "1")],
        ),  # Latvian
        ("nplurals=2; plural=(n > 1);", 2, [("file", "0"), ("files", "1")]),
        ("nplurals=1; plural=0;", 1, [("files", "0")]),
        ("nplurals=1; plural=0;", 2, []),
        (ARABIC, 2, []),
    ],
)
def test_plural_forms_are_read_by_their_rule(tmp_path, rule, forms, expected):
    """The form for zero things of Arabic is the first, that for few of Slovenian the last."""
    texts = "".join(f'msgstr[{form}] "{form}"\n' for form in range(forms))
    header = f'msgid ""\nmsgstr "Plural-Forms: {rule}\\n"\n\nmsgid "x"\nmsgstr "y"\n\n'
    path = written(tmp_path / "a.po", f'{header}msgid "file"\nmsgid_plural "files"\n{texts}')
    assert pairs(path) == [("x", "y"), *expected]


def test_tables(tmp_path):
    expected = [("a cat, one", "eine Katze"), ("two lines", 'sagt "ja"')]
    rows = 'id,en-US,de\n1,"a cat, one",eine Katze\n\n2,"two\nlines","sagt ""ja"""\n'
    assert pairs(written(tmp_path / "a.csv", "\ufeff" + rows)) == expected
    assert [pair.line for pair in open_corpus(str(tmp_path / "a.csv"), "en", "de")] == [2, 4]
    assert pairs(written(tmp_path / "b.csv", "Target;Source\neine Katze;a cat, one\n")) == expected[:1]
    assert pairs(written(tmp_path / "c.tsv", "de\ten\neine Katze\ta cat, one\n")) == expected[:1]
    assert pairs(written(tmp_path / "d.tsv", "a cat, one\teine Katze\n")) == expected[:1]
    # In .tsv a quotation mark quotes only where it closes before the tab; R's write.table quotes the head
    # too.
    rows = (
        '"id"\t"en"\t"de"\r\n"1"\t"two, lines"\t"sagt ""ja"""\r\n2\t"a cat\tKatze"\r\n3\t"a" or "b"\tc\td\n'
    )
    assert pairs(written(tmp_path / "g.tsv.gz", gzip.compress(rows[:-3].encode()))) == [
        ("two, lines", 'sagt "ja"'),
        ('"a cat', 'Katze"'),
        ('"a" or "b"', "c"),
    ]
    with pytest.raises(InputError, match=r"g\.tsv:4: a row of 4 cells; the head has 3"):
        pairs(written(tmp_path / "g.tsv", rows))
    lines = (
        '{"en": "a cat, one", "de": "eine Katze", "id": 1}\n\n{"translation": {"de": "sagt \\"ja\\"", "en":'
        ' "two\\nlines"}}\n'
    )
    assert pairs(written(tmp_path / "e.jsonl", lines)) == expected
    assert pairs(written(tmp_path / "f.jsonl.gz", gzip.compress(lines.encode()))) == expected


DOCTYPE = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">'
BOMB = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
# Of a text that is replaced in a text ten times, and so on, all would be 10 GB.
BOMBS = f"""<!DOCTYPE tmx [<!ENTITY a "{"ha" * 500}">{
    "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefg", "bcdefgz", strict=True)
    )
}]>"""
OUTSIDE = '<!DOCTYPE tmx [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.tmx", "", ":1: no well-formed XML (no element found)"),
        ("a.tmx", "hello", ":1: no well-formed XML (syntax error)"),
        ("a.tmx", TMX[:600], "no well-formed XML ("),
        ("a.tmx", "<html/>", " is no translation memory: it has no element tmx"),
        (
            "a.tmx",
            TMX.replace(DOCTYPE, BOMB).replace("One", "&b;"),
            ":5: the entity &b; is not one of XML's own",
        ),
        ("a.tmx", TMX.replace(DOCTYPE, OUTSIDE).replace("One", "&b;"), ":5: the entity &b;"),
        ("a.tmx", b"<?xml version='1.0'?><tmx><tu>\xff</tu></tmx>", "no well-formed XML ("),
        ("a.tmx", "<tmx>" + "<a>" * 5000, "no well-formed XML ("),
        ("a.tmx", TMX.replace(DOCTYPE, BOMBS).replace("<tu>", '<tu tuid="&z;">'), "no well-formed XML ("),
        ("a.tmx", b"<?xml version='1.0' encoding='hex'?><tmx/>", ":1: its encoding cannot be read ('hex' is"),
        (
            "a.tmx",
            b"<?xml version='1.0' encoding='shift_jis'?><tmx>\x81</tmx>",
            ":1: its encoding cannot be read (",
        ),
        ("a.tmx.gz", gzip.compress(TMX.encode())[:-20], " cannot be read: compressed file ended"),
        ("a.tmx.gz", TMX, " cannot be read: not a gzipped file"),
        ("a.xlf", TMX, " is no XLIFF: it has no element xliff"),
        (
            "a.xlf",
            XLIFF.replace('"final"', '"new"').replace('"yes"', '"no"'),
            " has no finished translation from en to de",
        ),
        ("a.po", "", " has no finished translation"),
        (
            "a.po",
            'msgid "a"\nnonsense "b"\n',
            ":2: no gettext catalogue (a keyword or a quotation mark is missing)",
        ),
        (
            "a.po",
            b'msgid "a"\nmsgstr "\xff"\n',
            ":2: cannot be read in utf-8, and names no other",
        ),
        ("a.csv", "", ":1: no head"),
        (
            "a.csv",
            "one,two\na,b\n",
            ":1: no columns for en and de, nor source and target; the head has: one, two",
        ),
        ("a.csv", "en,de\na,b\nc\n", ":3: a row of 1 cells"),
        ("a.csv", 'en,de\na,"b\nc,d\n', ":2: a quotation mark is never closed"),
        ("a.csv", b"en,de\na,\xff\n", ":2: not valid UTF-8"),
        ("a.csv", "en,de\n\n,\n", " has no pair: there is no row below its head"),
        ("a.tsv", "en\tde\n", " has no pair: there is no row below its head"),
        ("a.jsonl", "\n", " is empty"),
        ("a.jsonl", "[1]\n", ":1: no object"),
        ("a.jsonl", '{"en": "a", "de": "b"}\n{"en": "a"}\n', ":2: no keys for en and de"),
        ("a.jsonl", '{"en": "a", "de": 7}\n', ":1: a side is no text"),
        ("a.jsonl", "{nonsense\n", ":1: no JSON"),
        ("a.jsonl", '{"en": "\\ud83d", "de": "b"}\n', ":1: half of a character"),
        ("a.po.gz", gzip.compress(PO.encode("latin-1"))[:-20], "damaged or incomplete gzip file"),
        ("a.jsonl", "[" * 100_000, ":1: no JSON"),
        (
            "a.xls",
            "x",
            " is of a kind that is not read; give PREFIX, SOURCE,TARGET, or a file that ends in .tsv, .tmx",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, name, content, words):
    assert words in refused(written(tmp_path / name, content))


def test_text_of_any_size(tmp_path):
    """An XLIFF file may hold that which it was made of."""
    inner = f"<header><skl><internal-file>{'x' * 11_000_000}</internal-file></skl></header><body>"
    path = written(tmp_path / "a.xlf", XLIFF.replace("<header><note>n</note></header><body>", inner))
    assert len(pairs(path)) == 2
    # So may one that declares entities, and elements may be in one another without end.
    path = written(tmp_path / "a.tmx", TMX.replace(DOCTYPE, BOMB).replace("One", "x" * 11_000_000))
    assert len(pairs(path)[0][0]) > 11_000_000
    path = written(tmp_path / "a.tmx", TMX.replace("One", "<hi>" * 20_000 + "One" + "</hi>" * 20_000))
    assert pairs(path)[0] == ("One cat sits.", "Eine Katze & sitzt.")


def test_encodings_that_a_file_declares(tmp_path):
    content = TMX.replace("UTF-8", "shift_jis").replace('"de', '"ja').replace("Eine Katze", "猫")
    path = written(tmp_path / "a.tmx", content.replace("\u00fc", "u").encode("shift_jis"))
    assert pairs(path, "en", "ja")[0] == ("One cat sits.", "猫 & sitzt.")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory on Linux alone")
@pytest.mark.parametrize(
    ("content", "first", "behind"), [(TMX, "<tu>", "</tu>"), (XLIFF, "<group>", "</group>")]
)
def test_memory_does_not_grow_with_the_file(tmp_path, content, first, behind):
    """Two files, the second eighty times as long: read by processes of their own, whose largest memory is
    compared.
    """
    unit = content[content.index(first) : content.index(behind) + len(behind)]
    used = []
    for units in (500, 40_000):
        path = tmp_path / f"{units}.{'tmx' if content == TMX else 'xlf'}"
        path.write_text(content.replace(unit, unit * units), encoding="utf-8")
        program = (
            "import sys; from mtkit.formats.opening import open_corpus; "
            "print(sum(1 for _ in open_corpus(sys.argv[1], 'en', 'de')), "
            "next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=True, timeout=120
        )
        found, largest = map(int, done.stdout.split())
        assert found == units + 1
        used.append(largest)
    assert used[1] < 1.1 * used[0]


def test_mixed_in_one_command(tmp_path, mtkit):
    for name, content in (("a.tmx", TMX), ("b.xlf", XLIFF), ("c.po", PO.encode("latin-1"))):
        written(tmp_path / name, content)
    rows = "".join(
        f"cat number {number} sits here,Katze Nummer {number} sitzt hier\n" for number in range(300)
    )
    written(tmp_path / "d.csv", "en,de\n" + rows)
    corpora = [part for name in ("a.tmx", "b.xlf", "c.po", "d.csv") for part in ("--train", name)]
    languages = ("--source-language", "en", "--target-language", "de")
    code, _, err = mtkit("prepare", *corpora, "--valid", "a.tmx", *languages)
    assert code == 0, err
    assert "training pairs also occur in valid" in err
    assert "308" in err  # 2 + 2 + 4 + 300 read
