package dev.holdfast.client.internal.hold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.internal.hold.InterruptScopes.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterruptScopesTest {

    @AfterEach
    void no_interrupt_is_left() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void a_scope_interrupts_its_thread_and_clears_that_at_its_end() {
        Scope scope = InterruptScopes.enter();
        CompletableFuture.runAsync(scope::interrupt).join();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(scope.end()).isTrue();
    }

    @Test
    void a_scope_that_has_ended_interrupts_nobody() {
        Scope scope = InterruptScopes.enter();
        assertThat(scope.end()).isFalse();
        scope.interrupt();
    }

    @Test
    void an_inner_scope_that_was_not_to_interrupt_leaves_the_interrupt_of_the_outer() {
        Scope outer = InterruptScopes.enter();
        Scope inner = InterruptScopes.enter();
        outer.interrupt();
        assertThat(inner.end()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(outer.end()).isTrue();
    }

    @Test
    void an_interrupt_is_owed_to_the_outermost_scope_until_it_is_reached() {
        Scope outermost = InterruptScopes.enter();
        Scope outer = InterruptScopes.enter();
        Scope inner = InterruptScopes.enter();
        outermost.interrupt();
        outer.interrupt();
        inner.interrupt();
        assertThat(inner.end()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outer.end()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outermost.end()).isTrue();
    }

    @Test
    void an_interrupt_that_the_outer_scope_has_dealt_with_does_not_come_back() {
        Scope outer = InterruptScopes.enter();
        outer.interrupt();
        assertThat(Thread.interrupted()).isTrue();
        Scope inner = InterruptScopes.enter();
        inner.interrupt();
        assertThat(inner.end()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(outer.end()).isTrue();
    }

    @Test
    void an_interrupt_from_outside_before_that_of_a_scope_is_kept() {
        Scope outer = InterruptScopes.enter();
        Scope inner = InterruptScopes.enter();
        Thread.currentThread().interrupt();
        inner.interrupt();
        outer.interrupt();
        assertThat(inner.end()).isTrue();
        assertThat(outer.end()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void no_interrupt_hits_what_comes_after_the_scope_however_close_it_is() {
        AtomicReference<Scope> current = new AtomicReference<>(InterruptScopes.enter());
        current.get().end();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> interrupting = CompletableFuture.runAsync(() -> {
            while (!enough.get()) {
                current.get().interrupt();
            }
        });
        int strays = 0;
        for (int i = 0; i < 20_000; i++) {
            Scope scope = InterruptScopes.enter();
            current.set(scope);
            scope.end();
            strays += Thread.interrupted() ? 1 : 0;
        }
        enough.set(true);
        interrupting.join();
        assertThat(strays).isZero();
    }
}
