"""Installs a package with the real Argos Translate and prints its translation of each line of stdin. Needs
nothing of mtkit.

    python argos_driver.py PACKAGE.argosmodel FROM TO < lines

Argos Translate fetches a model that splits sentences when it first translates. Where that cannot be had, each
line is a sentence.
"""

import sys
import urllib.error

import argostranslate.package
import argostranslate.translate

path, source, target = sys.argv[1:]
argostranslate.package.install_from_path(path)
(package,) = argostranslate.package.get_installed_packages()
print(package, file=sys.stderr)
translation = argostranslate.translate.get_translation_from_codes(source, target)
lines = sys.stdin.read().splitlines()
try:
    translation.translate(lines[0])
except (urllib.error.URLError, OSError) as error:
    print(f"no model that splits sentences ({error}): each line is one", file=sys.stderr)
    inner = getattr(translation, "underlying", translation)
    inner.sentencizer.split_sentences = lambda text: [text]
for line in lines:
    print(translation.translate(line))
