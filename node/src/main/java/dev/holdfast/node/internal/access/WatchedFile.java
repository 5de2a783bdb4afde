package dev.holdfast.node.internal.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in a file, followed as it changes: whoever asks has it looked at, once a second at most. A change that cannot be read
 * is logged once, and what was there before stays.
 */
final class WatchedFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final long BYTES_MAX = 4 * 1024 * 1024;

    /** Reads what such a file has. */
    interface Reader<T> {
        /** @throws IOException if it is not what it should be; the message names the line, not the file */
        T read(String content) throws IOException;
    }

    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    private final String what;
    private final Path file;
    private final Reader<T> reader;
    private final long lookAgainNanos;
    private final ReentrantLock looking = new ReentrantLock();
    private Stamp stamp;
    private volatile T content;
    private volatile long lookedNanos;

    /**
     * Reads it.
     *
     * @param what what the file has, for people to read
     * @throws IOException if it cannot be read, or is not what it should be
     */
    WatchedFile(String what, Path file, Reader<T> reader) throws IOException {
        this(what, file, reader, LOOK_AGAIN);
    }

    WatchedFile(String what, Path file, Reader<T> reader, Duration lookAgain) throws IOException {
        this.what = what;
        this.file = file;
        this.reader = reader;
        this.lookAgainNanos = lookAgain.toNanos();
        this.stamp = stampNow();
        this.content = read();
        this.lookedNanos = System.nanoTime();
    }

    /** What it has now, or had when it was last fit to be read. */
    T content() {
        if (System.nanoTime() - lookedNanos >= lookAgainNanos && looking.tryLock()) {
            try {
                look();
            } finally {
                looking.unlock();
            }
        }
        return content;
    }

    private void look() {
        Stamp now;
        try {
            now = stampNow();
        } catch (IOException e) {
            // Gone, perhaps for the moment in which it is replaced.
            now = new Stamp(FileTime.fromMillis(0), -1, null);
        }
        if (!now.equals(stamp)) {
            stamp = now;
            try {
                content = read();
                LOG.info("{} in {} changed", what, file);
            } catch (IOException e) {
                LOG.warn("{} changed and cannot be read, so what was there before stays: {}", what, e.getMessage());
            }
        }
        lookedNanos = System.nanoTime();
    }

    private Stamp stampNow() throws IOException {
        BasicFileAttributes attributes = attributes();
        return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    private BasicFileAttributes attributes() throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + e, e);
        }
    }

    private T read() throws IOException {
        if (attributes().size() > BYTES_MAX) {
            throw new IOException(file + " has more than " + BYTES_MAX + " bytes");
        }
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + e, e);
        }
        try {
            return reader.read(text);
        } catch (IOException e) {
            throw new IOException(file + ", " + e.getMessage(), e);
        }
    }
}
