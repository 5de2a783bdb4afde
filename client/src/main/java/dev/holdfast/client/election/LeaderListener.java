package dev.holdfast.client.election;

import java.util.Optional;

/** Hears of who leads: see {@link Election#observe}. */
@FunctionalInterface
public interface LeaderListener {

    /** @param leader who leads; empty if nobody does */
    void onLeader(Optional<Leader> leader);
}
