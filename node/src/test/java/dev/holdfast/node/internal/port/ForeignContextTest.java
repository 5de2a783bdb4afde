package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.SESSION;
import static dev.holdfast.node.internal.port.PortFixture.batch;
import static dev.holdfast.node.internal.port.PortFixture.get;
import static dev.holdfast.node.internal.port.PortFixture.options;
import static dev.holdfast.node.internal.port.PortFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.remote.RemoteTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.SubmitReply;
import io.grpc.Context;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A connection belongs to the process, not to the caller that happened to need it first. */
final class ForeignContextTest {
    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private void survivesTheCallThatConnected(Transport client, PortFixture.Peer peer) {
        RecordingSink sink = new RecordingSink();
        Context.CancellableContext rpc = Context.current().withCancellation();
        rpc.run(() -> {
            client.subscribe(SESSION, 0, sink);
            get(client.submit(batch(1)));
        });
        soon().until(() -> peer.transport.subscriptions.size() == 1);
        CompletableFuture<SubmitReply> later = new CompletableFuture<>();
        peer.transport.onSubmit = batch -> later;
        CompletableFuture<SubmitReply> underWay = client.submit(batch(2));
        soon().until(() -> peer.transport.submitted.size() == 2);

        rpc.cancel(null);
        get(client.keepAlive(SESSION));
        later.complete(FakeTransport.acknowledged(batch(2)));

        assertThat(get(underWay)).isEqualTo(FakeTransport.acknowledged(batch(2)));
        assertThat(sink.breaks).isEmpty();
        assertThat(peer.port.connections()).isEqualTo(1);
    }

    @Test
    void the_end_of_the_call_that_connected_to_a_peer_ends_nothing_else() {
        PortFixture.Peer peer = fixture.peer("a");
        survivesTheCallThatConnected(
                fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers)), peer);
    }

    @Test
    void the_end_of_the_call_that_connected_to_a_cluster_ends_nothing_else() {
        PortFixture.Peer peer = fixture.peer("a");
        survivesTheCallThatConnected(
                fixture.closing(RemotePeers.leader(List.of(peer.address()), options(), fixture.timers)), peer);
    }

    @Test
    void a_call_that_is_cancelled_already_can_connect() {
        PortFixture.Peer peer = fixture.peer("a");
        Transport client = fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers));
        Context.CancellableContext rpc = Context.current().withCancellation();
        rpc.cancel(null);

        rpc.run(() -> get(client.submit(batch(1))));
    }

    /** In classes of its own, gRPC's included, so that all threads are started by this caller. */
    @Test
    void threads_do_not_keep_the_class_loader_of_the_caller() throws Exception {
        PortFixture.Peer peer = fixture.peer("a");
        URL[] classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(ForeignContextTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader fresh = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            Object tainted = fresh.loadClass(Probe.class.getName())
                    .getMethod("taintedThreads", String.class)
                    .invoke(null, "localhost:" + peer.port.port());

            assertThat(tainted).asString().isEmpty();
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs in the fresh class loader. */
    public static final class Probe {

        /** The names of the threads that have the class loader of a caller which has ended, after it connected. */
        public static String taintedThreads(String address) throws InterruptedException {
            // Those are the node's or the user's, and started before.
            ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
            timers.prestartAllCoreThreads();
            ClassLoader callers = new ClassLoader(null) {};
            AtomicReference<String> names = new AtomicReference<>("the caller failed");
            RemoteTransport client = RemotePeers.leader(List.of(HostPort.parse(address)), options(), timers);
            Thread caller = new Thread(() -> {
                get(client.submit(batch(1)));
                names.set(threadsWith(callers));
            });
            caller.setContextClassLoader(callers);
            caller.start();
            caller.join();
            client.close();
            timers.shutdownNow();
            return names.get();
        }

        private static String threadsWith(ClassLoader callers) {
            StringBuilder names = new StringBuilder();
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getContextClassLoader() == callers && thread != Thread.currentThread()) {
                    names.append(thread.getName()).append('\n');
                }
            }
            return names.toString();
        }

        private Probe() {}
    }
}
