package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.LockMachine;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer whose part in a group has ended is not there any more, and says so. */
class FailureTest {
    private static final Lockable JOB = Holdfast.createLockable("job").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");

    @TempDir
    Path folder;

    private HoldfastNode alone() throws Exception {
        HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start();
        assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
        return node;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_node_whose_applier_meets_an_error_fails(boolean error) throws Exception {
        try (HoldfastNode node = alone()) {
            Throwable thrown = error ? new OutOfMemoryError("Java heap space") : new IllegalStateException("a bug");
            node.group(0).replica().measureWith((batch, applied, nanos) -> throwIt(thrown));
            HoldfastLock lock = node.client().createLock();
            var unused = lock.acquireAsync(ALICE, JOB, AcquireOptions.defaults());
            CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
            await().atMost(LocalCluster.PATIENCE).until(failure::isDone);
            Throwable cause = failure.join();
            assertThat(cause == thrown || cause.getCause() == thrown)
                    .as("%s", cause)
                    .isTrue();
            assertThat(node.isLeader()).isFalse();
        }
    }

    @Test
    void
            a_node_of_a_release_that_does_not_know_what_the_cluster_has_switched_to_says_so_and_finds_no_fault_with_its_disk()
                    throws Exception {
        try (HoldfastNode node = alone()) {
            Batch next = new Batch(List.of(new Command.Activate(ProtocolVersion.SEMANTICS + 1)), List.of());
            node.group(0).replica().measureWith((batch, applied, nanos) -> new LockMachine().apply(1, 0, next));
            var unused = node.client().createLock().acquireAsync(ALICE, JOB, AcquireOptions.defaults());
            CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
            await().atMost(LocalCluster.PATIENCE).until(failure::isDone);
            assertThat(failure.join())
                    .isInstanceOf(ReleaseTooOldException.class)
                    .hasMessageContaining("has switched to semantics " + (ProtocolVersion.SEMANTICS + 1))
                    .hasMessageContaining("upgrade this peer")
                    .hasMessageContaining("Its data folder is sound");
        }
    }

    /** Ratis's updater is so slow to notice that the node has begun to close the server before. */
    @Test
    void a_node_fails_although_it_closes_before_ratis_has_noticed() throws Exception {
        try (HoldfastNode node = alone()) {
            AtomicBoolean logged = new AtomicBoolean();
            Error slow = new Error() {
                private static final long serialVersionUID = 1;

                @Override
                public String getMessage() {
                    if (!logged.getAndSet(true)) {
                        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
                    }
                    return "it takes long to log this";
                }
            };
            node.group(0).replica().measureWith((batch, applied, nanos) -> throwIt(slow));
            var unused = node.client().createLock().acquireAsync(ALICE, JOB, AcquireOptions.defaults());
            CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
            await().atMost(LocalCluster.PATIENCE).until(failure::isDone);
            assertThat(failure.join()).isSameAs(slow);
        }
    }

    /** Such as the expiry of sessions, which nobody would plan again. */
    @Test
    void a_node_one_of_whose_own_tasks_throws_fails() throws Exception {
        try (HoldfastNode node = alone()) {
            Error thrown = new AssertionError("a bug");
            node.timers().schedule(() -> throwIt(thrown), 0);
            CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
            await().atMost(LocalCluster.PATIENCE).until(failure::isDone);
            assertThat(failure.join()).isSameAs(thrown);
            assertThat(node.isLeader()).isFalse();
        }
    }

    private static void throwIt(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) thrown;
    }

    @Test
    void a_node_that_is_closed_has_not_failed() throws Exception {
        CompletableFuture<Throwable> failure;
        try (HoldfastNode node = alone()) {
            failure = node.failure().toCompletableFuture();
        }
        assertThat(failure).isNotDone();
    }
}
