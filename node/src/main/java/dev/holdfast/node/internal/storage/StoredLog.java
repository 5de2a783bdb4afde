package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The log in a folder that is not in use, read to its end or to the first damage.
 *
 * @param segments its files that can be read, in the order of their entries
 * @param damage what is wrong behind those, or {@code null}
 */
public record StoredLog(List<Segment> segments, @Nullable Damage damage) {
    private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
    private static final Pattern OPEN = Pattern.compile("log_inprogress_(\\d+)");

    /**
     * One file, or its part up to the damage.
     *
     * @param first the index of its first entry
     * @param last its last entry that can be read, or {@code null} if there is none
     */
    public record Segment(Path file, long first, @Nullable EntryId last, long bytes) {
        private long lastIndex() {
            return last == null ? first - 1 : last.index();
        }
    }

    public StoredLog {
        segments = List.copyOf(segments);
    }

    /** The index of the first entry; {@link Long#MAX_VALUE} if there is none. */
    public long first() {
        return last().equals(EntryId.NONE) ? Long.MAX_VALUE : segments.get(0).first();
    }

    /** The last entry that can be read; {@link EntryId#NONE} if there is none. */
    public EntryId last() {
        EntryId last = EntryId.NONE;
        for (Segment segment : segments) {
            last = segment.last() == null ? last : segment.last();
        }
        return last;
    }

    /** Takes the entries of a log, in order. */
    public interface Entries {
        /** @param entry its bytes, as Ratis encodes it */
        void accept(byte[] entry) throws IOException;
    }

    /** Reads the entries again, and gives those that can be read; the log must not have changed. */
    public void forEachEntry(Entries entries) throws IOException {
        for (Segment segment : segments) {
            LogBytes bytes = new LogBytes(Files.readAllBytes(segment.file));
            int position = LogBytes.HEADER.length;
            for (long index = segment.first; index <= segment.lastIndex(); index++) {
                entries.accept(bytes.content(position));
                position = bytes.endOfWholeEntry(position);
            }
        }
    }

    record Name(Path file, long first, long last) {
        private static final long OPEN_END = Long.MAX_VALUE;

        boolean isOpen() {
            return last == OPEN_END;
        }

        static @Nullable Name of(Path file) {
            String name = String.valueOf(file.getFileName());
            Matcher closed = CLOSED.matcher(name);
            if (closed.matches()) {
                return new Name(file, Long.parseLong(closed.group(1)), Long.parseLong(closed.group(2)));
            }
            Matcher open = OPEN.matcher(name);
            return open.matches() ? new Name(file, Long.parseLong(open.group(1)), OPEN_END) : null;
        }
    }

    /** Reads the log in that folder of Ratis's. A folder that does not exist has none. */
    public static StoredLog in(Path folder) throws IOException {
        List<Segment> segments = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return new StoredLog(segments, null);
        }
        for (Name name : names(folder)) {
            Damage damage = gapBefore(name, segments);
            if (damage == null) {
                damage = read(name, segments);
            }
            if (damage != null) {
                return new StoredLog(segments, damage);
            }
        }
        return new StoredLog(segments, null);
    }

    private static List<Name> names(Path folder) throws IOException {
        List<Name> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "log_*")) {
            for (Path file : files) {
                Name name = Name.of(file);
                if (name != null) {
                    names.add(name);
                }
            }
        }
        names.sort(Comparator.comparingLong(Name::first).thenComparingLong(Name::last));
        return names;
    }

    private static @Nullable Damage gapBefore(Name name, List<Segment> before) {
        if (before.isEmpty()) {
            return null;
        }
        long last = before.get(before.size() - 1).lastIndex();
        return name.first == last + 1
                ? null
                : new Damage(
                        name.file,
                        0,
                        "it begins at entry " + name.first + ", but the file before it ends at entry " + last);
    }

    /** Reads one file, and adds what can be read of it. */
    private static @Nullable Damage read(Name name, List<Segment> segments) throws IOException {
        LogBytes bytes = new LogBytes(Files.readAllBytes(name.file));
        if (name.isOpen() && bytes.isBlank()) {
            return null;
        }
        if (!bytes.hasHeader()) {
            return new Damage(name.file, 0, "its header is damaged");
        }
        EntryId last = null;
        long next = name.first;
        int position = LogBytes.HEADER.length;
        String wrong = null;
        // Ratis, too, looks at nothing behind the entry that is the last one by the file's name.
        while (position < bytes.contentEnd && next <= name.last) {
            int end = bytes.endOfWholeEntry(position);
            if (end < 0) {
                wrong = name.isOpen() && bytes.isTorn(position)
                        ? null
                        : "entry " + next + " does not match its checksum";
                break;
            }
            EntryId id = bytes.id(position);
            if (id == null || id.index() != next) {
                wrong = "it has another entry where entry " + next + " should be";
                break;
            }
            last = id;
            next++;
            position = end;
        }
        segments.add(new Segment(name.file, name.first, last, bytes.size()));
        if (wrong == null && !name.isOpen() && next <= name.last) {
            wrong = "it ends before entry " + next + ", and should go on to entry " + name.last;
        }
        return wrong == null ? null : new Damage(name.file, position, wrong);
    }
}
