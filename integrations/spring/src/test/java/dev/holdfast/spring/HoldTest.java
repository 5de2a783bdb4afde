package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.testkit.TestCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class HoldTest {
    private final TestCluster cluster = TestCluster.start();
    private final LockHandle handle = cluster.client().createLock().hold(new Lockable("job", "job"));
    private final Hold hold = new ThreadHolds().add(new Hold.Key(cluster.client(), "job"), handle);

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void nobody_gets_a_claim_when_the_last_one_was_given_up() {
        assertThat(hold.claim()).isTrue();
        assertThat(hold.unclaim()).isFalse();
        assertThat(hold.unclaim()).isTrue();
        assertThat(hold.claim()).isFalse();
    }

    @Test
    void no_interrupt_comes_while_a_transaction_commits_or_when_the_call_has_ended() {
        assertThat(hold.interrupting()).isFalse();
        hold.watched(true);
        hold.beginCommit();
        assertThat(hold.interrupting()).isFalse();
        hold.requireUndisturbed();
        hold.endCommit();
        assertThat(hold.interrupting()).isTrue();
        assertThatThrownBy(hold::beginCommit).isInstanceOf(LockExpiringException.class);
        hold.watched(false);
        assertThat(hold.interrupting()).isFalse();
    }
}
