package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.protocol.Batch;
import dev.holdfast.statemachine.LockMachine;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

class ReplicaTest {
    private final Replica replica = new Replica();

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
