package dev.holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.node.support.Bystander;
import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A peer with a small heap, in a process of its own that ends as soon as the heap is full, under more of everything than
 * suits it; a client that behaves goes on all the while.
 */
@Tag("long")
class UnderLoadIT {
    private static final int HEAP_MIB = 128;
    private static final long MIB = 1024 * 1024;
    private static final int IDLE_CONNECTIONS = 1000;
    private static final int WAITERS = 10_000;
    private static final LockOwnerType WAITER = Holdfast.createLockOwner("waiter");
    private static final LockableDefinition LONG_KEY = Holdfast.createLockable("long", LockableOptions.plural());

    /** What a peer takes up. */
    private record Measured(long heapBytes, int threads, int files, int clients) {}

    @TempDir
    Path folder;

    private ProcessCluster cluster;
    private HostPort address;
    private Bystander bystander;

    @BeforeEach
    void start() throws Exception {
        cluster = ProcessCluster.startOne(folder, HEAP_MIB);
        address = HostPort.parseList(cluster.servers()).get(0);
        bystander = new Bystander(cluster.servers());
        bystander.goesOn();
    }

    @AfterEach
    void the_peer_lives_and_the_bystander_goes_on() {
        try {
            bystander.goesOn();
            assertThat(cluster.running().get(0).jvm().isAlive()).isTrue();
            System.out.println("UnderLoadIT: the bystander's slowest round took "
                    + bystander.slowest().toMillis() + " ms");
        } finally {
            bystander.close();
            cluster.close();
        }
    }

    private Measured measure() throws IOException, InterruptedException {
        String[] words = cluster.running()
                .get(0)
                .ask("measure", line -> line.startsWith("M "))
                .split(" ");
        return new Measured(
                Long.parseLong(words[1]),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]));
    }

    private void awaitClients(int count) {
        await("only " + count + " clients")
                .atMost(ProcessCluster.PATIENCE)
                .until(() -> measure().clients(), clients -> clients == count);
    }

    @Test
    void a_thousand_idle_connections_cost_no_threads_and_little_memory() throws Exception {
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long files = system.getMaxFileDescriptorCount();
        if (files < 2 * IDLE_CONNECTIONS) {
            System.out.println(
                    "UnderLoadIT: skipped the idle connections: a process may open only " + files + " files");
            Assumptions.abort("too few file descriptors");
        }
        Measured before = measure();
        List<RawClient> idle = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE_CONNECTIONS; i++) {
                idle.add(RawClient.welcomed(address));
            }
            Measured with = measure();
            assertThat(with.clients()).isEqualTo(before.clients() + IDLE_CONNECTIONS);
            assertThat(with.threads()).isLessThan(before.threads() + 20);
            assertThat(with.heapBytes() - before.heapBytes()).isLessThan(IDLE_CONNECTIONS * 50_000L);
            bystander.goesOn();
            for (RawClient client : idle) {
                client.send(Frames.keepAlive(1, new SessionId(1, 1)));
                assertThat(client.next().getKeepAliveReply().hasGone()).isTrue();
            }
        } finally {
            idle.forEach(RawClient::close);
        }
        awaitClients(before.clients());
        await("their files to be closed")
                .atMost(ProcessCluster.PATIENCE)
                .until(() -> measure().files(), now -> now < before.files() + 20);
    }

    @Test
    void clients_that_ask_for_ten_times_the_heap_and_never_read_are_ended() throws Exception {
        int clients = 30;
        int questions = 50;
        long listed = holdLongKeys();
        assertThat(clients * questions * listed).isGreaterThan(10 * HEAP_MIB * MIB);
        int before = measure().clients();
        List<RawClient> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < clients; i++) {
                RawClient client = new RawClient(address, false);
                deaf.add(client);
                client.send(Frames.hello(1, "deaf"));
                for (int id = 1; id <= questions; id++) {
                    client.send(Frames.query(id, new Query.ListLockables("long", null, Limits.PAGE_SIZE_MAX)));
                }
            }
            bystander.goesOn();
            awaitClients(before);
        } finally {
            deaf.forEach(RawClient::close);
        }
        assertThat(measure().heapBytes()).isLessThan(HEAP_MIB * MIB / 2);
    }

    /** As many as one page lists, by a client that stays; how many bytes the page has at least. */
    private long holdLongKeys() {
        HoldfastLock lock = bystander.client().createLock();
        String padding = "x".repeat(900);
        CompletableFuture<?>[] holds = IntStream.range(0, Limits.PAGE_SIZE_MAX)
                .mapToObj(
                        i -> lock.acquireAsync(WAITER.of("lister"), LONG_KEY.of(i + padding), AcquireOptions.defaults())
                                .thenAccept(AcquireResult::orThrow)
                                .toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(holds).orTimeout(60, TimeUnit.SECONDS).join();
        return (long) padding.length() * holds.length;
    }

    @Test
    void ten_thousand_waiters_on_one_key_are_served_in_order_and_vanish_with_their_session() throws Exception {
        int served = 300;
        Lockable wanted = Holdfast.createLockable("wanted").of();
        try (HoldfastClient first = Holdfast.connect(cluster.servers())) {
            LockHandle held = first.createLock().hold(WAITER.of("holder"), wanted, AcquireOptions.defaults());
            List<Integer> granted = new ArrayList<>();
            queue(first, wanted, 0, WAITERS / 2)
                    .forEach(grant -> grant.thenAccept(result -> {
                        LockHandle handle = result.orThrow();
                        synchronized (granted) {
                            granted.add(Integer.valueOf(handle.owner().id()));
                            if (granted.size() < served) {
                                handle.releaseAsync();
                            }
                        }
                    }));
            awaitWaiters(wanted, WAITERS / 2);
            try (HoldfastClient second = Holdfast.connect(cluster.servers())) {
                queue(second, wanted, WAITERS / 2, WAITERS);
                LockInfo info = awaitWaiters(wanted, WAITERS);
                assertThat(info.waiters()).hasSizeBetween(1, Limits.PAGE_SIZE_MAX);
                assertThat(info.waiters().get(0).owner()).isEqualTo(WAITER.of("0"));
                bystander.goesOn();
            }
            awaitWaiters(wanted, WAITERS / 2);

            held.release();
            await("the first of them").atMost(ProcessCluster.PATIENCE).until(() -> {
                synchronized (granted) {
                    return granted.size() == served;
                }
            });
            assertThat(granted).isEqualTo(IntStream.range(0, served).boxed().toList());
        }
        // What a session with thousands of waiters leaves is removed by several entries.
        await("nothing to be left")
                .atMost(ProcessCluster.PATIENCE)
                .until(() -> bystander.client().createLock().get(wanted).isEmpty());
    }

    @Test
    void ten_thousand_waits_that_end_at_once_leave_nothing_behind() throws Exception {
        Lockable wanted = Holdfast.createLockable("wanted").of();
        try (HoldfastClient client = Holdfast.connect(cluster.servers())) {
            LockHandle held = client.createLock().hold(WAITER.of("holder"), wanted, AcquireOptions.defaults());
            AcquireOptions briefly = AcquireOptions.defaults().wait(Duration.ofMillis(500));
            List<CompletableFuture<AcquireResult>> waits = IntStream.range(0, WAITERS)
                    .mapToObj(i -> client.createLock()
                            .acquireAsync(WAITER.of(String.valueOf(i)), wanted, briefly)
                            .toCompletableFuture())
                    .toList();
            for (CompletableFuture<AcquireResult> wait : waits) {
                assertThat(wait.get(60, TimeUnit.SECONDS).acquired()).isFalse();
            }
            assertThat(awaitWaiters(wanted, 0).token()).isEqualTo(held.token());
            held.release();
        }
    }

    private static List<CompletableFuture<AcquireResult>> queue(
            HoldfastClient client, Lockable wanted, int from, int to) {
        AcquireOptions patiently = AcquireOptions.defaults().wait(Duration.ofMinutes(10));
        return IntStream.range(from, to)
                .mapToObj(i -> client.createLock()
                        .acquireAsync(WAITER.of(String.valueOf(i)), wanted, patiently)
                        .toCompletableFuture())
                .toList();
    }

    private LockInfo awaitWaiters(Lockable wanted, int count) {
        HoldfastLock lock = bystander.client().createLock();
        return await(count + " waiters")
                .atMost(ProcessCluster.PATIENCE)
                .until(() -> lock.get(wanted).orElseThrow(), info -> info.waiterCount() == count);
    }
}
