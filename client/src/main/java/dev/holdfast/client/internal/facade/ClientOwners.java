package dev.holdfast.client.internal.facade;

import dev.holdfast.client.LockOwner;
import dev.holdfast.protocol.Limits;
import java.util.UUID;

/** The owners that a client names itself: the one that stands for it, and one for each acquire that names none. */
final class ClientOwners {
    private static final String PROCESS = "process";
    private static final String ANONYMOUS = "anonymous";

    private final LockOwner process;
    private final LockOwner.Scope withinProcess;

    /** The process is {@code host-pid-random}: where to look, and unique even if host and process id repeat. */
    ClientOwners(String host) {
        String suffix = "-" + ProcessHandle.current().pid() + "-"
                + UUID.randomUUID().toString().substring(0, 8);
        // A character takes up to three bytes; cut so that the name always fits.
        int room = (Limits.NAME_BYTES_MAX - suffix.length()) / 3;
        String shortHost = host.length() > room ? host.substring(0, room).replaceAll("\\p{Cs}", "?") : host;
        String id = shortHost + suffix;
        process = new LockOwner(PROCESS, id, null);
        withinProcess = new LockOwner.Scope(PROCESS, id);
    }

    LockOwner process() {
        return process;
    }

    /** An owner that nobody else is, on this client or any other; its scope tells which client to look at. */
    LockOwner fresh() {
        return new LockOwner(ANONYMOUS, UUID.randomUUID().toString(), withinProcess);
    }
}
