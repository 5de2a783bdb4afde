package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The leader's process is killed while locks are held and waited for. */
final class LeaderKilled implements Scene {
    private static final int LOCKS = 8;
    private static final LockableDefinition ACCOUNT = Holdfast.createLockable("account", LockableOptions.plural());

    /** What must be the same before and after. */
    private record Held(LockableKind kind, String key, LockOwner owner, long token, int count, int waiters) {}

    @Override
    public String title() {
        return "kill -9 of the leader, with locks held";
    }

    @Override
    public String play(Stage stage) throws InterruptedException {
        HoldfastClient client = stage.client("here");
        HoldfastLock lock = client.createLock();
        List<LockHandle> handles = holdAll(client);
        CompletableFuture<AcquireResult> waiter = stage.client("there")
                .createLock()
                .acquireAsync(
                        Stage.worker("bob"),
                        ACCOUNT.of("1"),
                        AcquireOptions.defaults().waitForever())
                .toCompletableFuture();
        Stage.until(() -> lock.get(ACCOUNT.of("1")).orElseThrow().waiterCount() == 1, "bob is in the queue");
        List<Held> before = held(client);
        stage.line(before.size() + " holds, one waiter", "tokens " + tokens(before));

        DemoPeer leader = stage.cluster().leader().orElseThrow(() -> new SceneFailedException("nobody leads"));
        long killed = System.nanoTime();
        leader.kill();
        stage.line("kill -9 " + leader.pid(), "peer " + leader.id() + ", the leader, is gone");
        AcquireResult next = lock.acquire(Stage.worker("carol"), ACCOUNT.of("new"));
        String took = Narrator.millis(System.nanoTime() - killed);
        stage.line(
                "worker:carol acquires account:new",
                next.acquired() ? "granted " + took + " after the kill, token " + next.token() : "refused");
        Stage.check(next.acquired(), "a lock that nobody holds was refused");
        Stage.check(next.token() > maxToken(before), "the new leader gave a token that is not higher than all before");

        next.orThrow().release();
        List<Held> after = held(client);
        DemoPeer successor = successor(stage);
        stage.line("peer " + successor.id() + " leads now; it has", after.size() + " holds, tokens " + tokens(after));
        Stage.check(before.equals(after), "before: " + before + ", after: " + after);
        Stage.check(
                handles.stream().allMatch(handle -> handle.state() == HoldState.HELD),
                "a holder was told that it lost its lock");

        handles.get(0).release();
        AcquireResult waited = Stage.await(waiter, "the grant to the waiter");
        stage.line("the first hold is released", "worker:bob, who waited all along, has it, token " + waited.token());
        Stage.check(waited.token() > next.token(), "the waiter's token is not higher");
        return "same holders, same tokens, same queue; next grant " + took + " after the kill";
    }

    private static List<LockHandle> holdAll(HoldfastClient client) throws InterruptedException {
        HoldfastLock lock = client.createLock();
        LockOwner alice = Stage.worker("alice");
        List<LockHandle> handles = new ArrayList<>();
        for (int i = 1; i <= LOCKS; i++) {
            AcquireOptions lease = switch (i % 3) {
                case 0 -> AcquireOptions.defaults().ttl(Duration.ofMinutes(5));
                case 1 -> AcquireOptions.defaults().whileClientLives();
                default -> AcquireOptions.defaults().untilReleased();
            };
            handles.add(lock.hold(alice, ACCOUNT.of(Integer.toString(i)), lease));
        }
        Lockable pool = ACCOUNT.of("pool");
        handles.add(client.createSemaphore(5).hold(alice, pool, 2, AcquireOptions.defaults()));
        handles.add(client.createSemaphore(5).hold(Stage.worker("dave"), pool, 3, AcquireOptions.defaults()));
        return handles;
    }

    private static List<Held> held(HoldfastClient client) {
        try (Stream<LockableInfo> lockables = client.list("account:")) {
            return lockables.flatMap(LeaderKilled::holds).toList();
        }
    }

    private static Stream<Held> holds(LockableInfo info) {
        return info.holds().stream()
                .map((HoldInfo hold) -> new Held(
                        info.kind(), info.key(), hold.owner(), hold.token(), hold.count(), info.waiterCount()));
    }

    private static String tokens(List<Held> holds) {
        return holds.stream().mapToLong(Held::token).sorted().boxed().toList().toString();
    }

    private static long maxToken(List<Held> holds) {
        return holds.stream().mapToLong(Held::token).max().orElseThrow();
    }

    private static DemoPeer successor(Stage stage) throws InterruptedException {
        Stage.until(() -> stage.cluster().leader().isPresent(), "a peer says that it leads");
        return stage.cluster().leader().orElseThrow();
    }
}
