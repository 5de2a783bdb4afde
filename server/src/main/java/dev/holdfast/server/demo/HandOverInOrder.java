package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Waiters get the lock in the order in which they came. */
final class HandOverInOrder implements Scene {
    private static final int WAITERS = 5;

    private record Turn(LockOwner owner, long token) {}

    @Override
    public String title() {
        return "Waiters queue, first come, first served";
    }

    @Override
    public String play(Stage stage) throws InterruptedException {
        Lockable ledger = Holdfast.createLockable("ledger").of();
        HoldfastLock lock = stage.client("first").createLock();
        LockHandle held = lock.hold(Stage.worker("0"), ledger, AcquireOptions.defaults());
        stage.line("worker:0 holds " + ledger.key(), "token " + held.token());

        List<Turn> turns = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        for (int i = 1; i <= WAITERS; i++) {
            LockOwner owner = Stage.worker(Integer.toString(i));
            waiting.add(waitForTurn(stage.client("client-" + i).createLock(), owner, ledger, turns));
            int queued = i;
            Stage.until(() -> waiters(lock, ledger) == queued, owner + " is in the queue");
        }
        List<String> queue = lock.get(ledger).map(LockInfo::waiters).orElseThrow().stream()
                .map(waiter -> waiter.owner().id())
                .toList();
        stage.line("five more clients wait, the leader lists", String.join(", ", queue));

        long released = System.nanoTime();
        held.release();
        for (CompletableFuture<Void> turn : waiting) {
            Stage.await(turn, "a turn");
        }
        String took = Narrator.millis(System.nanoTime() - released);
        for (Turn turn : turns) {
            stage.line("worker:" + turn.owner().id() + " has its turn, and releases", "token " + turn.token());
        }
        check(turns, held.token());
        return "five hand-overs in order, tokens rising, in " + took;
    }

    private static CompletableFuture<Void> waitForTurn(
            HoldfastLock lock, LockOwner owner, Lockable lockable, List<Turn> turns) {
        return lock.acquireAsync(owner, lockable, AcquireOptions.defaults().wait(Duration.ofSeconds(20)))
                .thenCompose(result -> {
                    turns.add(new Turn(owner, result.token()));
                    return result.orThrow().releaseAsync();
                })
                .toCompletableFuture();
    }

    private static int waiters(HoldfastLock lock, Lockable lockable) {
        return lock.get(lockable).map(LockInfo::waiterCount).orElse(0);
    }

    private static void check(List<Turn> turns, long firstToken) {
        Stage.check(turns.size() == WAITERS, turns.size() + " turns instead of " + WAITERS);
        long token = firstToken;
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            Stage.check(turn.owner().id().equals(Integer.toString(i + 1)), "out of order: " + turns);
            Stage.check(turn.token() > token, "tokens do not rise: " + turns);
            token = turn.token();
        }
    }
}
