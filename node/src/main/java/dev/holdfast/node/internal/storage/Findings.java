package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What speaks against starting from a group's folder, apart from its snapshots. */
public final class Findings {
    /**
     * Looks at the folder, which is not in use.
     *
     * @param group the folder in which Ratis keeps the group
     * @param log its log
     * @param snapshot the index of the snapshot from which the peer would start, or -1
     * @return what is wrong, each in words that stand alone; empty if nothing is
     */
    public static List<String> in(Path group, StoredLog log, long snapshot) throws IOException {
        List<String> findings = new ArrayList<>();
        Path current = group.resolve("current");
        Damage meta = RaftMeta.damage(current);
        if (meta != null) {
            findings.add(meta.toString());
        }
        if (log.damage() != null) {
            findings.add(log.damage().toString());
            return findings;
        }
        boolean empty = log.last().equals(EntryId.NONE);
        if (!empty && log.first() > snapshot + 1) {
            findings.add("the log in " + current + " begins at entry " + log.first() + ", and there is no snapshot of "
                    + (snapshot < 0 ? "what came before" : "entries " + (snapshot + 1) + " to " + (log.first() - 1)));
        }
        long end = Math.max(log.last().index(), snapshot);
        long acknowledged = new Acknowledged(group).read();
        if (end < acknowledged) {
            findings.add(
                    "the log in " + current + " ends at entry " + end + ", but this peer had acknowledged entries up"
                            + " to " + acknowledged + ": it was cut back, emptied, or replaced by an older copy");
        }
        return findings;
    }

    private Findings() {}
}
