package dev.holdfast.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatewayTest {
    private static final SessionId SESSION = new SessionId(1, 2);

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private Supplier<@Nullable LeaderHint> leader = () -> null;
    private final LocalLeader local = new LocalLeader();
    private final Gateway gateway =
            new Gateway("a", local, local, () -> leader.get(), id -> RemoteOptions.named("test"), timers);

    @AfterEach
    void end_timers() {
        timers.shutdownNow();
    }

    private TransportException failureOfSubmit() {
        CompletableFuture<?> submit = gateway.submit(
                new SessionBatch(SESSION, 0, 0, List.of(new SequencedCommand(1, new Command.CloseSession()))));
        assertThat(submit).isCompletedExceptionally();
        return (TransportException) submit.handle((reply, failure) -> failure).join();
    }

    @Test
    void without_a_leader_nothing_was_done_and_a_later_attempt_may_succeed() {
        TransportException failure = failureOfSubmit();

        assertThat(failure.kind()).isEqualTo(Kind.NO_LEADER);
        assertThat(failure.maybeApplied()).isFalse();
        assertThat(failure.worthRetrying()).isTrue();
    }

    @Test
    void an_end_between_the_question_who_leads_and_the_connection_opens_none() {
        leader = () -> {
            gateway.close();
            return new LeaderHint("b", new HostPort("127.0.0.1", 1));
        };

        assertThat(failureOfSubmit().kind()).isEqualTo(Kind.CLOSED);
    }

    // Callers of a peer that failed would else have to doubt commands that nobody ever saw.
    @Test
    void after_its_end_nothing_was_done_and_no_attempt_will_succeed() {
        gateway.close();

        TransportException failure = failureOfSubmit();

        assertThat(failure.kind()).isEqualTo(Kind.CLOSED);
        assertThat(failure.maybeApplied()).isFalse();
        assertThat(failure.worthRetrying()).isFalse();
    }
}
