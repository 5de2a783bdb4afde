package dev.holdfast.node.internal.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Ports on free TCP ports of the loopback address, and whatever else a test leaves to be closed. */
final class PortFixture implements AfterEachCallback {
    static final SessionId SESSION = new SessionId(11, 22);
    static final String CLUSTER = "cluster-1";

    /** Far longer than anything here takes. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** One peer: a port, and what is behind it. */
    final class Peer {
        final String id;
        final FakeTransport transport = new FakeTransport();
        volatile LeaderHint hint;
        volatile List<HostPort> members = List.of();
        ClientPort port;

        Peer(String id) {
            this.id = id;
        }

        HostPort address() {
            return new HostPort("127.0.0.1", port.port());
        }

        LeaderHint asHint() {
            return new LeaderHint(id, address());
        }

        Peer listen(int number, String cluster, PortLimits limits) {
            port = closing(ClientPort.builder()
                    .host("127.0.0.1")
                    .port(number)
                    .clusterId(() -> cluster)
                    .clusterName("name-of-" + cluster)
                    .peerId(id)
                    .group((caller, address) -> transport, () -> hint)
                    .addresses(() -> members)
                    .limits(limits)
                    .build());
            try {
                port.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }
    }

    Peer peer(String id) {
        return peer(id, CLUSTER, limits -> limits);
    }

    Peer peer(String id, UnaryOperator<PortLimits> limits) {
        return peer(id, CLUSTER, limits);
    }

    Peer peer(String id, String cluster, UnaryOperator<PortLimits> limits) {
        PortLimits defaults = PortLimits.defaults().withCloseGrace(Duration.ofMillis(50));
        return new Peer(id).listen(0, cluster, limits.apply(defaults));
    }

    <T extends AutoCloseable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    static RemoteOptions options() {
        return RemoteOptions.named("test").withRequestTimeout(PATIENCE).withConnectTimeout(PATIENCE);
    }

    static SessionBatch batch(long sequence) {
        return batch(sequence, 1);
    }

    static SessionBatch batch(long sequence, int size) {
        SequencedCommand[] commands = new SequencedCommand[size];
        for (int i = 0; i < size; i++) {
            commands[i] = new SequencedCommand(sequence + i, new Command.Acknowledge());
        }
        return new SessionBatch(SESSION, 0, 0, List.of(commands));
    }

    static NumberedEvent event(long number) {
        return new NumberedEvent(number, new Event.WaitGranted(number, 100 + number, 5, 1, false));
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static TransportException failure(CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> get(future));
        assertThat(failure).isInstanceOf(TransportException.class);
        return (TransportException) failure;
    }

    static Kind failureKind(CompletableFuture<?> future) {
        return failure(future).kind();
    }

    static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        timers.shutdownNow();
    }
}
