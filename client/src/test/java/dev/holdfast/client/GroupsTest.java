package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.support.FakeCluster;
import dev.holdfast.client.support.Rig;
import dev.holdfast.client.support.ThreadlessTimers;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.SequencedCommand;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A client of a cluster with several groups, of which it knows nothing at first. */
class GroupsTest {
    private static final int GROUPS = 3;
    private static final LockableDefinition THING = Holdfast.createLockable("thing", LockableOptions.plural());

    private final ManualTimers timers = new ManualTimers(0);
    private final List<FakeCluster> groups =
            IntStream.range(0, GROUPS).mapToObj(i -> new FakeCluster(timers)).toList();
    private final ArrayDeque<CompletableFuture<Integer>> questions = new ArrayDeque<>();
    private int known;

    private final ClusterTransport cluster = new ClusterTransport() {
        @Override
        public int groups() {
            return known;
        }

        @Override
        public CompletableFuture<Integer> findGroups() {
            CompletableFuture<Integer> question = new CompletableFuture<>();
            questions.add(question);
            return question;
        }

        @Override
        public Transport group(int number) {
            return groups.get(number);
        }

        @Override
        public void close() {
            groups.forEach(FakeCluster::close);
        }
    };

    private final HoldfastClient client =
            Holdfast.client(cluster, ClientOptions.defaults().timers(new ThreadlessTimers(timers)));
    private final HoldfastLock lock = client.createLock();

    private void answer() {
        while (!questions.isEmpty()) {
            questions.remove().complete(GROUPS);
        }
    }

    private static int group(Lockable lockable) {
        return KeyGroups.of(lockable.key(), GROUPS);
    }

    private List<Command> commands(int group) {
        return groups.get(group).submitted.stream()
                .flatMap(batch -> batch.commands().stream())
                .<Command>map(SequencedCommand::command)
                .toList();
    }

    @Test
    void the_rules_are_those_of_the_first_group_and_the_audit_is_that_of_all_by_time() {
        known = GROUPS;
        HoldfastClient informed =
                Holdfast.client(cluster, ClientOptions.defaults().timers(new ThreadlessTimers(timers)));
        audit(0, 1, 10);
        audit(0, 2, 40);
        audit(1, 1, 20);
        audit(2, 1, 5);
        audit(2, 2, 30);

        assertThat(informed.putRule(AccessRule.parse("alice lock *"))).isTrue();

        assertThat(groups.get(0).rules).hasSize(1);
        assertThat(informed.rules()).hasSize(1);
        assertThat(informed.audit().map(entry -> entry.group() + "." + entry.number()))
                .containsExactly("2.1", "0.1", "1.1", "2.2", "0.2");
    }

    private void audit(int group, long number, long atEpochMs) {
        groups.get(group)
                .audit
                .add(new AuditRecord(number, atEpochMs, "root", "", "force-release", "mutex a", "taken"));
    }

    @Test
    void each_key_goes_to_its_group() {
        List<Lockable> things = IntStream.range(0, 30)
                .mapToObj(i -> THING.of(String.valueOf(i)))
                .toList();
        List<CompletableFuture<AcquireResult>> acquires = new ArrayList<>();
        things.forEach(thing -> acquires.add(
                lock.acquireAsync(ALICE, thing, AcquireOptions.defaults()).toCompletableFuture()));
        assertThat(groups).allSatisfy(group -> assertThat(group.submitted).isEmpty());

        answer();

        assertThat(acquires)
                .allSatisfy(acquire -> assertThat(acquire.join().acquired()).isTrue());
        for (int number = 0; number < GROUPS; number++) {
            int group = number;
            assertThat(commands(number))
                    .filteredOn(Command.Acquire.class::isInstance)
                    .isNotEmpty()
                    .allSatisfy(command -> assertThat(KeyGroups.of(
                                    ((Command.Acquire) command).lockable().key(), GROUPS))
                            .isEqualTo(group));
        }
        // By the handle, and by the owner.
        acquires.get(0).join().orThrow().release();
        lock.release(ALICE, things.get(1));
        assertThat(commands(group(things.get(0)))).anyMatch(Command.Release.class::isInstance);
        assertThat(commands(group(things.get(1)))).anyMatch(Command.Release.class::isInstance);
        assertThat(lock.isLocked(things.get(1))).isFalse();
        assertThat(lock.isLocked(things.get(2))).isTrue();
        // Nobody was asked again.
        assertThat(questions).isEmpty();
    }

    @Test
    void early_acquires_go_in_the_order_asked_whichever_question_is_answered_first() {
        List<Lockable> things = IntStream.range(0, 30)
                .mapToObj(i -> THING.of(String.valueOf(i)))
                .toList();
        for (Lockable thing : things) {
            var unused = lock.acquireAsync(ALICE, thing, AcquireOptions.defaults());
        }
        while (!questions.isEmpty()) {
            questions.removeLast().complete(GROUPS);
        }

        for (int number = 0; number < GROUPS; number++) {
            int group = number;
            assertThat(commands(number))
                    .filteredOn(Command.Acquire.class::isInstance)
                    .extracting(
                            command -> ((Command.Acquire) command).lockable().key())
                    .containsExactlyElementsOf(things.stream()
                            .filter(thing -> group(thing) == group)
                            .map(Lockable::key)
                            .toList());
        }
    }

    @Test
    void an_acquire_given_up_before_its_group_is_known_holds_nothing() {
        Lockable thing = THING.of("1");
        CompletableFuture<AcquireResult> acquire =
                lock.acquireAsync(ALICE, thing, AcquireOptions.defaults()).toCompletableFuture();
        acquire.cancel(false);

        answer();

        assertThat(lock.isLocked(thing)).isFalse();
    }

    /** The first so many things whose keys belong to that group. */
    private static List<Lockable> things(int group, int count) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> THING.of(String.valueOf(i)))
                .filter(thing -> group(thing) == group)
                .limit(count)
                .toList();
    }

    @Test
    void several_are_acquired_together_in_their_group() {
        List<Lockable> things = things(2, 3);
        CompletableFuture<AcquireAllResult> early = acquireAll(things);
        assertThat(early).isNotDone();

        answer();

        try (LockHandles handles = early.join().orThrow()) {
            assertThat(handles.isHeld()).isTrue();
            assertThat(acquireAll(List.of(things.get(1))).join().orThrow().isHeld())
                    .isTrue();
        }
        assertThat(commands(2)).filteredOn(Command.AcquireAll.class::isInstance).hasSize(2);
        assertThat(commands(2)).filteredOn(Command.Release.class::isInstance).hasSize(3);
    }

    @Test
    void several_that_were_asked_for_early_can_be_released_at_once() {
        List<Lockable> things = things(1, 2);
        CompletableFuture<Void> released = lock.acquireAllAsync(ALICE, things, AcquireOptions.defaults())
                .thenCompose(result -> result.orThrow().releaseAsync())
                .toCompletableFuture();
        // Others still wait for the number of groups when the first have got theirs.
        List<CompletableFuture<AcquireAllResult>> others =
                things(2, 20).stream().map(thing -> acquireAll(List.of(thing))).toList();

        answer();

        released.join();
        assertThat(others).allMatch(other -> other.join().acquired());
        assertThat(things).noneMatch(lock::isLocked);
    }

    @Test
    void several_of_different_groups_are_refused_before_anything_is_sent() {
        Lockable one = things(0, 1).get(0);
        Lockable other = things(2, 1).get(0);
        CompletableFuture<AcquireAllResult> early = acquireAll(List.of(one, other));
        answer();

        for (CompletableFuture<AcquireAllResult> asked : List.of(early, acquireAll(List.of(one, other)))) {
            assertThat(Rig.failureOf(asked))
                    .isInstanceOfSatisfying(
                            LockRequestRejectedException.class,
                            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.SEVERAL_GROUPS))
                    .hasMessageContaining("'" + one.key() + "' belongs to Raft group 0 of " + GROUPS)
                    .hasMessageContaining("'" + other.key() + "' to group 2");
        }
        assertThat(groups).allSatisfy(group -> assertThat(group.submitted).isEmpty());
    }

    @Test
    void several_given_up_before_their_group_is_known_are_not_held() {
        List<Lockable> things = things(1, 2);
        CompletableFuture<AcquireAllResult> acquire = acquireAll(things);
        acquire.cancel(false);

        answer();

        assertThat(things).noneMatch(lock::isLocked);
    }

    private CompletableFuture<AcquireAllResult> acquireAll(List<Lockable> things) {
        return lock.acquireAllAsync(ALICE, things, AcquireOptions.defaults()).toCompletableFuture();
    }

    @Test
    void who_does_not_answer_is_asked_again_until_the_request_timeout() {
        CompletableFuture<AcquireResult> acquire = lock.acquireAsync(ALICE, THING.of("1"), AcquireOptions.defaults())
                .toCompletableFuture();
        for (int i = 0; i < 3; i++) {
            questions
                    .remove()
                    .completeExceptionally(new TransportException(TransportException.Kind.UNREACHABLE, "nobody there"));
            timers.advance(Rig.PAUSE);
        }
        assertThat(acquire).isNotDone();
        timers.advance(Duration.ofMinutes(1));

        assertThat(Rig.failureOf(acquire))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("acquire of 'thing:1' for user:alice")
                .hasMessageContaining("nobody there");
        // The next one may be luckier.
        questions.clear();
        CompletableFuture<AcquireResult> next = lock.acquireAsync(ALICE, THING.of("1"), AcquireOptions.defaults())
                .toCompletableFuture();
        answer();
        assertThat(next.join().acquired()).isTrue();
    }

    @Test
    void closing_ends_the_sessions_of_all_groups() {
        List<CompletableFuture<AcquireResult>> acquires = IntStream.range(0, 30)
                .mapToObj(i -> lock.acquireAsync(ALICE, THING.of(String.valueOf(i)), AcquireOptions.defaults())
                        .toCompletableFuture())
                .toList();
        answer();
        assertThat(acquires).allMatch(CompletableFuture::isDone);

        client.close();

        for (int number = 0; number < GROUPS; number++) {
            assertThat(commands(number)).anyMatch(Command.CloseSession.class::isInstance);
            assertThat(groups.get(number).closed).isTrue();
        }
        assertThat(Rig.failureOf(lock.acquireAsync(ALICE, THING.of("1"), AcquireOptions.defaults())
                        .toCompletableFuture()))
                .isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void a_client_closed_before_the_groups_are_known_takes_nothing() {
        CompletableFuture<AcquireResult> acquire = lock.acquireAsync(ALICE, THING.of("1"), AcquireOptions.defaults())
                .toCompletableFuture();
        client.close();
        answer();

        assertThat(Rig.failureOf(acquire)).isInstanceOf(LockException.class);
        assertThat(groups).allSatisfy(group -> assertThat(group.submitted).isEmpty());
    }
}
