package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.SharedCluster;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A process that locks, is paused for longer than its leases, and writes when it wakes up. */
@ExtendWith(SharedCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PausedHolderIT {
    private Server database;
    private Accounts accounts;
    private Holder first;
    private Holder second;

    @BeforeAll
    void start(ProcessCluster cluster) throws Exception {
        database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        String url = "jdbc:h2:tcp://127.0.0.1:" + database.getPort() + "/mem:accounts;DB_CLOSE_DELAY=-1";
        accounts = new Accounts(url);
        first = Holder.start("first", cluster.servers(), url);
        second = Holder.start("second", cluster.servers(), url);
    }

    @AfterAll
    void stop() {
        first.close();
        second.close();
        database.stop();
    }

    @BeforeEach
    void emptyAccounts() throws Exception {
        accounts.empty();
    }

    @Test
    void a_holder_that_was_paused_beyond_its_lease_writes_nothing() throws Exception {
        assertThat(first.writesLateAfter(second, true)).isFalse();
        assertThat(accounts.sum()).isEqualTo(HolderMain.ACCOUNTS);
    }

    /** The test above could not fail if this one did. */
    @Test
    void without_the_guard_the_same_pause_loses_updates() throws Exception {
        assertThat(first.writesLateAfter(second, false)).isTrue();
        assertThat(accounts.sum())
                .describedAs("two writes to each account were accepted")
                .isEqualTo(HolderMain.ACCOUNTS);
    }
}
