"""Every URL of the API and of the pages. A subject's module gives its rows; `archive.web.routes`
says how a row is made.
"""

from archive.web import (
    api,
    body_pages,
    change_pages,
    changes_api,
    compare_page,
    coverage_api,
    coverage_page,
    figures_api,
    indicator_pages,
    late_page,
    pages,
    picture_pages,
    run_page,
    search_feed,
    similar_api,
    similar_page,
)

API_ROUTES = (
    *api.ROUTES,
    *changes_api.ROUTES,
    *similar_api.ROUTES,
    *figures_api.ROUTES,
    *coverage_api.ROUTES,
)
PAGE_ROUTES = (
    *pages.ROUTES,
    *picture_pages.ROUTES,
    *coverage_page.ROUTES,
    *body_pages.ROUTES,
    *indicator_pages.ROUTES,
    *compare_page.ROUTES,
    *change_pages.ROUTES,
    *run_page.ROUTES,
    *search_feed.ROUTES,
    *late_page.ROUTES,
    *similar_page.ROUTES,
)
