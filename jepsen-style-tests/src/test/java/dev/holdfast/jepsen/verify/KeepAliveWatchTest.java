package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.SessionId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeepAliveWatchTest {
    private static final SessionId FIRST = new SessionId(1, 1);
    private static final SessionId SECOND = new SessionId(1, 2);

    private final SilentTransport transport = new SilentTransport();
    private long nowMs = -1_000_000;
    private final KeepAliveWatch watch = new KeepAliveWatch(ClusterTransport.ofOne(transport), this::nowNanos);
    private final Transport watched = watch.group(0);

    private long nowNanos() {
        return TimeUnit.MILLISECONDS.toNanos(nowMs);
    }

    private void keepAlive(SessionId session, long takesMs, KeepAliveReply reply) {
        var unused = watched.keepAlive(session);
        nowMs += takesMs;
        transport.keepAlives.remove().complete(reply);
    }

    private void alive(SessionId session, long takesMs) {
        keepAlive(session, takesMs, new KeepAliveReply.Alive(0));
    }

    @Test
    void a_silence_lasts_from_the_sending_of_one_answered_keep_alive_to_the_answer_to_the_next() {
        long began = nowNanos();
        alive(FIRST, 10);
        nowMs += 600;
        alive(FIRST, 300);
        nowMs += 100;
        alive(FIRST, 20);
        assertThat(watch.silenceMs(began)).isEqualTo(10 + 600 + 300);
        assertThat(watch.slowestMs(began)).isEqualTo(300);
    }

    @Test
    void a_silence_that_lasts_on_counts_up_to_now() {
        long began = nowNanos();
        alive(FIRST, 10);
        nowMs += 5000;
        assertThat(watch.silenceMs(began)).isEqualTo(5010);
    }

    @Test
    void without_any_answer_the_silence_began_with_the_watch() {
        long began = nowNanos();
        nowMs += 3000;
        assertThat(watch.silenceMs(began)).isEqualTo(3000);
    }

    @Test
    void an_answer_that_the_session_is_gone_ends_no_silence() {
        long began = nowNanos();
        alive(FIRST, 10);
        nowMs += 700;
        keepAlive(FIRST, 100, new KeepAliveReply.Gone());
        nowMs += 50;
        assertThat(watch.silenceMs(began)).isEqualTo(10 + 700 + 100 + 50);
        assertThat(watch.slowestMs(began)).isEqualTo(10);
    }

    @Test
    void between_two_sessions_there_is_no_silence() {
        long began = nowNanos();
        alive(FIRST, 10);
        nowMs += 9000;
        alive(SECOND, 40);
        assertThat(watch.silenceMs(began)).isEqualTo(40);
    }

    @Test
    void what_was_before_does_not_count() {
        alive(FIRST, 900);
        nowMs += 2000;
        alive(FIRST, 10);
        nowMs += 1;
        long since = nowNanos();
        nowMs += 500;
        alive(FIRST, 30);
        assertThat(watch.silenceMs(since)).isEqualTo(10 + 1 + 500 + 30);
        assertThat(watch.slowestMs(since)).isEqualTo(30);
    }
}
