"""The files of translators: each is read by one reader, for training and for filling.

A format is a module whose `Format` is named in `registry.FORMATS`. A person's file is given back to the byte:
a translation is put into its place, and all other bytes stay. That decides which libraries are of use here;
each was measured on 583 real files.

- XML (XLIFF, TMX): Python's expat, which says where in the bytes an element is. lxml does not, and would be a
  second understanding for reading alone; reading TMX takes 0.8 of its time with expat.
- Catalogues: a parser of our own, with places. polib (MIT) took 225 lines of work around it, lost the last
  entry before a remark, and took three times as long.
- Tables: rows of our own, for the same reason; Python's csv does not say where a cell is.
- Markdown: markdown-it-py (MIT); see `markdown_blocks`.
- The Translate Toolkit, which knows most of these formats, is under the GPL, and would put mtkit under it. It
  writes a file anew from what it has read, and so would be of use for reading alone.
"""
