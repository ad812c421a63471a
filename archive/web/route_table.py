"""Every URL of the API and of the pages. A subject's module gives its rows; `archive.web.routes`
says how a row is made.
"""

from archive.web import api, change_pages, changes_api, pages

API_ROUTES = (*api.ROUTES, *changes_api.ROUTES)
PAGE_ROUTES = (*pages.ROUTES, *change_pages.ROUTES)
