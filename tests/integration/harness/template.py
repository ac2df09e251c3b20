"""
Configuration files are templates beside this file: ordinary text, readable as
it stands, in which @NAME@ is filled in. A name left over is a mistake.
"""
import os
import re

FOLDER = os.path.join(os.path.dirname(__file__), "templates")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def fill(name, **values):
    return fill_text(read(name), **values)


def fill_text(text, **values):
    return re.sub("@([A-Z_]+)@", lambda m: str(values[m.group(1)]), text)
