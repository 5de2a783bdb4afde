package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.fencing.InMemoryFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import java.time.Duration;

/** A holder is paused between looking at its lock and writing. No lock can help there; the token does. */
final class StaleWriteRejected implements Scene {
    private static final Duration TTL = Duration.ofMillis(700);

    /** Stands for a row, a file, a device. */
    private static final class Register {
        private final InMemoryFencingGuard guard = new InMemoryFencingGuard();
        private String value = "";

        /** Whether it was written. */
        boolean write(long token, String newValue) {
            try {
                guard.run("stock", token, () -> value = newValue);
                return true;
            } catch (StaleTokenException e) {
                return false;
            }
        }
    }

    @Override
    public String title() {
        return "A paused holder writes too late, and its fencing token gives it away";
    }

    @Override
    public String play(Stage stage) throws InterruptedException {
        Lockable stock = Holdfast.createLockable("stock").of();
        LockOwner alice = Stage.worker("alice");
        LockOwner bob = Stage.worker("bob");
        Register register = new Register();

        LockHandle paused = stage.client("here")
                .createLock()
                .hold(alice, stock, AcquireOptions.defaults().ttl(TTL));
        HoldState lastSeen = paused.state();
        long token = paused.token();
        stage.line(alice + " holds stock, token " + token + ", and looks", lastSeen.toString());
        Stage.check(lastSeen == HoldState.HELD, "it is " + lastSeen + " right after the grant");
        stage.line(alice + " is paused before it writes", "as by a long garbage collection");

        LockHandle next = stage.client("there")
                .createLock()
                .hold(bob, stock, AcquireOptions.defaults().wait(Duration.ofSeconds(10)));
        boolean accepted = register.write(next.token(), "17, by bob");
        stage.line(
                bob + " gets it and writes with token " + next.token(), accepted ? "accepted: 17, by bob" : "rejected");
        Stage.check(accepted, "the holder's write was rejected");

        boolean acceptedLate = register.write(token, "18, by alice");
        stage.line(
                alice + " wakes up and writes with token " + token,
                acceptedLate ? "accepted" : "rejected: " + next.token() + " was seen");
        Stage.check(!acceptedLate, "a stale write was accepted");
        stage.line("what is stored", register.value);
        Stage.check(register.value.equals("17, by bob"), "the holder's write is gone");
        return "the stale write changed nothing";
    }
}
