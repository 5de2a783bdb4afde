package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import org.jspecify.annotations.Nullable;

/** Decides whether a peer that was reached is one to talk to. Called on any thread; must return quickly. */
interface Admission {
    /**
     * A peer has welcomed this client.
     *
     * @return why it is not to be talked to; {@code null} if it is
     */
    @Nullable
    Ending admit(HostPort address, ClusterIdentity said);

    /** Whether somebody gave that address to this client, so that the log is to hear if its host is not known. */
    default boolean isListed(HostPort address) {
        return true;
    }

    /** An attempt to connect ended without a welcome, or with one that was not admitted. */
    default void failed(HostPort address, Ending why) {}
}
