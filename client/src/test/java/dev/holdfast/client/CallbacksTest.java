package dev.holdfast.client;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.LEASE;
import static dev.holdfast.client.support.Rig.ORDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.support.FakeCluster;
import dev.holdfast.client.support.FakeCluster.Fault;
import dev.holdfast.client.support.FakeCluster.KeepAlives;
import dev.holdfast.client.support.Sneaky;
import dev.holdfast.client.support.ThreadlessTimers;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Code of users that blocks or fails, on whatever executor, stops neither the client nor other code of users. */
class CallbacksTest {
    private static final LockableDefinition THING = Holdfast.createLockable("thing", LockableOptions.plural());
    private static final AcquireOptions DEFAULTS = AcquireOptions.defaults();

    private final ManualTimers timers = new ManualTimers(0);
    private final FakeCluster cluster = new FakeCluster(timers);
    private final CountDownLatch unblock = new CountDownLatch(1);
    private final AtomicInteger blocked = new AtomicInteger();
    private final List<HoldfastClient> clients = new ArrayList<>();

    private HoldfastClient client(UnaryOperator<ClientOptions> options) {
        return client(cluster, options);
    }

    private HoldfastClient client(Transport transport, UnaryOperator<ClientOptions> options) {
        HoldfastClient client = Holdfast.client(
                transport, options.apply(ClientOptions.defaults().timers(timers)));
        clients.add(client);
        return client;
    }

    private void block() {
        blocked.incrementAndGet();
        try {
            unblock.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitBlocked(int count) {
        await().untilAsserted(() -> assertThat(blocked).hasValue(count));
    }

    private static CompletableFuture<AcquireResult> acquire(HoldfastLock lock, int thing) {
        return lock.acquireAsync(ALICE, THING.of(String.valueOf(thing)), DEFAULTS)
                .toCompletableFuture();
    }

    /** What comes then does so on the callback executor: it is there before the answer. There must be a session. */
    private <T> CompletableFuture<T> acquireThen(HoldfastLock lock, int thing, Function<AcquireResult, T> then) {
        cluster.next(Fault.ANSWER_HELD);
        CompletableFuture<T> stage = acquire(lock, thing).thenApply(then);
        cluster.answerHeld();
        return stage;
    }

    private AcquireResult blockWith(AcquireResult granted) {
        block();
        return granted;
    }

    private static <T> T get(CompletableFuture<T> stage) {
        return stage.orTimeout(1, TimeUnit.MINUTES).join();
    }

    @AfterEach
    void letThreadsEnd() {
        unblock.countDown();
        clients.forEach(HoldfastClient::close);
    }

    /** A callback blocks for good, and callers, keep-alives and other callbacks go on. */
    private void goesOnWith(Executor executor) {
        HoldfastClient client = client(options -> options.callbackExecutor(executor));
        HoldfastLock lock = client.createLock();
        LockHandle held = lock.acquire(ALICE, ORDER).orThrow();
        acquireThen(lock, 1, this::blockWith);
        awaitBlocked(1);

        get(acquireThen(lock, 2, AcquireResult::orThrow)).release();
        lock.acquire(ALICE, THING.of("3")).orThrow().release();
        int keepAlives = cluster.keepAliveCount;
        for (int i = 0; i < 30; i++) {
            timers.advance(LEASE.dividedBy(10));
        }
        assertThat(held.state()).isEqualTo(HoldState.HELD);
        assertThat(cluster.keepAliveCount).isGreaterThan(keepAlives);
        CompletableFuture<LossReason> lost = held.lossSignal().toCompletableFuture();
        cluster.keepAlives = KeepAlives.FAILING;
        timers.advance(LEASE.multipliedBy(2));
        assertThat(get(lost)).isEqualTo(LossReason.SESSION_LOST);
    }

    @Test
    void a_callback_executor_that_runs_tasks_in_the_caller_s_thread_blocks_nobody() {
        goesOnWith(Runnable::run);
    }

    @Test
    void a_saturated_executor_whose_callers_run_its_tasks_blocks_nobody() {
        ExecutorService saturated = saturated(new ThreadPoolExecutor.CallerRunsPolicy());
        goesOnWith(saturated);
        saturated.shutdownNow();
    }

    @Test
    void a_saturated_executor_that_rejects_tasks_blocks_nobody() {
        ExecutorService saturated = saturated(new ThreadPoolExecutor.AbortPolicy());
        goesOnWith(saturated);
        saturated.shutdownNow();
    }

    @Test
    void an_executor_that_throws_an_error_blocks_nobody() {
        goesOnWith(task -> {
            throw Sneaky.sneakyThrow(new OutOfMemoryError("unable to create native thread, says a test"));
        });
    }

    /** With one thread, which is busy for good. */
    private ExecutorService saturated(RejectedExecutionHandler handler) {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), handler);
        CountDownLatch busy = new CountDownLatch(1);
        executor.execute(() -> {
            busy.countDown();
            try {
                unblock.await();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> busy.getCount() == 0);
        return executor;
    }

    @Test
    void an_executor_whose_execute_blocks_holds_up_callbacks_only() {
        HoldfastClient client = client(options -> options.callbackExecutor(task -> block()));
        HoldfastLock lock = client.createLock();
        LockHandle held = lock.acquire(ALICE, ORDER).orThrow();
        CompletableFuture<AcquireResult> stage = acquire(lock, 1);
        awaitBlocked(1);
        for (int i = 0; i < 30; i++) {
            timers.advance(LEASE.dividedBy(10));
        }
        assertThat(held.state()).isEqualTo(HoldState.HELD);
        held.release();
        assertThat(stage).isNotDone();
    }

    @Test
    void a_callback_may_call_the_client_whatever_the_executor() {
        for (Executor executor : List.<Executor>of(Runnable::run, task -> {
            throw new RejectedExecutionException("a test");
        })) {
            HoldfastLock lock =
                    client(options -> options.callbackExecutor(executor)).createLock();
            lock.acquire(ALICE, ORDER).orThrow().release();
            CompletableFuture<AcquireResult> nested = acquireThen(lock, 1, granted -> {
                granted.orThrow().release();
                return lock.acquire(ALICE, THING.of("2"));
            });
            get(nested).orThrow().release();
        }
    }

    @Test
    void a_closed_executor_still_completes_stages() {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.shutdown();
        HoldfastLock lock =
                client(options -> options.callbackExecutor(executor)).createLock();
        assertThat(get(acquire(lock, 1)).acquired()).isTrue();
    }

    @Test
    void stages_complete_also_after_the_client_was_closed() {
        HoldfastClient client = client(options -> options);
        HoldfastLock lock = client.createLock();
        client.close();
        assertThat(acquire(lock, 1).handle((granted, failure) -> failure))
                .succeedsWithin(Duration.ofMinutes(1))
                .isNotNull();
    }

    @Test
    void the_callback_executor_sees_callbacks_and_never_the_engine() {
        Queue<Runnable> seen = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<AcquireResult>> stages = new ArrayList<>();
        AtomicReference<HoldfastLock> lock = new AtomicReference<>();
        // The engine is given so much to do at once that whoever runs it has to be relieved.
        Transport busy = new Relay(cluster) {
            @Override
            public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
                synchronized (stages) {
                    while (stages.size() < 2000) {
                        stages.add(acquire(lock.get(), stages.size()));
                    }
                }
                return super.submit(batch);
            }
        };
        ExecutorService pool = Executors.newFixedThreadPool(2);
        lock.set(client(
                        busy,
                        options -> options.callbackExecutor(task -> {
                            seen.add(task);
                            pool.execute(task);
                        }))
                .createLock());
        get(acquire(lock.get(), 5000));
        stages.forEach(CallbacksTest::get);
        assertThat(seen).hasSize(2001);
        pool.shutdown();
    }

    @Test
    void four_hundred_continuations_that_block_have_at_most_64_threads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        HoldfastLock lock = client(options -> options).createLock();
        lock.acquire(ALICE, ORDER).orThrow();
        cluster.next(Fault.ANSWER_HELD, Fault.ANSWER_HELD);
        List<CompletableFuture<Void>> stages = IntStream.range(0, 400)
                .mapToObj(i -> acquire(lock, i).thenAccept(granted -> {
                    threads.add(Thread.currentThread());
                    block();
                    granted.orThrow().release();
                }))
                .toList();
        cluster.answerHeld();
        cluster.answerHeld();
        awaitBlocked(64);
        lock.acquire(ALICE, THING.of("1000")).orThrow().release();
        unblock.countDown();
        stages.forEach(CallbacksTest::get);
        assertThat(threads).hasSize(64).allMatch(Thread::isDaemon);
    }

    @Test
    void suspect_listeners_that_occupy_all_threads_hold_up_no_loss() {
        HoldfastLock lock = client(options -> options).createLock();
        AcquireOptions tenSeconds = DEFAULTS.ttl(Duration.ofSeconds(10));
        List<LockHandle> handles = IntStream.range(0, 100)
                .mapToObj(i -> lock.acquire(ALICE, THING.of(String.valueOf(i))).orThrow())
                .toList();
        LockHandle last = get(lock.acquireAsync(ALICE, ORDER, tenSeconds).toCompletableFuture())
                .orThrow();
        handles.forEach(handle -> handle.onSuspect(this::block));
        CompletableFuture<LossReason> signal = last.lossSignal().toCompletableFuture();
        CompletableFuture<LossReason> heard = new CompletableFuture<>();
        last.onLost(heard::complete);
        cluster.down = true;
        timers.advance(Duration.ofSeconds(5));
        awaitBlocked(64);
        timers.advance(Duration.ofSeconds(5));
        assertThat(get(signal)).isEqualTo(LossReason.EXPIRED);
        assertThat(get(heard)).isEqualTo(LossReason.EXPIRED);
    }

    @Test
    void a_suspect_listener_that_blocks_delays_neither_the_loss_nor_its_signal() {
        LockHandle held = heldForTenSeconds(client(options -> options));
        held.onSuspect(this::block);
        tellsOfTheLoss(held);
    }

    @Test
    void once_a_hold_is_lost_nobody_is_told_any_more_that_it_is_suspect() {
        Queue<Runnable> threads = new ConcurrentLinkedQueue<>();
        HoldfastLock lock = client(options -> options.timers(new ThreadlessTimers(timers, threads::add)))
                .createLock();
        LockHandle held = lock.acquire(ALICE, ORDER).orThrow();
        List<String> heard = new ArrayList<>();
        held.onSuspect(() -> heard.add("suspect"));
        held.onLost(reason -> heard.add("lost"));
        cluster.down = true;
        cluster.keepAlives = KeepAlives.FAILING;
        timers.advance(LEASE.dividedBy(2).plusSeconds(1));
        assertThat(held.state()).isEqualTo(HoldState.SUSPECT);
        timers.advance(LEASE);
        threads.forEach(Runnable::run);
        assertThat(heard).containsExactly("lost");
    }

    @Test
    void loss_listeners_that_block_delay_neither_each_other_nor_the_signal() {
        LockHandle held = heldForTenSeconds(client(options -> options));
        held.onLost(reason -> block());
        held.lossSignal().thenAccept(reason -> block());
        tellsOfTheLoss(held);
    }

    @Test
    void every_listener_may_block_and_every_signal_completes() {
        HoldfastLock lock = client(options -> options).createLock();
        List<LockHandle> handles = IntStream.range(0, 100)
                .mapToObj(i -> lock.acquire(ALICE, THING.of(String.valueOf(i))).orThrow())
                .toList();
        handles.forEach(handle -> {
            handle.onSuspect(this::block);
            handle.onLost(reason -> block());
        });
        List<CompletableFuture<LossReason>> signals = handles.stream()
                .map(handle -> handle.lossSignal().toCompletableFuture())
                .toList();
        cluster.keepAlives = KeepAlives.FAILING;
        timers.advance(LEASE.multipliedBy(2));
        assertThat(signals).allSatisfy(signal -> assertThat(get(signal)).isEqualTo(LossReason.SESSION_LOST));
    }

    private LockHandle heldForTenSeconds(HoldfastClient client) {
        return get(client.createLock()
                        .acquireAsync(ALICE, ORDER, DEFAULTS.ttl(Duration.ofSeconds(10)))
                        .toCompletableFuture())
                .orThrow();
    }

    private void tellsOfTheLoss(LockHandle held) {
        CompletableFuture<LossReason> heard = new CompletableFuture<>();
        held.onLost(heard::complete);
        CompletableFuture<LossReason> signal = held.lossSignal().toCompletableFuture();
        cluster.down = true;
        timers.advance(Duration.ofSeconds(10));
        assertThat(get(heard)).isEqualTo(LossReason.EXPIRED);
        assertThat(get(signal)).isEqualTo(LossReason.EXPIRED);
    }

    @Test
    void a_session_listener_that_blocks_delays_no_other_and_no_later_news_to_it_is_out_of_order() {
        HoldfastClient client = client(options -> options);
        Queue<String> slow = new ConcurrentLinkedQueue<>();
        Queue<String> other = new ConcurrentLinkedQueue<>();
        client.onSession(new SessionListener() {
            @Override
            public void onOpened() {
                slow.add("opened");
                block();
            }

            @Override
            public void onLost() {
                slow.add("lost");
            }
        });
        client.onSession(new SessionListener() {
            @Override
            public void onOpened() {
                other.add("opened");
            }

            @Override
            public void onLost() {
                other.add("lost");
            }
        });
        client.createLock().acquire(ALICE, ORDER).orThrow();
        awaitBlocked(1);
        cluster.keepAlives = KeepAlives.FAILING;
        timers.advance(LEASE.multipliedBy(2));
        await().untilAsserted(() -> assertThat(other).containsExactly("opened", "lost"));
        assertThat(slow).containsExactly("opened");
        unblock.countDown();
        await().untilAsserted(() -> assertThat(slow).containsExactly("opened", "lost"));
    }

    @Test
    void an_after_hook_of_an_asynchronous_operation_that_blocks_holds_up_that_operation_only() {
        HoldfastClient client = client(options -> options.callbackExecutor(Runnable::run));
        HoldfastLock hooked = client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                block();
            }
        }));
        CompletableFuture<AcquireResult> waiting = acquire(hooked, 1);
        awaitBlocked(1);
        get(acquire(client.createLock(), 2));
        assertThat(waiting).isNotDone();
        unblock.countDown();
        assertThat(get(waiting).acquired()).isTrue();
    }

    @Test
    void no_thread_of_the_client_takes_over_what_its_first_caller_had() {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        ClassLoader application = new ClassLoader(before) {};
        caller.setContextClassLoader(application);
        try {
            HoldfastClient client = Holdfast.client(cluster, ClientOptions.defaults());
            clients.add(client);
            HoldfastLock lock = client.createLock();
            lock.acquire(ALICE, ORDER).orThrow();
            acquireThen(lock, 1, this::blockWith);
            awaitBlocked(1);
        } finally {
            caller.setContextClassLoader(before);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("holdfast-"))
                .isNotEmpty()
                .noneMatch(thread -> thread.getContextClassLoader() == application);
    }

    /** Passes everything on. */
    private static class Relay implements Transport {
        private final Transport to;

        Relay(Transport to) {
            this.to = to;
        }

        @Override
        public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
            return to.submit(batch);
        }

        @Override
        public CompletableFuture<Answer> query(Query query) {
            return to.query(query);
        }

        @Override
        public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
            return to.keepAlive(session);
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            return to.subscribe(session, afterNumber, sink);
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
