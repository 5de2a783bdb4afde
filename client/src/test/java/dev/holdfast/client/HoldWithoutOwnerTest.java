package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.ORDER_SEMAPHORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LeaseKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Acquires that name no owner: each has an owner of its own. */
class HoldWithoutOwnerTest {
    private static final AcquireOptions TTL = AcquireOptions.defaults().ttl(Duration.ofSeconds(3));

    private final Rig rig = new Rig();
    private final HoldfastLock lock = rig.lock;
    private final HoldfastSemaphore semaphore = rig.client.createSemaphore(3);

    @Test
    void two_threads_of_one_process_exclude_each_other() throws InterruptedException {
        LockHandle here = lock.hold(ORDER);
        List<Optional<LockHandle>> there = new ArrayList<>();
        Thread other = new Thread(() -> there.add(lock.tryHold(ORDER)));
        other.start();
        other.join();
        assertThat(there).containsExactly(Optional.empty());

        here.close();
        other = new Thread(() -> there.add(lock.tryHold(ORDER)));
        other.start();
        other.join();

        assertThat(there.get(1).orElseThrow().token()).isGreaterThan(here.token());
        assertThat(lock.tryHold(ORDER)).isEmpty();
    }

    @Test
    void one_thread_excludes_itself_even_where_the_lock_is_reentrant() {
        HoldfastLock reentrant = rig.client.createLock(LockOptions.defaults().reentrant());
        try (LockHandle handle = reentrant.hold(ORDER)) {
            assertThatExceptionOfType(LockAlreadyHeldException.class)
                    .isThrownBy(() -> reentrant.hold(ORDER))
                    .satisfies(e -> assertThat(e.currentOwner()).contains(handle.owner()));
        }
        reentrant.hold(ORDER).close();
    }

    @Test
    void the_owner_tells_which_client_it_is() {
        LockHandle handle = lock.hold(ORDER);
        LockOwner process = rig.client.processOwner();

        assertThat(handle.owner().type()).isEqualTo("anonymous");
        assertThat(handle.owner().scope()).contains(new LockOwner.Scope("process", process.id()));
        assertThat(lock.get(ORDER).orElseThrow().owner()).isEqualTo(handle.owner());
    }

    @Test
    void a_refusal_names_who_asked_and_who_holds_it() {
        rig.hold(ALICE);

        assertThatExceptionOfType(LockAlreadyHeldException.class)
                .isThrownBy(() -> lock.hold(ORDER))
                .withMessageMatching(
                        "Lock 'order:1' was not acquired for anonymous:[0-9a-f-]{36} within process:host-1-.*: "
                                + "it is held by user:alice\\. Try again later, or acquire it with a longer wait\\.")
                .satisfies(e -> assertThat(e.currentOwner()).contains(ALICE));
        assertThat(lock.tryHold(ORDER)).isEmpty();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
    }

    @Test
    void neither_form_without_options_waits() {
        rig.hold(ALICE);

        assertThatThrownBy(() -> lock.hold(ORDER)).isInstanceOf(LockAlreadyHeldException.class);
        assertThat(lock.tryHold(ORDER)).isEmpty();

        assertThat(rig.commands(Command.Acquire.class)).allSatisfy(acquire -> {
            assertThat(acquire.waitMs()).isZero();
            assertThat(acquire.lease().kind()).isEqualTo(LeaseKind.SESSION);
        });
    }

    @Test
    void options_are_obeyed() throws InterruptedException {
        try (LockHandle handle = lock.hold(ORDER, TTL)) {
            assertThat(handle.leaseLeft().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(3));
            assertThat(lock.tryHold(ORDER, TTL)).isEmpty();
            assertThatThrownBy(() -> lock.hold(ORDER, TTL)).isInstanceOf(LockAlreadyHeldException.class);
        }
        assertThat(lock.tryHold(ORDER, TTL)).isPresent();
    }

    @Test
    void an_interrupted_thread_does_not_acquire_with_options_and_does_without() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> lock.hold(ORDER, TTL)).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> lock.tryHold(ORDER, TTL)).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThat(lock.tryHold(ORDER)).isPresent();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_wait_is_served_by_the_queue() {
        LockHandle holder = lock.hold(ORDER);
        CompletableFuture<AcquireResult> waiting = lock.acquireAsync(
                        ORDER, AcquireOptions.defaults().waitForever())
                .toCompletableFuture();
        assertThat(waiting).isNotDone();

        holder.close();

        assertThat(waiting.join().token()).isGreaterThan(holder.token());
    }

    @Test
    void hooks_see_the_owner_and_may_forbid() {
        List<LockOwner> asked = new ArrayList<>();
        List<HookResult.Status> results = new ArrayList<>();
        RuntimeException forbidden = new IllegalStateException("forbidden by a hook");
        HoldfastLock hooked = rig.client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void beforeAcquire(HookContext context) {
                asked.add(context.owner());
                if (asked.size() > 2) {
                    throw forbidden;
                }
            }

            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                results.add(result.status());
            }
        }));

        LockHandle handle = hooked.hold(ORDER);
        assertThat(hooked.tryHold(ORDER)).isEmpty();
        assertThatThrownBy(() -> hooked.tryHold(ORDER)).isSameAs(forbidden);

        assertThat(asked).hasSize(3).doesNotHaveDuplicates().startsWith(handle.owner());
        assertThat(results).containsExactly(HookResult.Status.SUCCEEDED, HookResult.Status.REFUSED);
    }

    @Test
    void permits_of_a_semaphore_are_held_by_an_owner_each() throws InterruptedException {
        LockHandle one = semaphore.hold(ORDER);
        LockHandle two = semaphore.tryHold(ORDER, 2).orElseThrow();

        assertThat(one.permits()).isOne();
        assertThat(two.permits()).isEqualTo(2);
        assertThat(rig.cluster.holders(ORDER_SEMAPHORE))
                .containsExactly(Terms.owner(one.owner()), Terms.owner(two.owner()));
        assertThat(semaphore.tryHold(ORDER)).isEmpty();
        assertThat(semaphore.tryHold(ORDER, 1, TTL)).isEmpty();
        assertThatThrownBy(() -> semaphore.hold(ORDER))
                .isInstanceOf(SemaphoreCapacityExceededException.class)
                .hasMessageContaining("0 of 3 permits available, and 1 were requested");
        assertThatThrownBy(() -> semaphore.hold(ORDER, 1, TTL)).isInstanceOf(SemaphoreCapacityExceededException.class);

        two.close();
        assertThat(semaphore.hold(ORDER, 2, TTL).token()).isGreaterThan(two.token());
    }

    @Test
    void more_permits_than_there_are_is_an_error_in_every_form() {
        assertThatThrownBy(() -> semaphore.tryHold(ORDER, 4)).isInstanceOf(SemaphoreCapacityExceededException.class);
        assertThatThrownBy(() -> semaphore.tryHold(ORDER, 4, TTL))
                .isInstanceOf(SemaphoreCapacityExceededException.class);
        assertThatThrownBy(() -> semaphore.hold(ORDER, 4)).isInstanceOf(SemaphoreCapacityExceededException.class);
    }

    @Test
    void a_queued_acquire_of_permits_is_served_without_an_owner_too() {
        LockHandle all = semaphore.hold(ORDER, 3);
        CompletableFuture<AcquireResult> waiting = semaphore
                .acquireAsync(ORDER, 2, AcquireOptions.defaults().waitForever())
                .toCompletableFuture();
        assertThat(waiting).isNotDone();

        all.close();

        assertThat(waiting.join().orThrow().permits()).isEqualTo(2);
    }
}
