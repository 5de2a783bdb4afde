package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.internal.pipeline.Descriptions;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An acquire of several locks together, as its caller asked for it.
 *
 * @param each what it would be if each of them were acquired by itself: at least one
 */
public record JointRequest(LockOwner owner, List<AcquireRequest> each, Command.AcquireAll command)
        implements AcquireTerms {
    public JointRequest {
        each = List.copyOf(each);
    }

    @Override
    public ClientCommand toSend() {
        return command;
    }

    @Override
    public long waitMs() {
        return command.waitMs();
    }

    @Override
    public @Nullable Long timeoutNanos() {
        return each.get(0).timeoutNanos();
    }

    @Override
    public long requestTimeoutNanos() {
        return each.get(0).requestTimeoutNanos();
    }

    @Override
    public String describe() {
        return Descriptions.of(command);
    }
}
