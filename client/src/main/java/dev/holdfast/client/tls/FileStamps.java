package dev.holdfast.client.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** By which changes of files are noticed, also where a link is turned to another file. */
record FileStamps(List<Stamp> stamps) {
    private static final Stamp MISSING = new Stamp(FileTime.fromMillis(0), -1, null);

    record Stamp(FileTime modified, long size, @Nullable Object file) {}

    static FileStamps of(List<Path> files) {
        return new FileStamps(files.stream().map(FileStamps::stamp).toList());
    }

    private static Stamp stamp(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(found.lastModifiedTime(), found.size(), found.fileKey());
        } catch (IOException e) {
            return MISSING;
        }
    }
}
