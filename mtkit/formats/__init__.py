"""The files of translators, read and filled.

What parses them is kept by others: lxml (BSD) XML, markdown-it-py (MIT) Markdown,
Python's csv and json tables and messages. The Translate Toolkit, which knows most of these forms, is under
the GPL, and would put mtkit under it. It
would also be of use for reading alone: here a translation is put into its place among the bytes of a file, so
that all others stay, and no library that writes a file anew from what it has read can promise that.
"""
