"""Making a title, a first paragraph and links where a file does not give them. Pure."""

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from postmortem.text.reading import plain_text, shortened, word_count

MAX_TITLE = 200
_ADDRESS = re.compile(r"https?://[^\s<>\"'\]]+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[-_+.\s]+")
_FENCE = re.compile(r"^\s*(```|~~~)")
# A date whose hyphens were taken for spaces, year first or last.
_DATE = re.compile(r"\b(\d{4}|\d{1,2}) (\d{1,2}) (\d{4}|\d{1,2})\b")
_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})[-_ ]+(\S.*)")
_REFERENCE = re.compile(r"\]\[([^\[\]\n]{1,100})\]")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]+\S+.*$", re.MULTILINE)
# A paragraph of fewer words is a label ("Date: …", "Internal report: …"); its addresses do not count.
FEWEST_WORDS = 8
_ATX = re.compile(r"^\s{0,3}#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
_SETEXT = re.compile(r"^\s{0,3}(=+|-{2,})\s*$")
_STARTS_NO_PROSE = re.compile(r"\s*(#|>|\||```|~~~|[-*+]\s|\d+[.)]\s|!\[|\[[^\]]+\]:|<|(?:[-*_]\s*){3,}$)")


def addresses(value: Any) -> list[str]:
    """Every web address in a value, in order, each once; leftovers of Markdown around them are dropped."""
    texts = value if isinstance(value, list) else [value]
    found = []
    for text in texts:
        if isinstance(text, str):
            found += [_trimmed(address) for address in _ADDRESS.findall(text)]
    return list(dict.fromkeys(address for address in found if host(address)))


def host(address: str) -> str:
    """The host of an address without `www.`; blank where it is no address."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _trimmed(address: str) -> str:
    address = address.rstrip(".,;:!?")
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1].rstrip(".,;:!?")
    return address


def made_title(company: str, product: str, url: str) -> str:
    """A title from company, product and the words of an address; blank when there is none of them."""
    subject = product if company and company.casefold() in product.casefold() else f"{company} {product}"
    subject = " ".join(subject.split()) if product.casefold() != company.casefold() else company
    words, site = _path_words(url), host(url)
    if subject and words:
        says_it_already = _joined(company) and _joined(company) in _joined(words)
        return short(words if says_it_already else f"{subject}: {words}")
    if words and site:
        return short(f"{words} ({site})")
    return short(f"{subject} ({site})" if subject and site else subject or site)


def _joined(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def _path_words(url: str) -> str:
    """What an address's path says in words: `crates-io-postmortem` or, of numbers, `Incident 1042`."""
    try:
        segments = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ""
    if not segments:
        return ""
    last = re.sub(r"\.(html?|php|aspx?|md)$", "", segments[-1], flags=re.IGNORECASE)
    words = [word for word in _SEPARATORS.split(last) if word]
    while len(words) > 1 and _is_code(words[-1]):
        words.pop()
    while len(words) > 1 and _is_number(words[0]):
        words.pop(0)
    if len([word for word in words if word.isalpha()]) >= 2:
        return _capital(_DATE.sub(r"\1-\2-\3", " ".join(words)))
    if last.isdigit() and len(segments) > 1 and segments[-2].isalpha() and len(segments[-2]) > 3:
        return _capital(f"{segments[-2].removesuffix('s')} {last}")
    return ""


def _is_code(word: str) -> bool:
    """Whether a word is an id that a blog puts behind its addresses."""
    return len(word) >= 8 and bool(re.search(r"\d", word)) and bool(re.fullmatch(r"[0-9a-f]+", word))


def _is_number(word: str) -> bool:
    """Whether a word is the number of a page, not a year or a day."""
    return word.isdigit() and len(word) > 2 and not 1900 <= int(word[:9]) <= 2100


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def title_from_name(path: PurePosixPath) -> str:
    """A title from a file's name: words for hyphens and underscores, a date in front put behind."""
    dated = _DATED_NAME.fullmatch(path.stem)
    name = dated.group(2) if dated else path.stem
    words = _capital(" ".join(re.sub(r"[-_]+", " ", name).split()))
    return short(f"{words} ({dated.group(1)})" if dated else words)


def heading_title(body: str) -> tuple[str, str]:
    """The text of the first heading, and the body without it where it is the first thing there."""
    lines = body.split("\n")
    inside_code = False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            inside_code = not inside_code
        if inside_code:
            continue
        atx = _ATX.match(line)
        setext = number + 1 < len(lines) and line.strip() and _SETEXT.match(lines[number + 1])
        if atx or (setext and not _STARTS_NO_PROSE.match(line)):
            title = plain_text(atx.group(1) if atx else line)
            is_first = not any(text.strip() for text in lines[:number])
            rest = "\n".join(lines[number + (1 if atx else 2) :]).strip("\n") if is_first else body
            return short(" ".join(title.split())), rest
    return "", body


def first_paragraph(body: str) -> str:
    """The first paragraph of prose, as Markdown with the targets of its links; blank when there is none."""
    prose = [
        block.strip()
        for block in re.split(r"\n\s*\n", body)
        if block.strip() and not _STARTS_NO_PROSE.match(block) and not _is_setext(block)
    ]
    long_enough = (block for block in prose if word_count(_ADDRESS.sub("", block)) >= FEWEST_WORDS)
    chosen = next(long_enough, prose[0] if prose else "")
    wanted = {label.casefold() for label in _REFERENCE.findall(chosen)}
    targets = [found.group(0) for found in _DEFINITION.finditer(body) if found.group(1).casefold() in wanted]
    return "\n\n".join([chosen, "\n".join(targets)]).strip()


def _is_setext(block: str) -> bool:
    lines = block.strip().split("\n")
    return len(lines) > 1 and bool(_SETEXT.match(lines[1]))


def short(title: str) -> str:
    """A title on one line, cut between words where it is too long."""
    return shortened(" ".join(title.split()), MAX_TITLE)
