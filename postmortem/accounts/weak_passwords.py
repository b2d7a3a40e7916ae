"""Whether a password is among the first that are tried. Pure.

Lists of leaked passwords are, for the most part, the same few hundred words with digits, signs and swapped
letters around them. So a password is stripped of those, and what is left is compared; that refuses many more than
the top of any list. A long password of several words is never stripped down to one of them.
"""

import re
from collections.abc import Iterable
from functools import cache

# What a letter is swapped for. A 1 may stand for i or l; both readings are tried.
_SWAPPED = str.maketrans("@4830!5$7+", "aabeoisstt")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8",
    "a1s2d3f4g5h6",
    "147258369",
    "159357",
    "789456123",
    "963852741",
    "asdfzxcv",
    "zaqxsw",
)
# Words that this product itself suggests.
OWN_WORDS = ("postmortem", "failingforward", "incident", "incidents", "blameless")
_LEFT_MIN = 5
# What is longer than this is nobody's first guess, and is taken as it is.
LONG = 24


def is_common(password: str) -> bool:
    """Whether this is one of the passwords that everybody tries first, or such a word with a little around it."""
    text = password.casefold()
    if len(text) > LONG:
        return False
    if text.isascii() and not re.search("[a-z]", text):
        return True
    keys = re.sub(r"[\W_]", "", text)
    return any(_is_word(reading) for reading in _readings(text)) or _is_row(keys) or _repeats(text)


def is_own_word(password: str, own: Iterable[str]) -> bool:
    """Whether little is left of a password without the words that stand for this person and this site.

    `own` are names and addresses; parts of fewer than four letters are too common to count.
    """
    parts = {part for text in own for part in re.split(r"[^\w]+|_", text.casefold()) if len(part) >= 4}
    rest = password.casefold()
    whole = len(rest)
    for part in sorted(parts | set(OWN_WORDS), key=lambda part: (-len(part), part)):
        rest = rest.replace(part, "")
    return len(rest) < whole and len(_letters(rest)) < _LEFT_MIN


def _readings(text: str) -> set[str]:
    """What may be meant: with swapped letters put back, and without digits and signs at both ends."""
    found = set()
    for one in ("i", "l"):
        for plain in (text, text.translate(_SWAPPED).replace("1", one)):
            found.add(_letters(plain))
        bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        found.add(_letters(bare.translate(_SWAPPED).replace("1", one)))
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text)


def _is_word(letters: str) -> bool:
    words = _words()
    if letters in words:
        return True
    # One word and another, or the same one again: passwordpassword, iloveyoubaby.
    return any(
        letters[:at] in words and (letters[at:] in words or letters[at:] == letters[:at])
        for at in range(2, len(letters))
    )


def _is_row(letters: str) -> bool:
    """Keys beside each other, forwards or backwards, with few others: qwerty123, 987654321, 1qaz2wsx."""
    rest = letters
    while rest and (taken := max((_on_a_row(rest, row) for row in _ROWS), default=0)) >= 3:
        rest = rest[taken:]
    return len(rest) <= 2 and len(rest) < len(letters)


def _on_a_row(text: str, row: str) -> int:
    """How many of the first characters stand in this order on the row."""
    both = (row, row[::-1])
    length = 0
    while length < len(text) and any(text[: length + 1] in way for way in both):
        length += 1
    return length


def _repeats(text: str) -> bool:
    """The same one to four characters over and over."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5)) and len(text) < 20


@cache
def _words() -> frozenset[str]:
    return frozenset(WORDS.split())


WORDS = """
a aaaa aaron abc abcd abcde abcdef access account adam adidas adm admin adminadmin administrator admins
adobe alex alexander alexandra alexis alice alison allison alpha amanda amber america american amor amore
amores andre andrea andrew andrey angel angela angelina angels animal anna annie anthony antonio apollo
apple apples april aquarius archer argentina arsenal arthur asdf asdfasdf asdfgh ashley athena august austin
australia avatar awesome azerty baby babyboy babygirl badboy bailey ball balls banana bandit barbara barbie
barcelona barney baseball basketball batman beach bear bears beatles beautiful beauty beaver benjamin berlin
bestfriend bigdaddy bigdog bird birdie black blackbird blackie blaster blessed blink blue bluebird blues bmw
bond bonnie booboo booger boomer boston bowling brandi brandon brandy brasil braves brazil brian bridge
british brittany brooklyn brother brown browns bubba bubbles buddy buffalo bull bulldog business buster
butter butterfly cadillac caesar calvin camaro cameron canada candy captain carlos carmen carolina caroline
carter casper cassie catherine celtic celtics center central champion chance change changeit changeme
charles charlie charlotte cheese chelsea cherry chester chevy chicago chicken children chocolate chris
christ christian christina christine christmas christopher cisco classic claudia cocacola coffee college
colorado compaq computer connect consumer control cookie cookies cool cooper corvette cosmos country
courtney cowboy cowboys crazy cream creative cricket crystal cute cutie cyber daddy daisy dakota dallas
dance dancer danger daniel daniela danielle dark darkness darling database dave david death december default
delta demo denis dennis denver derek desire destiny detroit devil dexter diablo diamond diana diego digital
dirty disney doctor dodgers dog doggie doggy dogs dolphin dolphins domain dominic domino donald donkey donna
door dorothy douglas dragon dragonball dragons dream dreamer dreams driver duck dude duke dundee dustin
dynamo eagle eagles easter eclipse eddie edward einstein element elephant elizabeth emily eminem emma empire
engine england enigma enter enterprise eric estrella eternity europe everton example excalibur explorer
extreme faith falcon falcons family fantasy fashion fatima february felicia felix fender fernando ferrari
fire firebird firefox fireman fish fisher fishing florida flower flowers fluffy flyers football ford forest
forever forum france francesca francis francisco frank frankie franklin freak freddy free freedom freeman
french friday friend friends friendship future gabriel galaxy galileo gambit gamer games gandalf garcia
garden garfield gary gateway gemini general genesis genius george german germany ghost giants gibson ginger
girl girls gizmo glory god gold golden golf golfer good goodluck google gordon gorgeous grace grandma grant
green greenday gregory guest guitar gundam gunner hacker hahaha hallo hamilton hammer hannah hannover
happiness happy hardcore harley harry hawaii hawk heart hearts heather heaven helena helicopter hello
hellokitty help helpme henry hercules hermes hidden highland holland holly home homer honda honey horse
horses hotdog hotmail hotrod house houston howard hunter hunting icecream iceman ihateyou ilovegod
ilovejesus iloveme ilovemom iloveu iloveyou imagine india indian infinity information inside intel internet
ireland irish ironman isabel isabella island israel italia italy iverson jack jackie jackson jaguar jake
jamaica james january japan jasmin jasmine jason jasper jeffrey jennifer jenny jeremy jerome jerry jessica
jessie jester jesus jesuschrist joanna john johnny johnson jonathan jordan jorge joseph josh joshua julia
julian julie july june junior jupiter justice justin karen karina kathleen katie kawasaki kelly kenneth
kevin kicker killer kimberly king kingdom kingkong kings kiss kisses kissme kitten kitty knight knights
kristen kristina krystal ladies lady lakers lalala lancer larry laura lauren leather legend leonard leonardo
leslie letme letmein liberty life light lightning linda lindsay lindsey lion lions lisa little liverpool
lizard logan login logitech lol london looking loser lost louise love lovely loveme lover lovers loveyou
lowrider lucas lucifer lucky lucy luke machine mad maddog madison madonna maggie magic magnum manager
manchester mandy marie marilyn marina marine marines mario mark marlboro marley married marshall martha
martin martina marvin mary maryjane master masters matrix matthew maverick maxwell may melanie melissa
member memory mercedes mercury merlin metallica mexico michael michelle michigan mickey microsoft midnight
mike miller mine minecraft minime miranda mistress misty mitchell mobile modem molly mommy monday money
monica monika monkey monkeys monster montana moon morgan morning morris mother motorola mountain mozart
muffin murphy music mustang mylove myspace napoleon naruto nascar natalia natalie natasha nathalie nathan
native ncc nelson newpass newpassword newyork nicholas nicolas nicole nikita nintendo nirvana nissan nokia
none nopass nopassword nothing november nsync oblivion october office oliver olivia online open operator
oracle orange orion oscar oxford pa pacific packers pakistan paloma pamela panther panthers paradise paris
parker pass passion passport passw passwd password passwords passwort patches patricia patrick patriots paul
peace peaches peanut pearl pencil penelope penguin people pepper pepsi perfect peter phantom philip phoenix
phone photo picasso picture pictures pimpin pineapple pink pinky pioneer pirate pizza planet platinum
playboy player playstation please pokemon police polina poohbear pookie poop popcorn porsche power prayer
precious presario prince princess private program prometheus property psycho public pumpkin punk puppy
purple pussycat qazwsx quality queen qwe qwert qwerty qwertyui rabbit rachel racing raiders rain rainbow
ranger rangers raptor raven raymond rebecca red redhead redsox redwings remember reset ricardo richard river
robert roberto robin robinson robot rock rocket rocks rocky rodrigo roger roland ronaldo rooster root rose
rosebud roses roxanne royal ruby rugby runner running rush russell russia russian sabrina sailor saints
sakura salvador sam samantha samson samsung samuel sanchez sandra sandy santa santiago satan saturday saturn
savage savannah school scooby scooter scorpio scorpion scotland scott scotty sean search sebastian secret
secure security senha september serenity sergey server service seven sex sexy shadow shadows shalom shannon
sharon shelby shelly sheriff sierra silver simple simpsons single sister skate skater skippy skywalker
slayer slipknot smile smiles smiley smith smoke smokey smooth snickers sniper snoopy snow snowball snowman
soccer softball soleil someone something sonic sophia sophie southern spanky sparky special speed speedy
spencer spider spiderman spirit spitfire sport sports spring sprite stalker stanley star starcraft stars
start starwars steelers stella stephanie steve steven stewart stranger strawberry strong student studio
stupid sublime success sugar summer sun sunday sunflower sunny sunrise sunset sunshine super superman
superstar support surfer susan suzuki sweet sweetheart sweetie sweetness sweetpea swimming sydney sylvia
symbol sys sysadmin system tamara tango target tarzan taurus taylor teacher teamo teddy teddybear telefon
telephone temp temporary tennis tequila teresa test tester testing testtest texas thailand thanks thebest
theman theone thomas thumper thunder thunderbird thursday tiffany tiger tigers tigger tim time tinker
tinkerbell titanic titans together tomcat tommy toor toronto tottenham toyota training travel travis trinity
triumph trouble trucker truelove trustme trustno trustnoone tuesday turtle tweety twilight twins twister
twitter tyler ultimate underground unicorn united universe university usa user username vader valentin
valentina valentine valerie vampire vanessa vegeta velvet venus veronica vertigo victor victoria victory
viking vincent violet viper virginia virus vision vladimir volcano voodoo voyager wall walter warcraft
warrior warriors washington water watson web webmaster wednesday welcome wendy western whatever white
whiteboy wilbur wildcat wildcats william williams williamsburg willie willow wilson windows wingman winner
winston winter wisdom wizard wolf wolfgang wolverine wolves woman wonder woody work world wrestling wright
xavier xbox xxx yahoo yamaha yankee yankees yellow yes yolanda young yourmom youtube zachary zaq zaqwsx
zebra zeppelin zidane zombie zoomer
"""
