package dev.holdfast.statemachine;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.BatchCodec;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A machine of an earlier release, loaded from its jars beside the present one. It is given what travels, and gives that. */
final class EarlierMachine {
    private final ClassLoader release;
    private Object machine;

    private EarlierMachine(ClassLoader release, Object machine) {
        this.release = release;
        this.machine = machine;
    }

    /** The classes of the release whose jars are in that folder; what they need of other projects is this build's. */
    static URLClassLoader load(Path lib) throws IOException {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.toList()) {
                urls.add(jar.toUri().toURL());
            }
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path file = Path.of(entry);
            if (Files.isRegularFile(file) && !file.getFileName().toString().startsWith("holdfast-")) {
                urls.add(file.toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** A new one. */
    static EarlierMachine of(ClassLoader release) throws ReflectiveOperationException {
        return new EarlierMachine(
                release,
                type(release, LockMachine.class).getDeclaredConstructor().newInstance());
    }

    /** The newest semantics that the release knows. */
    static int semantics(ClassLoader release) throws ReflectiveOperationException {
        return type(release, ProtocolVersion.class).getField("SEMANTICS").getInt(null);
    }

    private static Class<?> type(ClassLoader release, Class<?> present) throws ClassNotFoundException {
        return release.loadClass(present.getName());
    }

    /** Applies what it reads of those bytes, and returns what came of it, in words. */
    String apply(long index, long stampMs, byte[] batch) throws ReflectiveOperationException {
        Object decoded = type(release, BatchCodec.class)
                .getMethod("decode", byte[].class, int.class)
                .invoke(null, batch, 0);
        Method apply = machine.getClass().getMethod("apply", long.class, long.class, type(release, Batch.class));
        return String.valueOf(apply.invoke(machine, index, stampMs, decoded));
    }

    String stateHash() throws ReflectiveOperationException {
        return (String) machine.getClass().getMethod("stateHash").invoke(machine);
    }

    List<byte[]> snapshot() throws ReflectiveOperationException {
        Object capture = machine.getClass().getMethod("capture").invoke(machine);
        List<byte[]> pieces = new ArrayList<>();
        while (!(boolean) capture.getClass().getMethod("isComplete").invoke(capture)) {
            Object image = capture.getClass().getMethod("take", int.class).invoke(capture, 100);
            Method take = image.getClass().getDeclaredMethod("pieces");
            take.setAccessible(true);
            for (Object piece : (List<?>) take.invoke(image)) {
                pieces.add((byte[]) piece);
            }
        }
        return pieces;
    }

    /** Goes on with what is in that snapshot. */
    void restore(List<byte[]> pieces) throws ReflectiveOperationException {
        Class<?> type = type(release, SnapshotRestore.class);
        Object restore = type.getDeclaredConstructor().newInstance();
        for (byte[] piece : pieces) {
            type.getMethod("accept", byte[].class).invoke(restore, piece);
        }
        machine = type.getMethod("finish").invoke(restore);
    }
}
