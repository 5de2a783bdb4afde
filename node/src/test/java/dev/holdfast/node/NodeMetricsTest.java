package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeMetricsTest {
    private static final LockableKey MUTEX = LockableKey.mutex("job");
    private static final Owner ANN = new Owner("user", "ann", null);
    private static final Command.Acquire ACQUIRE = new Command.Acquire(MUTEX, ANN, 1, 1, false, Lease.SESSION, 0);

    private final MetricRegistry registry = new MetricRegistry();
    private final Replica replica = new Replica();
    private long index;

    private Outcome apply(SessionId session, long sequence, ClientCommand command) {
        SessionBatch batch = new SessionBatch(session, 0, 0, List.of(new SequencedCommand(sequence, command)));
        return replica.apply(++index, 1_000, new Batch(List.of(), List.of(batch)))
                .replies()
                .get(0)
                .outcomes()
                .get(0)
                .outcome();
    }

    private SessionId open(long nonce) {
        Outcome opened = apply(new SessionId(nonce, 0), 0, new Command.OpenSession(8_000, "host", "test"));
        return ((Outcome.SessionOpened) opened).session();
    }

    private long count(String name) {
        return registry.counter(NodeMetrics.PREFIX + name).getCount();
    }

    @Test
    void taking_an_acquire_back_is_not_a_release() {
        new NodeMetrics(registry, List.of(replica), new SlowOperations("a", Duration.ZERO, () -> 0));
        SessionId one = open(1);
        SessionId two = open(2);
        Outcome.Granted granted = (Outcome.Granted) apply(one, 1, ACQUIRE);
        apply(two, 1, ACQUIRE);
        assertThat(apply(two, 2, new Command.Leave(MUTEX, ANN, granted.token())))
                .isInstanceOf(Outcome.Released.class);
        assertThat(count("granted")).isEqualTo(2);
        assertThat(count("released")).isZero();
        apply(one, 2, new Command.Release(MUTEX, ANN, granted.token(), Command.Release.ALL));
        assertThat(count("released")).isEqualTo(1);
        assertThat(registry.timer(NodeMetrics.PREFIX + "apply.time").getCount()).isEqualTo(6);
    }
}
