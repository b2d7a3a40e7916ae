"""The map of the house. Executes nothing.

Folders are nouns. A newcomer who knows one knows them all: `enums models rules queries operations forms
views`, each only where it has content. Beside them stand

    drafts          plain values from which an operation makes something; what importers and forms fill in
    checks          what an operation refuses, where that is long
    listing, pages  what one page reads, as rows and ready values
    views_<part>    more views of the noun, one file per group of pages

and modules named after what they compute (`durations`, `picture`, `policy`, `publishing`, `feeds`).

    app         create_app() in numbered steps; the only list of blueprints
    config      typed settings, where each came from, and what is wrong with them; groups in config_parts
    db          engines, session, Base, column types
    clock       the only source of "now"
    errors      Refused, Conflict, NotVisible: what an operation may say instead of working
    models      imports every noun's models, so that migrations and tests see one metadata
    schema      which schema a database has, and bringing it up to date
    site        addresses for operators: alive, ready
    wsgi        the application for a web server
    cli         one file per command group; imports the rest only when a command runs
    static      stylesheets, the little script there is, vendored fonts with their licences
    text        source -> safe HTML (the one renderer), diffs, durations, slugs: pure
    web         access gate, forms, error pages, paging, headers, what is kept for speed: the foundation of views
    mail        mails: texts from templates, put together, sent; knows nothing of the records
    history     who changed what, from what to what; written by every operation
    outbox      what is owed to somebody, written in the same transaction and delivered afterwards
    accounts    people, roles, teams, services, sessions, sign-in, set-up
    tags        free words that grow from use; shared by incidents, factors and write-ups
    notifications  who is told what, where and when: events, preferences, follows, receivers, digests
    attachments  images, visible like the write-up or timeline event that they belong to
    incidents   the central noun: what happened, its five moments, who took part
    timeline    dated facts of an incident, contributing factors, the picture to scale
    actions     follow-ups with one accountable owner
    ideas       uncommitted suggestions, promoted to actions after a soak time; that no actions are needed
    action_reviews  the meeting in which actions are walked through, decided and minuted
    blameless   the craft: hints about language, people who become roles
    writeups    drafts, revisions, publishing; the blog, its feed, tags and archives
    reviews     who is asked, comments on paragraphs, verdicts, checklist, meeting, what the policy wants
    readers     what readers give back: reactions, citations, questions and answers, how far a write-up travelled
    permissions who sees what, and why: asking for access, explaining it
    trash       what was deleted, of every noun: bringing it back, destroying it for good
    leaving     two accounts of one person merged; a person anonymised everywhere
    imports     what comes in from elsewhere, and the sample company; through the nouns' operations
    exports     what goes out as files: the published blog as a static site with feeds and search
    backup      one file that holds everything, made while in use; and the way back
    settings    the start page of administration

Who may import what (import-linter checks it; see pyproject.toml):

    db clock errors text config < web mail < history < outbox < accounts < tags < notifications < attachments < incidents
        < timeline actions < ideas action_reviews < blameless < writeups < reviews readers < permissions < trash < leaving < imports exports < settings < backup < cli app

and inside a noun only downward: views -> forms -> operations -> queries -> rules -> models -> enums.
Only `views` may look sideways or up, and then at another noun's queries, rules and operations.

Every write goes through an operation, which records history in the same transaction; the view commits
once. Every read of something that can be private goes through that noun's `visible_to(person)`.
"""
