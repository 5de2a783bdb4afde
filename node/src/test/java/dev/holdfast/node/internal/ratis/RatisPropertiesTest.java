package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.RaftSettings;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;

class RatisPropertiesTest {
    /** It may be the only one that has all entries, so that nobody else can be elected. */
    @Test
    void a_leader_that_heard_of_no_majority_stands_again_after_the_time_of_one_election() {
        RaftProperties properties =
                RatisProperties.properties(RaftSettings.DEFAULT.electionTimeouts(300, 700), Path.of("raft"), false);

        assertThat(RaftServerConfigKeys.LeaderElection.leaderStepDownWaitTime(properties)
                        .toLong(TimeUnit.MILLISECONDS))
                .isEqualTo(700);
    }
}
