package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.node.internal.access.Principal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Gives backups of the groups that this peer leads. */
public interface BackupSource {
    /**
     * Completes once that caller may have a backup of that group from this peer, and it is known that the peer still led after this was
     * called. Must return quickly. Fails with a {@link TransportException} that says why not.
     *
     * @param address where the caller is; empty if that is not known
     * @param clusterId the cluster that is meant; empty for any
     */
    CompletableFuture<Permission> permit(Principal caller, String address, String clusterId, int group);

    /** That a backup may be taken now. Used once, or not at all. */
    interface Permission {
        /**
         * Takes it. Blocks for as long as it takes to write the state to the disk.
         *
         * @throws TransportException if it cannot be taken at this moment
         * @throws IOException if it cannot be written
         */
        Taken take() throws IOException;
    }

    /** A backup. Used by one thread. */
    interface Taken extends AutoCloseable {
        BackupHeadProto head();

        /** The next piece of the state; {@code null} behind the last. */
        byte @Nullable [] next() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** One that gives none. */
    static BackupSource none() {
        return (caller, address, clusterId, group) ->
                CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, "this peer gives no backups"));
    }
}
