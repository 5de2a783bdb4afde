package dev.holdfast.node.internal.release;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What is known now of the releases of the cluster's members. */
public interface MemberReleases {
    /**
     * All members that the configuration names, listeners and this one among them, by their ids, and what each said of itself
     * lately: nothing if it is silent, or of a release that does not say. Empty while the list of members is about to change.
     */
    Map<String, Optional<Supported>> now();

    /** The newest semantics that each of the members knows; nothing unless this is known of all of them. */
    default OptionalInt commonSemantics() {
        Map<String, Optional<Supported>> members = now();
        if (members.isEmpty() || members.values().stream().anyMatch(Optional::isEmpty)) {
            return OptionalInt.empty();
        }
        return members.values().stream()
                .mapToInt(said -> said.orElseThrow().semantics().newest())
                .min();
    }
}
