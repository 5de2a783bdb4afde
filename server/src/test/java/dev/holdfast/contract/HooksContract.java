package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Code that runs before and after. */
abstract class HooksContract extends ContractBase {

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Throws before whatever it is told to. */
    private static final class Vetoes implements LockHooks {
        private final HookContext.Operation vetoed;

        Vetoes(HookContext.Operation vetoed) {
            this.vetoed = vetoed;
        }

        private void judge(HookContext context) {
            if (context.operation() == vetoed) {
                throw new Refusal();
            }
        }

        @Override
        public void beforeAcquire(HookContext context) {
            judge(context);
        }

        @Override
        public void beforeRelease(HookContext context) {
            judge(context);
        }

        @Override
        public void beforeExtend(HookContext context) {
            judge(context);
        }

        @Override
        public void beforeForceRelease(HookContext context) {
            judge(context);
        }
    }

    /** Writes down what it hears. */
    private static final class Diary implements LockHooks {
        private final String name;
        private final List<String> pages;
        private final List<HookContext> contexts = new CopyOnWriteArrayList<>();
        private final List<HookResult> results = new CopyOnWriteArrayList<>();

        Diary(String name, List<String> pages) {
            this.name = name;
            this.pages = pages;
        }

        private void before(HookContext context) {
            pages.add(name + " before " + context.operation());
        }

        private void after(HookContext context, HookResult result) {
            pages.add(name + " after " + context.operation() + " " + result.status());
            contexts.add(context);
            results.add(result);
        }

        @Override
        public void beforeAcquire(HookContext context) {
            before(context);
        }

        @Override
        public void afterAcquire(HookContext context, HookResult result) {
            after(context, result);
        }

        @Override
        public void beforeRelease(HookContext context) {
            before(context);
        }

        @Override
        public void afterRelease(HookContext context, HookResult result) {
            after(context, result);
        }

        @Override
        public void beforeExtend(HookContext context) {
            before(context);
        }

        @Override
        public void afterExtend(HookContext context, HookResult result) {
            after(context, result);
        }

        @Override
        public void beforeForceRelease(HookContext context) {
            before(context);
        }

        @Override
        public void afterForceRelease(HookContext context, HookResult result) {
            after(context, result);
        }
    }

    private HoldfastLock vetoing(HookContext.Operation operation) {
        return client().createLock(LockOptions.defaults().hooks(new Vetoes(operation)));
    }

    @Test
    void what_a_hook_throws_before_an_acquire_aborts_it() {
        HoldfastLock vetoed = vetoing(HookContext.Operation.ACQUIRE);

        assertThatThrownBy(() -> vetoed.acquire(ALICE, thing)).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> vetoed.acquire(ALICE, thing, waiting())).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> result(vetoed.acquireAsync(ALICE, thing, waiting())))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> vetoed.asJavaLock(thing).lock()).isInstanceOf(Refusal.class);

        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void what_a_hook_throws_before_a_release_aborts_it() {
        HoldfastLock vetoed = vetoing(HookContext.Operation.RELEASE);
        LockHandle handle = vetoed.acquire(ALICE, thing).orThrow();

        assertThatThrownBy(() -> vetoed.release(ALICE, thing)).isInstanceOf(Refusal.class);
        assertThatThrownBy(handle::release).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> result(handle.releaseAsync())).isInstanceOf(Refusal.class);
        assertThat(lock.get(thing).orElseThrow().token()).isEqualTo(handle.token());

        lock.release(ALICE, thing);
    }

    @Test
    void what_a_hook_throws_before_an_extension_or_a_forced_release_aborts_it() throws InterruptedException {
        HoldfastLock noExtension = vetoing(HookContext.Operation.EXTEND);
        HoldfastLock noForce = vetoing(HookContext.Operation.FORCE_RELEASE);
        LockHandle handle = noExtension.acquire(ALICE, thing, ttl(60_000)).orThrow();

        assertThatThrownBy(() -> noExtension.extend(ALICE, thing, Duration.ofHours(1)))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> handle.extend(Duration.ofHours(1))).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> noForce.forceRelease(thing)).isInstanceOf(Refusal.class);

        assertThat(lock.get(thing).orElseThrow().hold().leaseLeft().orElseThrow())
                .isLessThanOrEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void hooks_run_in_the_order_in_which_they_were_added() {
        List<String> pages = new CopyOnWriteArrayList<>();
        HoldfastLock watched = client().createLock(
                        LockOptions.defaults().hooks(new Diary("first", pages)).hooks(new Diary("second", pages)));

        watched.acquire(ALICE, thing).orThrow().release();

        assertThat(pages)
                .containsExactly(
                        "first before ACQUIRE",
                        "second before ACQUIRE",
                        "first after ACQUIRE SUCCEEDED",
                        "second after ACQUIRE SUCCEEDED",
                        "first before RELEASE",
                        "second before RELEASE",
                        "first after RELEASE SUCCEEDED",
                        "second after RELEASE SUCCEEDED");
    }

    @Test
    void hooks_hear_of_refusals_and_failures() {
        List<String> pages = new CopyOnWriteArrayList<>();
        Diary diary = new Diary("it", pages);
        HoldfastLock watched = client().createLock(LockOptions.defaults().hooks(diary));
        long token = watched.acquire(ALICE, thing).token();

        assertThat(watched.acquire(BOB, thing).acquired()).isFalse();
        assertThatThrownBy(() -> watched.release(BOB, thing)).isInstanceOf(LockNotHeldException.class);

        assertThat(diary.results)
                .extracting(HookResult::status)
                .containsExactly(HookResult.Status.SUCCEEDED, HookResult.Status.REFUSED, HookResult.Status.FAILED);
        assertThat(diary.results.get(0).token()).isEqualTo(token);
        assertThat(diary.results.get(1).token()).isZero();
        assertThat(diary.results.get(2).failure()).isInstanceOf(LockNotHeldException.class);
        assertThat(diary.contexts.get(1).owner()).isEqualTo(BOB);
        assertThat(diary.contexts.get(1).lockable()).isEqualTo(thing);
    }

    @Test
    void hooks_are_told_of_the_details() throws InterruptedException {
        Diary diary = new Diary("it", new CopyOnWriteArrayList<>());
        HoldfastSemaphore watched =
                client().createSemaphore(5, LockOptions.defaults().hooks(diary));

        watched.acquire(ALICE, thing, 3, ttl(60_000)).orThrow();
        watched.extend(ALICE, thing, Duration.ofHours(1));
        watched.forceRelease(thing);

        HookContext acquired = diary.contexts.get(0);
        assertThat(acquired.count()).isEqualTo(3);
        assertThat(acquired.ttl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(diary.contexts.get(1).ttl()).isEqualTo(Duration.ofHours(1));
        assertThat(diary.contexts.get(2).operation()).isEqualTo(HookContext.Operation.FORCE_RELEASE);
        assertThat(diary.contexts.get(2).owner()).isNull();
    }

    @Test
    void asynchronous_operations_and_java_locks_run_hooks_too() {
        List<String> pages = new CopyOnWriteArrayList<>();
        HoldfastLock watched = client().createLock(LockOptions.defaults().hooks(new Diary("it", pages)));

        AcquireResult acquired = result(watched.acquireAsync(ALICE, thing, waiting()));
        result(acquired.orThrow().releaseAsync());
        List<String> expected = List.of(
                "it before ACQUIRE", "it after ACQUIRE SUCCEEDED", "it before RELEASE", "it after RELEASE SUCCEEDED");
        assertThat(pages).containsExactlyElementsOf(expected);

        pages.clear();
        var view = watched.asJavaLock(thing);
        view.lock();
        view.unlock();
        assertThat(pages).containsExactlyElementsOf(expected);
    }

    @Test
    void what_a_hook_throws_afterwards_keeps_the_grant_and_is_handled() {
        List<Throwable> handled = new CopyOnWriteArrayList<>();
        HoldfastClient own = otherClient(LockContract.options().hookErrorHandler((context, error) -> {
            handled.add(error);
            throw new IllegalStateException("to be dropped");
        }));
        HoldfastLock clumsy = own.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void afterAcquire(HookContext context, HookResult result) {
                throw new Refusal();
            }
        }));

        LockHandle handle = clumsy.acquire(ALICE, thing).orThrow();
        assertThat(lock.get(thing).orElseThrow().token()).isEqualTo(handle.token());
        handle.release();
        assertThat(result(clumsy.acquireAsync(ALICE, thing, waiting())).acquired())
                .isTrue();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(handled)
                        .hasSize(2)
                        .allSatisfy(error -> assertThat(error).isInstanceOf(Refusal.class)));
    }

    @Test
    void audit_hooks_hear_of_what_succeeded_only() throws InterruptedException {
        List<String> audit = new ArrayList<>();
        HoldfastLock audited = client().createLock(LockOptions.defaults()
                .hooks(Holdfast.auditLockHooks(
                        context -> audit.add("acquired by " + context.owner()),
                        context -> audit.add("released by " + context.owner()),
                        context -> audit.add("extended by " + context.owner()),
                        context -> audit.add("taken by force"))));

        audited.acquire(ALICE, thing, ttl(60_000)).orThrow();
        assertThat(audited.acquire(BOB, thing).acquired()).isFalse();
        audited.extend(ALICE, thing, Duration.ofHours(1));
        assertThatThrownBy(() -> audited.release(BOB, thing)).isInstanceOf(LockNotHeldException.class);
        audited.release(ALICE, thing);
        audited.acquire(BOB, thing).orThrow();
        audited.forceRelease(thing);

        assertThat(audit)
                .containsExactly(
                        "acquired by user:alice",
                        "extended by user:alice",
                        "released by user:alice",
                        "acquired by user:bob",
                        "taken by force");
    }
}
