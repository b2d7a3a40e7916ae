from tests.notifications.news_fixtures import mails, site, work

__all__ = ["mails", "site", "work"]
