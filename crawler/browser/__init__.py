"""Pages that only a browser can read: Chromium without a network of its own.

knows: Playwright, the browser's requests through our own fetching.
never knows: what a page says, leases of the frontier.
neighbours: crawler.fetch, crawler.session.
"""
