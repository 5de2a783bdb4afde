package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.node.internal.access.Principal;

/** What is behind a port: one group, as each caller reaches it. */
public interface Door {
    /**
     * What answers that caller's requests: at this peer alone, failing with {@code NO_LEADER} when it does not lead. Called once
     * for each connection.
     *
     * @param address where the caller is; empty if that is not known
     */
    Transport of(Principal caller, String address);
}
