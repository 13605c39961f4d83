"""Writes flags.tsv: every flag of open_clip's training program, asked from its own parser.

Run: python record.py > flags.tsv     (open_clip_torch 3.3.0)
"""

import argparse

from open_clip_train.params import parse_args

found = []
parse = argparse.ArgumentParser.parse_args


def grab(parser, args=None, namespace=None):
    found.append(parser)
    return parse(parser, args, namespace)


argparse.ArgumentParser.parse_args = grab
parse_args([])
print("flag\tkind\tvalues\tdefault\tchoices")
for action in found[0]._actions:
    if action.dest == "help":
        continue
    flag = next(name for name in action.option_strings if name.startswith("--"))[2:]
    switch = isinstance(action, argparse._StoreTrueAction)
    kind = "switch" if switch else action.type.__name__ if action.type else "str"
    values = {None: "one", "+": "several", "*": "several", 0: "none"}[action.nargs]
    none = action.default is None or action.default is False or action.default == {}
    default = "" if none else str(action.default)
    print(flag, kind, values, default.replace("\t", "\\t"), ",".join(action.choices or []), sep="\t")
