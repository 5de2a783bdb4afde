package dev.holdfast.client.internal.pipeline;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lockables and owners that the commands of a batch are about: tells which other commands may be applied before or after
 * them alike.
 *
 * <p>See docs/adr/007-two-batches-in-flight.md.
 */
final class OwnedLockables {
    private record OwnedLockable(LockableKey lockable, Owner owner) {}

    private final Set<OwnedLockable> all;
    private final boolean isOrdered;

    private OwnedLockables(Set<OwnedLockable> all, boolean isOrdered) {
        this.all = all;
        this.isOrdered = isOrdered;
    }

    static OwnedLockables of(List<? extends ClientCommand> commands) {
        Set<OwnedLockable> all = new HashSet<>(commands.size() * 2);
        boolean isOrdered = false;
        for (ClientCommand command : commands) {
            OwnedLockable owned = of(command);
            if (command instanceof Command.AcquireAll several) {
                several.lockables().forEach(lockable -> all.add(new OwnedLockable(lockable, several.owner())));
            } else if (owned == null) {
                isOrdered = true;
            } else {
                all.add(owned);
            }
        }
        return new OwnedLockables(all, isOrdered);
    }

    /** Whether it makes no difference to the command's owner if the command is applied before these or after. */
    boolean commuteWith(ClientCommand command) {
        if (command instanceof Command.AcquireAll several) {
            return !isOrdered
                    && several.lockables().stream()
                            .noneMatch(lockable -> all.contains(new OwnedLockable(lockable, several.owner())));
        }
        OwnedLockable owned = of(command);
        return !isOrdered && owned != null && !all.contains(owned);
    }

    /** {@code null} for a command that names several, or keeps its place among all others. */
    private static @Nullable OwnedLockable of(ClientCommand command) {
        if (command instanceof Command.Acquire acquire) {
            return new OwnedLockable(acquire.lockable(), acquire.owner());
        } else if (command instanceof Command.Release release) {
            return new OwnedLockable(release.lockable(), release.owner());
        } else if (command instanceof Command.Extend extend) {
            return new OwnedLockable(extend.lockable(), extend.owner());
        } else if (command instanceof Command.Attach attach) {
            return new OwnedLockable(attach.lockable(), attach.owner());
        } else if (command instanceof Command.Leave leave) {
            return new OwnedLockable(leave.lockable(), leave.owner());
        } else if (command instanceof Command.ExpireIn expireIn) {
            return new OwnedLockable(expireIn.lockable(), expireIn.owner());
        } else if (command instanceof Command.Drain drain) {
            return new OwnedLockable(drain.lockable(), drain.owner());
        }
        return null;
    }
}
