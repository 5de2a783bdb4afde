package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.storage.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of a group, as the last entry that named them says, in files beside its log. Ratis keeps them in one, since a snapshot does
 * not have them. If the disk was full, half of it takes its place; then Ratis complains, and takes the members with which the cluster
 * began, which may be others. So there is a second one.
 */
final class ConfigurationCopy {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationCopy.class);
    private static final String RATIS = "raft-meta.conf";
    private static final String COPY = "members.conf";

    /** Writes the copy, unless it is newer. */
    static void write(Path group, long term, long index, RaftConfigurationProto configuration) {
        try {
            Path copy = group.resolve("current").resolve(COPY);
            LogEntryProto before = read(copy);
            if (before != null && before.getIndex() >= index) {
                return;
            }
            LogEntryProto entry = LogEntryProto.newBuilder()
                    .setTerm(term)
                    .setIndex(index)
                    .setConfigurationEntry(configuration)
                    .build();
            DurableFile.write(copy, entry.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException("the members of the group cannot be written", e);
        }
    }

    /**
     * Puts the copy in the place of what Ratis cannot read.
     *
     * @param current where Ratis keeps the log
     */
    static void mend(Path current) throws IOException {
        Path ofRatis = current.resolve(RATIS);
        if (!Files.exists(ofRatis) || read(ofRatis) != null) {
            return;
        }
        LogEntryProto copy = read(current.resolve(COPY));
        if (copy == null) {
            // Of a release that had none, and under which the members could not change.
            LOG.warn(
                    "{} was written in part only, and is deleted. The members are those with which the cluster began",
                    ofRatis);
            Files.delete(ofRatis);
        } else {
            LOG.warn(
                    "{} was written in part only. The members are those of its copy, as of entry {}",
                    ofRatis,
                    copy.getIndex());
            DurableFile.write(ofRatis, copy.toByteArray());
        }
    }

    private static @Nullable LogEntryProto read(Path file) {
        try {
            LogEntryProto entry = LogEntryProto.parseFrom(Files.readAllBytes(file));
            return entry.hasConfigurationEntry() ? entry : null;
        } catch (IOException e) {
            return null;
        }
    }

    private ConfigurationCopy() {}
}
