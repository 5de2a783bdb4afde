package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Ratis keeps of a peer's logs: for each group a folder of files whose names contain their first index. */
final class LogFolder {
    private static final Pattern FILE = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

    private static final Pattern CLOSED = Pattern.compile("log_\\d+-\\d+");

    /** The segments of all groups that are not written to any more. */
    static List<Path> closedSegments(Peer peer) throws IOException {
        List<Path> segments = new ArrayList<>();
        try (DirectoryStream<Path> groups =
                Files.newDirectoryStream(peer.folder().resolve("raft"), Files::isDirectory)) {
            for (Path group : groups) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(group.resolve("current"), "log_*")) {
                    files.forEach(segments::add);
                }
            }
        }
        segments.removeIf(
                segment -> !CLOSED.matcher(segment.getFileName().toString()).matches());
        return segments;
    }

    /** The index that the shortest of the peer's logs, one for each group, begins with. */
    static long latestBeginning(Peer peer) throws IOException {
        long latest = 0;
        try (DirectoryStream<Path> groups =
                Files.newDirectoryStream(peer.folder().resolve("raft"), Files::isDirectory)) {
            for (Path group : groups) {
                latest = Math.max(latest, beginning(group.resolve("current")));
            }
        }
        return latest;
    }

    private static long beginning(Path folder) throws IOException {
        long first = Long.MAX_VALUE;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "log_*")) {
            for (Path file : files) {
                Matcher matcher = FILE.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    first = Math.min(first, Long.parseLong(matcher.group(1)));
                }
            }
        }
        // A file may just be getting its final name.
        return first == Long.MAX_VALUE ? 0 : first;
    }

    private LogFolder() {}
}
