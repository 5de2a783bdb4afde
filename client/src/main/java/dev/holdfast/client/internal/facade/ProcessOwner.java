package dev.holdfast.client.internal.facade;

import dev.holdfast.client.LockOwner;
import dev.holdfast.protocol.Limits;
import java.util.UUID;

/** Names the owner that stands for one client. */
final class ProcessOwner {
    private static final String TYPE = "process";

    /** {@code host-pid-random}: where to look, and never the same twice even where hosts and process ids are. */
    static LockOwner create(String host) {
        String suffix = "-" + ProcessHandle.current().pid() + "-"
                + UUID.randomUUID().toString().substring(0, 8);
        // Cut to characters that are a byte each or less than three, so that it always fits.
        int room = (Limits.NAME_BYTES_MAX - suffix.length()) / 3;
        String shortHost = host.length() > room ? host.substring(0, room).replaceAll("\\p{Cs}", "?") : host;
        return new LockOwner(TYPE, shortHost + suffix, null);
    }

    private ProcessOwner() {}
}
