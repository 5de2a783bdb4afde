package dev.holdfast.node;

import java.util.List;

/**
 * How a peer is.
 *
 * @param live whether it goes on by itself; {@code false} once it has failed, or is closed. Only a restart helps then, and perhaps not
 *     that alone
 * @param problems why callers are not served well at this peer, each in words that stand alone, as in "it knows no leader"; empty if
 *     they are
 */
public record NodeHealth(boolean live, List<String> problems) {
    public NodeHealth {
        problems = List.copyOf(problems);
        if (!live && problems.isEmpty()) {
            throw new IllegalArgumentException("a peer that is not live has a problem");
        }
    }

    /**
     * Whether callers are served here: the peer is live, knows a leader of each group, has caught up with it, and applies what is
     * committed.
     */
    public boolean ready() {
        return problems.isEmpty();
    }
}
