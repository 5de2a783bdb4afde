package dev.holdfast.node.internal.backup;

import dev.holdfast.client.remote.GroupBackup;
import dev.holdfast.client.remote.GroupBackupRequest;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.node.internal.snapshot.Fsync;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches a backup of a running cluster into a file. */
public final class BackupTaker {
    private static final Logger LOG = LoggerFactory.getLogger(BackupTaker.class);
    private static final long PAUSE_MS = 100;
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final List<HostPort> servers;
    private final RemoteOptions options;
    private final Duration patience;

    /** See {@link dev.holdfast.node.Backup#take}. */
    public BackupTaker(List<HostPort> servers, RemoteOptions options, Duration patience) {
        this.servers = List.copyOf(servers);
        this.options = options;
        this.patience = patience;
    }

    /** See {@link dev.holdfast.node.Backup#take}. */
    public void take(Path file, boolean replace) throws IOException, InterruptedException {
        if (!replace && Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is not a name for a file");
        }
        Path temporary = Files.createTempFile(folder, "." + file.getFileName() + ".", ".tmp", ownerOnly());
        try {
            try (BackupFile.Writer writer = new BackupFile.Writer(temporary)) {
                int groups = 1;
                String clusterId = options.clusterId();
                for (int group = 0; group < groups; group++) {
                    GroupBackup taken = take(writer, clusterId, group);
                    groups = taken.groups();
                    clusterId = taken.clusterId();
                }
                writer.finish();
            }
            BackupFile.read(temporary, (head, machine) -> {});
            publish(temporary, file, replace);
            Fsync.folder(folder);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void publish(Path temporary, Path file, boolean replace) throws IOException {
        if (replace) {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        try {
            // Not by a rename, which would replace a file that has come meanwhile.
            Files.createLink(file, temporary);
        } catch (UnsupportedOperationException e) {
            Files.move(temporary, file);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private GroupBackup take(BackupFile.Writer writer, String clusterId, int group)
            throws IOException, InterruptedException {
        RemoteOptions ofGroup = options.withClusterId(clusterId).withGroup(group);
        long deadline = System.nanoTime() + patience.toNanos();
        BackupFile.Mark begin = writer.mark();
        while (true) {
            try {
                Into into = new Into(writer);
                GroupBackupRequest.ask(new LeaderSearch(servers, ofGroup).leader(), ofGroup, into);
                return into.head();
            } catch (TransportException e) {
                if (!e.worthRetrying() || System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LOG.debug("no backup of group {} yet", group, e);
            }
            writer.rewind(begin);
            Thread.sleep(PAUSE_MS);
        }
    }

    /** Writes what comes. */
    private static final class Into implements GroupBackupRequest.Receiver {
        private final BackupFile.Writer writer;
        private @Nullable GroupBackup head;

        Into(BackupFile.Writer writer) {
            this.writer = writer;
        }

        GroupBackup head() {
            return Objects.requireNonNull(head);
        }

        @Override
        public void head(GroupBackup first) throws IOException {
            head = first;
            writer.head(BackupHeadProto.newBuilder()
                    .setClusterId(first.clusterId())
                    .setClusterName(first.clusterName())
                    .setPeerId(first.peerId())
                    .setVersion(first.version())
                    .setGroup(first.group())
                    .setGroups(first.groups())
                    .setAppliedIndex(first.appliedIndex())
                    .setLastToken(first.lastToken())
                    .setTakenEpochMs(first.takenAt().toEpochMilli())
                    .build());
        }

        @Override
        public void piece(byte[] piece) throws IOException {
            writer.piece(piece);
        }
    }
}
