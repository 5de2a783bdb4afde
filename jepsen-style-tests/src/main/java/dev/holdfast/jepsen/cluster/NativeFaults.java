package dev.holdfast.jepsen.cluster;

import dev.holdfast.server.process.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Faults of one peer's disk and time of day, by a small library in C that is compiled here and preloaded into its process.
 * They may be set while it runs, and stay set when it is started again.
 */
public final class NativeFaults {
    private static final int FAIL_SYNCS = 0;
    private static final int SLOW_SYNCS_MS = 1;
    private static final int CLOCK_OFFSET_MS = 2;
    private static final int SYNCS = 3;
    private static final int LIE = 4;
    private static final int FULL = 5;
    private static final int HANG_LOG_SYNCS = 6;
    private static final int FIELDS = 7;
    private static final int SECTOR = 512;

    /** A log segment that is still written to. */
    private static final String OPEN_SEGMENT = "log_inprogress_";

    /** One that is closed: it was synced under its name as an open one. */
    private static final Pattern CLOSED_SEGMENT = Pattern.compile("log_(\\d+)-\\d+");

    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_\\d+");

    private final ByteBuffer control;

    private NativeFaults(ByteBuffer control) {
        this.control = control;
    }

    private static final class Library {
        private static @Nullable Path path;
        private static @Nullable String unavailable;

        static {
            try {
                path = compile();
            } catch (IOException e) {
                unavailable = "needs Linux and a C compiler, cc";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                unavailable = "interrupted";
            }
        }

        private static Path compile() throws IOException, InterruptedException {
            Path folder = Files.createTempDirectory("holdfast-faults-");
            Path source = folder.resolve("faults.c");
            Path library = folder.resolve("faults.so");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.deleteQuietly(folder)));
            try (InputStream in = NativeFaults.class.getResourceAsStream("faults.c")) {
                if (in == null) {
                    throw new IOException("faults.c is not on the class path");
                }
                Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
            }
            Commands.run("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString(), "-ldl");
            return library;
        }
    }

    /** Why there are none on this machine; {@code null} if there are. */
    public static @Nullable String unavailableBecause() {
        return Library.unavailable;
    }

    /** What a peer's environment needs. */
    static Map<String, String> environment() {
        Path library = Library.path;
        if (library == null) {
            throw new IllegalStateException(Library.unavailable);
        }
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "HOLDFAST_FAULTS", "{folder}.faults",
                "HOLDFAST_FOLDER", "{folder}",
                "HOLDFAST_SYNCED", "{folder}.synced");
    }

    /** Those of a peer that was started once. */
    static NativeFaults of(Peer peer) throws IOException {
        Path path = beside(peer, ".faults");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new NativeFaults(file.map(FileChannel.MapMode.READ_WRITE, 0, (long) FIELDS * Long.BYTES)
                    .order(ByteOrder.nativeOrder()));
        }
    }

    private static Path beside(Peer peer, String suffix) {
        return peer.folder().resolveSibling(peer.folder().getFileName() + suffix);
    }

    private void set(int field, long value) {
        control.putLong(field * Long.BYTES, value);
    }

    /** From now on every sync fails with an I/O error. */
    public void failSyncs() {
        set(FAIL_SYNCS, 1);
    }

    /** From now on every sync takes that much longer. */
    public void slowSyncs(long millis) {
        set(SLOW_SYNCS_MS, millis);
    }

    /** From now on no sync of an open segment of the log comes back; those of anything else do. */
    public void hangLogSyncs() {
        set(HANG_LOG_SYNCS, 1);
    }

    /** From now on the process's time of day is off by that much, to the second. */
    public void moveClock(long millis) {
        set(CLOCK_OFFSET_MS, millis);
    }

    /** From now on a sync says that it succeeded, and does nothing. No cluster survives that together with a loss of power. */
    public void lieAboutSyncs() {
        set(LIE, 1);
    }

    /** From now on there is no space left for what the process writes in its data folder. */
    public void fillDisk() {
        set(FULL, 1);
    }

    /** No faults any more. */
    public void clear() {
        for (int field : new int[] {FAIL_SYNCS, SLOW_SYNCS_MS, CLOCK_OFFSET_MS, LIE, FULL, HANG_LOG_SYNCS}) {
            set(field, 0);
        }
    }

    /** How often the process has synced a file: not 0, or the library is not in effect. */
    public long syncs() {
        return control.getLong(SYNCS * Long.BYTES);
    }

    /** The names of the files and folders that the process has synced, in that order. */
    static List<String> syncedNames(Peer peer) throws IOException {
        try (Stream<String> lines = Files.lines(beside(peer, ".synced"))) {
            return lines.map(line -> line.substring(line.lastIndexOf('/') + 1)).toList();
        }
    }

    /**
     * What a disk does that loses its power: what was written to the log, or to a snapshot, and not synced is gone, but for
     * some of its sectors. The peer is down.
     */
    static void loseUnsynced(Peer peer, Random random) throws IOException {
        Map<Path, Long> synced = synced(peer);
        Set<String> syncedNames =
                synced.keySet().stream().map(NativeFaults::finalName).collect(Collectors.toSet());
        List<Path> all;
        try (Stream<Path> files = Files.walk(peer.folder())) {
            all = files.toList();
        }
        for (Path file : all) {
            String name = file.getFileName().toString();
            Matcher closed = CLOSED_SEGMENT.matcher(name);
            // One that was never synced loses all.
            if (name.startsWith(OPEN_SEGMENT)) {
                zeroBehind(file, synced.getOrDefault(file.toRealPath(), 0L), random);
            } else if (closed.matches()) {
                Path open = file.toRealPath().resolveSibling(OPEN_SEGMENT + closed.group(1));
                zeroBehind(file, synced.getOrDefault(open, 0L), random);
            } else if (SNAPSHOT.matcher(name).matches() && !syncedNames.contains(name)) {
                zeroBehind(file, 0, random);
            } else if (name.endsWith(".acknowledged")) {
                // Never synced: how far the log must reach at least.
                Files.delete(file);
            }
        }
    }

    private static Map<Path, Long> synced(Peer peer) throws IOException {
        Map<Path, Long> synced = new HashMap<>();
        for (String line : Files.readAllLines(beside(peer, ".synced"))) {
            int space = line.indexOf(' ');
            // The last one may still be on its way into the file.
            if (space > 0 && space < line.length() - 1) {
                synced.put(Path.of(line.substring(space + 1)), Long.parseLong(line.substring(0, space)));
            }
        }
        return synced;
    }

    /** Whether the peer has written something to an open segment that is not synced. */
    static boolean hasUnsynced(Peer peer) throws IOException {
        Map<Path, Long> synced = synced(peer);
        List<Path> open;
        try (Stream<Path> files = Files.walk(peer.folder())) {
            open = files.filter(file -> file.getFileName().toString().startsWith(OPEN_SEGMENT))
                    .toList();
        }
        for (Path file : open) {
            byte[] bytes = Files.readAllBytes(file);
            for (long i = synced.getOrDefault(file.toRealPath(), 0L); i < bytes.length; i++) {
                if (bytes[(int) i] != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Snapshots are synced before they have their place, and then moved there. */
    private static String finalName(Path synced) {
        String name = synced.getFileName().toString();
        return name.endsWith(".tmp") ? name.substring(0, name.length() - ".tmp".length()) : name;
    }

    /** A disk writes whole sectors, in any order: none of them, the first few, or any. */
    private static void zeroBehind(Path segment, long synced, Random random) throws IOException {
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            switch (random.nextInt(3)) {
                case 0 -> zero(file, synced, file.size());
                case 1 -> zero(file, (synced / SECTOR + 1 + random.nextInt(2)) * SECTOR, file.size());
                default -> {
                    for (long from = synced; from < file.size(); from = nextSector(from)) {
                        if (random.nextBoolean()) {
                            zero(file, from, Math.min(nextSector(from), file.size()));
                        }
                    }
                }
            }
            file.force(true);
        }
    }

    private static long nextSector(long position) {
        return (position / SECTOR + 1) * SECTOR;
    }

    private static void zero(FileChannel file, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.max(0, to - from));
        while (zeros.hasRemaining()) {
            file.write(zeros, from + zeros.position());
        }
    }
}
