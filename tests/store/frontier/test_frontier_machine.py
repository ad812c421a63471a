"""Any order of leases, captures, retries, crashes and endings keeps the frontier's promises."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import func, select

from archive.model.outcome import Outcome
from archive.store import Store
from archive.store.frontier import leasing, runs
from archive.store.schema import capture, frontier, outcome, page, version
from archive.store.write import outcomes
from tests.store.making import (
    ENTRY,
    NOW,
    a_reading,
    a_record,
    begin,
    finish,
    keep,
    link_to,
    take,
)
from tests.support.transactions import commit, fetch

numbers = strategies.integers(0, 12)


def some_of(urls):
    return strategies.sets(strategies.sampled_from(sorted(urls)), min_size=1)


class Frontier(RuleBasedStateMachine):
    """Knows what should be: URLs scheduled in the run, and how each of them stands."""

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.store = Store.open(self.home)
        self.leased = {}
        self.kept = {}

    @initialize()
    def start(self):
        self.run_id = begin(self.store).run_id
        self.scheduled = {ENTRY}
        self.ended = set()
        self.versions = 0

    @rule(limit=strategies.integers(1, 4))
    def lease(self, limit):
        for lease in take(self.store, self.run_id, limit=limit):
            assert lease.url not in self.leased
            self.leased[lease.url] = lease

    @precondition(lambda self: self.leased)
    @rule(data=strategies.data())
    def keep_some(self, data):
        chosen = data.draw(
            strategies.sets(strategies.sampled_from(sorted(self.leased)), min_size=1)
        )
        leases = [self.leased.pop(url) for url in sorted(chosen)]
        for lease, stored in zip(leases, keep(self.store, leases), strict=True):
            self.kept[lease.url] = (lease, stored)

    @precondition(lambda self: self.kept)
    @rule(
        data=strategies.data(),
        found=strategies.lists(numbers, max_size=4),
        times=strategies.integers(1, 2),
    )
    def record_some(self, data, found, times):
        chosen = data.draw(some_of(self.kept))
        links = tuple(link_to(f"{ENTRY}{number}.html") for number in found)
        records = [
            a_record(*self.kept.pop(url), Outcome.NEW, reading=a_reading(url), links=links)
            for url in sorted(chosen)
        ]
        answers = commit(self.store, outcomes.record, records, next_due={})
        for _ in range(times - 1):
            commit(self.store, outcomes.record, records, next_due={})
        fresh = {link.url for link in links} - self.scheduled
        assert sum(each.scheduled for each in answers) == len(fresh)
        self.scheduled |= fresh
        self.ended |= chosen
        self.versions += len(chosen)

    @precondition(lambda self: self.leased)
    @rule(data=strategies.data())
    def fail(self, data):
        url = data.draw(strategies.sampled_from(sorted(self.leased)))
        record = a_record(self.leased.pop(url), None, Outcome.FAILED)
        commit(self.store, outcomes.record, [record], next_due={})
        self.ended.add(url)

    @precondition(lambda self: self.leased)
    @rule(data=strategies.data())
    def retry(self, data):
        lease = self.leased.pop(data.draw(strategies.sampled_from(sorted(self.leased))))
        assert commit(
            self.store,
            leasing.retry_later,
            lease.page_id,
            self.run_id,
            not_before_at=NOW,
            reason="timeout",
        )

    @precondition(lambda self: self.leased)
    @rule()
    def release(self):
        commit(self.store, leasing.release, [lease.page_id for lease in self.leased.values()])
        self.leased.clear()

    @rule()
    def crash(self):
        self.store.close()
        self.store = Store.open(self.home)
        assert begin(self.store).run_id == self.run_id
        self.leased.clear()
        waiting = {lease.url: lease for lease in fetch(self.store, leasing.kept, self.run_id)}
        assert set(waiting) == set(self.kept)
        self.kept = {url: (lease, lease.pending_capture) for url, lease in waiting.items()}

    @precondition(lambda self: self.scheduled == self.ended)
    @rule()
    def finish_and_begin_anew(self):
        finish(self.store, self.run_id)
        versions = self.versions
        self.start()
        self.versions = versions
        self.scheduled |= self._waiting()

    @invariant()
    def every_url_stands_in_one_place(self):
        waiting = self._waiting()
        assert waiting == self.scheduled - self.ended
        assert self._count(outcome, outcome.c.run_id == self.run_id) == len(self.ended)

    @invariant()
    def states_are_as_we_know_them(self):
        left = fetch(self.store, runs.remaining, self.run_id)
        assert (left["leased"], left["kept"]) == (len(self.leased), len(self.kept))

    @invariant()
    def no_version_is_lost_or_doubled(self):
        assert self._count(version) == self.versions
        assert self._count(capture) >= self.versions

    def _waiting(self):
        with self.store.read() as connection:
            rows = connection.scalars(
                select(page.c.url).join(frontier, frontier.c.page_id == page.c.id)
            )
            return set(rows)

    def _count(self, table, *conditions):
        with self.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(table).where(*conditions))

    def teardown(self):
        self.store.close()
        shutil.rmtree(self.home)


TestFrontier = Frontier.TestCase
TestFrontier.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
