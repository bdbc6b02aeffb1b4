"""A catalogue of gettext."""

PO = """msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=ISO-8859-1\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: a.c:1
msgctxt "menu"
msgid "_Open"
msgstr "\u00d6_ffnen"

#, fuzzy
msgid "maybe"
msgstr "vielleicht"

msgid "not yet"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

msgid "two\\n"
"lines"
msgstr "zwei\\n"
"Zeilen"

#~ msgid "old"
#~ msgstr "alt"
"""
