package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not acceptable is refused with an error that says so, and does no harm. */
abstract class BadInputContract extends ContractBase {
    private HoldfastSemaphore semaphore;

    @BeforeEach
    void make_a_semaphore() {
        semaphore = client().createSemaphore(3);
    }

    @AfterEach
    void the_same_client_goes_on_working() {
        Lockable other = newThing();
        lock.acquire(ALICE, other).orThrow().release();
        semaphore.acquire(ALICE, other, 2).orThrow().release();
        assertThat(lock.isLocked(thing)).isFalse();
        assertThat(semaphore.available(thing)).isEqualTo(3);
    }

    private static void assertRejected(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LockRequestRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "line\nbreak", "nul\0", "\u0007", "del\u007f", "\ud800", "x\udc00", "\udc00\ud800"})
    void malformed_names_are_rejected(String name) {
        assertRejected(Reason.INVALID, () -> new Lockable("a", name));
        assertRejected(Reason.INVALID, () -> new Lockable(name, "a"));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockable(name));
        assertRejected(Reason.INVALID, () -> LockableOptions.plural().prefix(name));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockOwner(name));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockOwner("user").of(name));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockOwner("user").within(name));
        assertRejected(
                Reason.INVALID,
                () -> Holdfast.createLockOwner("user").within("org").of(name, "7"));
        assertRejected(Reason.INVALID, () -> LockOwner.unique(name));
    }

    @Test
    void long_names_are_rejected_by_their_bytes() {
        String key = "k".repeat(Limits.KEY_BYTES_MAX + 1);
        String name = "n".repeat(Limits.NAME_BYTES_MAX + 1);
        String wide = "\u20ac".repeat(Limits.NAME_BYTES_MAX / 3 + 1);

        assertRejected(Reason.TOO_LONG, () -> new Lockable("a", key));
        assertRejected(Reason.TOO_LONG, () -> THINGS.of(key));
        assertRejected(Reason.TOO_LONG, () -> Holdfast.createLockOwner(name));
        assertRejected(Reason.TOO_LONG, () -> Holdfast.createLockOwner("user").of(name));
        assertRejected(Reason.TOO_LONG, () -> Holdfast.createLockOwner("user").of(wide));
    }

    @Test
    void the_longest_and_strangest_names_work() {
        String unique = UUID.randomUUID().toString();
        Lockable longest = new Lockable("a", unique + "k".repeat(Limits.KEY_BYTES_MAX - unique.length()));
        Lockable strange = new Lockable("a", "a:%b \ud83d\udd12 \u00e4/\\\"'<\u2028>" + unique);
        LockOwner owner = Holdfast.createLockOwner("\ud83d\ude00").of("i".repeat(Limits.NAME_BYTES_MAX));

        for (Lockable lockable : new Lockable[] {longest, strange}) {
            lock.acquire(owner, lockable).orThrow();
            assertThat(lock.acquire(BOB, lockable).holder()).contains(owner);
            try (var listing = client().list(lockable.key())) {
                assertThat(listing)
                        .singleElement()
                        .satisfies(found -> assertThat(found.key()).isEqualTo(lockable.key()));
            }
            lock.release(owner, lockable);
        }
    }

    @Test
    void durations_that_are_not_positive_are_rejected() throws InterruptedException {
        for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(366)}) {
            assertRejected(Reason.INVALID, () -> AcquireOptions.defaults().ttl(wrong));
            assertRejected(Reason.INVALID, () -> AcquireOptions.defaults().timeout(wrong));
            assertRejected(Reason.INVALID, () -> lock.extend(ALICE, thing, wrong));
            assertRejected(Reason.INVALID, () -> semaphore.extend(ALICE, thing, wrong));
        }
        assertRejected(Reason.INVALID, () -> AcquireOptions.defaults().wait(Duration.ofMillis(-1)));
        assertRejected(Reason.INVALID, () -> AcquireOptions.defaults().wait(Duration.ofDays(366)));
        assertThat(AcquireOptions.defaults().wait(Duration.ZERO).waitMs()).isZero();
        assertThat(AcquireOptions.defaults()
                        .ttl(Duration.ofNanos(1))
                        .ttl()
                        .orElseThrow()
                        .toMillis())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void numbers_of_permits_that_are_not_positive_are_rejected(int permits) {
        assertRejected(Reason.INVALID, () -> semaphore.acquire(ALICE, thing, permits));
        assertRejected(Reason.INVALID, () -> semaphore.acquire(ALICE, thing, permits, waiting()));
        assertRejected(Reason.INVALID, () -> result(semaphore.acquireAsync(ALICE, thing, permits, waiting())));
        assertRejected(Reason.INVALID, () -> semaphore.release(ALICE, thing, permits));
        assertRejected(Reason.INVALID, () -> client().createSemaphore(permits));
        assertRejected(Reason.INVALID, () -> client().createSemaphore(Limits.PERMITS_MAX + 1));
    }

    @Test
    void nothing_is_no_owner_lockable_or_option() {
        assertRejected(Reason.INVALID, () -> Holdfast.createLockable(null));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockOwner(null));
        assertRejected(Reason.INVALID, () -> Holdfast.createLockOwner("user").of(null));
        assertRejected(Reason.INVALID, () -> new Lockable("a", null));
        assertNullRefused(() -> lock.acquire(null, thing));
        assertNullRefused(() -> lock.acquire(ALICE, null));
        assertNullRefused(() -> lock.acquire(ALICE, thing, null));
        assertNullRefused(() -> result(lock.acquireAsync(null, thing, waiting())));
        assertNullRefused(() -> lock.release(null, thing));
        assertNullRefused(() -> lock.release(ALICE, null));
        assertNullRefused(() -> lock.extend(ALICE, thing, null));
        assertNullRefused(() -> lock.isLocked(null));
        assertNullRefused(() -> semaphore.acquire(ALICE, null, 1));
    }

    /** In another thread: a call that never ends is one way to fail. */
    private static void assertNullRefused(ThrowingCallable call) {
        CompletableFuture<Void> called = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Throwable thrown = catchThrowable(call);
            if (thrown == null) {
                called.complete(null);
            } else {
                called.completeExceptionally(thrown);
            }
        });
        thread.setDaemon(true);
        thread.start();
        assertThatThrownBy(() -> result(called))
                .isInstanceOfAny(NullPointerException.class, IllegalArgumentException.class, LockException.class);
    }
}
