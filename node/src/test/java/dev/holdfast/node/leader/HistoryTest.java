package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.Change;
import dev.holdfast.statemachine.Change.Client;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HistoryTest {
    private static final LockableKey MUTEX = LockableKey.mutex("order/\u20ac/\ud83d\ude00");
    private static final LockableKey POOL = LockableKey.semaphore("order/\u20ac/\ud83d\ude00");
    private static final Owner ANN = Owner.of("user", "ann");
    private static final Owner BOB = new Owner("user", "bob", new Owner.Scope("organisation", "acme"));
    private static final Client CLIENT =
            new Client(new SessionId(0x0123_4567_89ab_cdefL, -1), "host-1", "billing", "alice", "10.0.0.7");

    private final History history = new History(2 * History.PIECE_BYTES);
    private long index;

    private static Change change(LockableKey lockable, ChangeKind kind, Owner owner, long token) {
        return new Change(kind, lockable, owner, token, 1, ChangeView.NOTHING_ENDED, CLIENT);
    }

    private void add(long atMs, Change... changes) {
        add(history, ++index, atMs, changes);
    }

    private static void add(History history, long index, long atMs, Change... changes) {
        history.add(new Applied(index, atMs, List.of(), List.of(), List.of(), List.of(), 0, List.of(changes)));
    }

    private Answer.HistoryPage page(LockableKey lockable, long before, int max, long nowMs) {
        return (Answer.HistoryPage) history.page(new Query.History(lockable, before, max), nowMs);
    }

    private Answer.HistoryPage newest(LockableKey lockable) {
        return page(lockable, Query.History.NEWEST, Limits.PAGE_SIZE_MAX, 100_000);
    }

    private List<Long> tokens(LockableKey lockable) {
        return newest(lockable).changes().stream().map(ChangeView::token).toList();
    }

    @Test
    void a_change_comes_back_as_it_was_with_its_age() {
        Answer.SessionView session = new Answer.SessionView("01234567", "host-1", "billing", "alice", "10.0.0.7");
        for (ChangeKind kind : ChangeKind.values()) {
            add(1000, new Change(kind, MUTEX, BOB, Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE - 1, CLIENT));
            assertThat(page(MUTEX, Query.History.NEWEST, 1, 1700).changes())
                    .containsExactly(new ChangeView(
                            index << 16,
                            kind,
                            BOB,
                            Long.MAX_VALUE,
                            Integer.MAX_VALUE,
                            Long.MAX_VALUE - 1,
                            700,
                            session));
        }
        add(1000, new Change(ChangeKind.EXPIRED, MUTEX, ANN, 7, 0, ChangeView.NOTHING_ENDED, null));
        assertThat(page(MUTEX, Query.History.NEWEST, 1, 0).changes())
                .as("never of the future")
                .containsExactly(new ChangeView(index << 16, ChangeKind.EXPIRED, ANN, 7, 0, -1, 0, null));
    }

    @Test
    void the_newest_comes_first_and_others_are_left_out() {
        add(
                1,
                change(MUTEX, ChangeKind.GRANTED, ANN, 1),
                change(POOL, ChangeKind.GRANTED, ANN, 2),
                change(MUTEX, ChangeKind.RELEASED, ANN, 1));
        add(2, change(MUTEX, ChangeKind.GRANTED, BOB, 3));

        assertThat(tokens(MUTEX)).containsExactly(3L, 1L, 1L);
        assertThat(newest(MUTEX).changes())
                .extracting(ChangeView::kind)
                .containsExactly(ChangeKind.GRANTED, ChangeKind.RELEASED, ChangeKind.GRANTED);
        assertThat(tokens(POOL)).containsExactly(2L);
        assertThat(tokens(LockableKey.mutex("order"))).isEmpty();
    }

    @Test
    void keys_of_the_same_hash_are_told_apart() {
        LockableKey one = LockableKey.mutex("Aa");
        LockableKey other = LockableKey.mutex("BB");
        assertThat(one.hashCode()).isEqualTo(other.hashCode());
        add(1, change(one, ChangeKind.GRANTED, ANN, 1), change(other, ChangeKind.GRANTED, ANN, 2));

        assertThat(tokens(one)).containsExactly(1L);
        assertThat(tokens(other)).containsExactly(2L);
    }

    @Test
    void pages_follow_one_another_without_a_gap() {
        for (long token = 1; token <= 1000; token++) {
            add(token, change(MUTEX, ChangeKind.GRANTED, ANN, token), change(POOL, ChangeKind.GRANTED, ANN, token));
        }
        List<Long> tokens = new ArrayList<>();
        long before = Query.History.NEWEST;
        boolean more = true;
        while (more) {
            Answer.HistoryPage page = page(MUTEX, before, 7, 2000);
            assertThat(page.changes()).hasSizeLessThanOrEqualTo(7).isNotEmpty();
            page.changes().forEach(change -> tokens.add(change.token()));
            before = page.changes().get(page.changes().size() - 1).number();
            more = page.more();
        }
        assertThat(tokens).isEqualTo(tokens(MUTEX)).first().isEqualTo(1000L);
    }

    @Test
    void a_page_has_no_more_characters_than_fit_into_an_answer() {
        History large = new History(16 << 20);
        LockableKey longKey = LockableKey.mutex("k".repeat(Limits.KEY_BYTES_MAX));
        Owner longOwner = Owner.of("t".repeat(Limits.NAME_BYTES_MAX), "o".repeat(Limits.NAME_BYTES_MAX));
        for (int i = 1; i <= Limits.PAGE_SIZE_MAX; i++) {
            add(large, i, i, change(longKey, ChangeKind.GRANTED, longOwner, i));
        }

        Answer.HistoryPage page = (Answer.HistoryPage)
                large.page(new Query.History(longKey, Query.History.NEWEST, Limits.PAGE_SIZE_MAX), 2000);

        assertThat(page.more()).isTrue();
        assertThat(page.changes()).hasSizeBetween(100, 300);
        assertThat(page.knownForMs()).isEqualTo(LogTime.NEVER);
    }

    @Test
    void a_page_of_none_or_too_many_is_refused() {
        assertThat(history.page(new Query.History(MUTEX, Query.History.NEWEST, 0), 0))
                .isInstanceOf(Answer.QueryRejected.class);
        assertThat(history.page(new Query.History(MUTEX, Query.History.NEWEST, Limits.PAGE_SIZE_MAX + 1), 0))
                .isInstanceOf(Answer.QueryRejected.class);
    }

    @Test
    void the_oldest_gives_way_and_since_when_all_is_known_is_said() {
        assertThat(newest(MUTEX).knownForMs()).isEqualTo(LogTime.NEVER);
        add(1, change(MUTEX, ChangeKind.GRANTED, ANN, 1));
        assertThat(newest(MUTEX).knownForMs()).isEqualTo(LogTime.NEVER);
        long token = 1;
        while (tokens(MUTEX).get(tokens(MUTEX).size() - 1) == 1) {
            token++;
            add(token, change(MUTEX, ChangeKind.GRANTED, ANN, token));
        }
        Answer.HistoryPage page = newest(MUTEX);
        long oldest = page.changes().get(page.changes().size() - 1).token();
        assertThat(page.knownForMs()).as("since the last that is gone").isEqualTo(100_000 - (oldest - 1));
        assertThat(page.changes()).hasSize((int) (token - oldest + 1));
        assertThat(newest(POOL).knownForMs())
                .as("of what was never locked, too")
                .isEqualTo(page.knownForMs());
    }

    @Test
    void another_state_has_another_past() {
        add(5, change(MUTEX, ChangeKind.GRANTED, ANN, 1));
        history.restart(1000);

        assertThat(newest(MUTEX)).isEqualTo(new Answer.HistoryPage(List.of(), false, 99_000));
        add(2000, change(MUTEX, ChangeKind.GRANTED, ANN, 2));
        assertThat(tokens(MUTEX)).containsExactly(2L);
        assertThat(newest(MUTEX).knownForMs()).isEqualTo(99_000);
    }

    /** Compared with one that keeps all, for as long as that one's changes are said to be known. */
    @Test
    void whatever_is_said_to_be_known_is_known() {
        Random random = new Random(7);
        Map<LockableKey, Deque<Long>> all = new HashMap<>();
        Map<Long, Long> times = new HashMap<>();
        long now = 0;
        for (long token = 1; token <= 20_000; token++) {
            now += random.nextInt(3);
            LockableKey lockable = LockableKey.mutex("k".repeat(1 + random.nextInt(20)) + random.nextInt(50));
            Client client = random.nextBoolean() ? CLIENT : null;
            Owner owner = random.nextBoolean() ? ANN : new Owner("x".repeat(random.nextInt(255)), "y", null);
            add(now, new Change(ChangeKind.GRANTED, lockable, owner, token, 1, 5, client));
            all.computeIfAbsent(lockable, key -> new ArrayDeque<>()).addFirst(token);
            times.put(token, now);
            if (token % 500 == 0) {
                long at = now;
                all.forEach((key, tokens) -> assertKnown(key, tokens, times, at));
            }
        }
    }

    private void assertKnown(LockableKey lockable, Deque<Long> all, Map<Long, Long> times, long nowMs) {
        Answer.HistoryPage page = page(lockable, Query.History.NEWEST, Limits.PAGE_SIZE_MAX, nowMs);
        Iterator<Long> expected = all.iterator();
        page.changes().forEach(change -> assertThat(change.token()).isEqualTo(expected.next()));
        if (expected.hasNext()) {
            assertThat(times.get(expected.next())).isLessThanOrEqualTo(nowMs - page.knownForMs());
        }
    }

    @Test
    void it_takes_no_more_memory_than_it_may() {
        Set<Object> pieces = new HashSet<>();
        History small = new History(3 * History.PIECE_BYTES);
        for (int i = 1; i <= 5000; i++) {
            add(small, i, i, change(MUTEX, ChangeKind.GRANTED, ANN, i));
            pieces.addAll(small.piecesUsed());
        }
        assertThat(pieces).hasSize(3);
    }

    @Test
    @Timeout(120)
    void who_reads_while_changes_are_added_sees_them_in_order_and_whole() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        List<@Nullable Throwable> failures = new ArrayList<>();
        Thread reader = new Thread(() -> {
            try {
                while (!done.get()) {
                    List<Long> tokens = tokens(MUTEX);
                    for (int i = 1; i < tokens.size(); i++) {
                        assertThat(tokens.get(i)).isEqualTo(tokens.get(i - 1) - 1);
                    }
                }
            } catch (Throwable e) {
                failures.add(e);
            }
        });
        reader.start();
        for (long token = 1; token <= 50_000; token++) {
            add(token, change(MUTEX, ChangeKind.GRANTED, BOB, token), change(POOL, ChangeKind.GRANTED, ANN, token));
        }
        done.set(true);
        reader.join();
        assertThat(failures).isEmpty();
    }
}
