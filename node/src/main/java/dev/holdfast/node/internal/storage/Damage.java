package dev.holdfast.node.internal.storage;

import java.nio.file.Path;

/**
 * What is wrong with a file.
 *
 * @param offset from which of its bytes on
 * @param what in words that fit after the file's name
 */
public record Damage(Path file, long offset, String what) {
    @Override
    public String toString() {
        return file + " is damaged at byte " + offset + ": " + what;
    }
}
