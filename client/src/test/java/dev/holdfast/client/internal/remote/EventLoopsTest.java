package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.MembersRequest;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final EventLoops loops = new EventLoops();

    @Test
    void connections_share_them_and_they_end_with_the_last_one() throws Exception {
        EventLoops.Lease first = loops.lease();
        EventLoops.Lease second = loops.lease();
        assertThat(second.loops()).isSameAs(first.loops());
        CountDownLatch ran = new CountDownLatch(1);

        first.returnOnce(() -> true);
        first.returnOnce(() -> true);
        assertThat(second.loops().isShuttingDown()).isFalse();
        second.loops().execute(ran::countDown);
        ran.await();

        second.returnOnce(() -> true);
        await().atMost(LONG).until(second.loops()::isTerminated);
    }

    @Test
    void a_connection_after_the_last_one_has_others() throws Exception {
        EventLoops.Lease before = loops.lease();
        before.returnOnce(() -> true);

        EventLoops.Lease after = loops.lease();
        assertThat(after.loops()).isNotSameAs(before.loops());
        CountDownLatch ran = new CountDownLatch(1);
        after.loops().execute(ran::countDown);
        ran.await();
        after.returnOnce(() -> true);
    }

    @Test
    void they_wait_for_a_connection_that_is_shut_down_and_not_over() throws Exception {
        EventLoops.Lease lease = loops.lease();
        AtomicBoolean isOver = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(20);
        lease.returnOnce(() -> {
            asked.countDown();
            return isOver.get();
        });
        asked.await();
        assertThat(lease.loops().isShuttingDown()).isFalse();
        EventLoops.Lease other = loops.lease();
        assertThat(other.loops()).isSameAs(lease.loops());
        other.returnOnce(() -> true);
        assertThat(lease.loops().isShuttingDown()).isFalse();

        isOver.set(true);
        await().atMost(LONG).until(lease.loops()::isTerminated);
    }

    /** A channel that is closed hands a task or two to its loop still. */
    @Test
    void what_is_left_to_do_when_the_last_one_closes_is_done() throws Exception {
        EventLoops.Lease lease = loops.lease();
        EventLoop loop = lease.loops().next();
        CountDownLatch returned = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                returned.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            loop.execute(last::countDown);
        });

        lease.returnOnce(() -> true);
        returned.countDown();
        last.await();
        await().atMost(LONG).until(lease.loops()::isTerminated);
    }

    @Test
    void a_call_that_nobody_answers_leaves_no_thread_behind() throws Exception {
        HostPort nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = HostPort.parse("127.0.0.1:" + free.getLocalPort());
        }

        assertThatThrownBy(() -> OneCall.to(
                        nobody,
                        RemoteOptions.named("test"),
                        LONG,
                        stub -> stub.members(MembersRequest.getDefaultInstance())))
                .isInstanceOf(TransportException.class);

        await().atMost(LONG)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().startsWith(EventLoops.THREAD_NAME)));
    }
}
