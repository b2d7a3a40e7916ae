"""Words with which `roles` tells a name from a word that only looks like one. Nothing but lists."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# First names and family names that are words of English, of the calendar, of the map or of the trade as well.
# Such a word is taken for a name only where what stands around it says so.
WORDLIKE = _words("""
abbey ace al alan alma amber amity an ana angel ann apple april archer arch art ash aspen asia athena august aurora
austin autumn axel bailey baker bank banks banner bar barb barber basil bay bean bear beck bell ben berg berry beta
bill bird bishop black blaze bliss bloom blue bob bolt bond booker booth bow bradley brand bridge brook brooks brown
buck bud burns bush butler byrd byte cal camel car carol carpenter carter case cash cassandra cat cedar chance chandler
chapel charity chase chef chelsea cherry chip christian chuck church claude clay clark clerk cliff clover coal cobb
cole collier colt con constant cook cooper coral cotton court crane crew cross crystal cruz curt cypress dai daisy
dale dan dash dawn day dean dee dell delta destiny dew diamond dick dire dixie do dom don dot dove drake drew duke dusty
earl east eden edge elm else em ember emery en ernest essence eve ever faith falcon fan fern field finch fish fisher
flag flint flower ford forest fork foster fox france francis frank franklin free freed frost gale gardener garden garnet
gate gates gay gene genesis georgia gill ginger glad glen gold good grace grant gray green greene grey grove guy hale
hall ham hand hank hardy harmony harper hart haven hawk hay hazel head heath heather heaven hector helm henry hero hill
ho holiday holly honey hook hope hopper house hu hudson hunt hunter hyde ian ice in ion iris iron isle israel iva ivory
ivy jack jade jan jar jasmine jasper java jay jean jenkins jenny jet jewel jim job jo jordan joy judge julia july june
justice justin kafka kay keen ken kent key kim king kit knight la lake lamb lan lance land lane lang lark laurel law
lea leaf lee leo liberty lil lily lin lincoln little lo lock log london long lot love low luck lucky lynx ma
mace mack madison mae magnolia mai major man marble march marina mark marks marsh marshal marshall mason mat max may
mead melody mercury mercy merit merry mi mike miles mill miller mini mint misty mo mod molly moon moor moore more morgan
moss myrtle na nan neon neo net nelson new newton nick no noble noel nor norm north nova nu oak ocean olive on oracle
orion oz pace page paige pan paris park parker parks pat patience patsy pearl peer penny pepper perl perry pete phoenix
pi pierce pike pine piper pitt pole pop poppy porter post potter pound power prairie price prince prudence puck quill
quinn rain rainbow rajah randy raven ray read reed reef regal rein ren rex rice rich richer rick rider ridge rim rio
rise rita river rivers rob robin rocky rod rode root rory rosa rose ross row rowan roy royal ruby rue rush russ rust
rusty sable sage sahara said sailor salt sam sandy santa sapphire savage savannah sawyer scarlet scarlett scout sean sec
see senior serena serenity sha shade shah sharp shaw shell shepherd sherry short shy sid sierra silk silver sim singer
skip skipper sky skye slater slim small smart smith snow so sol song sonny south spark sparks spear spencer spike spring
star stark steele stella sterling stone storm story strange street strong su sue summer summers sun sunny swan sweet
sydney ta tab tai tammy tan tate taylor teal temperance tern terra terry tex thorn tiger tim timber to tod tom ton tony
tor town travis tree trey trinity trip trouble true trudge tucker turner ty tyler unity urban us usher vale valentine
van vance vault venus vera verity vi victor victoria vienna viola violet virginia vista wade walker wall ward ware
warden warner warren wash washington water waters wave way weaver webb wells west wheeler white whitney wick wild will
wills willow wing winter winters wise wish wolf wong wood woods wren wright wu xi yale yang yin york young yu zen zephyr
zion
admin agent alert api author backup bot build cache client cloud code config cron daemon data db debug demo deploy dev docker
error event git guest host incident info it kernel lead linux main manager member monitor node ops oncall operator owner participant person proxy
python queue reader redis release review role script security server service site sre staff status support sys system team test
tester token user web worker www
""")

# Names that systems, companies and laws have as well. Such a word alone is a name only of those whom the text is about.
ELSEWHERE = _words("""
alexa apollo ares argo atlas bayes bosch castor conway dijkstra echo ericsson euler fourier gauss gemini hamilton hamming
helios hellman hera hermes hilton huffman juno kalman lamport laplace levenshtein loki luna markov marriott maya merkle
minerva murphy nagle neptune nomad odin pareto philips pluto poisson pollux saturn shannon siemens siri sirius thor titan
vega watson zeus
""")

# Of those, the ones that begin a sentence as a name rather than as a word.
MOSTLY_NAMES = _words("""
al alan alma ana angel ben carol cole dale dan dean don drew earl eve gene glen hank harper hazel jan jay jean jenny jim jo
joy justin kay ken kim lance lee leo lily lin lynx mae mike miles molly nick noel norm pat patsy pete piper quinn randy ray
rita rob robin rod rory rosa rosie ross rowan roy russ sam sandy sean sid stella sue tammy taylor terry tim tom tony vera
victor wade warren
""")

MONTHS = _words("april august jan june july mar march may")

# Given names that nothing else is called: a capitalised pair that begins with one is offered as somebody unknown.
GIVEN_NAMES = _words("""
aaron abdul adam adrian ahmed alice alex alexander alexandra amanda amy andrea andreas andrew andy angela anita anna anne
anthony antonio arjun barbara beatrice benjamin bernd brandon brian bruno camille carla carlos caroline catherine
charlotte chloe chris christina christine christoph christopher claire claudia daniel daniela david deborah deepak denis
diana diego dmitri dominik donna edith eduardo edward elena elif elizabeth emily emma eric erik esther eva fatima
felix fernando florian gabriel george gregory hannah hans harold hassan helen hiroshi hugo ingrid irina isabel jacob
jakob james jamal jane jason javier jennifer jeremy jessica joan joel johan john jonas jonathan jose joseph joshua juan
judith julian karen karl karim katherine kenji kevin khalid kofi kristin kumar kwame laura lars lena leila linda lisa
louise luis maja manuel marco margaret maria marie mario martin martina mary matthew mehmet melissa michael michelle
miguel mohamed mohammed monica nadia nancy naomi natalie neha nicolas nicole nikolai nina oliver olga oscar pablo
patricia patrick paul pavel pedro peter philip pierre pooja priya rachel rahul raj rebecca ricardo richard robert
roberto rohan sabine samir samuel sandra sara sarah satoshi sergei sebastian simon sofia sophie stefan stephanie stephen
steve steven susan svetlana sven thomas timothy ulrich valeria vera veronica vincent vladimir walter wei william xavier
yasmin yuki yusuf zainab
""")

# Behind a capitalised word in the middle of a sentence, or behind one at its start, these make it a name.
ACTING = _words("""
said saw found took ran thought wrote went came gave knew told sent made left kept built did began got spoke felt
brought drove heard held met put rang spotted woke chose forgot understood became stood
""")
# Of these only people are said to do them, whatever the word before is called.
SAYING = _words(
    "said thought wrote told spoke felt knew heard forgot understood asked noticed apologised apologized"
)
BEING = _words(
    "was is has had were does will would could can might should also then just never immediately quickly"
)

# Before a capitalised word, these make it a name: what is done to people, and with them.
TO_PEOPLE = _words("""
ask asked asks asking tell told tells call called calls page paged pages ping pinged pings phone phoned thank thanks
thanked join joined joins wake woke woken meet met email emailed mail mailed message messaged contact contacted
escalated hand handed let helped by with cc dm dear hi hello hey and
""")

# "-ed" words that are said of things more than of people, behind a word that begins a sentence.
OF_THINGS = _words(
    "failed loaded crashed timed expired stopped exceeded dropped needed related based closed delayed"
)

# Initials that are an abbreviation of the trade; left alone unless ticked.
ABBREVIATIONS = _words("""
ad ai am api apm aws az bgp bi bom cd cdn ci cli cm co cpu cto ceo cso coo cfo db dba dc dns doc dos dr ec ecs eks es eta
etl eu ex faq fe be gb gc gcp gke go gpu ha hq hr html http hw ia ic id ide imo io iops ip isp it jit js json jvm kb kpi
la lb lts mb md mi ml ms mtu na nat nfs ng no nt ny oom ok on or os ot pc pd pdf php pid pm po pr ps qa qps ram rc rds
re rfc rm ro rpc rps rw sa sc sdk sla sli slo sms sp sql sre ssd ssh ssl st tb tcp tl tls to tv ttl uat udp ui uk us
uri url usb utc ux va vm vp vpc vpn vs wan xml yo
""")

BEFORE_A_ROLE = _words("""
the a an our your my his her its their this that these those each every any no another some which whose
""")

HONORIFICS = _words("dr mr mrs ms mx miss prof professor")

# Words that begin a sentence or a heading and are no part of a name.
OPENERS = _words("""
a about after again all also although an and another any are as asked at because before both but by during each every
finally first for from had has have he her here his how however i if in initially into is it its last later like many
meanwhile moreover most my next no not now of on once one only or other our over second she since so some still such
thanks that the their then there therefore these they this those though through thus to today together tomorrow tonight
two under unfortunately until up upon was we were what when where whether which while who whom whose why will with within
without yesterday yet you your monday tuesday wednesday thursday friday saturday sunday january february march april may
june july august september october november december root cause action actions timeline impact summary status update
""")

# Capitalised pairs with one of these are products, places and organisations.
NO_PERSON = _words("""
access account actions amazon america analytics apache api app apple application apps area asia availability aws azure
backend balancer bay bigquery bug bus business california center central chief china chrome cloud cluster code commerce
community company compute config connect console control corp corporation customer dashboard data database datacenter
department desk detection developer discord dispatch dns docker east edge elastic elasticsearch engine engineer
engineering enterprise europe event events facebook firefox flow foundation francisco frontend gateway github gitlab
global google grafana group guide hub inc incident incidents integration internet ireland japan jira kafka kingdom kong
kubernetes labs lambda language lessons linux list load los management manager map microsoft mobile monitoring mysql
network networks new north office online open operations oracle oregon oslo pacific page pipeline platform point
policy portal postgres postgresql postmortem process product production protocol public python queue rails redis region
release relay report research response review root ruby runtime san script search security server servers service
services session shop site slack software south sql square stack standard states status storage store stream street
studio support system systems team teams technical technology terraform time tools traffic transport ubuntu union united
university update user valley version virginia virtual web west windows work workspace york zone zookeeper
""")
