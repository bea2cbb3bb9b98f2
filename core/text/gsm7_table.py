#!/usr/bin/env python3
"""Write gsm7_table.h from gsm0338.csv and gsm_translit.csv beside it."""
import csv
import pathlib

HERE = pathlib.Path(__file__).parent


def rows(name):
    with open(HERE / name, encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f)


def code(row):
    return int(row["codepoint"][2:], 16)


def quoted(text):
    text = text.replace("\\n", "\n")
    marks = {"\n": "\\n", '"': '\\"', "\\": "\\\\"}
    return '"' + "".join(marks.get(c, c) for c in text) + '"'


def main():
    chars = sorted((code(r), int(r["count"])) for r in rows("gsm0338.csv"))
    swaps = sorted((code(r), r["replacement"])
                   for r in rows("gsm_translit.csv"))
    with open(HERE / "gsm7_table.h", "w", encoding="utf-8") as out:
        out.write("/* gsm7_table: made by gsm7_table.py, do not edit. */\n")
        out.write("#ifndef TEXT_GSM7_TABLE_H\n#define TEXT_GSM7_TABLE_H\n")
        out.write("\n/* 3GPP TS 23.038: code point and septets, sorted. */\n")
        out.write("static const struct gsm7_char gsm7_chars[] = {\n")
        for cp, count in chars:
            out.write(f"\t{{ 0x{cp:04x}, {count} }},\n")
        out.write("};\n\n/* Replacements inside the alphabet, sorted. */\n")
        out.write("static const struct gsm7_swap gsm7_swaps[] = {\n")
        for cp, text in swaps:
            out.write(f"\t{{ 0x{cp:04x}, {quoted(text)} }},\n")
        out.write("};\n\n#endif\n")


main()
