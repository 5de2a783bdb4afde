package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.info.LockInfo;
import java.util.Optional;

/** An acquire of a lock that another process holds. */
final class RefusedWhileHeld implements Scene {
    @Override
    public String title() {
        return "A lock that is held is refused to others, and the refusal names the holder";
    }

    @Override
    public String play(Stage stage) {
        Lockable order =
                Holdfast.createLockable("order", LockableOptions.plural()).of("42");
        LockOwner alice = Stage.worker("alice");
        LockOwner bob = Stage.worker("bob");
        HoldfastLock here = stage.client("here").createLock();
        HoldfastLock there = stage.client("there").createLock();

        AcquireResult first = here.acquire(alice, order);
        stage.line(
                alice + " acquires " + order.key(), first.acquired() ? "granted, token " + first.token() : "refused");
        Stage.check(first.acquired(), "a lock that nobody holds was refused");

        AcquireResult second = there.acquire(bob, order);
        String holder = second.holder().map(LockOwner::toString).orElse("nobody");
        stage.line(
                bob + " acquires " + order.key(), second.acquired() ? "granted" : "refused, it is held by " + holder);
        Stage.check(!second.acquired(), "two hold the lock");
        Stage.check(second.holder().equals(Optional.of(alice)), "the refusal names " + holder);

        first.orThrow().release();
        Optional<LockInfo> after = there.get(order);
        stage.line(
                alice + " releases " + order.key(),
                after.isEmpty() ? "free" : "held by " + after.get().owner());
        AcquireResult third = there.acquire(bob, order);
        stage.line(bob + " acquires " + order.key(), third.acquired() ? "granted, token " + third.token() : "refused");
        Stage.check(third.acquired() && third.token() > first.token(), "not granted with a higher token");
        return "one holder at a time, known by name";
    }
}
