"""Texts written to stall, crash or fill the converter. Each is up to 100 KB and a name says what it is."""

from __future__ import annotations

from collections.abc import Iterator

SIZE = 100_000

REPEATED = [
    "[", "![", "[^", "[][", "[a](", "<![", "<![CDATA[", "* ", "> ", "]", "[]", "[a]", "[a][b]", "[a](b)", "![a](b)",
    '[a](b "c")', "[a](')", '[a](b "(', "[`]`", "\\[", "`", "*", "_", "*a_", "**a*", "*a **b ", "_a __b ",
    "a*b_c", "*a* ", "**a** ", "***a", "<", "<a", "<a@", "<a@b>", "<http://a>", "&", "&a", "&#", "&amp;", "<!--",
    "<?", "<a ", "</", "# \n", "# a\n", "## a\n\n", "a\n===\n", "- a\n", "- a\n\n", "1. a\n", "> a\n", "> a\n\n",
    ": a\n", "a\n: b\n", "a\n: b\n\n", "|", "a|", "|a", "a|b\n-|-\n", "|-", "```\n", "```\na\n```\n", "~~~\n",
    "```py\nx=1\n```\n", "- [ ] a\n", "[^1]", "[^1] ", "[^a]: b\n", "[a]: b\n", "[a]: b\n\n", "    a\n",
    "    a\n\n", "\ta\n", "a  \n", "\\\n", "\\\\", "\\`", "`a` ", "``a`", "a\n\n", "a\n", "\n", "---\n", "***\n",
    "- - ", "+ - * ", "1. 1. ", ">- ", ">> \n", "((", "[(", "[a](b(", '" ', "' ", "~", "{", "{: #a}", "``` {",
    "///Footnotes Go Here///\n\n", "[TOC]\n\n", "http://a ", "a@b.c ", "klzzwxh:0001", "wzxhzdk:0", ":   ", "=",
    "a\n-\n", "<<>>", "![[", "[[]](", "[x]:", "[x]: <", '[x]: a "', "[x]:\n", "    - a\n", ">     a\n",
    "* a\n    * b\n", "  - a\n", "a|b\n", "`|`", "&#1;", "&#00000000000", "a\n- ", "    ", "\t", " \n", "1",
    "1.", "- [ ] [", "[^[", "](", "](<", "](a '", "][", "]:", "!", "!]", "*_", "_*", "**__", "\\*", "`` ` ", "<a:b>",
    "<a://", "a_b", "é[", "𐍈*", "\u200d`", "İ", "ﬃ",
]  # fmt: skip

CODE = {
    "ini": ["a=", "a:", ":", "\n"],
    "console": ["a", "0", "a:", "$ "],
    "erlang": ['"a', "'"],
    "terraform": ["a", "-", "{"],
    "make": ["(", "a", "q{", "\\"],
    "perl": ["q{", "s/", "$", "/"],
    "html": ["<a ", "<", "&", "<!--"],
    "python": ["'''", '"a', "(", "f'{"],
    "js": ["`${", "/", "<", "//"],
    "bash": ["$(", "<<a\n", "`", "${"],
    "sql": ["'", "/*", "("],
    "php": ["<?php ", "$a->", "<<<a\n"],
    "yaml": ["a: ", "- ", "? ", "{"],
    "ruby": ["%q(", "#{", "<<a\n"],
    "java": ["a ", "<", "@"],
    "swift": ["a ", '"\\('],
    "c++": ["a ", "#if 0\n", "("],
    "diff": ["+", "@@"],
    "http": ["a: b\n", "GET "],
    "json": ["[", "{", '"'],
    "xml": ["<a ", "<![CDATA["],
}


def filled(unit: str, size: int = SIZE) -> str:
    """Repeat a unit up to `size` bytes, whole characters only."""
    return (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode(errors="ignore")


def texts() -> Iterator[tuple[str, str]]:
    for unit in REPEATED:
        yield f"repeated {unit!r}", filled(unit)
    for language, units in CODE.items():
        for unit in units:
            yield f"{language} code {unit!r}", f"```{language}\n{filled(unit, 19_000)}\n```\n"
    for marker in ("- ", "1. ", "* ", ": "):
        yield f"nested {marker!r}", "".join("    " * depth + f"{marker}a\n" for depth in range(215))
        yield f"nested loose {marker!r}", "".join("    " * depth + f"{marker}a\n\n" for depth in range(215))
        yield f"eighteen deep {marker!r}", filled(marker * 18 + "a\n")
        yield f"19 deep between paragraphs {marker!r}", filled(marker * 19 + "a\n\n")
    yield "quotation steps", "".join(">" * depth + " a\n" for depth in range(430))
    yield "quotation steps, loose", "".join(">" * depth + " a\n\n" for depth in range(430))
    yield "quotation and list steps", "".join("> - " * depth + "a\n" for depth in range(215))
    yield "rising backticks", " ".join("`" * length for length in range(1, 440))
    yield "falling backticks", " ".join("`" * length for length in range(440, 0, -1))
    yield "rising stars", " ".join("*" * length + "a" for length in range(1, 430))
    yield "rising fences", "".join("`" * length + "\n" for length in range(3, 440))
    wide = "|".join("a" * 20_000) + "\n" + "|".join("-" * 20_000) + "\n"
    yield "table of 20,000 columns", wide + "a|b\n" * 5_000
    yield (
        "table of 90 columns and 24,000 rows",
        "|".join("a" * 90) + "\n" + "|".join("-" * 90) + "\n|\n" * 24_000,
    )
    yield "table of code", "a|b\n-|-\n" + "`|" * 45_000
    yield "table of 24,000 rows", "a|b\n-|-\n" + "a|b\n" * 24_000
    yield "7,000 tables", "a|b\n-|-\na|b\n\n" * 6_000
    yield "9,000 footnotes", "".join(f"[^{number}]: n\n" for number in range(7_000))
    references = "".join(f"[^{number}] " for number in range(4_000))
    yield (
        "4,000 footnotes in use",
        references + "\n\n" + "".join(f"[^{number}]: n\n" for number in range(4_000)),
    )
    yield "one footnote 18,000 times", "[^1] " * 18_000 + "\n\n[^1]: n"
    yield "footnotes of footnotes", "".join(f"[^{number}]: [^{number + 1}]\n" for number in range(5_000))
    yield "one reference 24,000 times", "[a]: /u\n\n" + "[a] " * 24_000
    yield "one image reference 19,000 times", "[a]: /u\n\n" + "![a] " * 19_000
    yield "fence options that backtrack", "``` a=" + '" " a=' * 12 + "X\n```\n"
    yield "more fence options that backtrack", "``` a=" + '" " a=' * 16_000 + "X"
    yield "fence attributes", "``` {" + "a=b " * 24_000 + "}\nx\n```"
    yield "fence with a long language", "```" + "a" * 90_000 + "\n```"
    yield "the same heading 20,000 times", "#a\n\n" * 20_000
    yield "a long line", "a" * SIZE
    yield "a long line of words", "word " * 20_000
    yield "all sorts", filled("[a](b) *c* `d` <e> _f_ | g\n- h\n> i\n\n```\nj\n```\n# k\n[^l]: m\n\n")
