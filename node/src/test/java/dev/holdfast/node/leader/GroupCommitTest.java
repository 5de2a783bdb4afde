package dev.holdfast.node.leader;

import static dev.holdfast.node.leader.Batches.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private static final int QUEUED_COMMANDS_MAX = 1 << 16;

    private final FakeLog log = new FakeLog(new Replica());
    private final GroupCommit commits = new GroupCommit(batch -> log.append(1, 0, batch));

    private static SessionBatch nops(int count) {
        return new SessionBatch(
                new SessionId(9, 9),
                0,
                0,
                IntStream.rangeClosed(1, count)
                        .mapToObj(i -> new SequencedCommand(i, new Command.Acknowledge()))
                        .toList());
    }

    @Test
    void two_entries_are_in_flight_and_the_rest_shares_the_next() {
        log.commitsAtOnce = false;
        List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            replies.add(commits.submit(Batches.open(i, 1000)));
        }
        assertThat(log.appended).hasSize(2);

        log.commitNext();

        assertThat(replies.get(0)).isCompleted();
        assertThat(replies.get(1)).isNotDone();
        assertThat(log.appended).hasSize(3);
        assertThat(log.appended.get(2).batch().sessions()).hasSize(8);
        log.commitNext();
        log.commitNext();
        for (int i = 1; i <= 10; i++) {
            assertThat(replies.get(i - 1).join().session().high()).isEqualTo(i);
            assertThat(Batches.opened(replies.get(i - 1).join()).high()).isEqualTo(i);
        }
        assertThat(log.appended).hasSize(3);
    }

    @Test
    void an_entry_goes_beside_another_if_it_is_at_least_half_as_large() {
        log.commitsAtOnce = false;
        List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
        replies.add(commits.submit(nops(5)));
        replies.add(commits.submit(nops(2)));
        assertThat(log.appended).hasSize(1);
        replies.add(commits.submit(nops(1)));
        assertThat(log.appended).hasSize(2);
        replies.add(commits.submit(nops(100)));
        assertThat(log.appended).hasSize(2);

        log.commitNext();
        assertThat(log.appended).hasSize(3);
        replies.add(commits.submit(nops(49)));
        log.commitNext();
        assertThat(log.appended).hasSize(3);
        replies.add(commits.submit(nops(1)));
        assertThat(log.appended).hasSize(4);
        log.commitNext();
        log.commitNext();
        assertThat(replies).allMatch(CompletableFuture::isDone);
    }

    @Test
    void a_log_that_does_not_link_fails_its_entry_in_words_and_takes_the_next() {
        AtomicInteger calls = new AtomicInteger();
        GroupCommit broken = new GroupCommit(batch -> {
            calls.incrementAndGet();
            throw new NoSuchMethodError("of another version");
        });
        for (long sequence = 1; sequence <= 2; sequence++) {
            CompletableFuture<SubmitReply> reply =
                    broken.submit(Batches.of(new SessionId(1, 1), sequence, new Command.Acknowledge()));

            assertThat(reply).isCompletedExceptionally();
            assertThat(reply.handle((done, failure) -> failure).join())
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("the class path has protobuf-java")
                    .hasMessageContaining("of another version");
        }
        assertThat(calls).hasValue(2);
    }

    @Test
    void entries_get_into_the_log_in_the_order_of_their_batches_though_many_threads_bring_them()
            throws InterruptedException {
        List<Long> inLog = new ArrayList<>();
        ExecutorService committer = Executors.newSingleThreadExecutor();
        GroupCommit concurrent = new GroupCommit(batch -> {
            // Not guarded: one thread at a time appends.
            batch.sessions()
                    .forEach(session -> inLog.add(session.commands().get(0).sequence()));
            return CompletableFuture.supplyAsync(
                    () -> {
                        throw new IllegalStateException("thrown by a test");
                    },
                    committer);
        });
        List<Long> brought = new ArrayList<>();
        AtomicInteger answered = new AtomicInteger();
        List<Thread> threads = IntStream.range(0, 4)
                .mapToObj(t -> new Thread(() -> {
                    for (int i = 0; i < 5000; i++) {
                        synchronized (brought) {
                            long number = brought.size() + 1;
                            brought.add(number);
                            concurrent
                                    .submit(new SessionBatch(
                                            new SessionId(9, 9),
                                            0,
                                            0,
                                            List.of(new SequencedCommand(number, new Command.Acknowledge()))))
                                    .whenComplete((reply, failure) -> answered.incrementAndGet());
                        }
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        await().until(() -> answered.get() == 20_000);
        committer.shutdown();
        assertThat(inLog).isEqualTo(brought);
    }

    @Test
    void the_bytes_that_wait_are_bounded_too() {
        log.commitsAtOnce = false;
        String longest = "k".repeat(Limits.KEY_BYTES_MAX);
        List<SequencedCommand> commands = IntStream.rangeClosed(1, 900)
                .mapToObj(i -> new SequencedCommand(i, Batches.acquire(longest, Lease.SESSION)))
                .toList();
        SessionBatch large = new SessionBatch(new SessionId(9, 9), 0, 0, commands);
        List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
        for (int i = 0; i < QUEUED_COMMANDS_MAX / commands.size(); i++) {
            replies.add(commits.submit(large));
        }

        assertFailed(replies.get(replies.size() - 1), Kind.BUSY);
        long accepted = replies.stream().filter(reply -> !reply.isDone()).count();
        // As many as fit into 64 MiB, each at most 3 MiB.
        assertThat(accepted).isBetween(20L, 40L);
        for (int i = 0; i < accepted; i++) {
            log.commitNext();
        }
        assertThat(replies.stream().filter(reply -> !reply.isCompletedExceptionally()))
                .hasSize((int) accepted)
                .allMatch(CompletableFuture::isDone);
        assertThat(commits.submit(large)).isNotDone();
    }

    @Test
    void a_failure_is_told_to_those_of_its_entry_only() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> first = commits.submit(Batches.open(1, 1000));
        CompletableFuture<SubmitReply> second = commits.submit(Batches.open(2, 1000));

        log.failNext();

        assertFailed(first, Kind.OUTCOME_UNKNOWN);
        assertThat(second).isNotDone();
        log.commitNext();
        assertThat(second).isCompleted();
    }

    @Test
    void an_entry_has_no_more_commands_than_allowed() {
        log.commitsAtOnce = false;
        int each = Limits.COMMANDS_PER_BATCH_MAX * 2 / 5;
        for (int i = 0; i < 7; i++) {
            CompletableFuture<SubmitReply> submitted = commits.submit(nops(each));
            assertThat(submitted).isNotDone();
        }
        while (log.uncommitted() > 0) {
            log.commitNext();
        }

        assertThat(log.appended)
                .extracting(entry -> entry.batch().sessions().size())
                .containsExactly(1, 1, 2, 2, 1);
    }

    @Test
    void a_batch_of_too_many_commands_is_refused() {
        assertFailed(commits.submit(nops(Limits.COMMANDS_PER_BATCH_MAX + 1)), Kind.REFUSED);
        assertThat(log.appended).isEmpty();
        assertThat(commits.submit(nops(Limits.COMMANDS_PER_BATCH_MAX))).isCompleted();
    }

    @Test
    void an_acquire_of_several_lockables_counts_for_as_many() {
        List<LockableKey> most = IntStream.range(0, Limits.LOCKABLES_PER_ACQUIRE_MAX)
                .mapToObj(i -> LockableKey.mutex("k" + i))
                .toList();
        Command.AcquireAll all = new Command.AcquireAll(most, Owner.of("user", "ann"), false, Lease.SESSION, 0);
        int fitting = Limits.COMMANDS_PER_BATCH_MAX / most.size();
        List<SequencedCommand> commands = LongStream.rangeClosed(1, fitting)
                .mapToObj(sequence -> new SequencedCommand(sequence, all))
                .toList();
        assertThat(commits.submit(new SessionBatch(new SessionId(9, 9), 0, 0, commands)))
                .isCompleted();

        List<SequencedCommand> oneMore = new ArrayList<>(commands);
        oneMore.add(new SequencedCommand(fitting + 1, new Command.Acknowledge()));
        assertFailed(commits.submit(new SessionBatch(new SessionId(9, 9), 0, 0, oneMore)), Kind.REFUSED);
    }

    @Test
    void a_batch_of_too_many_bytes_is_refused() {
        String key = "k".repeat(Limits.KEY_BYTES_MAX);
        SessionBatch large = new SessionBatch(
                new SessionId(9, 9),
                0,
                0,
                Stream.iterate(1L, i -> i + 1)
                        .limit(1500)
                        .map(i -> new SequencedCommand(i, Batches.acquire(key, Lease.SESSION)))
                        .toList());

        assertFailed(commits.submit(large), Kind.REFUSED);
        assertThat(log.appended).isEmpty();
    }

    @Test
    void callers_are_told_to_come_back_when_too_much_waits() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> inFlight = commits.submit(nops(1));
        CompletableFuture<SubmitReply> beside = commits.submit(nops(1));
        List<CompletableFuture<SubmitReply>> waiting = new ArrayList<>();
        for (int i = 0; i < QUEUED_COMMANDS_MAX / Limits.COMMANDS_PER_BATCH_MAX; i++) {
            waiting.add(commits.submit(nops(Limits.COMMANDS_PER_BATCH_MAX)));
        }

        assertFailed(commits.submit(nops(1)), Kind.BUSY);

        log.commitNext();
        assertThat(inFlight).isCompleted();
        CompletableFuture<SubmitReply> later = commits.submit(nops(1));
        while (log.uncommitted() > 0) {
            log.commitNext();
        }
        assertThat(beside).isCompleted();
        assertThat(later).isCompleted();
        assertThat(waiting).allSatisfy(reply -> assertThat(reply).isCompleted());
    }

    @Test
    void what_waits_fails_when_the_term_ends_and_what_is_in_flight_does_not() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> inFlight = commits.submit(Batches.open(1, 1000));
        CompletableFuture<SubmitReply> beside = commits.submit(Batches.open(2, 1000));
        CompletableFuture<SubmitReply> waiting = commits.submit(Batches.open(3, 1000));
        CompletableFuture<Void> proposed = commits.propose(List.of(new Command.Tick()));

        commits.close();

        assertFailed(waiting, Kind.NO_LEADER);
        assertFailed(proposed, Kind.NO_LEADER);
        assertFailed(commits.submit(Batches.open(4, 1000)), Kind.NO_LEADER);
        assertFailed(commits.propose(List.of(new Command.Tick())), Kind.NO_LEADER);
        log.commitNext();
        assertThat(inFlight).isCompleted();
        assertThat(beside).isNotDone();
        log.commitNext();
        assertThat(beside).isCompleted();
        assertThat(log.appended).hasSize(2);
    }

    @Test
    void while_it_is_held_what_comes_waits_and_what_is_in_flight_does_not() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> inFlight = commits.submit(Batches.open(1, 1000));
        commits.hold();
        CompletableFuture<SubmitReply> waiting = commits.submit(Batches.open(2, 1000));
        CompletableFuture<Void> proposed = commits.propose(List.of(new Command.Tick()));
        log.commitNext();

        assertThat(inFlight).isCompleted();
        assertThat(log.appended).hasSize(1);
        commits.resume();
        assertThat(log.appended).hasSize(2);
        log.commitNext();
        assertThat(waiting).isCompleted();
        assertThat(proposed).isCompleted();
    }

    @Test
    void what_waits_while_it_is_held_was_not_done_if_the_term_ends_then() {
        commits.hold();
        CompletableFuture<SubmitReply> waiting = commits.submit(Batches.open(2, 1000));

        commits.close();
        commits.resume();

        assertFailed(waiting, Kind.NO_LEADER);
        assertThat(log.appended).isEmpty();
    }

    @Test
    void the_leader_s_own_commands_go_first_in_the_next_entry() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> first = commits.submit(nops(20));
        CompletableFuture<SubmitReply> second = commits.submit(Batches.open(2, 1000));
        CompletableFuture<Void> tick = commits.propose(List.of(new Command.Tick()));
        CompletableFuture<Void> expiry = commits.propose(List.of(new Command.ExpireSession(new SessionId(5, 5))));

        log.commitNext();
        assertThat(first).isCompleted();
        assertThat(tick).isNotDone();
        assertThat(log.appended.get(1).batch().system())
                .containsExactly(new Command.Tick(), new Command.ExpireSession(new SessionId(5, 5)));
        log.commitNext();
        assertThat(second).isCompleted();
        assertThat(tick).isCompleted();
        assertThat(expiry).isCompleted();
    }

    @Test
    void a_proposal_fails_with_its_entry() {
        log.commitsAtOnce = false;
        CompletableFuture<Void> tick = commits.propose(List.of(new Command.Tick()));

        log.failNext();

        assertFailed(tick, Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void commands_of_one_session_keep_their_order() {
        log.commitsAtOnce = false;
        CompletableFuture<SubmitReply> opening = commits.submit(Batches.open(1, 1000));
        log.commitNext();
        SessionId session = Batches.opened(opening.join());
        log.appended.clear();
        CompletableFuture<SubmitReply> plug = commits.submit(nops(1));
        List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            replies.add(commits.submit(Batches.of(session, 2 * i + 1, Batches.acquire("k", Lease.SESSION))));
            replies.add(commits.submit(Batches.of(
                    session, 2 * i + 2, new Command.Release(LockableKey.mutex("k"), Batches.OWNER, i + 1, 0))));
        }
        while (log.uncommitted() > 0) {
            log.commitNext();
        }

        assertThat(plug).isCompleted();
        for (int i = 0; i < 50; i++) {
            assertThat(replies.get(2 * i).join().outcomes().get(0).outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Granted.class,
                            granted -> assertThat(granted.reacquired()).isFalse());
            assertThat(replies.get(2 * i + 1).join().outcomes().get(0).outcome())
                    .isInstanceOf(Outcome.Released.class);
        }
    }
}
