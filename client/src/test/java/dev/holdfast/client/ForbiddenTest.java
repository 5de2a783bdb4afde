package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static dev.holdfast.client.support.Rig.ORDER_LOCK;
import static dev.holdfast.client.support.Rig.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.support.FakeCluster;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.FakeCluster.KeepAlives;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.Command;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the rules do not allow, and clients that are not admitted. */
class ForbiddenTest {
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Rig rig = new Rig();

    private void forbidAllButSessions() {
        rig.cluster.forbidden = command -> !(command instanceof Command.OpenSession)
                && !(command instanceof Command.CloseSession)
                && !(command instanceof Command.CancelAcquire);
    }

    @Test
    void what_is_forbidden_says_what_is_missing() {
        rig.hold(ALICE);
        rig.cluster.occupy(ORDER_LOCK, Terms.owner(BOB), 1);
        forbidAllButSessions();
        HoldfastSemaphore semaphore = rig.client.createSemaphore(3);

        assertForbidden(() -> rig.lock.acquire(BOB, ORDER));
        assertForbidden(() -> rig.lock.acquireAll(BOB, List.of(ORDER), DEFAULTS));
        assertForbidden(() -> rig.lock.release(ALICE, ORDER));
        assertForbidden(() -> rig.lock.extend(ALICE, ORDER, SECOND));
        assertForbidden(() -> rig.lock.forceRelease(ORDER));
        assertForbidden(() -> rig.lock.requestRelease(ORDER));
        assertForbidden(() -> semaphore.acquire(BOB, ORDER, 1));
        assertForbidden(() -> semaphore.drain(BOB, ORDER, DEFAULTS));
        assertForbidden(() -> rig.client.putRule(AccessRule.parse("bob lock *")));
        assertThat(rig.cluster.holders(ORDER_LOCK)).contains(Terms.owner(ALICE));
    }

    @Test
    void a_query_that_is_forbidden_says_what_is_missing_and_is_not_repeated() {
        rig.cluster.queriesForbidden = true;

        assertForbidden(() -> rig.lock.get(ORDER));
        assertForbidden(() -> rig.client.rules());
        assertForbidden(() -> rig.client.audit().toList());
        assertForbidden(() -> rig.lock.release(BOB, ORDER));
        assertThat(rig.cluster.queryCount).isEqualTo(4);
    }

    private static void assertForbidden(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(LockForbiddenException.class)
                .hasMessage("Forbidden: " + FakeCluster.LACKS);
    }

    @Test
    void a_release_that_is_forbidden_leaves_the_hold_as_it_was() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.forbidden = Command.Release.class::isInstance;

        assertForbidden(handle::release);
        assertForbidden(handle::close);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(Rig.LEASE.multipliedBy(3));
        assertThat(handle.state()).isEqualTo(HoldState.HELD);

        rig.cluster.forbidden = command -> false;
        handle.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void an_extension_that_is_forbidden_leaves_the_lease_as_it_was() {
        LockHandle handle = rig.hold(ALICE, DEFAULTS.ttl(SECOND));
        Duration left = handle.leaseLeft().orElseThrow();
        rig.cluster.forbidden = command -> true;

        assertForbidden(() -> handle.extend(Duration.ofMinutes(1)));
        assertForbidden(() -> handle.expireIn(Duration.ofMillis(10)));
        assertThat(handle.leaseLeft()).contains(left);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
        rig.advance(SECOND);
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
    }

    @Test
    void a_session_that_may_not_be_opened_fails_what_waits_for_it_and_is_not_asked_for_again() {
        rig.cluster.forbidden = Command.OpenSession.class::isInstance;

        assertThatThrownBy(() -> rig.lock.acquire(ALICE, ORDER))
                .isInstanceOf(LockForbiddenException.class)
                .hasMessageContaining("no session for the acquire of 'order:1'")
                .hasMessageContaining(FakeCluster.LACKS);
        rig.advance(Rig.LEASE);
        assertThat(rig.commands(Command.OpenSession.class)).hasSize(1);

        rig.cluster.next(Fault.FORBIDDEN);
        assertThatThrownBy(() -> rig.lock.acquire(ALICE, ORDER)).isInstanceOf(LockForbiddenException.class);
        rig.cluster.forbidden = command -> false;
        assertThat(rig.hold(ALICE).state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void a_client_that_is_not_admitted_any_more_fails_at_once_and_loses_its_holds_with_its_lease() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.FORBIDDEN);
        assertThat(failureOf(rig.acquireAsync(BOB, DEFAULTS))).isInstanceOf(LockForbiddenException.class);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);

        rig.cluster.keepAlives = KeepAlives.FORBIDDEN;
        rig.advance(Rig.LEASE.multipliedBy(2));
        assertThat(handle.state()).isEqualTo(HoldState.LOST);
        int asked = rig.cluster.keepAliveCount;
        assertThat(asked).isLessThan(12);
        rig.advance(Rig.LEASE.multipliedBy(2));
        assertThat(rig.cluster.keepAliveCount).isEqualTo(asked);
    }

    @Test
    void a_client_that_is_admitted_again_in_time_keeps_its_holds() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.keepAlives = KeepAlives.FORBIDDEN;
        rig.advance(Rig.LEASE.dividedBy(2));
        rig.cluster.keepAlives = KeepAlives.ANSWERED;
        rig.advance(Rig.LEASE);
        assertThat(handle.state()).isEqualTo(HoldState.HELD);
    }

    @Test
    void an_acquire_that_may_have_been_granted_before_it_was_forbidden_is_undone() {
        rig.hold(BOB).release();
        rig.cluster.next(Fault.ANSWER_LOST);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));
        rig.cluster.forbidden = Command.Acquire.class::isInstance;
        rig.pause();

        assertThat(failureOf(acquired))
                .isInstanceOf(LockOutcomeUnknownException.class)
                .hasMessageContaining(FakeCluster.LACKS);
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
        rig.cluster.forbidden = command -> false;
        assertThat(rig.acquireAsync(BOB, DEFAULTS).join().acquired()).isTrue();
    }

    @Test
    void an_acquire_that_may_have_been_granted_before_the_client_was_not_admitted_is_undone_once_it_is() {
        rig.hold(BOB).release();
        rig.cluster.next(Fault.ANSWER_LOST, Fault.FORBIDDEN, Fault.FORBIDDEN, Fault.FORBIDDEN);
        CompletableFuture<AcquireResult> acquired = rig.acquireAsync(ALICE, DEFAULTS);
        rig.pause();
        assertThat(failureOf(acquired)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(ALICE));

        CompletableFuture<AcquireResult> next = rig.acquireAsync(BOB, DEFAULTS);
        rig.advance(Duration.ofSeconds(2));
        assertThat(rig.commands(Command.CancelAcquire.class)).hasSize(3);
        assertThat(next.join().acquired()).isTrue();
        assertThat(rig.cluster.holders(ORDER_LOCK)).containsExactly(Terms.owner(BOB));
    }

    @Test
    void a_release_that_may_have_been_done_before_it_was_forbidden_leaves_its_hold_in_doubt() {
        LockHandle handle = rig.hold(ALICE);
        rig.cluster.next(Fault.LOST);
        CompletableFuture<Void> released = handle.releaseAsync().toCompletableFuture();
        rig.cluster.forbidden = Command.Release.class::isInstance;
        rig.pause();

        assertThat(failureOf(released)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(handle.state()).isEqualTo(HoldState.IN_DOUBT);
        rig.advance(SECOND);
        int sent = rig.commands(Command.Release.class).size();
        rig.advance(SECOND.multipliedBy(5));
        assertThat(rig.commands(Command.Release.class)).hasSize(sent);

        rig.cluster.forbidden = command -> false;
        handle.release();
        assertThat(rig.cluster.holders(ORDER_LOCK)).isEmpty();
    }

    @Test
    void a_waiter_whose_session_is_not_admitted_any_more_hears_of_it_when_the_session_is_lost() {
        rig.hold(BOB);
        CompletableFuture<AcquireResult> waiting = rig.acquireAsync(ALICE, DEFAULTS.waitForever());
        rig.cluster.keepAlives = KeepAlives.FORBIDDEN;
        rig.advance(Rig.LEASE);
        assertThat(failureOf(waiting)).isInstanceOf(LockSessionLostException.class);
    }
}
