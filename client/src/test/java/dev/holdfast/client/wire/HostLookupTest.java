package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class HostLookupTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(HostLookup.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Set<String> known = new HashSet<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final HostLookup hosts = new HostLookup(this::find, Runnable::run);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop_listening() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private InetAddress[] find(String host) throws UnknownHostException {
        asked.incrementAndGet();
        if (!known.contains(host)) {
            throw new UnknownHostException(host + ": Name or service not known");
        }
        return new InetAddress[] {InetAddress.getLoopbackAddress()};
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void an_unknown_host_is_logged_once_per_outage_and_without_a_stack_trace() {
        for (int i = 0; i < 100; i++) {
            assertThat(hosts.lookUp("db1")).isCompletedExceptionally();
            assertThat(hosts.lookUp("db2")).isCompletedExceptionally();
        }
        assertThat(warnings()).hasSize(2).anyMatch(line -> line.contains("db1")).anyMatch(line -> line.contains("db2"));
        assertThat(log.list).allMatch(event -> event.getThrowableProxy() == null);

        known.add("db1");
        assertThat(hosts.lookUp("db1")).isCompleted();
        known.clear();
        assertThat(hosts.lookUp("db1")).isCompletedExceptionally();
        assertThat(warnings()).hasSize(3);
    }

    @Test
    void an_address_needs_no_name_service() throws Exception {
        assertThat(hosts.lookUp("10.0.0.1"))
                .isCompletedWithValue(List.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 1})));
        assertThat(hosts.lookUp("::1"))
                .isCompletedWithValueMatching(
                        found -> found.size() == 1 && found.get(0).isLoopbackAddress());
        assertThat(asked).hasValue(0);
    }

    @Test
    void what_a_name_means_is_asked_anew_each_time() {
        known.add("db1");
        assertThat(hosts.lookUp("db1")).isCompletedWithValue(List.of(InetAddress.getLoopbackAddress()));
        assertThat(hosts.lookUp("db1")).isCompleted();
        assertThat(asked).hasValue(2);
    }

    @Test
    void of_a_host_that_need_not_be_known_the_log_hears_nothing() {
        assertThat(hosts.lookUp("db1", false)).isCompletedExceptionally();
        assertThat(warnings()).isEmpty();
        assertThat(hosts.lookUp("db1")).isCompletedExceptionally();
        assertThat(warnings()).hasSize(1);
    }

    @Test
    void a_name_is_looked_up_once_for_all_who_ask_at_a_time() {
        Queue<Runnable> later = new ArrayDeque<>();
        HostLookup slow = new HostLookup(this::find, later::add);
        known.add("db1");
        CompletableFuture<List<InetAddress>> first = slow.lookUp("db1");
        CompletableFuture<List<InetAddress>> second = slow.lookUp("db1");
        assertThat(later).hasSize(1);

        later.remove().run();

        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        slow.lookUp("db1");
        assertThat(later).hasSize(1);
    }

    @Test
    void whatever_goes_wrong_ends_the_lookup() {
        HostLookup broken = new HostLookup(
                host -> {
                    throw new StackOverflowError();
                },
                Runnable::run);
        HostLookup refusing = new HostLookup(this::find, task -> {
            throw new RejectedExecutionException();
        });
        HostLookup empty = new HostLookup(host -> new InetAddress[0], Runnable::run);

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> broken.lookUp("x").join()).hasCauseInstanceOf(StackOverflowError.class);
            assertThatThrownBy(() -> refusing.lookUp("x").join()).hasCauseInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> empty.lookUp("x").join()).hasCauseInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void hosts_that_come_and_go_without_end_are_not_all_remembered() {
        for (int i = 0; i < 3000; i++) {
            assertThat(hosts.lookUp("host" + i)).isCompletedExceptionally();
        }
        assertThat(hosts.remembered()).isLessThanOrEqualTo(1000);
    }

    @Test
    void threads_take_nothing_over_from_the_caller() throws Exception {
        InheritableThreadLocal<String> callers = new InheritableThreadLocal<>();
        ClassLoader loader = new ClassLoader(null) {};
        CompletableFuture<Object[]> seen = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            callers.set("a request");
            HostLookup.thread(() -> seen.complete(new Object[] {
                        callers.get(),
                        Thread.currentThread().getContextClassLoader(),
                        Thread.currentThread().isDaemon()
                    }))
                    .start();
        });
        caller.setContextClassLoader(loader);
        caller.start();
        caller.join();

        assertThat(seen.join()).containsExactly(null, HostLookup.class.getClassLoader(), true);
    }
}
