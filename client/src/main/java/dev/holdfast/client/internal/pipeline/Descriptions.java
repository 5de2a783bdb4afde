package dev.holdfast.client.internal.pipeline;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import java.util.List;

/** Commands in the words of error messages. */
public final class Descriptions {

    /** Such as {@code acquire of 'order:1' for user:42}. */
    public static String of(ClientCommand command) {
        if (command instanceof Command.Acquire acquire) {
            return "acquire of '" + acquire.lockable().key() + "' for " + acquire.owner();
        } else if (command instanceof Command.Release release) {
            return "release of '" + release.lockable().key() + "' by " + release.owner();
        } else if (command instanceof Command.Extend extend) {
            return "extension of '" + extend.lockable().key() + "' by " + extend.owner();
        } else if (command instanceof Command.Attach attach) {
            return "look after '" + attach.lockable().key() + "' for " + attach.owner();
        } else if (command instanceof Command.Leave leave) {
            return "withdrawal of an acquire of '" + leave.lockable().key() + "' for " + leave.owner();
        } else if (command instanceof Command.ExpireIn expireIn) {
            return "new end of the lease of '" + expireIn.lockable().key() + "' for " + expireIn.owner();
        } else if (command instanceof Command.Drain drain) {
            return "drain of '" + drain.lockable().key() + "' for " + drain.owner();
        } else if (command instanceof Command.RequestRelease request) {
            return "request to release '" + request.lockable().key() + "'";
        } else if (command instanceof Command.ForceRelease force) {
            return "forced release of '" + force.lockable().key() + "'";
        } else if (command instanceof Command.AcquireAll acquire) {
            return "acquire of " + keys(acquire.lockables()) + " for " + acquire.owner();
        } else if (command instanceof Command.PutRule put) {
            return "addition of the rule '" + put.rule() + "'";
        } else if (command instanceof Command.RemoveRule remove) {
            return "removal of the rule '" + remove.rule() + "'";
        }
        return command.getClass().getSimpleName();
    }

    /** Such as {@code 'a' and 'b'}, or {@code 'a', 'b' and 3 more}. */
    private static String keys(List<LockableKey> lockables) {
        String first = "'" + lockables.get(0).key() + "'";
        if (lockables.size() == 1) {
            return first;
        }
        String second = "'" + lockables.get(1).key() + "'";
        return lockables.size() == 2
                ? first + " and " + second
                : first + ", " + second + " and " + (lockables.size() - 2) + " more";
    }

    private Descriptions() {}
}
