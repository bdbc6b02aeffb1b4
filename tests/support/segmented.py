"""A unit of XLIFF that is cut into segments."""

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<xliff version="1.2"'
    ' xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0"><file'
    ' source-language="en" target-language="de"><body>\n'
)


SOURCE = '<source>One &amp; two. <g id="1">Three.</g> <x id="2"/></source>\n'


CUT = (
    '<seg-source><mrk mtype="seg" mid="1">One &amp; two.</mrk> <g id="1"><mrk mtype="seg"'
    ' mid="2">Three.</mrk></g> <mrk mid="3" mtype="seg"><x id="2"/></mrk></seg-source>'
)


def content(target="", states="", attributes="", source=SOURCE, cut=CUT):
    # Without the name space of Studio it is no SDLXLIFF.
    head = HEAD if states else HEAD.replace("http://sdl.com/", "http://x.org/")
    return (
        f'{head}<trans-unit id="a"{attributes}>{source} '
        f" {cut}{target}{states}</trans-unit></body></file></xliff>"
    )
