package dev.holdfast.client.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class InMemoryFencingGuardTest {
    private final InMemoryFencingGuard guard = new InMemoryFencingGuard();

    @Test
    void tokens_may_repeat_and_rise_and_not_fall() {
        assertThat(guard.<String, RuntimeException>run("r", 5, () -> "a")).isEqualTo("a");
        assertThat(guard.<String, RuntimeException>run("r", 5, () -> "b")).isEqualTo("b");
        assertThat(guard.<String, RuntimeException>run("r", 9, () -> "c")).isEqualTo("c");
        assertThatExceptionOfType(StaleTokenException.class)
                .isThrownBy(() -> guard.run("r", 8, () -> {
                    throw new AssertionError("was run");
                }))
                .satisfies(e -> {
                    assertThat(e.resource()).isEqualTo("r");
                    assertThat(e.token()).isEqualTo(8);
                    assertThat(e.highestSeen()).isEqualTo(9);
                })
                .withMessageContaining("'r'")
                .withMessageContaining("token 8")
                .withMessageContaining("token 9");
        assertThat(guard.<String, RuntimeException>run("other", 1, () -> "d")).isEqualTo("d");
    }

    @Test
    void what_the_work_throws_comes_out_and_the_token_stays_seen() {
        assertThatThrownBy(() -> guard.run("r", 5, () -> {
                    throw new IOException("disk");
                }))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> guard.run("r", 4, () -> null)).isInstanceOf(StaleTokenException.class);
    }

    @Test
    void a_forgotten_resource_takes_any_token() {
        guard.run("r", 5, () -> null);
        guard.forget("r");
        guard.run("r", 1, () -> null);
    }

    @Test
    void the_order_of_writes_is_the_order_of_tokens_whatever_the_threads_do() throws Exception {
        List<Long> written = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int offset = t;
            all.add(threads.submit(() -> {
                for (long token = 1 + offset; token < 8_000; token += 8) {
                    long own = token;
                    try {
                        guard.run("r", own, () -> written.add(own));
                    } catch (StaleTokenException e) {
                        continue;
                    }
                }
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        assertThat(written).isSorted().contains(8_000L - 1);
    }
}
