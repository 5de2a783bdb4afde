package dev.holdfast.node;

import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.storage.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A folder that is to get its content all at once. The content is made in a folder inside, and then moved up. What an attempt left that
 * did not come to its end is taken away by the next; anything else that is in the folder is not touched, and refused.
 */
final class StagedFolder {
    private static final String STAGING = "restore.unfinished";
    private static final String CONTENT = "content";

    /** In the staging folder: the names that are moved, once the content is complete. */
    private static final String MOVING = "moving";

    /** What a peer leaves in its data folder as soon as it starts. */
    private static final String USED = "in-use.lock";

    private final Path folder;
    private final Path staging;

    private StagedFolder(Path folder) {
        this.folder = folder;
        this.staging = folder.resolve(STAGING);
    }

    /**
     * Makes the folder if it is absent.
     *
     * @throws IOException if there is anything in it but what an earlier attempt left
     */
    static StagedFolder in(Path folder) throws IOException {
        Files.createDirectories(folder);
        StagedFolder staged = new StagedFolder(folder);
        staged.clear();
        return staged;
    }

    private void clear() throws IOException {
        Path moving = staging.resolve(MOVING);
        List<String> ours = Files.exists(moving) ? Files.readAllLines(moving) : List.of();
        for (Path each : children(folder)) {
            String name = String.valueOf(each.getFileName());
            if (name.equals(STAGING)) {
                continue;
            }
            if (!ours.contains(name)) {
                throw new IOException("the folder " + folder + " is not empty: it has " + name
                        + ". Nothing was changed; use a folder that is empty, or not there yet");
            }
            if (name.equals(USED) || Files.exists(each.resolve(USED))) {
                throw new IOException("an earlier attempt did not come to its end, but a peer was started from " + each
                        + " already. Nothing was changed; use a folder that is empty, or not there yet");
            }
        }
        for (String name : ours) {
            delete(folder.resolve(name));
        }
        delete(staging);
    }

    /** Where to make the content. It may have folders and files. */
    Path content() throws IOException {
        return Files.createDirectories(staging.resolve(CONTENT));
    }

    /**
     * Moves the content to where it belongs. The content must be durable.
     *
     * @param last what is moved last, if it is there
     */
    void finish(String last) throws IOException {
        List<Path> made = children(staging.resolve(CONTENT));
        List<Path> ordered = new ArrayList<>(made);
        ordered.sort((a, b) -> Boolean.compare(a.endsWith(last), b.endsWith(last)));
        Fsync.folder(staging.resolve(CONTENT));
        String names =
                ordered.stream().map(each -> String.valueOf(each.getFileName())).collect(Collectors.joining("\n"));
        DurableFile.write(staging.resolve(MOVING), names.getBytes(StandardCharsets.UTF_8));
        Fsync.folder(folder);
        for (Path each : ordered) {
            Files.move(each, folder.resolve(String.valueOf(each.getFileName())), StandardCopyOption.ATOMIC_MOVE);
        }
        Fsync.folder(folder);
        delete(staging);
        Fsync.folder(folder);
    }

    private static List<Path> children(Path of) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(of)) {
            files.forEach(children::add);
        }
        children.sort(null);
        return children;
    }

    /** Deletes it with all that is in it; does nothing if it is not there. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) throws IOException {
                Files.delete(each);
                return super.postVisitDirectory(each, failure);
            }
        });
    }
}
