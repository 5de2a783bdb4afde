package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.membership.ChangeRefusedException;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.jspecify.annotations.Nullable;

/** Why Ratis did not change the members, in words. */
final class Changes {
    static ChangeRefusedException refusal(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ReconfigurationInProgressException) {
            return refused("another change of the members is under way: try again when it is done", cause);
        }
        if (cause instanceof ReconfigurationTimeoutException) {
            return refused(
                    "the peer that is to become a member does not answer the leader, or does not catch up", cause);
        }
        if (cause instanceof SetConfigurationException) {
            return refused("the members have changed meanwhile, or too many of them would change at once", cause);
        }
        if (cause instanceof LeaderNotReadyException) {
            return refused("the leader was elected just now: try again", cause);
        }
        if (cause instanceof NotLeaderException) {
            return refused(
                    "this peer does not lead, or not any more. If it began the change, whoever leads next completes it or undoes"
                            + " it: look at the members before you try again",
                    cause);
        }
        return refused(
                "the members may have been changed or not: " + cause + ". Look at them before you try again", cause);
    }

    private static ChangeRefusedException refused(String why, @Nullable Throwable cause) {
        return cause == null ? new ChangeRefusedException(why) : new ChangeRefusedException(why, cause);
    }

    private Changes() {}
}
