package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableKeys;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.fencing.FencingToken;
import dev.holdfast.spring.Locked.OnRefused;
import dev.holdfast.testkit.TestCluster;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

/** Methods under locks, without transactions. */
@ExtendWith(NothingLeft.class)
class LockedTest {
    private final TestCluster cluster = TestCluster.start();
    private final HoldfastLock lock = cluster.client().createLock();
    private final AnnotationConfigApplicationContext context = Contexts.start(
            new AnnotationConfigApplicationContext() {
                {
                    getEnvironment()
                            .getPropertySources()
                            .addFirst(new MapPropertySource("test", Map.of("app", "shop", "patience", "30s")));
                    registerBean(
                            dev.holdfast.client.HoldfastClient.class,
                            cluster::client,
                            definition -> definition.setDestroyMethodName(""));
                    register(Contexts.Locking.class);
                }
            },
            Orders.class,
            Inner.class,
            Whole.class,
            Asynchronous.class,
            TenantBean.class,
            Printing.class);
    private final Orders orders = context.getBean(Orders.class);

    @AfterEach
    void close() {
        context.close();
        cluster.close();
    }

    record Order(@Nullable String id) {}

    static final class NoText {}

    /** A composed annotation. */
    @Locked(name = "report")
    @Retention(RetentionPolicy.RUNTIME)
    @interface LockedReport {
        @AliasFor(annotation = Locked.class, attribute = "key")
        String of();
    }

    static class TenantBean {
        public String getId() {
            return "acme";
        }
    }

    static class Inner {
        @Locked(name = "inner")
        public <T> T under(Callable<T> work) throws Exception {
            return work.call();
        }
    }

    @Locked(name = "whole")
    static class Whole {
        public boolean isUnder(HoldfastLock lock) {
            return lock.isLocked(new Lockable("whole", "whole"));
        }

        @Locked(name = "other")
        public String ofItsOwn() {
            return CurrentLock.token().resource();
        }

        @Override
        public String toString() {
            return CurrentLock.handle().toString();
        }
    }

    static class Asynchronous {
        private final CountDownLatch go = new CountDownLatch(1);

        public CountDownLatch go() {
            return go;
        }

        @Async
        @Locked(name = "async")
        public void later() throws InterruptedException {
            assertThat(CurrentLock.token().resource()).isEqualTo("async");
            go.await();
        }
    }

    interface Printer {
        @Locked(name = "printer", key = "#tray")
        String print(int tray);
    }

    static class Printing implements Printer {
        @Override
        public String print(int tray) {
            return CurrentLock.token().resource();
        }
    }

    @EnableAsync
    static class Orders {
        @Locked(name = "order", key = "#order.id")
        public <T> T under(Order order, Callable<T> work) throws Exception {
            return work.call();
        }

        @Locked(name = "order", key = "#p0", waitFor = "${patience}")
        public <T> T waiting(String id, Callable<T> work) throws Exception {
            return work.call();
        }

        @Locked(name = "order", key = "#id", waitFor = "forever")
        public void waitingForever(String id) {}

        @Locked(name = "${app}", key = "{@'lockedTest.TenantBean'.id, #id, 7}")
        public String severalParts(String id) {
            return CurrentLock.token().resource();
        }

        @Locked(name = "any", key = "#id")
        public void any(@Nullable Object id) {
            assertThat(CurrentLock.handle()).isPresent();
        }

        @Locked(name = "any", key = "#id")
        public String keyOf(Object id) {
            return CurrentLock.token().resource();
        }

        @LockedReport(of = "#month")
        public String report(int month) {
            return CurrentLock.token().resource();
        }

        @Locked(name = "skip", onRefused = OnRefused.SKIP)
        public Optional<String> skipOptional() {
            return Optional.of("done");
        }

        @Locked(name = "skip", onRefused = OnRefused.SKIP)
        public @Nullable String skipObject() {
            return "done";
        }

        @Locked(name = "skip", onRefused = OnRefused.SKIP)
        public boolean skipBoolean() {
            return true;
        }

        @Locked(name = "skip", onRefused = OnRefused.SKIP)
        public void skipVoid() {
            throw new AssertionError("run");
        }

        @Locked(name = "token")
        public String tokens(
                String mine, @Token long number, @Token Long boxed, @Token FencingToken typed, @Token LockHandle held) {
            assertThat(number)
                    .isPositive()
                    .isEqualTo(boxed)
                    .isEqualTo(typed.token())
                    .isEqualTo(held.token());
            assertThat(held.isHeld()).isTrue();
            return mine + typed.resource();
        }

        @Locked(name = "token")
        protected long protectedToken(@Token long number) {
            return number;
        }
    }

    private boolean isLocked(String... parts) {
        return lock.isLocked(new Lockable("any", LockableKeys.join(List.of(parts))));
    }

    @Test
    void a_method_runs_under_its_lock_which_is_free_afterwards() throws Exception {
        Lockable seven =
                Holdfast.createLockable("order", LockableOptions.plural()).of("7");
        assertThat(orders.<Boolean>under(new Order("7"), () -> lock.isLocked(seven)))
                .isTrue();
        assertThat(lock.isLocked(seven)).isFalse();
        assertThatThrownBy(() -> orders.under(new Order("7"), () -> {
                    throw new java.io.IOException("disk full");
                }))
                .isInstanceOf(java.io.IOException.class);
        assertThat(lock.isLocked(seven)).isFalse();
    }

    @Test
    void what_is_held_elsewhere_is_refused_and_the_method_does_not_run() {
        try (LockHandle held = lock.hold(new Lockable("order", "order:7"))) {
            assertThatThrownBy(() -> orders.under(new Order("7"), () -> {
                        throw new AssertionError("run");
                    }))
                    .isInstanceOf(LockAlreadyHeldException.class)
                    .hasMessageContaining("order:7")
                    .hasMessageContaining(held.owner().toString());
        }
    }

    @Test
    void what_is_held_elsewhere_is_skipped_if_so_wished() {
        assertThat(orders.skipOptional()).contains("done");
        assertThat(orders.skipBoolean()).isTrue();
        try (LockHandle held = lock.hold(new Lockable("skip", "skip"))) {
            assertThat(held.isHeld()).isTrue();
            assertThat(orders.skipOptional()).isEmpty();
            assertThat(orders.skipObject()).isNull();
            assertThat(orders.skipBoolean()).isFalse();
            orders.skipVoid();
        }
    }

    @Test
    void two_threads_exclude_each_other_and_the_second_waits() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> call(() -> orders.waiting("7", () -> {
            entered.countDown();
            go.await();
            return "first";
        })));
        entered.await();
        CompletableFuture<Boolean> second =
                CompletableFuture.supplyAsync(() -> call(() -> orders.waiting("7", () -> go.getCount() == 0)));
        await().until(() -> lock.get(new Lockable("order", "order:7"))
                .filter(info -> !info.waiters().isEmpty())
                .isPresent());
        go.countDown();
        assertThat(first.get()).isEqualTo("first");
        assertThat(second.get()).isTrue();
    }

    private static <T> T call(Callable<T> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_nested_call_on_the_same_thread_runs_under_the_same_hold() throws Exception {
        long[] tokens = orders.under(new Order("7"), () -> {
            long outer = CurrentLock.token().token();
            long inner = orders.waiting("7", () -> CurrentLock.token().token());
            assertThat(isLocked("order", "7")).isTrue();
            return new long[] {outer, inner};
        });
        assertThat(tokens[0]).isEqualTo(tokens[1]);
        assertThat(isLocked("order", "7")).isFalse();
    }

    @Test
    void the_current_lock_is_that_of_the_innermost_method_and_then_that_of_its_caller_again() throws Exception {
        Inner inner = context.getBean(Inner.class);
        List<String> seen = orders.under(
                new Order("7"),
                () -> List.of(
                        CurrentLock.token().resource(),
                        inner.under(() -> CurrentLock.token().resource()),
                        CurrentLock.token().resource()));
        assertThat(seen).containsExactly("order:7", "inner", "order:7");
        assertThatThrownBy(CurrentLock::token)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Thread.currentThread().getName());
    }

    @Test
    void another_thread_has_no_current_lock() throws Exception {
        assertThat(orders.<Boolean>under(
                        new Order("7"),
                        () -> CompletableFuture.supplyAsync(CurrentLock::handle)
                                .get()
                                .isPresent()))
                .isFalse();
    }

    @Test
    @SuppressWarnings("NullAway")
    void token_parameters_are_filled_in() {
        assertThat(orders.tokens("my ", 0, null, null, null)).isEqualTo("my token");
        assertThat(orders.protectedToken(0)).isPositive();
    }

    @Test
    @SuppressWarnings("NullAway")
    void a_token_of_somebody_else_is_not_replaced_without_a_word() {
        assertThatThrownBy(() -> orders.tokens("my ", 42_000, null, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("42000")
                .hasMessageContaining("Pass null or 0");
        assertThat(isLocked("token")).isFalse();
    }

    @Test
    void a_key_may_have_several_parts_and_use_beans_and_properties() {
        assertThat(orders.severalParts("a:b")).isEqualTo("shop:acme:a%3Ab:7");
    }

    @Test
    void a_key_that_is_null_or_blank_or_has_no_text_is_an_error_that_names_method_and_expression() {
        assertThatThrownBy(() -> orders.under(new Order(null), () -> 1))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("Orders.under(Order, Callable)")
                .hasMessageContaining("\"#order.id\"")
                .hasMessageContaining("is null");
        assertThatThrownBy(() -> orders.any(" "))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("is blank");
        assertThatThrownBy(() -> orders.any(List.of()))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("is an empty list");
        assertThatThrownBy(() -> orders.any(new NoText()))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("has no toString of its own");
        assertThatThrownBy(() -> orders.any(new int[1]))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("has no toString of its own");
        assertThatThrownBy(() -> orders.any("x".repeat(5000)))
                .isInstanceOf(LockKeyException.class)
                .hasMessageContaining("Orders.any(Object)");
        orders.any(Optional.of("7"));
    }

    @Test
    void a_key_whose_text_may_differ_between_processes_is_an_error() {
        Object proxy = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Runnable.class}, (self, method, arguments) -> "text");
        List<Object> bad = List.of(
                Set.of("a", "b"),
                Map.of("a", 1),
                new ArrayDeque<>(List.of("a")),
                List.of("a", Set.of("b")),
                List.of(List.of("a")),
                Optional.of(Set.of("a")),
                proxy);
        for (Object each : bad) {
            assertThatThrownBy(() -> orders.any(each))
                    .isInstanceOf(LockKeyException.class)
                    .hasMessageContaining("Orders.any(Object)")
                    .hasMessageContaining("may differ from one process to the next");
        }
        assertThat(orders.keyOf(new TreeSet<>(List.of("b", "a")))).isEqualTo("any:a:b");
        assertThat(orders.keyOf(new Object[] {"b", 1})).isEqualTo("any:b:1");
        assertThat(orders.keyOf(List.of("b", "a"))).isEqualTo("any:b:a");
    }

    @Test
    void a_result_that_arrives_later_is_an_error_though_the_method_s_type_does_not_tell() throws Exception {
        List<Object> late =
                List.of(new CompletableFuture<>(), java.util.stream.Stream.of(1), (Callable<Integer>) () -> 1);
        for (Object each : late) {
            assertThatThrownBy(() -> orders.under(new Order("7"), () -> each))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Orders.under(Order, Callable)")
                    .hasMessageContaining("may return before its work is done");
            assertThat(isLocked("order", "7")).isFalse();
        }
        CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
        assertThat(orders.<Object>under(new Order("7"), () -> done)).isSameAs(done);
    }

    @Test
    void a_meta_annotation_counts() {
        assertThat(orders.report(11)).isEqualTo("report:11");
    }

    @Test
    void what_a_class_says_counts_for_all_its_public_methods_but_those_with_their_own() {
        Whole whole = context.getBean(Whole.class);
        assertThat(whole.isUnder(lock)).isTrue();
        assertThat(whole.ofItsOwn()).isEqualTo("other");
        assertThat(whole.toString()).isEqualTo("Optional.empty");
    }

    @Test
    void what_an_interface_says_counts_for_the_bean_that_implements_it() {
        assertThat(context.getBean(Printer.class).print(2)).isEqualTo("printer:2");
    }

    @Test
    void an_asynchronous_method_holds_the_lock_on_the_thread_that_runs_it() throws Exception {
        Asynchronous asynchronous = context.getBean(Asynchronous.class);
        asynchronous.later();
        await().until(() -> isLocked("async"));
        asynchronous.go().countDown();
        await().until(() -> !isLocked("async"));
    }

    @Test
    void an_interrupt_while_waiting_leaves_nothing_behind() throws Exception {
        try (LockHandle held = lock.hold(new Lockable("order", "order:7"))) {
            assertThat(held.isHeld()).isTrue();
            AtomicReference<@Nullable Throwable> declared = new AtomicReference<>();
            AtomicReference<@Nullable Throwable> undeclared = new AtomicReference<>();
            Thread waiting = new Thread(() -> {
                try {
                    orders.waiting("7", () -> 1);
                } catch (Throwable e) {
                    declared.set(e);
                }
                Thread.currentThread().interrupt();
                try {
                    orders.waitingForever("7");
                } catch (Throwable e) {
                    undeclared.set(Thread.interrupted() ? e : null);
                }
            });
            waiting.start();
            await().until(() -> lock.get(new Lockable("order", "order:7"))
                    .filter(info -> !info.waiters().isEmpty())
                    .isPresent());
            waiting.interrupt();
            waiting.join();
            assertThat(declared.get()).isInstanceOf(InterruptedException.class);
            assertThat(undeclared.get())
                    .isInstanceOf(LockInterruptedException.class)
                    .hasMessageContaining("order:7");
            assertThat(lock.get(new Lockable("order", "order:7")).orElseThrow().waiters())
                    .isEmpty();
        }
        assertThat(isLocked("order", "7")).isFalse();
    }

    @Test
    void nothing_is_remembered_of_a_thread_that_holds_nothing() throws Exception {
        orders.under(new Order("7"), () -> 1);
        try (LockHandle held = lock.hold(new Lockable("skip", "skip"))) {
            assertThat(held.isHeld()).isTrue();
            orders.skipVoid();
        }
        assertThatThrownBy(() -> orders.any(null)).isInstanceOf(LockKeyException.class);
        assertThat(ThreadHolds.isForgotten()).isTrue();
    }
}
