package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReplicaTest {
    private final Replica replica = new Replica();

    private Answer.HistoryPage past(long nowMs) {
        return (Answer.HistoryPage)
                replica.history().page(new Query.History(LockableKey.mutex("k"), Query.History.NEWEST, 10), nowMs);
    }

    @Test
    void what_happened_is_remembered_until_another_state_takes_its_place() {
        Applied opened = replica.apply(1, 100, Batch.of(Batches.open(1, 60_000)));
        var unused = replica.apply(
                2, 200, Batch.of(Batches.of(opened.opened().get(0).session(), 1, Batches.acquire("k", Lease.SESSION))));
        assertThat(past(250).changes())
                .extracting(Answer.ChangeView::kind, Answer.ChangeView::agoMs)
                .containsExactly(tuple(ChangeKind.GRANTED, 50L));
        assertThat(past(250).knownForMs()).isEqualTo(LogTime.NEVER);

        LockMachine sent = new LockMachine();
        unused = sent.apply(7, 900, Batch.of());
        replica.replace(sent);

        assertThat(past(1000)).isEqualTo(new Answer.HistoryPage(List.of(), false, 100));
    }

    @RepeatedTest(20)
    @Timeout(60)
    void whoever_reads_again_and_again_does_not_overtake_what_is_to_be_applied() throws InterruptedException {
        Thread applying = new Thread(() -> replica.apply(1, 0, Batch.of(Batches.open(1, 60_000))));
        replica.read(machine -> {
            applying.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> applying.getState() == Thread.State.WAITING);
            return machine;
        });

        long applied = replica.read(LockMachine::appliedIndex);

        assertThat(applied).isEqualTo(1);
        applying.join();
    }
}
