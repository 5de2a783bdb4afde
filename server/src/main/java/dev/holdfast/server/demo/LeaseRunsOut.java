package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockExpiredException;
import java.time.Duration;

/** A hold with a TTL ends by itself, and the next holder has a higher token. */
final class LeaseRunsOut implements Scene {
    private static final Duration TTL = Duration.ofMillis(1200);

    @Override
    public String title() {
        return "A hold with a TTL ends by itself, and the next holder's token is higher";
    }

    @Override
    public String play(Stage stage) throws InterruptedException {
        Lockable report = Holdfast.createLockable("nightly-report").of();
        LockOwner alice = Stage.worker("alice");
        LockOwner bob = Stage.worker("bob");

        long asked = System.nanoTime();
        LockHandle first = stage.client("here")
                .createLock()
                .hold(alice, report, AcquireOptions.defaults().ttl(TTL));
        stage.line(alice + " holds " + report.key() + " for " + TTL.toMillis() + " ms", "token " + first.token());

        AcquireResult second = stage.client("there")
                .createLock()
                .acquire(bob, report, AcquireOptions.defaults().wait(Duration.ofSeconds(10)));
        long waited = System.nanoTime() - asked;
        stage.line(bob + " waits for it", "granted after " + Narrator.millis(waited) + ", token " + second.token());
        Stage.check(waited >= TTL.toNanos(), "it was granted before the TTL was over");
        Stage.check(second.token() > first.token(), "its token is not higher");

        LossReason reason = Stage.await(first.lossSignal(), "the news of the loss");
        stage.line("what " + alice + "'s handle was told", first.state() + ", " + reason);
        Stage.check(reason == LossReason.EXPIRED, "the loss was reported as " + reason);
        stage.line(alice + " releases all the same", releaseOf(first));
        Stage.check(
                stage.client("witness").createLock().get(report).orElseThrow().token() == second.token(),
                "the late release freed the newer hold");
        return "expired, handed on, and the late release touched nobody";
    }

    private static String releaseOf(LockHandle handle) {
        try {
            handle.release();
        } catch (LockExpiredException e) {
            return e.getClass().getSimpleName();
        }
        throw new SceneFailedException("an expired hold was released as if it were there");
    }
}
